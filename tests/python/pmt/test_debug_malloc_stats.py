# SPDX-License-Identifier: MIT
"""pmt.debug_malloc_stats: every version's text is read; diff() is right."""
import glob
import io
import logging
import os
import re
import sys
import unittest.mock

import pmttest
from pmt import debug_malloc_stats
from pmt.debug_malloc_stats import (
    DebugMallocStat, DebugTypeStat, DiffSysDebugMallocStats,
    SysDebugMallocStats, diff_debugmallocstats, get_debugmallocstats)

PYMALLOC = os.environ.get("PYTHONMALLOC") in (None, "", "default", "pymalloc")
needs_pymalloc = unittest.skipUnless(
    PYMALLOC and SysDebugMallocStats().allocator == "pymalloc",
    "this Python does not use pymalloc")


def golden(name):
    with open(pmttest.data("mallocstats", name + ".txt"), "rb") as file:
        return file.read()


class TextTest(pmttest.TestCase):

    def test_python_3_8(self):
        stats = SysDebugMallocStats(golden("3.8"))
        self.assertEqual(stats.allocator, "pymalloc")
        self.assertEqual((stats.small_block_threshold, stats.size_classes),
                         (512, 32))
        self.assertEqual(len(stats.malloc_stats), 32)
        stat = stats.malloc_stats[3]
        self.assertEqual(stat[:5], (3, 64, 67, 4198, 23))
        self.assertEqual(
            (stat.allocated_bytes, stat.available_bytes,
             stat.pool_header_bytes, stat.quantization),
            (4198 * 64, 23 * 64, 67 * 48, 67 * (4048 % 64)))
        self.assertEqual(stats.arenas, (4, 0, 4, 4, 262144, 1048576))
        self.assertEqual(stats.pools_blocks, (
            953696, 62464, 2, 4096, 8192, 12192, 12032, 0, 1048576))
        self.assertEqual(stats.type_stats[0],
                         (2, "PyCFunctionObjects", 56, 112))
        self.assertEqual(stats.type_stat("10-sized PyTupleObjects"),
                         DebugTypeStat(3, "10-sized PyTupleObjects", 104, 312))
        self.assertTrue(stats.has_object_type(b"PyDictObjects"))
        self.assertFalse(stats.has_object_type("PySetObjects"))
        with self.assertRaises(KeyError):
            stats.type_stat("PySetObjects")

    def test_pymalloc_of_every_version_adds_up(self):
        """CPython's sums are the sums of what was parsed."""
        names = ["3.%d" % minor for minor in range(8, 16)]
        for name in names:
            with self.subTest(name):
                stats = SysDebugMallocStats(golden(name))
                pools, rows = stats.pools_blocks, stats.malloc_stats
                self.assertEqual(pools.pool_size, rows[0].pool_size)
                for total, attribute in (
                        (pools.allocated_bytes, "allocated_bytes"),
                        (pools.available_bytes, "available_bytes"),
                        (pools.pool_header_bytes, "pool_header_bytes"),
                        (pools.quantization, "quantization")):
                    self.assertEqual(total, sum(getattr(row, attribute)
                                                for row in rows), attribute)
                self.assertEqual(pools.total, sum(
                    (pools.allocated_bytes, pools.available_bytes,
                     pools.unused_pool_total, pools.pool_header_bytes,
                     pools.quantization, pools.arena_alignment)))
                self.assertEqual(stats.arenas.arenas_total, pools.total)
                self.assertEqual(stats.arenas.narenas,
                                 stats.arenas.ntimes_arena_allocated -
                                 stats.arenas.arenas_reclaimed)
                for stat in stats.type_stats:
                    self.assertEqual(stat.bytes_total,
                                     stat.free_count * stat.bytes_each)
                self.assertGreaterEqual(len(stats.object_types()), 22)

    def test_arena_map(self):
        values = SysDebugMallocStats(golden("3.10")).values
        self.assertEqual(values["arena map counts"]
                         ["# arena map mid nodes"], 1)
        self.assertEqual(values["arena map bytes"]["Total"], 18432)
        self.assertEqual(values["pools"]["Total"], 2097152)

    def test_mimalloc(self):
        stats = SysDebugMallocStats(golden("3.13-mimalloc"))
        self.assertEqual(stats.allocator, "mimalloc")
        self.assertEqual((stats.small_block_threshold, stats.size_classes),
                         (16384, 73))
        self.assertEqual(stats.values["mimalloc"], {
            "Medium block threshold": 131072,
            "Large object max size": 16777216,
            "Allocated Blocks": 15695, "Allocated Bytes": 1998768,
            "Allocated Bytes w/ Overhead": 1998768,
            "Bytes Reserved": 4342456, "Bytes Committed": 2666464})
        self.assertEqual((stats.malloc_stats, stats.arenas,
                          stats.pools_blocks), ([], None, None))
        self.assertIn("PyDictKeysObjects", stats.object_types())

    def test_malloc(self):
        for name, types in (("3.8-malloc", 25), ("3.13-malloc", 24)):
            with self.subTest(name):
                stats = SysDebugMallocStats(golden(name))
                self.assertEqual(stats.allocator, "malloc")
                self.assertEqual(len(stats.type_stats), types)
                self.assertIsNone(stats.arenas)
                self.assertIsNone(stats.small_block_threshold)

    def test_repr_is_the_text(self):
        for path in glob.glob(pmttest.data("mallocstats", "*.txt")):
            with self.subTest(path), open(path) as file:
                text = file.read()
                self.assertEqual(repr(SysDebugMallocStats(text)), text)

    def test_every_line_is_known(self):
        paths = glob.glob(pmttest.data("mallocstats", "*.txt"))
        self.assertGreaterEqual(len(paths), 13)
        for path in paths:
            with self.subTest(path), open(path) as file:
                for line in file:
                    self.assertTrue(debug_malloc_stats.is_known(
                        line.rstrip("\n")), line)

    def test_strange_text(self):
        for text in (b"\xff\xfe\n", b"nothing here", "a = b\n = 3\n",
                     golden("3.13")[:700], golden("3.13")[700:]):
            with self.subTest(text):
                SysDebugMallocStats(text)


