# SPDX-License-Identifier: MIT
"""The biggest allocations of a snapshot, as lines of text."""
import collections

_BOLD, _RED, _GREEN, _PLAIN = "\033[1m", "\033[31m", "\033[32m", "\033[0m"

#: What to show; the attributes of DisplayTop.
Style = collections.namedtuple("Style", (
    "count", "color", "filename_parts", "show_average", "show_count",
    "show_lineno", "show_size"))

Row = collections.namedtuple("Row", "size count size_diff count_diff")


def format_size(size):
    """4 significant digits at most: "9999 B", "10 KiB", "1267 KiB"."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 10 * 1024:
            return "%.0f %s" % (size, unit)
        size /= 1024
    return "%.0f TiB" % size


def printable(text):
    """text with what could upset a terminal escaped."""
    return "".join(c if c.isprintable() else
                   c.encode("unicode_escape").decode() for c in text)


def _signed(text, value):
    return ("+" if value >= 0 else "") + text


def _totals(snapshot, by_line):
    """{(filename, line or None): (size, count)}"""
    totals = {}
    for filename, lines in snapshot.stats.items():
        if by_line:
            for line, total in lines.items():
                totals[filename, line] = total
        else:
            totals[filename, None] = (
                sum(size for size, _ in lines.values()),
                sum(count for _, count in lines.values()))
    return totals


def _rows(snapshot, previous, by_line):
    """{key: Row}; without a previous snapshot the differences are None."""
    new = _totals(snapshot, by_line)
    if previous is None:
        return {key: Row(size, count, None, None)
                for key, (size, count) in new.items()}
    old = _totals(previous, by_line)
    rows = {}
    for key in new.keys() | old.keys():
        size, count = new.get(key, (0, 0))
        old_size, old_count = old.get(key, (0, 0))
        rows[key] = Row(size, count, size - old_size, count - old_count)
    return rows


def _sum(rows):
    rows = list(rows)
    if any(row.size_diff is None for row in rows):
        return Row(sum(row.size for row in rows),
                   sum(row.count for row in rows), None, None)
    return Row(*map(sum, zip(*rows))) if rows else Row(0, 0, None, None)


def _order(item):
    (filename, line), row = item
    return (-abs(row.size_diff or 0), -row.size,
            -abs(row.count_diff or 0), -row.count, filename, line or 0)


class TopText:
    """Formats in one style."""

    def __init__(self, style):
        self.style = style

    def lines(self, snapshot, previous=None, previous_name=None):
        """The top of a snapshot, compared with a previous one if given."""
        style = self.style
        rows = sorted(_rows(snapshot, previous, style.show_lineno).items(),
                      key=_order)
        top, rest = rows[:style.count], rows[style.count:]
        title = "%s: Top %d allocations per file%s" % (
            printable(snapshot.timestamp), len(top),
            " and line" if style.show_lineno else "")
        if previous is not None and previous_name:
            title += " (compared to %s)" % printable(previous_name)
        yield self._colored(_BOLD, title)
        for number, (key, row) in enumerate(top, 1):
            yield "#%d: %s: %s" % (number, self._place(key), self._row(row))
        if rest:
            yield "%d more: %s" % (len(rest), self._row(
                _sum(row for _, row in rest)))
        yield "Total Python memory: " + self._row(
            _sum(row for _, row in rows))
        yield from self._process_lines(snapshot, previous)

    def _process_lines(self, snapshot, previous):
        if snapshot.process_memory is not None:
            own = snapshot.tracemalloc_memory or 0
            before = None
            if previous is not None and previous.process_memory is not None:
                before = (previous.process_memory -
                          (previous.tracemalloc_memory or 0))
            yield "Total process memory: %s (ignore tracemalloc: %s)" % (
                self._size(snapshot.process_memory - own, before),
                format_size(own))
        before = {title: size for title, _, size in
                  (previous.user_data if previous is not None else ())}
        for title, _, size in snapshot.user_data:
            yield "%s: %s" % (printable(title),
                              self._size(size, before.get(title)))

    def _size(self, size, before):
        text = "size=" + format_size(size)
        if before is not None:
            text += " " + self._difference(format_size(size - before),
                                           size - before)
        return text

    def _row(self, row):
        style, parts = self.style, []
        if style.show_size:
            parts.append(("size", format_size(row.size),
                          format_size(row.size_diff or 0), row.size_diff))
        if style.show_count:
            parts.append(("count", "%d" % row.count,
                          "%d" % (row.count_diff or 0), row.count_diff))
        if style.show_average and row.count:
            parts.append(("average", format_size(row.size / row.count),
                          None, None))
        # A column that stands alone needs no name.
        alone = style.show_size + style.show_count + style.show_average == 1
        return ", ".join(
            ("" if alone else name + "=") + text +
            ("" if diff is None else
             " " + self._difference(diff_text, diff))
            for name, text, diff_text, diff in parts)

    def _difference(self, text, value):
        text = "(%s)" % _signed(text, value)
        if value == 0:
            return text
        return self._colored(_RED if value > 0 else _GREEN, text)

    def _place(self, key):
        filename, line = key
        parts = filename.split("/")
        if len(parts) - (not parts[0]) > self.style.filename_parts:
            filename = "/".join(["..."] + parts[-self.style.filename_parts:])
        filename = printable(filename)
        return filename if line is None else "%s:%d" % (filename, line)

    def _colored(self, color, text):
        return color + text + _PLAIN if self.style.color else text
