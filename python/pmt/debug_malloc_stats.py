# SPDX-License-Identifier: MIT
"""How full are the pools, arenas and free lists of Python's own allocator?

    with DiffSysDebugMallocStats() as stats:
        ...
    print(stats.diff())             only what changed, with signs

The numbers are those that sys._debugmallocstats() prints, of CPython 3.8 and
later, with pymalloc, mimalloc, or malloc alone.  Taking a text is cheap; it is
parsed when somebody asks.
"""
import contextlib
import io
import logging
import sys

from pmt import _pmt
from pmt._around import around
from pmt._mallocstats import (DebugMallocArenas, DebugMallocPoolsBlocks,
                              DebugMallocStat, DebugTypeStat, MallocStats,
                              Measure, TITLES, is_known)

__all__ = [
    "DebugMallocArenas", "DebugMallocPoolsBlocks", "DebugMallocStat",
    "DebugTypeStat", "DiffSysDebugMallocStats", "SysDebugMallocStats",
    "debug_malloc_stats_log", "debug_malloc_stats_report",
    "diff_debugmallocstats", "get_debugmallocstats",
]

logger = logging.getLogger(__name__)


def get_debugmallocstats():
    """Return what sys._debugmallocstats() prints, as bytes.

    What other threads print to standard error meanwhile gets there.
    """
    try:
        return _pmt.debugmallocstats()
    except OSError:
        return _get_by_redirection()


def _get_by_redirection():
    """For C libraries whose stderr cannot be set: sort the lines later."""
    from pmt.redirect_stdout import stderr_redirector

    caught = io.BytesIO()
    with stderr_redirector(caught):
        sys._debugmallocstats()
    ours, others = [], []
    for line in caught.getvalue().splitlines(keepends=True):
        known = is_known(line.decode("ascii", "replace").rstrip("\n"))
        (ours if known else others).append(line)
    if others and sys.stderr is not None:
        sys.stderr.write(b"".join(others).decode(errors="backslashreplace"))
    return b"".join(ours)


class SysDebugMallocStats(MallocStats):
    """What sys._debugmallocstats() prints now, or the text of such a call."""

    def __init__(self, debug_malloc=b""):
        super().__init__(debug_malloc or get_debugmallocstats())


def _union(before, after):
    """The keys of both, in the order of the text."""
    return list(before) + [key for key in after if key not in before]


def _diff_classes(before, after):
    none = DebugMallocStat(0, 0, 0, 0, 0)
    old = {(stat.block_class, stat.size): stat for stat in before.malloc_stats}
    new = {(stat.block_class, stat.size): stat for stat in after.malloc_stats}
    lines = []
    for key in sorted(_union(old, new)):
        a, b = old.get(key, none)[2:5], new.get(key, none)[2:5]
        if a != b:
            lines.append("%5d  %5d  %+10d  %+14d  %+12d" % (
                key + (b[0] - a[0], b[1] - a[1], b[2] - a[2])))
    return list(TITLES[:2]) + lines if lines else []


def _diff_section(section, before, after):
    old = before.sections.get(section, {})
    new = after.sections.get(section, {})
    lines = []
    for label in _union(old, new):
        a, b = old.get(label, Measure(0)), new.get(label, Measure(0))
        if a == b:
            continue
        if section == "mimalloc":
            lines.append("    %s: %+d" % (label, b.value - a.value))
            continue
        if a.count is not None or b.count is not None:
            label = "%+d %s" % ((b.count or 0) - (a.count or 0), label)
        lines.append("{:<34} = {:>+20,d}".format(label, b.value - a.value))
    return lines


def _diff_types(before, after):
    lines = []
    for name in _union(before.types, after.types):
        a, b = before.types.get(name), after.types.get(name)
        if a == b:
            continue
        none = DebugTypeStat(0, name, (b or a).bytes_each, 0)
        a, b = a or none, b or none
        lines.append("{:>48} = {:>+20,d}".format(
            "%+d free %s * %d bytes each" % (
                b.free_count - a.free_count, name, b.bytes_each),
            b.bytes_total - a.bytes_total))
    return lines


def diff_debugmallocstats(a_stats, b_stats):
    """Return the lines of what changed from a_stats to b_stats.

    They are laid out as sys._debugmallocstats() does it, with signs.  What is
    in one of the two only counts as 0 in the other.
    """
    blocks = [_diff_classes(a_stats, b_stats)]
    for section in _union(a_stats.sections, b_stats.sections):
        blocks.append(_diff_section(section, a_stats, b_stats))
    blocks.append(_diff_types(a_stats, b_stats))
    lines = []
    for block in filter(None, blocks):
        lines += ([""] if lines else []) + block
    return lines


class DiffSysDebugMallocStats:
    """Context manager: what did the block change?

    before and after are the two SysDebugMallocStats, None until taken.
    """

    stats_class = SysDebugMallocStats

    def __init__(self):
        self._texts = [b"", b""]
        self._stats = [None, None]

    def __enter__(self):
        self._texts = [b"", b""]
        self._stats = [None, None]
        self._texts[0] = get_debugmallocstats()
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self._texts[1] = get_debugmallocstats()

    def _parsed(self, which):
        if self._texts[which] and self._stats[which] is None:
            self._stats[which] = self.stats_class(self._texts[which])
        return self._stats[which]

    @property
    def before(self):
        return self._parsed(0)

    @property
    def after(self):
        return self._parsed(1)

    def diff(self):
        """What changed, as text.  RuntimeError: the block has not ended."""
        if self.before is None:
            raise RuntimeError("the block has not been entered")
        if self.after is None:
            raise RuntimeError("the block has not been left")
        return "\n".join(diff_debugmallocstats(self.before, self.after))


def _report(function, stats):
    return 'debug malloc stats of "%s()":\n%s' % (function.__name__,
                                                  stats.diff())


def debug_malloc_stats_log(level):
    """Decorator: log at this level what each call changed."""
    @contextlib.contextmanager
    def block(function):
        with DiffSysDebugMallocStats() as stats:
            yield
        if logger.isEnabledFor(level):
            logger.log(level, "%s", _report(function, stats))
    return around(block)


def debug_malloc_stats_report(file=None):
    """Decorator: write to file, or standard error, what each call changed.

    May be used bare, without parentheses.
    """
    if callable(file):
        return debug_malloc_stats_report()(file)

    @contextlib.contextmanager
    def block(function):
        with DiffSysDebugMallocStats() as stats:
            yield
        print(_report(function, stats),
              file=sys.stderr if file is None else file)
    return around(block)
