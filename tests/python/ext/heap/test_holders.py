# SPDX-License-Identifier: MIT
"""pmt.holders(): every kind of holder is named as what it is."""
import asyncio
import atexit
import collections
import ctypes
import functools
import gc
import sys
import threading
import unittest

import pmt
import pmttest

KEPT = {}
CLASS = {}


def make(name):
    """An object of a class of its own, which the test finds it by."""
    CLASS[name] = type(name, (), {})
    return CLASS[name]()


def sole(name):
    holders = pmt.holders(CLASS[name])
    assert len(holders) == 1 and holders[0].count == 1, holders
    return holders[0]


class Box:
    def method(self):
        pass


class Slots:
    __slots__ = "first", "second"


class Registry:
    entries = {}


def closure(kept):
    return lambda: kept


def generator(kept):
    yield kept
    yield 2


async def coroutine(kept):
    await asyncio.sleep(0)
    return kept


def fail(depth, kept):
    if depth == 0:
        raise KeyError(depth)
    del kept
    fail(depth - 1, make("deep"))


def raised(function, *args):
    try:
        function(*args)
    except Exception as error:
        return error


@functools.lru_cache(None)
def cached(key):
    return make("cached")


def refer(object):
    """A reference that nobody has, as an extension forgets one."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(object))


@unittest.skipUnless(isinstance(pmt.Holder, type),
                     "the heap of this CPython is not walked")
class HoldersTest(pmttest.TestCase):

    def setUp(self):
        KEPT.clear()
        CLASS.clear()
        self.addCleanup(KEPT.clear)

    def expect(self, name, path, kind="module", **more):
        holder = sole(name)
        self.assertEqual(holder.path, path)
        self.assertEqual(holder.kind, kind)
        for field, value in more.items():
            self.assertEqual(getattr(holder, field), value)

    def test_containers(self):
        KEPT["plain"] = make("plain")
        KEPT["list"] = [1, make("item"), 3]
        KEPT["tuple"] = (make("member"),)
        KEPT["set"] = {make("element"), 1}
        KEPT["deque"] = collections.deque([1, make("queued")])
        KEPT["default"] = collections.defaultdict(list, {(1,): [make("inner")]})
        KEPT["subclass"] = type("Sub", (list,), {})([1, 2, make("sub"), 4])
        KEPT[3, 4] = make("unnamed")
        here = "__main__.KEPT"
        self.expect("plain", here + "['plain']")
        self.expect("item", here + "['list'][*]", length=3,
                    example=here + "['list'][1]")
        self.expect("member", here + "['tuple'][*]", length=1)
        self.expect("element", here + "['set']{key}", length=2)
        self.expect("queued", here + "['deque'][*]", length=2,
                    example=here + "['deque'][1]")
        self.expect("inner", here + "['default']{*}[*]")
        self.expect("sub", here + "['subclass'][*]",
                    example=here + "['subclass'][2]")
        self.expect("unnamed", here + "{*}")

    def test_dicts_of_other_types(self):
        """Some show their keys to the collector, once or twice; some do not."""
        for type_ in (dict, collections.OrderedDict, collections.Counter,
                      type("Sub", (dict,), {})):
            for key in str, lambda number: number + 1000:
                with self.subTest(type_=type_, key=key(1)):
                    CLASS["valued"] = type("valued", (), {})
                    KEPT["valued"] = type_({key(n): CLASS["valued"]()
                                            for n in range(30)})
                    holder, = pmt.holders(CLASS["valued"])
                    self.assertEqual(
                        (holder.path, holder.count, holder.length),
                        ("__main__.KEPT['valued']{*}", 30, 30))

    def test_attributes(self):
        KEPT["box"] = Box()
        KEPT["box"].content = make("content")
        KEPT["slots"] = Slots()
        KEPT["slots"].second = make("slot")
        KEPT["method"] = Box().method
        KEPT["method"].__self__.content = make("bound")
        Registry.entries["one"] = make("entry")
        self.addCleanup(Registry.entries.clear)
        Box.shared = make("shared")
        self.expect("content", "__main__.KEPT['box'].content")
        self.expect("slot", "__main__.KEPT['slots'].second")
        self.expect("bound", "__main__.KEPT['method'].__self__.content")
        self.expect("entry", "__main__.Registry.entries['one']")
        self.expect("shared", "__main__.Box.shared")

    def test_functions(self):
        KEPT["closure"] = closure(make("closed"))
        KEPT["partial"] = functools.partial(print, make("argument"))
        cached(1)
        self.addCleanup(cached.cache_clear)
        function = KEPT["function"] = lambda *, a=make("default"): a
        function.attribute = make("attribute")
        del function
        here = "__main__.KEPT"
        self.expect("closed",
                    here + "['closure'].__closure__[*].cell_contents")
        self.expect("argument", here + "['partial'].args[*]")
        self.expect("cached",
                    "__main__.cached<lru_cache>{*}")
        self.expect("default", here + "['function'].__kwdefaults__['a']")
        self.expect("attribute", here + "['function'].attribute")

    def test_frames_that_rest(self):
        KEPT["generator"] = generator(make("generated"))
        next(KEPT["generator"])
        KEPT["coroutine"] = coroutine(make("awaited"))
        self.addCleanup(KEPT["coroutine"].close)
        self.expect("generated", "__main__.KEPT['generator'] local kept")
        self.expect("awaited", "__main__.KEPT['coroutine'] local kept")

    def test_exceptions(self):
        KEPT["error"] = raised(lambda: int(make("converted")))
        KEPT["argument"] = ValueError(make("raised"))
        KEPT["deep"] = raised(fail, 40, None)
        self.expect("raised", "__main__.KEPT['argument'].args[*]")
        CLASS["last"] = CLASS["deep"]
        path = sole("last").path
        self.assertEqual(path, "__main__.KEPT['deep'].__traceback__"
                               ".tb_next{+}.tb_frame local kept")
        self.assertIn(".tb_next{41}.", sole("last").example)

    def test_running_frames(self):
        local = make("local")
        started, done = threading.Event(), threading.Event()

        def work():
            mine = make("thread's")
            started.set()
            done.wait()
            return mine

        def generate():
            inside = make("generating")
            yield sole("generating")
            return inside

        thread = threading.Thread(target=work)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(done.set)
        started.wait()
        for name, variable in (("local", "local"), ("thread's", "mine")):
            holder = sole(name)
            self.assertEqual(holder.kind, "frame")
            self.assertRegex(holder.path, r"\w+\(\) .*/test_holders\.py:\d+ "
                                          r"local " + variable + "$")
        holder = next(generate())
        self.assertEqual(holder.kind, "frame")
        self.assertRegex(holder.path, "generate.* local inside$")
        del local

    def test_interpreter(self):
        def at_exit(kept):
            del kept
        atexit.register(at_exit, make("exiting"))
        self.addCleanup(atexit.unregister, at_exit)
        holder = sole("exiting")
        self.assertIn("atexit", holder.path)
        local = threading.local()
        local.value = make("thread-local")
        self.assertRegex(sole("thread-local").path, r"\['value'\]$")

    def test_garbage(self):
        gc.disable()
        self.addCleanup(gc.enable)
        garbage = make("garbage")
        garbage.itself = garbage
        garbage.part = bytearray(500)
        del garbage
        self.expect("garbage", "garbage waiting for the collector, "
                               "generation 0", kind="garbage")
        # The collector does not know a buffer: it is in no generation.
        holder, = [holder for holder in pmt.holders(bytearray)
                   if holder.kind == "garbage"]
        self.assertEqual(holder.path, "garbage waiting for the collector")
        gc.collect(1)
        self.assertEqual(pmt.holders(CLASS["garbage"]), [])

    @pmttest.not_sanitized
    def test_leaked_references(self):
        """No memory has the address: nobody can give the reference back."""
        # Where small objects are, others have been, and free memory is full
        # of their addresses: links of pools and of the collector.
        CLASS["lost"] = type("lost", (), {
            "__slots__": ["slot%d" % i for i in range(100)]})
        for _ in range(200):
            refer(CLASS["lost"]())
        holder, = pmt.holders(CLASS["lost"])
        self.assertEqual((holder.count, holder.kind), (200, "leaked"))
        self.assertIn("holds 1 reference more than any object", holder.path)

    def test_a_holder_that_is_not_visible_is_no_leak(self):
        """C memory that the collector cannot see is found all the same."""
        memory = (ctypes.c_void_p * 200)()
        for i in range(200):
            object = make("held") if i == 0 else CLASS["held"]()
            refer(object)
            memory[i] = id(object)
            del object
        holder, = pmt.holders(CLASS["held"])
        self.assertEqual((holder.count, holder.kind, holder.path),
                         (200, "C code", "C code holds 1 reference"))
        for address in memory:
            ctypes.pythonapi.Py_DecRef(ctypes.py_object(
                ctypes.cast(address, ctypes.py_object).value))
        # Freed as it is, it would hide who is leaked at these addresses.
        ctypes.memset(memory, 0, ctypes.sizeof(memory))
        self.assertEqual(pmt.holders(CLASS["held"]), [])

    def test_objects_made_to_stay_are_no_leak(self):
        """Cython's constants have references that nobody ever took."""
        for i in range(50):
            object = make("constant") if i == 0 else CLASS["constant"]()
            if pmttest.free_threaded:
                ctypes.c_uint32.from_address(id(object) + 12).value = 10 ** 9
            else:
                ctypes.c_ssize_t.from_address(id(object)).value = 10 ** 9
            del object
        holder, = pmt.holders(CLASS["constant"])
        self.assertEqual((holder.count, holder.kind), (50, "C code"))

    def test_objects(self):
        """What the asker holds them with is no holder."""
        KEPT["some"] = [make("several") for _ in range(10)]
        KEPT["more"] = {(i,): CLASS["several"]() for i in range(30)}
        objects = KEPT["some"] + list(KEPT["more"].values())
        holders = pmt.holders(objects)
        self.assertEqual([(holder.count, holder.path) for holder in holders],
                         [(30, "__main__.KEPT['more']{*}"),
                          (10, "__main__.KEPT['some'][*]")])
        self.assertEqual(pmt.holders([]), [])
        self.assertEqual(pmt.holders(object() for _ in ())[:], [])

    def test_long_chains(self):
        """Depth costs no stack, and a step that repeats is one."""
        CLASS["Link"] = type("Link", (), {"__slots__": ("next",)})
        last = None
        for _ in range(200000):
            link = CLASS["Link"]()
            link.next, last = last, link
        KEPT["chain"] = last
        del link, last
        holders = pmt.holders(CLASS["Link"])
        self.assertEqual([(holder.count, holder.path) for holder in holders],
                         [(199999, "__main__.KEPT['chain'].next{+}"),
                          (1, "__main__.KEPT['chain']")])

    def test_counts_are_not_touched(self):
        kept = [object() for _ in range(3)]
        before = [sys.getrefcount(object) for object in kept]
        pmt.holders(kept)
        self.assertEqual([sys.getrefcount(object) for object in kept], before)

    def test_misuse(self):
        with self.assertRaises(TypeError):
            pmt.holders(3)


if __name__ == "__main__":
    pmttest.main()
