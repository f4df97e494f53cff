# SPDX-License-Identifier: MIT
"""pmt.holders(): what modules of the library hold is named as one knows it."""
import asyncio
import codecs
import contextvars
import dataclasses
import gc
import logging
import signal
import sys
import threading
import unittest
import weakref

import pmt
import pmttest

CLASS = {}


def make(name):
    """An object of a class of its own, which the test finds it by."""
    CLASS[name] = type(name, (), {})
    return CLASS[name]()


class Anything:
    pass


class Registering(type):
    """As frameworks do that know all models."""
    models = {}

    def __new__(cls, name, bases, namespace):
        model = super().__new__(cls, name, bases, namespace)
        cls.models[name] = model
        model.objects = [make("model")]
        return model


@dataclasses.dataclass
class Record:
    field: object


@unittest.skipUnless(isinstance(pmt.Holder, type),
                     "the heap of this CPython is not walked")
class HolderKindsTest(pmttest.TestCase):

    def expect(self, name, path, kind="module"):
        holder, = pmt.holders(CLASS[name])
        self.assertEqual((holder.count, holder.kind), (1, kind), holder)
        self.assertRegex(holder.path, path)

    @unittest.skipIf(sys.version_info < (3, 11),
                     "stacks of such frames are not looked at")
    def test_stack_of_a_frame(self):
        """A list that is being made has no name, and is nobody's leak.

        C code calls holders(), so that the stack is not known; or Python.
        """
        make("listed")
        listed = CLASS["listed"]
        for ask in pmt.holders, lambda type_: pmt.holders(type_):
            *made, (holder,) = [listed() if n < 19 else ask(listed)
                                for n in range(20)]
            self.assertEqual((holder.count, holder.kind), (19, "frame"),
                             holder)
            self.assertRegex(holder.path, r"\(\) [\w./]+:\d+<frame>\[\*\]$")
            del made

    def test_library(self):
        global kept, timer, record
        kept = Anything()
        weakref.finalize(kept, print, make("finalized")).atexit = False
        timer = threading.Timer(50, print, args=(make("timed"),))
        record = Record(make("field"))
        handler = logging.NullHandler()
        handler.extra = make("handler")
        logging.getLogger("a.b").addHandler(handler)
        self.addCleanup(logging.getLogger("a.b").removeHandler, handler)
        del handler
        Registering("Model", (), {})
        self.expect("finalized", r"^weakref\.finalize\._registry\{\*\}\.args")
        self.expect("timed", r"^__main__\.timer\.args\[\*\]$")
        self.expect("field", r"^__main__\.record\.field$")
        self.expect("handler", r"handlers\[\*\]\.extra$")
        self.expect("model", r"^__main__\.Registering\.models\['Model'\]"
                             r"\.objects\[\*\]$")

    def test_interpreter(self):
        def search(name, kept=make("codec")):
            return None

        def handle(error, kept=make("error")):
            return "", error.end

        def collected(phase, info, kept=make("callback")):
            pass
        codecs.register(search)
        codecs.register_error("pmttest", handle)
        gc.callbacks.append(collected)
        self.addCleanup(gc.callbacks.remove, collected)
        gc.garbage.append(make("garbage"))
        self.addCleanup(gc.garbage.clear)
        del search, handle, collected
        self.expect("codec", r"^codec search functions\[\*\]", "interpreter")
        self.expect("error", r"^codec error handlers\['pmttest'\]",
                    "interpreter")
        self.expect("callback", r"^gc\.callbacks\[\*\]\.__defaults__")
        self.expect("garbage", r"^gc\.garbage\[\*\]$")

    def test_weak_reference(self):
        """A weak reference holds its callback, and not its object."""
        global reference

        def gone(reference, kept=make("callback")):
            pass
        reference = weakref.ref(Registering, gone)
        del gone
        self.expect("callback", r"^__main__\.reference.*__defaults__")

    def test_context(self):
        variable = contextvars.ContextVar("request")
        variable.set(make("context"))
        self.expect("context", r"^context variables\.request$", "thread")

    def test_copied_context(self):
        """As that of a timer of asyncio, which outlives the request."""
        global copied
        variable = contextvars.ContextVar("session")
        copied = contextvars.Context()
        copied.run(variable.set, make("copied"))
        for i in range(40):
            copied.run(contextvars.ContextVar("other%d" % i).set, i)
        self.expect("copied", r"^__main__\.copied\.session$")

    def test_signal_handler(self):
        """It is known to an array of C code only."""
        def handle(number, frame, kept=make("signal")):
            pass
        before = signal.signal(signal.SIGUSR1, handle)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        del handle
        self.expect("signal", r"^handler of signal %d\.__defaults__\[\*\]$"
                              % signal.SIGUSR1, "interpreter")

    def test_the_module_that_says_most(self):
        """A logger is known to many modules, and their loggers know it."""
        logger = logging.getLogger("logger.of.a.test")
        logger.extra = make("extra")
        self.addCleanup(vars(logger).clear)
        del logger
        self.expect("extra", r"^logging\.(root|Logger)\.manager\.loggerDict"
                             r"(\['logger\.of\.a\.test'\]|\{\*\})\.extra$")

    def test_task(self):
        global task

        async def work(kept):
            await asyncio.sleep(0)

        async def ask():
            global task
            task = asyncio.ensure_future(work(make("worked")))
            await asyncio.sleep(0)
            self.expect("worked", r"^__main__\.task._coro local kept$")
            await task
        asyncio.run(ask())

    def test_those_who_wait_for_a_future(self):
        """Each is held by the method that will wake it."""
        global gate

        async def work(kept):
            await gate

        async def ask():
            global gate
            gate = asyncio.get_running_loop().create_future()
            waiting = asyncio.ensure_future(work(make("waiting")))
            asyncio.ensure_future(work(None))
            await asyncio.sleep(0)
            del waiting
            self.expect("waiting", r"^__main__\.gate\._callbacks\b.*"
                                   r"\._coro local kept$")
            gate.set_result(None)
        asyncio.run(ask())

    def test_a_container_that_grows_with_them(self):
        """Not the tuple of one that is the nearest."""
        global listeners
        CLASS["heard"] = type("heard", (), {})

        def listener(heard):
            return lambda: heard
        listeners = [listener(CLASS["heard"]()) for _ in range(50)]
        holder, = pmt.holders(CLASS["heard"])
        self.assertEqual(holder.path, "__main__.listeners[*].__closure__[*]"
                                      ".cell_contents")
        self.assertEqual(holder.length, 50)


if __name__ == "__main__":
    pmttest.main()
