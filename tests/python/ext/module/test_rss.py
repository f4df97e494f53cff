# SPDX-License-Identifier: MIT
"""rss() and rss_peak(): of this process, whatever became of their file."""
import mmap
import os
import re
import sys

import psutil

import pmt
import pmttest

MIB = 1 << 20

PEAKS = """
import resource, pmt
print(pmt.rss_peak(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10)
"""


def resident():
    return psutil.Process().memory_info().rss


def statm_descriptors():
    """Numbers under which this process has its statm open."""
    numbers = []
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink("/proc/self/fd/" + number)
        except FileNotFoundError:
            continue
        if target.endswith("/statm"):
            numbers.append(int(number))
    return numbers


class RssTest(pmttest.TestCase):

    def assert_current(self):
        self.assertAlmostEqual(pmt.rss() / MIB, resident() / MIB, delta=8)
        self.assertGreaterEqual(pmt.rss_peak(), pmt.rss() - 8 * MIB)

    def test_one_descriptor_is_kept(self):
        before = len(statm_descriptors())
        for _ in range(10):
            pmt.rss()
            pmt.rss_peak()
        self.assertLessEqual(len(statm_descriptors()), before + 1)

    def test_peak_stays(self):
        with mmap.mmap(-1, 64 * MIB) as block:
            block.write(b"x" * len(block))
            high = pmt.rss()
        self.assertLess(pmt.rss(), high - 60 * MIB)
        self.assertGreater(pmt.rss_peak(), high - 8 * MIB)

    def test_peak_is_the_kernels(self):
        """Grown a page, a block, not at all; getrusage(2) may be above."""
        for size in 4096, 40 * MIB, 0, 1 * MIB:
            block = bytearray(size)
            peak = pmt.rss_peak()
            with open("/proc/self/status") as status:
                high = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
            self.assertLessEqual(peak, high * 1024)
            self.assertGreater(peak, (high - 512) * 1024)
            del block

    def test_peak_of_another_program_before(self):
        """execve(2) leaves it in ru_maxrss."""
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            block = bytearray(b"x" * (200 * MIB))
            os.dup2(write, 1)
            os.execv(sys.executable, [sys.executable, "-c", PEAKS])
            del block
        os.close(write)
        with open(read) as peaks:
            ours, usage = map(int, peaks.read().split())
        os.waitpid(pid, 0)
        self.assertGreater(usage, 200 * MIB)
        self.assertLess(ours, 100 * MIB)

    def test_descriptor_closed_or_taken(self):
        """A daemon closes all, and opens its own under our number."""
        pmt.rss()
        numbers = statm_descriptors()
        for number in numbers:
            os.close(number)
        self.assert_current()
        with open(self.write_file("theirs", "1 2 3\n")) as theirs:
            numbers = statm_descriptors()
            for number in numbers:
                os.dup2(theirs.fileno(), number)
            self.assert_current()
            for number in numbers:
                self.assertEqual(os.pread(number, 9, 0), b"1 2 3\n")
                os.close(number)
        self.assert_current()

    def test_forked_child_sees_itself(self):
        """The parent's 64 MiB are not in the child's address space."""
        block = mmap.mmap(-1, 64 * MIB)
        block.write(b"x" * len(block))
        block.madvise(mmap.MADV_DONTFORK)
        pmt.rss()
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(write, b"%d %d" % (pmt.rss(), resident()))
            os._exit(0)
        os.waitpid(pid, 0)
        ours, psutils = map(int, os.read(read, 99).split())
        self.assertAlmostEqual(ours / MIB, psutils / MIB, delta=8)
        self.assertLess(ours, pmt.rss() - 50 * MIB)
        block.close()
        os.close(read)
        os.close(write)


if __name__ == "__main__":
    pmttest.main()
