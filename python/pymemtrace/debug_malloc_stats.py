# SPDX-License-Identifier: MIT
"""How full Python's own allocator is: see pmt.debug_malloc_stats.

What differs here is that free lists are asked for by bytes, and that arenas
and pools can be made from their text.
"""
import re

from pmt import _mallocstats, debug_malloc_stats
from pmt._mallocstats import DebugMallocStat, DebugTypeStat  # noqa: F401
from pmt.debug_malloc_stats import (  # noqa: F401
    diff_debugmallocstats, get_debugmallocstats)

POOL_SIZE = 4096
POOL_OVERHEAD = 48

RE_DEBUG_MALLOC_HEADER_LINE = re.compile(
    rb"^Small block threshold = (\d+), in (\d+) size classes\.$")
RE_DEBUG_MALLOC_STATS_LINE = re.compile(
    rb"^\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$")
RE_DEBUG_MALLOC_ARENAS_SUMMARY_LINE = re.compile(
    rb"^(\d+) arenas \* (\d+) bytes/arena\s+=\s+(.+)$")
RE_DEBUG_MALLOC_POOLS_SUMMARY_LINE = re.compile(
    rb"^(\d+) unused pools \* (\d+) bytes\s+=\s+(.+)$")
RE_DEBUG_MALLOC_TYPE_LINE = re.compile(
    rb"^\s*(\d+) free (.+?) \* (\d+) bytes each =\s+(.+)$")


def last_value_as_int(line):
    """The number at the end of a line of bytes."""
    return int(line.rsplit(None, 1)[-1].replace(b",", b""))


class DebugMallocArenas(_mallocstats.DebugMallocArenas):
    """The arenas, of the lines that tell of them."""

    def __new__(cls, debug_malloc):
        return super().__new__(
            cls, *_mallocstats.MallocStats(debug_malloc).arenas)


class DebugMallocPoolsBlocks(_mallocstats.DebugMallocPoolsBlocks):
    """The bytes of all arenas, of the lines that tell of them."""

    def __new__(cls, debug_malloc):
        return super().__new__(
            cls, *_mallocstats.MallocStats(debug_malloc).pools_blocks)

    def pool_overhead(self, num_pools):
        """Bytes of a pool's header."""
        return self.pool_header_bytes // num_pools


class SysDebugMallocStats(debug_malloc_stats.SysDebugMallocStats):
    """What sys._debugmallocstats() prints now, or the text of such a call."""

    def object_types(self):
        """The names of the types that have a free list, as bytes."""
        return {name.encode(): None for name in self.types}.keys()


class DiffSysDebugMallocStats(debug_malloc_stats.DiffSysDebugMallocStats):
    """Context manager: what did the block change?"""

    stats_class = SysDebugMallocStats


def _must_agree(a, b, *names):
    for name in names:
        if getattr(a, name) != getattr(b, name):
            raise ValueError("a.%s != b.%s: %s != %s" % (
                name, name, getattr(a, name), getattr(b, name)))


def diff_debug_malloc_stat(a, b):
    """The line that tells what changed in a size class."""
    _must_agree(a, b, "block_class", "size")
    return "%5d  %5d  %+10d  %+14d  %+12d" % (
        a.block_class, a.size, b.num_pools - a.num_pools,
        b.blocks_in_use - a.blocks_in_use, b.avail_blocks - a.avail_blocks)


def diff_debug_type_stat(a, b):
    """The line that tells what changed in a free list."""
    _must_agree(a, b, "object_type", "bytes_each")
    return "{:>48} = {:>+20,d}".format(
        "%+d free %s * %d bytes each" % (b.free_count - a.free_count,
                                         a.object_type, a.bytes_each),
        b.bytes_total - a.bytes_total)


def main():
    """Show what a thousand small strings change."""
    with DiffSysDebugMallocStats() as stats:
        kept = ["%d" % number for number in range(1000)]
    print("%d strings:" % len(kept))
    print(stats.diff())


if __name__ == "__main__":
    main()