class DiffTest(pmttest.TestCase):

    def change(self, text, *changes):
        after = text
        for old, new in changes:
            self.assertIn(old, after)
            after = after.replace(old, new, 1)
        return "\n".join(diff_debugmallocstats(SysDebugMallocStats(text),
                                               SysDebugMallocStats(after)))

    def test_nothing(self):
        self.assertEqual(self.change(golden("3.13")), "")

    def test_layout(self):
        self.assertEqual(self.change(
            golden("3.8"),
            (b"    1     32           3             377             1",
             b"    1     32           4             429            75"),
            (b"reclaimed                 =                    0",
             b"reclaimed                 =                    1"),
            (b"4 arenas * 262144 bytes/arena      =            1,048,576",
             b"5 arenas * 262144 bytes/arena      =            1,310,720"),
            (b"953,696", b"973,600"),
            (b"2 unused pools * 4096 bytes        =                8,192",
             b"6 unused pools * 4096 bytes        =               24,576"),
            (b"   4 free 1-sized PyTupleObjects * 32 bytes each =             "
             b"     128",
             b"   3 free 1-sized PyTupleObjects * 32 bytes each =             "
             b"      96"),
        ), """\
class   size   num pools   blocks in use  avail blocks
-----   ----   ---------   -------------  ------------
    1     32          +1             +52           +74

# arenas reclaimed                 =                   +1
+1 arenas * 262144 bytes/arena     =             +262,144

# bytes in allocated blocks        =              +19,904
+4 unused pools * 4096 bytes       =              +16,384

  -1 free 1-sized PyTupleObjects * 32 bytes each =                  -32""")

    def test_columns_are_those_of_the_original(self):
        for name in ("3.8", "3.13"):
            text = golden(name).decode()
            lines = diff_debugmallocstats(SysDebugMallocStats("none\n"),
                                          SysDebugMallocStats(text))
            plain = [re.sub(r"(?<=[ ^])( *)\+", r"\1 ", " " + line)[1:]
                     for line in lines]
            for line in filter(None, text.splitlines()):
                if " = " in line and not line.startswith("Small") \
                        and " 0" != line[-2:]:
                    self.assertTrue(any(
                        line.split() == other.split() and
                        len(line) == len(other) and
                        line.index(" = ") == other.index(" = ")
                        for other in plain), line)

    def test_free_list_appears_and_goes(self):
        line = (b"           4 free PyFloatObjects * 24 bytes each ="
                b"                   96\n")
        text = golden("3.13")
        self.assertEqual(
            self.change(text, (line, b"")),
            "          -4 free PyFloatObjects * 24 bytes each ="
            "                  -96")
        other = line.replace(b"Float", b"Thing")
        self.assertEqual(
            self.change(text, (line, line + other)),
            "          +4 free PyThingObjects * 24 bytes each ="
            "                  +96")

    def test_size_class_appears_and_goes(self):
        line = (b"   12    208           2              20            18\n")
        gone = self.change(golden("3.8"), (line, b""))
        self.assertEqual(gone.splitlines()[2:], [
            "   12    208          -2             -20           -18"])
        come = self.change(golden("3.8").replace(line, b""),
                           (b"   13    224", line + b"   13    224"))
        self.assertEqual(come.splitlines()[2:], [
            "   12    208          +2             +20           +18"])

    def test_mimalloc(self):
        self.assertEqual(
            self.change(golden("3.13-mimalloc"),
                        (b"Blocks: 15695", b"Blocks: 15700")),
            "    Allocated Blocks: +5")

    def test_two_versions(self):
        lines = diff_debugmallocstats(SysDebugMallocStats(golden("3.8")),
                                      SysDebugMallocStats(golden("3.15")))
        self.assertIn("-4 arenas * 262144 bytes/arena     ="
                      "           -1,048,576", lines)
        self.assertIn("+2 arenas * 1048576 bytes/arena    ="
                      "           +2,097,152", lines)


