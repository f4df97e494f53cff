# SPDX-License-Identifier: MIT
"""Profile and Trace: which events get rows, and what the rows say."""
import asyncio
import builtins
import contextlib
import mmap
import os
import sys

import pmt._pmt
from pmt._pmt import Profile, Trace

import pmttest
from proflog import ENGINES, KINDS, Log, on_each

PAGE = os.sysconf("SC_PAGESIZE")
HERE = (lambda: None).__code__.co_filename


def grow(size):
    """A block that is the kernel's again when freed, all of it touched."""
    block = mmap.mmap(-1, size)
    block[::PAGE] = b"x" * (size // PAGE)
    return block


def small():
    return 1


def line_of(function, offset=0):
    return function.__code__.co_firstlineno + offset


def leaf(n):
    m = n + 1
    return m


def branch(n):
    total = 0
    for i in range(n):
        total += leaf(i)
    return total


def numbers(n):
    for i in range(n):
        yield i


def delegate(n):
    yield from numbers(n)


def fails():
    raise ValueError("on purpose")


def catches():
    try:
        fails()
    except ValueError as error:
        return len(str(error))


def cleans_up():
    try:
        fails()
    finally:
        small()


class Thing:
    def __init__(self):
        self.value = [small() for _ in range(3)]

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False

    @property
    def double(self):
        return self.value * 2


def one_line_loop(n):
    while n: n -= 1  # noqa: E701


async def awaited(n):
    await asyncio.sleep(0)
    return leaf(n)


def recursive(n):
    return 0 if n == 0 else 1 + recursive(n - 1)


def everything():
    """Every kind of event that CPython has."""
    branch(3)
    list(numbers(3))
    list(delegate(2))
    generator = numbers(5)
    next(generator)
    with contextlib.suppress(KeyError):
        generator.throw(KeyError)
    generator = numbers(5)
    next(generator)
    generator.close()
    catches()
    with contextlib.suppress(ValueError):
        cleans_up()
    with Thing() as thing:
        thing.double
    one_line_loop(3)
    coroutine = awaited(1)
    with contextlib.suppress(StopIteration):
        while True:
            coroutine.send(None)
    recursive(4)
    sorted([3, 1, 2], key=lambda x: -x)
    with contextlib.suppress(ZeroDivisionError):
        divmod(1, 0)
    with contextlib.suppress(TypeError):
        len(5)
    "a-b".split("-")
    str.upper("a")
    exec(compile("a = 1\nb = a\n", "made up", "exec"), {})
    return {n: m for n, m in zip(range(3), "abc")}


class Case(pmttest.TestCase):

    def tracer(self, kind, trigger=0, **kwargs):
        kwargs.setdefault("filepath", self.path("log"))
        return KINDS[kind](trigger, **kwargs)

    def log(self, kind, function, trigger=0, **kwargs):
        with self.tracer(kind, trigger, **kwargs) as tracer:
            function()
        return Log(tracer.log_file_path())


class RowsTest(Case):

    @on_each
    def test_begin_and_end(self, kind, engine):
        log = self.log(kind, small, message="first\nsecond",
                       engine=engine)
        self.assertEqual(log.message, ["first", "second"])
        self.assertEqual(log.header.split(), [
            "HEDR:", "Event", "dEvent", "Clock", "What", "File", "Line",
            "Function", "RSS", "dRSS"])
        self.assertIn("pmt ", log.notes[0])
        self.assertIn("Linux " + os.uname().release, log.notes[0])
        first, last = log.rows[0], log.rows[-1]
        self.assertEqual(
            (first.tag, first.event, first.d_event, first.what,
             first.file, first.function, first.d_rss),
            ("FRST", 0, 0, "LINE", HERE, "log", first.rss))
        self.assertEqual((last.tag, last.what, last.function),
                         ("LAST", "LINE", "log"))
        self.assertEqual(last.event, log.rows[-2].event + 1)

    @on_each
    def test_every_event_is_numbered(self, kind, engine):
        log = self.log(kind, everything, engine=engine)
        rows = log.tagged("NEXT")
        self.assertGreater(len(rows), 50)
        self.assertEqual([row.event for row in rows],
                         list(range(1, len(rows) + 1)))
        self.assertEqual({row.d_event for row in rows}, {1})
        self.assertEqual(log.tagged("PREV"), [])
        clocks = [row.clock for row in log.rows]
        self.assertEqual(clocks, sorted(clocks))

    @on_each
    def test_changes_add_up(self, kind, engine):
        def work():
            kept = [grow(PAGE << n) for n in range(10)]
            branch(20)
            while kept:
                kept.pop()

        for trigger in (0, -1, 10 * PAGE, 1 << 62):
            log = self.log(kind, work, trigger, engine=engine)
            total = log.rows[0].rss + sum(
                row.d_rss for row in log.tagged("NEXT"))
            self.assertEqual(total + log.rows[-1].d_rss,
                             log.rows[-1].rss)

    @on_each
    def test_trigger_decides(self, kind, engine):
        def work():
            for n in range(20):
                kept.append(grow(256 * PAGE))
                branch(2)

        for trigger, least in ((-1, PAGE), (-5, PAGE), (1, 1),
                               (300 * PAGE, 300 * PAGE)):
            kept = []
            log = self.log(kind, work, trigger, engine=engine)
            rows = log.tagged("NEXT")
            self.assertGreater(len(rows), 5)
            for row in rows:
                self.assertGreaterEqual(abs(row.d_rss), least)
        log = self.log(kind, work, 2 ** 63 - 1, engine=engine)
        self.assertEqual(log.tagged("NEXT"), [])

    @on_each
    def test_previous_is_the_event_before(self, kind, engine):
        def work():
            for n in range(8):
                small()
                branch(2)
                kept.append(grow(512 * PAGE))

        kept = []
        everything_log = self.log(kind, work, 0, engine=engine)
        truth = {row.event: (row.what, row.file, row.line, row.function)
                 for row in everything_log.tagged("NEXT")}
        kept = []
        log = self.log(kind, work, 100 * PAGE, engine=engine)
        previous = log.tagged("PREV")
        self.assertGreaterEqual(len(previous), 7)
        for row in previous:
            self.assertEqual(
                (row.what, row.file, row.line, row.function),
                truth[row.event])
            after = log.rows[log.rows.index(row) + 1]
            self.assertEqual((after.tag, after.event, after.d_event),
                             ("NEXT", row.event + 1, row.d_event + 1))
            self.assertLess(abs(row.d_rss), 100 * PAGE)
            # What this one event did: all of the block.
            self.assertGreaterEqual(after.rss - row.rss, 500 * PAGE)

    @on_each
    def test_growth_is_told_where_it_happens(self, kind, engine):
        kept = []
        log = self.log(kind, lambda: kept.append(grow(64 << 20)), -1,
                       engine=engine)
        steps = [row for row in log.tagged("NEXT")
                 if row.d_rss > 60 << 20]
        self.assertEqual(
            [(row.what, row.file, row.function, row.line) for row in steps],
            [("RETURN" if kind == "profile" else "LINE", HERE, "grow",
              line_of(grow, 4))])

    @on_each
    def test_free_is_told_where_it_happens(self, kind, engine):
        def work():
            del kept[0]
            small()

        kept = [grow(64 << 20)]
        log = self.log(kind, work, -1, engine=engine)
        falls = [row for row in log.tagged("NEXT")
                 if row.d_rss < -60 << 20]
        self.assertEqual(len(falls), 1)
        self.assertEqual(falls[0].function,
                         "small" if kind == "profile" else "work")


class EventsTest(Case):

    def test_profile(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                log = self.log("profile", catches, engine=engine)
                self.assertEqual(log.events("catches", "fails", "len"), [
                    ("CALL", "catches", line_of(catches)),
                    ("CALL", "fails", line_of(fails)),
                    ("RETURN", "fails", line_of(fails, 1)),
                    ("C_CALL", "len", line_of(catches, 4)),
                    ("C_RETURN", "len", line_of(catches, 4)),
                    ("RETURN", "catches", line_of(catches, 4))])

    def test_profile_failing_c_function(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                log = self.log("profile", everything, engine=engine)
                self.assertEqual(
                    [what for what, _, _ in log.events("divmod")],
                    ["C_CALL", "C_EXCEPT"])

    def test_trace(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                log = self.log("trace", catches, engine=engine)
                events = log.events("catches", "fails")
                if sys.version_info < (3, 9):
                    # It comes back to the line to leave the handler.
                    self.assertEqual(events.pop(-2), events[-2])
                self.assertEqual(events, [
                    ("CALL", "catches", line_of(catches)),
                    ("LINE", "catches", line_of(catches, 1)),
                    ("LINE", "catches", line_of(catches, 2)),
                    ("CALL", "fails", line_of(fails)),
                    ("LINE", "fails", line_of(fails, 1)),
                    ("EXCEPT", "fails", line_of(fails, 1)),
                    ("RETURN", "fails", line_of(fails, 1)),
                    ("EXCEPT", "catches", line_of(catches, 2)),
                    ("LINE", "catches", line_of(catches, 3)),
                    ("LINE", "catches", line_of(catches, 4)),
                    ("RETURN", "catches", line_of(catches, 4))])

    def test_kinds_of_events(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                log = self.log("profile", everything, engine=engine)
                self.assertEqual(
                    {row.what for row in log.tagged("NEXT")},
                    {"CALL", "RETURN", "C_CALL", "C_RETURN", "C_EXCEPT"})
                log = self.log("trace", everything, engine=engine)
                self.assertEqual(
                    {row.what for row in log.tagged("NEXT")},
                    {"CALL", "RETURN", "LINE", "EXCEPT"})

    def test_generator_gives_a_call_for_each_resume(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                log = self.log("profile", lambda: list(numbers(2)),
                               engine=engine)
                self.assertEqual(
                    [what for what, _, _ in log.events("numbers")],
                    ["CALL", "RETURN"] * 3)

    def test_opcodes(self):
        for engine in ENGINES:
            if engine == "legacy" and sys.version_info >= (3, 12):
                continue
            with self.subTest(engine=engine):
                log = self.log("trace", lambda: leaf(1), opcodes=True,
                               engine=engine)
                whats = [what for what, _, _ in log.events("leaf")]
                self.assertGreaterEqual(whats.count("OPCODE"), 6)
                self.assertEqual(whats.count("LINE"), 2)

    @pmttest.unittest.skipIf(sys.version_info < (3, 12),
                             "needs sys.monitoring, Python 3.12")
    def test_calls_of_types_written_in_c(self):
        def work():
            kept.append(list(range(2 << 20)))

        kept = []
        log = self.log("profile", work, -1, engine="monitoring")
        steps = [row for row in log.tagged("NEXT") if row.d_rss > 8 << 20]
        self.assertEqual([(row.what, row.function) for row in steps],
                         [("C_RETURN", "list")])

    @pmttest.unittest.skipIf(sys.version_info < (3, 12),
                             "needs sys.monitoring, Python 3.12")
    def test_engines_agree(self):
        def is_type(row):
            return row.what.startswith("C_") and (
                isinstance(getattr(builtins, row.function, None), type)
                or row.function in ("suppress", "Thing"))

        for kind in KINDS:
            with self.subTest(kind=kind):
                logs = [self.log(kind, everything, engine=engine)
                        for engine in ENGINES]
                rows = [[(row.what, row.file, row.line, row.function)
                         for row in log.tagged("NEXT")
                         if not is_type(row) and row.function != "log"]
                        for log in logs]
                self.assertEqual(*rows)


class NamesTest(Case):

    def test_any_name(self):
        long_name = "f" * 10000
        names = ["größe", "имя", long_name]
        for engine in ENGINES:
            for name in names:
                space = {}
                path = "/tmp/with blank/%s.py" % ("d" * 5000)
                exec(compile("def %s(): return len('')" % name, path,
                             "exec"), space)
                log = self.log("profile", space[name], engine=engine)
                self.assertIn((path.replace(" ", "\\040"), name),
                              {(row.file, row.function) for row in log.rows})

    def test_code_that_is_gone_before_its_row(self):
        def work():
            for n in range(50):
                space = {}
                exec(compile("def short%d(): pass" % n, "file%d" % n,
                             "exec"), space)
                space["short%d" % n]()
                space.clear()
                del space
                kept.append(grow(64 * PAGE))

        for engine in ENGINES:
            kept = []
            log = self.log("profile", work, 32 * PAGE, engine=engine)
            self.assertGreater(len(log.tagged("PREV")), 10)


class ArgumentsTest(Case):

    def test_trigger(self):
        for kind in KINDS.values():
            for bad in (1.5, "1", None):
                with self.assertRaisesRegex(TypeError, "d_rss_trigger"):
                    kind(bad)
            with self.assertRaisesRegex(OverflowError, "d_rss_trigger"):
                kind(2 ** 63)
            kind(-2 ** 200)

    def test_words(self):
        for kind in KINDS.values():
            for name in ("rss", "threads", "engine"):
                with self.assertRaisesRegex(ValueError, name):
                    kind(**{name: "no such"})
            for name in ("include_files", "exclude_files",
                         "include_functions"):
                with self.assertRaisesRegex(TypeError, name):
                    kind(**{name: "one"})
                with self.assertRaisesRegex(TypeError, name):
                    kind(**{name: [1]})
            with self.assertRaises(TypeError):
                kind(message=1)
            with self.assertRaises(TypeError):
                kind(filepath=1.5)
            with self.assertRaises(TypeError):
                kind(no_such=1)
            with self.assertRaises(TypeError):
                kind(-1, "m", "f", "four")
        with self.assertRaises(TypeError):
            Profile(opcodes=True)

    @pmttest.unittest.skipIf(sys.version_info >= (3, 12),
                             "this Python has sys.monitoring")
    def test_monitoring_needs_3_12(self):
        with self.assertRaisesRegex(ValueError, "3.12"):
            with self.tracer("profile", engine="monitoring"):
                pass
        self.assertFalse(os.path.exists(self.path("log.tail")))

    def test_default_name(self):
        before = os.getcwd()
        os.chdir(self.directory)
        try:
            with Profile() as profile, Trace() as trace:
                pass
        finally:
            os.chdir(before)
        for tracer, letter in ((profile, "P"), (trace, "T")):
            directory, name = os.path.split(tracer.log_file_path())
            self.assertEqual(directory, self.directory)
            self.assertRegex(name, r"^\d{8}_\d{6}_\d+_%d_%s_0_PY%s\.log$" % (
                os.getpid(), letter, sys.version.split()[0].replace(
                    "+", r"\+")))
            Log(tracer.log_file_path())

    def test_directory(self):
        with Profile(filepath=self.directory) as profile:
            pass
        self.assertEqual(os.path.dirname(profile.log_file_path()),
                         self.directory)

    def test_no_such_directory(self):
        path = self.path("none", "log")
        with self.tracer("profile") as outer:
            with self.assertRaises(FileNotFoundError) as caught:
                Profile(filepath=path).__enter__()
            self.assertEqual(caught.exception.filename, path)
            small()
            self.assertEqual(pmt._pmt.profile_wrapper_depth(), 1)
        log = Log(outer.log_file_path())
        self.assertIn("small", log.functions())
        self.assertNotIn("Detaching", log.text)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        for kind in KINDS.values():
            with self.assertRaises(OSError) as caught:
                with kind(0, filepath="/dev/full"):
                    for _ in range(1000):
                        branch(10)
            self.assertEqual(caught.exception.filename, "/dev/full")
            # The block's own exception is worth more.
            with self.assertRaises(ZeroDivisionError):
                with kind(0, filepath="/dev/full"):
                    1 / 0

    def test_filters(self):
        for engine in ENGINES:
            for kind in KINDS:
                with self.subTest(kind=kind, engine=engine):
                    log = self.log(kind, everything, engine=engine,
                                   include_functions=["leaf", "Thing.*"])
                    found = {row.function for row in log.tagged("NEXT")
                             if not row.what.startswith("C_")}
                    self.assertLessEqual({"leaf"}, found)
                    self.assertLessEqual(found, {
                        "leaf", "__init__", "__enter__", "__exit__",
                        "double", "<listcomp>"})
                    log = self.log(kind, everything, engine=engine,
                                   include_files=["made up"])
                    self.assertEqual({row.file for row in log.tagged("NEXT")},
                                     {"made\\040up"})
                    log = self.log(kind, everything, engine=engine,
                                   exclude_files=["test_profiler.py",
                                                  "*/contextlib.py"])
                    files = {row.file for row in log.tagged("NEXT")}
                    self.assertIn("made\\040up", files)
                    self.assertNotIn(HERE, files)
                    # What one block did not want, the next does.
                    log = self.log(kind, everything, engine=engine)
                    self.assertIn("leaf", log.functions())


class MessagesTest(Case):

    def test_message(self):
        for kind in KINDS:
            with self.tracer(kind) as tracer:
                small()
                tracer.write_message_to_log("größe\nEOF")
                tracer.trace_file_wrapper.write_message_to_log("inner")
                getattr(pmt._pmt, kind + "_write_message_to_log")("module")
                number = tracer.trace_file_wrapper.event_number
            log = Log(tracer.log_file_path())
            self.assertEqual(log.notes[1:], ["größe\n\\105OF", "inner",
                                             "module"])
            self.assertGreater(number, 2)

    def test_bare_text(self):
        """write_to_log() writes what it is given; readers find the rows."""
        for kind in KINDS:
            with self.tracer(kind) as tracer:
                small()
                tracer.write_to_log("a line\nNEXT: no row")
            text = Log(tracer.log_file_path()).text
            self.assertIn("\na line\n\\116EXT: no row\n", text)
            process = self.assert_success(pmttest.run_program(
                ["pmt-analyse", "--text", tracer.log_file_path()]))
            self.assertIn(" # a line\n\\116EXT: no row\n", process.stdout)

    def test_outside_of_the_block(self):
        for kind in KINDS:
            tracer = self.tracer(kind)
            with self.assertRaises(OSError):
                tracer.write_message_to_log("early")
            self.assertIsNone(tracer.trace_file_wrapper)
            with self.assertRaises(RuntimeError):
                tracer.__exit__(None, None, None)
            with tracer:
                with self.assertRaises(TypeError):
                    tracer.write_message_to_log(1)
                with self.assertRaises(RuntimeError):
                    tracer.__enter__()
                with self.assertRaises(RuntimeError):
                    tracer.__init__(0)
            with self.assertRaisesRegex(OSError, "closed"):
                tracer.write_message_to_log("late")
            with self.assertRaisesRegex(OSError, "closed"):
                tracer.trace_file_wrapper.write_message_to_log("late")
            self.assertEqual(tracer.trace_file_wrapper.log_file_path,
                             self.path("log"))
            with self.assertRaisesRegex(ValueError, kind + " log file"):
                getattr(pmt._pmt, kind + "_write_message_to_log")("none")
            self.assertIsNone(getattr(pmt._pmt, kind + "_log_path")())
            # Again, in a new log.
            with tracer:
                pass
            Log(tracer.log_file_path())

    def test_attributes_of_the_wrapper(self):
        with self.tracer("trace", 5) as tracer:
            wrapper = tracer.trace_file_wrapper
            self.assertEqual(wrapper.d_rss_trigger, 5)
            self.assertGreater(wrapper.rss, 1 << 20)
            self.assertGreater(wrapper.event_number,
                               wrapper.previous_event_number - 1)
        self.assertIn("Trace", repr(tracer))


if __name__ == "__main__":
    pmttest.main()
