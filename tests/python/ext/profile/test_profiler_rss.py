# SPDX-License-Identifier: MIT
"""The RSS of an event is the RSS that the kernel tells at that moment."""
import ctypes
import mmap
import os
import random
import threading

import pmt
import pmt._pmt

import pmttest
from proflog import ENGINES, Log

PAGE = os.sysconf("SC_PAGESIZE")
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int,
                      ctypes.c_int, ctypes.c_int, ctypes.c_long]
LIBC.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

ROUNDS = 300


class Changes:
    """Ways in which a program's RSS moves; each call is one of them."""

    def __init__(self):
        self.random = random.Random(1)
        self.block = mmap.mmap(-1, ROUNDS * PAGE)
        self.next = 0
        self.kept = []
        self.zero = open("/dev/zero", "rb", buffering=0)
        self.mapped = []

    def touch_a_page(self):
        self.block[self.next * PAGE] = 1
        self.next = (self.next + 1) % ROUNDS

    def allocate(self):
        self.kept.append(bytearray(b"x") * self.random.randrange(1 << 20))

    def free(self):
        if self.kept:
            del self.kept[self.random.randrange(len(self.kept))]

    def map(self):
        address = LIBC.mmap(None, 16 * PAGE, mmap.PROT_READ | mmap.PROT_WRITE,
                            mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
        ctypes.memset(address, 1, 16 * PAGE)
        self.mapped.append(address)

    def unmap(self):
        if self.mapped:
            LIBC.munmap(self.mapped.pop(), 16 * PAGE)

    def read_into_a_fresh_buffer(self):
        self.kept.append(self.zero.read(self.random.randrange(1 << 18)))

    def nothing(self):
        pass

    def any(self):
        self.random.choice([
            self.touch_a_page, self.allocate, self.free, self.map, self.unmap,
            self.read_into_a_fresh_buffer, self.nothing, self.nothing])()


class RssTest(pmttest.TestCase):

    def compare(self, rss, engine, change):
        """How often the row before a call of pmt.rss() told another RSS."""
        changes = Changes()
        work = getattr(changes, change)
        told = []
        with pmt.Profile(0, filepath=self.path("log"), rss=rss,
                         engine=engine):
            for _ in range(ROUNDS):
                work()
                told.append(pmt._pmt.rss())
        rows = [row for row in Log(self.path("log")).tagged("NEXT")
                if row.function == "rss"]
        seen = [row.rss for row in rows if row.what == "C_CALL"]
        after = [row.rss for row in rows if row.what == "C_RETURN"]
        self.assertEqual(len(seen), ROUNDS)
        # Rounds in which the comparison itself moved RSS tell nothing.
        return [(before, truth) for before, truth, later
                in zip(seen, told, after)
                if before != truth and truth == later]

    def exact(self):
        log = pmt.Profile(filepath=self.path("try"))
        with log:
            pass
        return " 8 of 8 single pages " in Log(self.path("try")).notes[0]

    @pmttest.not_sanitized
    def test_gap(self):
        if not self.exact():
            self.skipTest("this kernel keeps statm in batches")
        for engine in ENGINES:
            for change in ("touch_a_page", "allocate", "map", "any",
                           "read_into_a_fresh_buffer"):
                with self.subTest(engine=engine, change=change):
                    self.assertEqual(
                        self.compare("gap", engine, change), [])

    @pmttest.not_sanitized
    def test_every(self):
        for engine in ENGINES:
            self.assertEqual(self.compare("every", engine, "any"), [])

    @pmttest.not_sanitized
    def test_ring(self):
        try:
            with pmt.Profile(filepath=self.path("try"), rss="ring"):
                pass
        except OSError as error:
            self.assertIn("perf_event_open", str(error))
            self.skipTest(str(error))
        for change in "touch_a_page", "allocate", "map", "any":
            with self.subTest(change=change):
                wrong = self.compare("ring", "auto", change)
                # Small calls that give memory back, or that fill it in the
                # kernel, are seen at the next gap.
                self.assertLess(len(wrong), ROUNDS // 3)
                for before, truth in wrong:
                    self.assertLess(abs(before - truth), 4 << 20)

    def test_native_thread(self):
        """A thread without Python code: within a millisecond of events."""
        LIBC.memset.argtypes = [ctypes.c_void_p, ctypes.c_int,
                                ctypes.c_size_t]
        block = mmap.mmap(-1, 64 << 20)
        address = ctypes.addressof(ctypes.c_char.from_buffer(block))

        def grow():
            LIBC.memset(address, 1, 64 << 20)

        with pmt.Profile(0, filepath=self.path("log")):
            thread = threading.Thread(target=grow)
            thread.start()
            while thread.is_alive():
                len("")
            thread.join()
        rows = Log(self.path("log")).tagged("NEXT")
        self.assertGreater(rows[-1].rss - rows[0].rss, 60 << 20)
        # The clock is that of all threads: in 10 ms at most all of it.
        steps = [row for row in rows if row.d_rss > 0]
        self.assertGreater(len(steps), 3)

    @pmttest.not_sanitized
    def test_reads_are_few(self):
        def work():
            for _ in range(20000):
                len("")

        with pmt.Profile(1 << 40, filepath=self.path("log")) as profile:
            work()
        self.assertGreaterEqual(profile.event_count(), 40000)
        self.assertLess(profile.statm_reads(), 20000)
        with pmt.Profile(1 << 40, filepath=self.path("log"),
                         rss="every") as profile:
            work()
        self.assertGreaterEqual(profile.statm_reads(),
                                profile.event_count())

    @pmttest.needs_reference_tracing
    @pmttest.not_sanitized
    def test_objects_traced_too_make_few_more_reads(self):
        """The read for an object is no gap between two calls."""
        class Made:
            pass

        with pmt.Profile(1 << 40, filepath=self.path("log")) as profile, \
                pmt.ReferenceTracing(filepath=self.path("objects.pmt")):
            before = profile.statm_reads()
            for _ in range(20000):
                len("")
                Made()
            self.assertLess(profile.statm_reads() - before, 20000)
        self.assertGreaterEqual(profile.event_count(), 40000)


if __name__ == "__main__":
    pmttest.main()