class LiveTest(pmttest.TestCase):

    @needs_pymalloc
    def test_agrees_with_the_interpreter(self):
        stats = SysDebugMallocStats()
        blocks = sum(stat.blocks_in_use for stat in stats.malloc_stats)
        # Which counts the blocks over 512 bytes too, that malloc gives.
        self.assertLess(blocks, sys.getallocatedblocks())
        self.assertGreater(blocks, 0.9 * sys.getallocatedblocks())

    @needs_pymalloc
    def test_objects_are_found_in_their_class(self):
        size = object.__basicsize__ + 160
        kept = [None] * 10000
        payload = size - bytes().__sizeof__()
        with DiffSysDebugMallocStats() as stats:
            for i in range(10000):
                kept[i] = bytes(payload)
        block = -(-size // 16) * 16
        before, after = (
            {stat.size: stat for stat in which.malloc_stats}[block]
            for which in (stats.before, stats.after))
        grown = after.blocks_in_use - before.blocks_in_use
        self.assertAlmostEqual(grown, 10000, delta=50)
        self.assertRegex(stats.diff(), r"(?m)^ +\d+ +%d +\+\d+ +\+%d "
                         % (block, grown))

    def test_context_manager_used_wrongly(self):
        stats = DiffSysDebugMallocStats()
        self.assertIsNone(stats.before)
        with self.assertRaises(RuntimeError):
            stats.diff()
        with stats:
            self.assertIsNone(stats.after)
            with self.assertRaises(RuntimeError):
                stats.diff()
        stats.diff()

    def test_every_allocator(self):
        names = {"malloc": "malloc", "pymalloc": "pymalloc",
                 "pymalloc_debug": "pymalloc"}
        if pmttest.free_threaded:
            names = {"mimalloc_debug": "mimalloc"}
        if sys.version_info >= (3, 13):
            names["mimalloc"] = "mimalloc"
        code = ("from pmt.debug_malloc_stats import *\n"
                "with DiffSysDebugMallocStats() as s:\n"
                "    kept = [object() for _ in range(5000)]\n"
                "s.diff(); print(s.after.allocator, bool(s.after.text))")
        for name, allocator in names.items():
            with self.subTest(name):
                process = self.assert_success(pmttest.run_python(
                    code, env={"PYTHONMALLOC": name}))
                self.assertEqual(process.stdout, allocator + " True\n")
                self.assertEqual(process.stderr, "")

    def test_decorators(self):
        out = io.StringIO()

        @debug_malloc_stats.debug_malloc_stats_report(out)
        def grow():
            return [object() for _ in range(10000)]
        kept = grow()
        self.assertIn('debug malloc stats of "grow()":\n', out.getvalue())

        @debug_malloc_stats.debug_malloc_stats_log(logging.INFO)
        def log():
            return [object() for _ in range(10000)]
        with self.assertLogs("pmt.debug_malloc_stats", logging.INFO) as logs:
            kept += log()
        self.assertIn('debug malloc stats of "log()":\n', logs.output[0])

        @debug_malloc_stats.debug_malloc_stats_report
        def bare():
            """Doc."""
        with unittest.mock.patch("sys.stderr", io.StringIO()) as stderr:
            bare()
        self.assertIn('"bare()"', stderr.getvalue())
        self.assertEqual(bare.__doc__, "Doc.")


class CaptureTest(pmttest.TestCase):

    def test_text_is_the_interpreters(self):
        process = self.assert_success(pmttest.run_python(
            "import sys; sys._debugmallocstats()"))
        self.assertEqual(process.stdout, "")
        expected = process.stderr
        lines = get_debugmallocstats().decode().splitlines()
        for line in expected.splitlines():
            if "=" not in line and line.strip() and not line[0] == " ":
                self.assertIn(line, lines)
        self.assertTrue(all(map(debug_malloc_stats.is_known, lines)))

    def test_stderr_stays_the_same_object(self):
        before = sys.stderr, sys.stderr.errors, sys.stderr.closed
        handler = logging.StreamHandler()
        get_debugmallocstats()
        self.assertIs(sys.stderr, before[0])
        self.assertEqual((sys.stderr.errors, sys.stderr.closed), before[1:])
        handler.stream.flush()

    def test_other_threads_lose_nothing(self):
        """Neither what Python writes, nor what C prints, nor raw writes."""
        code = """if True:
            import ctypes, os, sys, threading
            from pmt.debug_malloc_stats import get_debugmallocstats
            from pmt.debug_malloc_stats import is_known
            libc = ctypes.CDLL(None)
            stderr = ctypes.c_void_p.in_dll(libc, "stderr")
            def python(i):
                sys.stderr.write("python %d\\n" % i)
            def raw(i):
                os.write(2, b"raw %d\\n" % i)
            def c(i):
                libc.fputs(b"c %d\\n" % i, stderr)
            def run(write):
                for i in range(3000):
                    write(i)
            threads = [threading.Thread(target=run, args=(write,))
                       for write in (python, raw, c)]
            for thread in threads:
                thread.start()
            taken = 0
            while taken < 20 or any(t.is_alive() for t in threads):
                text = get_debugmallocstats().decode()
                for line in text.splitlines():
                    if not is_known(line):
                        sys.exit("not ours: %r" % line)
                taken += 1
        """
        process = self.assert_success(pmttest.run_python(code))
        lines = process.stderr.splitlines()
        for kind in ("python", "raw", "c"):
            self.assertEqual([line for line in lines
                              if line.startswith(kind + " ")],
                             ["%s %d" % (kind, i) for i in range(3000)])
        self.assertEqual(len(lines), 9000)

    def test_threads_capture_at_once(self):
        failures = []

        def capture():
            for _ in range(50):
                text = get_debugmallocstats().decode()
                if text.count("free PyDictObjects") != 1:
                    failures.append(text)
        pmttest.in_threads(*[capture] * 4)
        self.assertEqual(failures, [])

    def test_works_with_stderr_closed(self):
        process = self.assert_success(pmttest.run_python(
            "import os; os.close(2)\n"
            "from pmt.debug_malloc_stats import *\n"
            "print(len(SysDebugMallocStats().type_stats) > 20)"))
        self.assertEqual(process.stdout, "True\n")

    def test_other_c_libraries(self):
        """Without the extension's capture, foreign lines are given back."""
        code = """if True:
            import os, sys
            from pmt import debug_malloc_stats as d
            def fake():
                real()
                os.write(2, b"somebody else\\n")
            real, sys._debugmallocstats = sys._debugmallocstats, fake
            stderr = sys.stderr
            text = d._get_by_redirection()
            assert sys.stderr is stderr
            assert b"PyDictObjects" in text, text
            assert b"somebody" not in text
        """
        process = self.assert_success(pmttest.run_python(code))
        self.assertEqual(process.stderr, "somebody else\n")

    def test_interpreter_without_the_function(self):
        code = """if True:
            import sys
            from pmt.debug_malloc_stats import get_debugmallocstats
            del sys._debugmallocstats
            try:
                get_debugmallocstats()
            except RuntimeError as error:
                print(error)
        """
        process = self.assert_success(pmttest.run_python(code))
        self.assertIn("no sys._debugmallocstats()", process.stdout)

    def test_an_exception_in_it_passes(self):
        def fail():
            raise KeyError("mine")
        with unittest.mock.patch("sys._debugmallocstats", fail):
            with self.assertRaises(KeyError):
                get_debugmallocstats()
        self.assertIn(b"PyDictObjects", get_debugmallocstats())


class StatTest(pmttest.TestCase):

    def test_five_numbers_are_enough(self):
        stat = DebugMallocStat(1, 32, 2, 100, 26)
        self.assertEqual((stat.allocated_bytes, stat.available_bytes,
                          stat.pool_header_bytes, stat.quantization),
                         (3200, 832, 96, 2 * (4048 % 32)))


if __name__ == "__main__":
    pmttest.main()
