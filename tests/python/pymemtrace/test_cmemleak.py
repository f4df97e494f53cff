# SPDX-License-Identifier: MIT
"""cMemLeak of the examples: memory of a known kind, leaks on purpose."""
import sys
import tracemalloc

import pmttest
from pmt.debug_malloc_stats import SysDebugMallocStats
from pymemtrace import cMemLeak

TYPES = (cMemLeak.CMalloc, cMemLeak.PyRawMalloc, cMemLeak.PyMalloc,
         cMemLeak.PyObjectMalloc)


class CMemLeakTest(pmttest.TestCase):

    def test_size_and_buffer(self):
        for cls in TYPES:
            with self.subTest(cls):
                self.assertEqual(cls(1024).size, 1024)
                self.assertEqual(cls(size=0).size, 1)
                one, two = cls(10), cls(10)
                self.assertNotEqual(one.buffer, two.buffer)
                with self.assertRaises(ValueError):
                    cls(-1)
                with self.assertRaises(MemoryError):
                    cls(sys.maxsize)
                for arguments in ((), ("1",), (1, 2)):
                    with self.assertRaises(TypeError):
                        cls(*arguments)
                with self.assertRaises(AttributeError):
                    one.size = 5
        self.assertEqual([str(cls) for cls in TYPES], [
            "<class 'cMemLeak.%s'>" % name for name in
            ("CMalloc", "PyRawMalloc", "PyMalloc", "PyObjectMalloc")])

    def test_kinds_of_memory(self):
        """tracemalloc sees all but malloc(); pymalloc two of them."""
        for cls, traced, pooled in zip(TYPES, (False, True, True, True),
                                       (False, False, True, True)):
            with self.subTest(cls):
                kept = [None] * 2000
                before = self.blocks(496)
                tracemalloc.start()
                for i in range(2000):
                    kept[i] = cls(490)
                size = tracemalloc.get_traced_memory()[0]
                tracemalloc.stop()
                objects = 2000 * cls.__basicsize__
                self.assertAlmostEqual(
                    size, objects + (2000 * 490 if traced else 0),
                    delta=20000)
                if SysDebugMallocStats().allocator == "pymalloc":
                    self.assertAlmostEqual(self.blocks(496) - before,
                                           2000 if pooled else 0, delta=20)

    def blocks(self, size):
        return sum(stat.blocks_in_use
                   for stat in SysDebugMallocStats().malloc_stats
                   if stat.size == size)

    def test_memory_is_released_with_the_object(self):
        for cls in TYPES[1:]:
            with self.subTest(cls):
                tracemalloc.start()
                for _ in range(100):
                    cls(100000)
                size = tracemalloc.get_traced_memory()[0]
                tracemalloc.stop()
                self.assertLess(size, 100000)

    def test_leak_on_purpose(self):
        for cls in TYPES[1:]:
            with self.subTest(cls):
                tracemalloc.start()
                leaked = cls(100000)
                count = leaked.refcnt()
                self.assertEqual(leaked.inc_refcnt(1), count + 1)
                address = id(leaked)
                del leaked
                # One leaked, one of the call.
                self.assertEqual(cMemLeak.py_refcnt_of_address(address), 2)
                self.assertGreater(tracemalloc.get_traced_memory()[0], 100000)
                tracemalloc.stop()

    def test_references_go_up_and_down(self):
        held = cMemLeak.CMalloc(16)
        count = held.refcnt()
        self.assertEqual(held.inc_refcnt(1000), count + 1000)
        self.assertEqual(held.inc_refcnt(-1000), count)
        self.assertEqual(held.inc_refcnt(0), count)
        with self.assertRaises(ValueError):
            held.inc_refcnt(-1000)
        with self.assertRaises(TypeError):
            held.inc_refcnt("1")
        self.assertEqual(held.refcnt(), count)

    def test_functions(self):
        for value in (123456, "", b"", [], {}):
            with self.subTest(value):
                count = sys.getrefcount(value)
                self.assertEqual(cMemLeak.py_refcnt_of_object(value), count)
                # From 3.14 on, a call need not hold its arguments.
                self.assertIn(cMemLeak.py_refcnt_of_address(id(value)),
                              (count, count + (sys.version_info >= (3, 14))))
        value = []
        count = sys.getrefcount(value)
        self.assertIsNone(cMemLeak.py_incref(value))
        self.assertEqual(sys.getrefcount(value), count + 1)
        self.assertIsNone(cMemLeak.py_decref(value))
        self.assertEqual(sys.getrefcount(value), count)
        with self.assertRaises(ValueError):
            cMemLeak.py_refcnt_of_address(0)
        with self.assertRaises(OverflowError):
            cMemLeak.py_refcnt_of_address(1 << 70)
        self.assertEqual(len(cMemLeak.py_bytes_of_size(4097)), 4097)
        self.assertEqual(cMemLeak.py_bytes_of_size(size=0), b"")
        with self.assertRaises(ValueError):
            cMemLeak.py_bytes_of_size(-1)

    def test_subclass(self):
        class Mine(cMemLeak.PyMalloc):
            pass
        count = sys.getrefcount(Mine)
        mine = Mine(10)
        mine.name = "attribute"
        del mine
        self.assertEqual(sys.getrefcount(Mine), count)
        for cls in TYPES:
            count = sys.getrefcount(cls)
            for _ in range(100):
                cls(10)
            self.assertEqual(sys.getrefcount(cls), count)


if __name__ == "__main__":
    pmttest.main()
