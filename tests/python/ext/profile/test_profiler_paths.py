# SPDX-License-Identifier: MIT
"""Column Stack: the calls that led to an event, as frames tell them."""
import re
import sys
import threading

import pmttest
from proflog import KINDS, Log, on_each

told = []


def leaf():
    frame = sys._getframe(1)
    callers = []
    while frame is not None:
        code = frame.f_code
        callers.append((code.co_filename, frame.f_lineno, code.co_name))
        frame = frame.f_back
    told.append(callers)


def recurse(depth):
    if depth > 0:
        recurse(depth - 1)
    else:
        leaf()


def generate():
    for _ in range(2):
        leaf()
        yield


def key(item):
    leaf()
    return item


def fail():
    try:
        raise KeyError
    except KeyError:
        leaf()


class Item:
    def __lt__(self, other):
        leaf()
        return True

    def __del__(self):
        leaf()


def work():
    recurse(7)
    recurse(3)
    for _ in generate():
        recurse(1)
    sorted([2, 1], key=key)
    sorted([Item(), Item()])
    exec("def inner(): leaf()\ninner()", {"leaf": leaf})
    fail()
    leaf()


class PathTest(pmttest.TestCase):
    """leaf() writes down who called it; its CALL rows must say the same."""

    def callers(self, log):
        """Of each call of leaf: (file, line, function), innermost first."""
        found = []
        for row in log.tagged("NEXT"):
            if row.what != "CALL" or row.function != "leaf":
                continue
            callers = []
            for caller in row.stack.split(";"):
                file, line, function = re.fullmatch(
                    r"[*!]?(.*):(\d+):(.*)", caller).groups()
                callers.append((file, int(line), function))
            found.append(callers)
        return found

    def trace(self, kind, engine, work, **arguments):
        del told[:]
        path = self.path("log")
        with KINDS[kind](0, filepath=path, engine=engine, **arguments):
            work()
        return Log(path)

    @on_each
    def test_as_frames_tell(self, kind, engine):
        log = self.trace(kind, engine, work, stack=True)
        self.assertGreater(len(told), 10)
        self.assertEqual(self.callers(log), told)

    @on_each
    def test_some_callers(self, kind, engine):
        log = self.trace(kind, engine, lambda: recurse(9), stack=3)
        stacks = {row.stack for row in log.tagged("NEXT")
                  if row.function == "leaf" and row.what == "CALL"}
        self.assertEqual(len(stacks), 1)
        callers = stacks.pop().split(";")
        self.assertEqual([re.sub(".*:", "", caller) for caller in callers],
                         3 * ["recurse"] + ["..."])

    @on_each
    def test_thread(self, kind, engine):
        def begin():
            thread = threading.Thread(target=recurse, args=(4,))
            thread.start()
            thread.join()

        log = self.trace(kind, engine, begin, stack=True, threads="all")
        self.assertEqual(self.callers(log), told)
        self.assertEqual(told[0][-1][2], "_bootstrap")

    def test_c_functions(self):
        """The path of a C function has the function that calls it."""
        for trigger in 0, 4096:
            path = self.path("log")
            with KINDS["profile"](trigger, filepath=path, stack=True):
                kept = [bytearray(1 << 25) for _ in range(2)]
            rows = [row for row in Log(path).rows if row.what == "C_RETURN"
                    and row.function in ("bytearray", "append")]
            if sys.version_info >= (3, 12):
                self.assertTrue(rows)
            for row in rows:
                first = row.stack.split(";")[0]
                self.assertIn("%s:%d:" % (row.file, row.line), first)
            del kept

    def test_the_row_before(self):
        """A PREV row, of which no frame was looked at, has its path."""
        path = self.path("log")
        # Less than this does not change.
        with KINDS["profile"](1 << 22, filepath=path, stack=True):
            kept = []
            recurse(2)
            kept.append(bytearray(1 << 24))
        rows = Log(path).tagged("PREV")
        self.assertTrue(rows)
        for row in rows:
            self.assertIn(":test_the_row_before", row.stack)

    @on_each
    def test_own_line(self, kind, engine):
        """A library's event is the program's, where it called."""
        log = self.trace(kind, engine, lambda: re.compile("a+b?"),
                         columns=["Own"])
        self.assertIsNone(log.rows[0].stack)
        owns = {row.own for row in log.tagged("NEXT")
                if row.file.endswith("re.py") or "/re/" in row.file}
        self.assertTrue(owns)
        for own in owns:
            self.assertRegex(own, r"test_profiler_paths\.py:\d+:<lambda>\Z")

    def test_wrong_arguments(self):
        for kind in KINDS.values():
            with self.assertRaisesRegex(ValueError, "of Own, not 'Size'"):
                kind(columns=["Size"])
            with self.assertRaisesRegex(ValueError, "not be negative"):
                kind(stack=-2)
            with self.assertRaises(TypeError):
                kind(stack="all")


if __name__ == "__main__":
    pmttest.main()
