# SPDX-License-Identifier: MIT
"""pmt.holders(): what modules of the library hold is named as one knows it."""
import asyncio
import codecs
import contextvars
import dataclasses
import gc
import logging
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
        self.expect("context", "^context variables", "thread")

    def test_task(self):
        global task

        async def work(kept):
            await asyncio.sleep(0)

        async def ask():
            global task
            task = asyncio.ensure_future(work(make("worked")))
            await asyncio.sleep(0)
            self.expect("worked", r"^__main__\.task.* local kept$")
            await task
        asyncio.run(ask())


if __name__ == "__main__":
    pmttest.main()
