# SPDX-License-Identifier: MIT
"""A decorated function's body runs inside the block, whatever its kind."""
import asyncio
import functools
import inspect

import pmttest

from pmt._around import around


class Block:
    def __init__(self, events):
        self.events = events

    def __enter__(self):
        self.events.append("in")

    def __exit__(self, *error):
        self.events.append("out")


class Around(pmttest.TestCase):

    def setUp(self):
        self.events = []

    def decorate(self, function):
        return around(lambda function: Block(self.events))(function)

    def test_function(self):
        def plain(a, *, b=1):
            "The text."
            self.events.append(a)
            return b
        wrapped = self.decorate(plain)
        self.assertEqual(wrapped(5, b=6), 6)
        self.assertEqual(self.events, ["in", 5, "out"])
        self.assertEqual((wrapped.__name__, wrapped.__doc__),
                         ("plain", "The text."))
        self.assertEqual(inspect.signature(wrapped), inspect.signature(plain))

    def test_every_call_is_a_block(self):
        @self.decorate
        def countdown(n):
            if n > 0:
                countdown(n - 1)
        countdown(2)
        self.assertEqual(self.events, ["in"] * 3 + ["out"] * 3)

    def test_exception(self):
        @self.decorate
        def fail():
            raise KeyError("x")
        self.assertRaises(KeyError, fail)
        self.assertEqual(self.events, ["in", "out"])

    def test_methods(self):
        decorate = self.decorate

        class Thing:
            @decorate
            def method(self):
                return self

            @decorate
            @classmethod
            def of_class(cls):
                return cls

            @staticmethod
            @decorate
            def static_below():
                return 1

            @decorate
            @staticmethod
            def static_above():
                return 2

        thing = Thing()
        self.assertIs(thing.method(), thing)
        self.assertIs(thing.of_class(), Thing)
        self.assertEqual(thing.static_below(), 1)
        self.assertEqual(thing.static_above(), 2)
        self.assertEqual(self.events, ["in", "out"] * 4)

    def test_generator(self):
        @self.decorate
        def generate(n):
            got = []
            for i in range(n):
                try:
                    got.append((yield i))
                except ValueError:
                    got.append("thrown")
            return got
        self.assertTrue(inspect.isgeneratorfunction(generate))
        generator = generate(3)
        self.assertEqual(self.events, [])
        self.assertEqual(next(generator), 0)
        self.assertEqual(self.events, ["in"])
        self.assertEqual(generator.send("a"), 1)
        self.assertEqual(generator.throw(ValueError()), 2)
        with self.assertRaises(StopIteration) as stop:
            generator.send("b")
        self.assertEqual(stop.exception.value, ["a", "thrown", "b"])
        self.assertEqual(self.events, ["in", "out"])

    def test_generator_closed_early_or_never_started(self):
        @self.decorate
        def generate():
            try:
                yield
            finally:
                self.events.append("closed")
        generate().close()
        self.assertEqual(self.events, [])
        generator = generate()
        next(generator)
        generator.close()
        self.assertEqual(self.events, ["in", "closed", "out"])

    def test_partial_of_generator(self):
        def generate(n):
            yield n
        wrapped = self.decorate(functools.partial(generate, 4))
        generator = wrapped()
        self.assertEqual(self.events, [])
        self.assertEqual(list(generator), [4])
        self.assertEqual(self.events, ["in", "out"])

    def test_coroutine(self):
        @self.decorate
        async def work():
            self.events.append("work")
            await asyncio.sleep(0)
            return 3
        self.assertTrue(inspect.iscoroutinefunction(work))
        coroutine = work()
        self.assertEqual(self.events, [])
        self.assertEqual(asyncio.run(coroutine), 3)
        self.assertEqual(self.events, ["in", "work", "out"])

    def test_async_generator(self):
        @self.decorate
        async def generate():
            try:
                while True:
                    try:
                        got = yield len(self.events)
                    except ValueError:
                        got = "thrown"
                    self.events.append(got)
                    if got == "stop":
                        return
            finally:
                self.events.append("closed")

        async def use(*steps):
            generator = generate()
            self.events.clear()
            self.assertEqual(await generator.__anext__(), 1)
            for step in steps:
                if isinstance(step, BaseException):
                    await generator.athrow(step)
                else:
                    await generator.asend(step)
            await generator.aclose()

        self.assertTrue(inspect.isasyncgenfunction(generate))
        asyncio.run(use("a", ValueError()))
        self.assertEqual(self.events,
                         ["in", "a", "thrown", "closed", "out"])
        with self.assertRaises(StopAsyncIteration):
            asyncio.run(use("stop"))
        self.assertEqual(self.events, ["in", "stop", "closed", "out"])
        with self.assertRaises(KeyError):
            asyncio.run(use(KeyError("x")))
        self.assertEqual(self.events, ["in", "closed", "out"])

    def test_not_a_function(self):
        with self.assertRaisesRegex(TypeError, "not 5"):
            self.decorate(5)


if __name__ == "__main__":
    pmttest.main()
