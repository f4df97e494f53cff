# SPDX-License-Identifier: MIT
"""pmt.trace_malloc: sizes are right, and tracemalloc is left as it was."""
import asyncio
import io
import logging
import threading
import tracemalloc
import unittest
import unittest.mock
import warnings

import pmttest
from pmt import trace_malloc
from pmt.trace_malloc import TraceMalloc, trace_malloc_log, trace_malloc_report


def strings(count, size):
    """count new strings of size bytes each, headers counted.

    1 to 1999 leaves 49 bytes for the header of an ASCII string, before 3.12
    and since; str.__sizeof__ is the oracle.
    """
    made = [str(i).rjust(size - 49) for i in range(count)]
    header = made[0].__sizeof__() - (size - 49)
    return made, count * (size - 49 + header)


class SizesTest(pmttest.TestCase):

    def tearDown(self):
        self.assertFalse(tracemalloc.is_tracing(), "tracemalloc was left on")

    def test_empty_block_adds_nothing(self):
        first, second, third = TraceMalloc(), TraceMalloc(None), TraceMalloc()
        with first:
            pass
        with second:
            with third:
                pass
        self.assertEqual((first.diff, third.diff), (0, 0))
        # third keeps its two snapshots, which second sees.
        self.assertGreater(second.diff, 0)

    def test_hundred_thousand_strings(self):
        for key_type in (None,) + TraceMalloc.ALLOWED_GRANULARITY:
            with self.subTest(key_type):
                with TraceMalloc(key_type) as block:
                    kept, size = strings(100000, 297)
                size += kept.__sizeof__() + 16      # 16: the list's GC header
                self.assertAlmostEqual(block.diff, size, delta=1000)
                if key_type is not None:
                    net = sum(row.size_diff for row in block.net_statistics())
                    self.assertAlmostEqual(net, block.diff, delta=1000)

    def test_release_in_the_block(self):
        with TraceMalloc(None):
            kept = bytearray(1000000)
            with TraceMalloc() as block:
                del kept
            self.assertAlmostEqual(block.diff, -1000000, delta=200)
            self.assertAlmostEqual(
                sum(row.size_diff for row in block.net_statistics()),
                -1000000, delta=200)

    def test_exception_passes_and_is_counted(self):
        block = TraceMalloc()
        with self.assertRaises(KeyError):
            with block:
                kept = bytearray(500000)
                raise KeyError("mine")
        self.assertGreaterEqual(block.diff, len(kept))

    def test_other_threads_count(self):
        kept = []
        with TraceMalloc(None) as block:
            thread = threading.Thread(
                target=lambda: kept.append(bytearray(3000000)))
            thread.start()
            thread.join()
        self.assertAlmostEqual(block.diff, 3000000, delta=100000)

    def test_block_may_be_used_again(self):
        block = TraceMalloc("filename")
        for size in (1000000, 2000000):
            with block:
                kept = bytearray(size)
            self.assertAlmostEqual(block.diff, size, delta=500)
            self.assertEqual(block.statistics[0].size_diff // 1000000,
                             size // 1000000)
            del kept
            block.statistics

    def test_block_is_not_its_own_inner_block(self):
        with TraceMalloc(None) as block:
            with self.assertRaises(RuntimeError):
                with block:
                    self.fail("entered twice")
            kept = bytearray(1000000)
        self.assertGreaterEqual(block.diff, len(kept))


class StatisticsTest(pmttest.TestCase):

    def make(self):
        return bytearray(700000)

    def test_line_is_named(self):
        with TraceMalloc("lineno") as block:
            kept = self.make()
        row = block.net_statistics()[0]
        frame = row.traceback[0]
        self.assertEqual(frame.filename, self.make.__code__.co_filename)
        self.assertEqual(frame.lineno, self.make.__code__.co_firstlineno + 1)
        self.assertAlmostEqual(row.size_diff, len(kept), delta=100)

    def test_traceback_has_the_frames_asked_for(self):
        with TraceMalloc("traceback", nframes=3) as block:
            kept = self.make()
        self.assertEqual(len(block.net_statistics()[0].traceback), 3)
        del kept

    def test_own_rows_are_taken_out(self):
        with TraceMalloc(None):     # on already: both snapshots are real ones
            with TraceMalloc("filename") as block:
                pass
            names = {row.traceback[0].filename for row in block.statistics}
            self.assertIn(tracemalloc.__file__, names)
            net = {row.traceback[0].filename for row in block.net_statistics()}
            self.assertNotIn(tracemalloc.__file__, net)
            self.assertNotIn(trace_malloc.__file__, net)

    def test_own_memory_is_told(self):
        with TraceMalloc() as block:
            kept = strings(10000, 100)
        self.assertGreater(block.memory_finish, block.memory_start)
        self.assertEqual(block.tracemalloc_memory_usage,
                         block.memory_finish - block.memory_start)
        del kept

    def test_none_without_key_type(self):
        with TraceMalloc(None) as block:
            pass
        with self.assertRaises(ValueError):
            block.statistics

    def test_no_snapshot_without_key_type(self):
        with unittest.mock.patch("tracemalloc.take_snapshot") as snapshot:
            with TraceMalloc(None) as block:
                pass
        snapshot.assert_not_called()
        self.assertIsNotNone(block.diff)


class LeftAsFoundTest(pmttest.TestCase):

    def tearDown(self):
        tracemalloc.stop()

    def test_off_before_is_off_after(self):
        with TraceMalloc():
            self.assertTrue(tracemalloc.is_tracing())
        self.assertFalse(tracemalloc.is_tracing())

    def test_constructor_switches_nothing(self):
        TraceMalloc()
        self.assertFalse(tracemalloc.is_tracing())

    def test_on_before_is_on_after(self):
        tracemalloc.start(7)
        kept = bytearray(100000)
        with TraceMalloc() as block:
            pass
        self.assertEqual(block.diff, 0)
        self.assertTrue(tracemalloc.is_tracing())
        self.assertEqual(tracemalloc.get_traceback_limit(), 7)
        self.assertIsNotNone(tracemalloc.get_object_traceback(kept))

    def test_nested(self):
        with TraceMalloc() as outer:
            first = bytearray(1000000)
            with TraceMalloc() as inner:
                second = bytearray(2000000)
            self.assertTrue(tracemalloc.is_tracing())
        self.assertFalse(tracemalloc.is_tracing())
        self.assertAlmostEqual(inner.diff, len(second), delta=1000)
        net = sum(row.size_diff for row in outer.net_statistics())
        self.assertAlmostEqual(net, len(first) + len(second), delta=5000)

    def test_blocks_that_overlap(self):
        first, second = TraceMalloc(None), TraceMalloc(None)
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        self.assertTrue(tracemalloc.is_tracing())
        second.__exit__(None, None, None)
        self.assertFalse(tracemalloc.is_tracing())

    def test_program_switches_it_off(self):
        with TraceMalloc() as block:
            tracemalloc.stop()
        self.assertFalse(tracemalloc.is_tracing())
        self.assertIsNone(block.diff)
        self.assertIsNone(block.tracemalloc_memory_usage)
        self.assertEqual(block.net_statistics(), [])

    def test_program_clears_the_traces(self):
        with TraceMalloc() as block:
            tracemalloc.clear_traces()
            kept = bytearray(100000)
        self.assertIsNone(block.diff)
        del kept

    def test_too_few_frames_is_told(self):
        tracemalloc.start(1)
        with self.assertWarns(RuntimeWarning):
            with TraceMalloc("traceback", nframes=5):
                pass
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            block = TraceMalloc("traceback", nframes=5)
            with self.assertRaises(RuntimeWarning):
                block.__enter__()
            tracemalloc.stop()
            with block:
                kept = bytearray(100000)
        self.assertAlmostEqual(block.diff, len(kept), delta=1000)
        self.assertFalse(tracemalloc.is_tracing())

    def test_switch(self):
        with unittest.mock.patch.object(TraceMalloc, "TRACE_ON", False):
            with TraceMalloc() as block:
                self.assertFalse(tracemalloc.is_tracing())
        self.assertIsNone(block.diff)
        self.assertIsNone(block.tracemalloc_memory_usage)
        self.assertEqual((block.statistics, block.net_statistics()), ([], []))

    def test_wrong_arguments(self):
        for arguments in (("line",), ("lineno", 0), ("lineno", -1)):
            with self.subTest(arguments), self.assertRaises(ValueError):
                TraceMalloc(*arguments)
        with self.assertRaises(TypeError):
            TraceMalloc("lineno", "2")


class DecoratorTest(pmttest.TestCase):

    def messages(self, function, *args):
        with self.assertLogs(level=logging.INFO) as logs:
            result = function(*args)
        return result, [record.getMessage() for record in logs.records]

    def delta(self, message):
        self.assertRegex(message, r'^TraceMalloc memory delta: -?[\d,]+ '
                                  r'for "\w+\(\)"$')
        return int(message.split(": ")[1].split(" ")[0].replace(",", ""))

    def test_log(self):
        @trace_malloc_log(logging.INFO)
        def grow(n):
            return bytearray(n)
        result, (message,) = self.messages(grow, 8388608)
        self.assertEqual((len(result), grow.__name__), (8388608, "grow"))
        self.assertIn('for "grow()"', message)
        self.assertAlmostEqual(self.delta(message), 8388608, delta=1000)

    def test_generator_and_coroutine_bodies_count(self):
        kept = []

        @trace_malloc_log(logging.INFO)
        def generate():
            yield 1
            kept.append(bytearray(1000000))
            return 2

        @trace_malloc_log(logging.INFO)
        async def wait():
            await asyncio.sleep(0)
            kept.append(bytearray(1000000))
            return 3

        for run in (lambda: list(generate()), lambda: asyncio.run(wait())):
            result, messages = self.messages(run)
            self.assertIn(result, ([1], 3))
            self.assertAlmostEqual(self.delta(messages[-1]), 1000000,
                                   delta=100000)

    def test_recursion_logs_every_call(self):
        @trace_malloc_log(logging.INFO)
        def down(n):
            return n and down(n - 1)
        _, messages = self.messages(down, 3)
        self.assertEqual(len(messages), 4)

    def test_report(self):
        out = io.StringIO()

        @trace_malloc_report("filename", file=out)
        def grow():
            return bytearray(5000000)
        kept = grow()
        first, second = out.getvalue().splitlines()[:2]
        self.assertAlmostEqual(self.delta(first), len(kept), delta=1000)
        self.assertIn("test_trace_malloc.py:0: size=4883 KiB (+4883 KiB)",
                      second)

    def test_report_bare(self):
        @trace_malloc_report
        def grow():
            return bytearray(5000000)
        out = io.StringIO()
        with unittest.mock.patch("sys.stderr", out):
            kept = grow()
        self.assertIn('for "grow()"', out.getvalue())
        del kept

    def test_report_tells_wrong_arguments_at_once(self):
        with self.assertRaises(ValueError):
            trace_malloc_report("line")


if __name__ == "__main__":
    pmttest.main()
