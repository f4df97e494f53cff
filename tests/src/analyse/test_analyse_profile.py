# SPDX-License-Identifier: MIT
"""pmt-analyse on profiles and traces, checked against a made-up program that
knows which of its functions and lines took how much."""
import collections
import json
import os
import random
import re
import shutil

import pmttest

HEADER = "HEDR: %-12s %-6s  %-12s %-8s %-80s %4s %-32s %12s %12s" % (
    "Event", "dEvent", "Clock", "What", "File", "Line", "Function", "RSS",
    "dRSS")
ROW = "%s: %-12d +%-6d %-12.6f %-8s %-80s %4d %-32s %12d %12d"

FILES = ["/app/main.py", "/app/lib/tree.py", "<string>"]


class Function:
    def __init__(self, number):
        self.file = FILES[number % 3]
        self.name = "f%d" % number
        self.line = 100 * number + 1


class Program:
    """Random calls, run in Python; each event knows what ran before it."""

    def __init__(self, seed, lines):
        self.chance = random.Random(seed)
        self.lines = lines              # a trace, not a profile
        self.functions = [Function(i) for i in range(8)]
        self.rss, self.clock, self.events = 10 << 20, 1000, []
        self.running = None             # who worked last
        self.net = collections.Counter()
        self.grown = collections.Counter()
        self.net_of_line = collections.Counter()
        self.net_of_path = collections.Counter()
        self.rows = collections.Counter()
        main = self.functions[0]
        self.stack = [[main, None, main.line]]
        self.log("LINE", main.file, main.line, main.name)
        while len(self.events) < 400:
            self.body(main, 0)
        self.log("LINE", main.file, self.stack[0][2], main.name)

    def work(self):
        """Whoever is on top of the stack takes or frees memory."""
        change = self.chance.choice([0, 0, 0, 4096, 8192, -4096, 1 << 20])
        if self.rss + change <= 0:
            return
        self.rss += change
        top, c_name, line = self.stack[-1]
        key = (None, c_name) if c_name else (top.file, top.name)
        self.net[key] += change
        self.running = key
        self.net_of_line[top.file, line] += change
        for depth in range(1, len(self.stack) + 1):
            self.net_of_path[tuple(
                (None, frame[1]) if frame[1] else (frame[0].file,
                                                   frame[0].name)
                for frame in self.stack[:depth])] += change

    def log(self, what, file, line, name):
        # Between two events one function ran; only its sum can be seen.
        if self.events:
            change = self.rss - self.events[-1][4]
            self.grown[self.running] += max(change, 0)
        self.clock += self.chance.choice([1, 7, 300])
        self.events.append((what, file, line, name, self.rss, self.clock))

    def body(self, function, depth):
        for i in range(self.chance.randrange(1, 5)):
            line = function.line + 1 + i
            if self.lines:
                self.log("LINE", function.file, line, function.name)
                self.stack[-1][2] = line
            self.work()
            choice = self.chance.random()
            if choice < 0.4 and depth < 6:
                self.call(self.chance.choice(self.functions), depth + 1)
                self.work()
            elif choice < 0.8 and not self.lines:
                self.stack[-1][2] = line
                self.call_c(function, line)

    def call(self, function, depth):
        self.log("CALL", function.file, function.line, function.name)
        self.stack.append([function, None, function.line])
        self.work()
        self.body(function, depth)
        self.log("RETURN", function.file, self.stack[-1][2], function.name)
        self.stack.pop()

    def call_c(self, function, line):
        name = self.chance.choice(["append", "pop", function.name])
        self.log("C_CALL", function.file, line, name)
        self.stack.append([function, name, line])
        self.work()
        self.log(self.chance.choice(["C_RETURN", "C_EXCEPT"]), function.file,
                 line, name)
        self.stack.pop()

    def text(self, trigger=0):
        """The log, by the rules of the tracer."""
        lines = ["made up", "SOF", HEADER]

        def row(tag, number):
            what, file, line, name, rss, clock = self.events[number]
            lines.append(ROW % (tag, number, number - last, clock / 1e6, what,
                                file, line, name, rss,
                                rss - self.events[last][4]))

        last = 0
        row("FRST", 0)
        for number in range(1, len(self.events) - 1):
            change = self.events[number][4] - self.events[last][4]
            if abs(change) < trigger:
                continue
            if number > last + 1:
                row("PREV", number - 1)
            row("NEXT", number)
            last = number
        row("LAST", len(self.events) - 1)
        return "\n".join(lines + ["EOF", ""])


class ProfileTestCase(pmttest.TestCase):

    def analyse(self, *args, status=0, **kwargs):
        process = pmttest.run_program(["pmt-analyse"] + list(args), **kwargs)
        self.assert_status(process, status)
        return process.stdout

    def report(self, text, *args):
        path = self.write_file("x.log", text)
        report, = json.loads(self.analyse("--json", *args, path))
        return report


class NumbersTest(ProfileTestCase):

    def test_every_event(self):
        for seed in range(12):
            for lines in (False, True):
                with self.subTest(seed=seed, lines=lines):
                    program = Program(seed, lines)
                    report = self.report(program.text())
                    self.assertTrue(report["every_event"])
                    self.check(program, report)

    def check(self, program, report):
        def named(rows, key, value):
            return {key(row): row[value] for row in rows if row[value]}

        def place(row):
            return row["file"], row["function"]

        def nonzero(counter):
            return {key: value for key, value in counter.items() if value}

        self.assertEqual(report["events"], len(program.events))
        self.assertEqual(named(report["functions"], place, "net"),
                         nonzero(program.net))
        self.assertEqual(named(report["functions"], place, "grown"),
                         nonzero(program.grown))
        self.assertEqual(
            named(report["paths"],
                  lambda row: tuple(map(place, row["path"])), "net"),
            nonzero(program.net_of_path))
        if program.lines:
            self.assertEqual(
                named(report["lines"],
                      lambda row: (row["file"], row["line"]), "net"),
                nonzero(program.net_of_line))
        files = collections.Counter()
        for (file, _), net in program.net_of_line.items():
            files[file] += net
        self.assertEqual(named(report["files"], lambda row: row["file"],
                               "net"), nonzero(files))
        self.check_sums(program, report)

    def check_sums(self, program, report):
        rss = [event[4] for event in program.events]
        self.assertEqual(report["rss"]["first"], rss[0])
        self.assertEqual(report["rss"]["last"], rss[-1])
        for table in ("functions", "lines", "files"):
            self.assertEqual(sum(row["net"] for row in report[table]),
                             rss[-1] - rss[0], table)
            for row in report[table]:
                self.assertEqual(row["grown"] - row["released"], row["net"])
        clocks = [event[5] / 1e6 for event in program.events]
        self.assertEqual(report["clock"], [clocks[0], clocks[-1]])

    def test_left_out_events_lose_nothing(self):
        for trigger in (1, 4096, 8192, 1 << 20, 1 << 30):
            with self.subTest(trigger):
                program = Program(trigger, False)
                self.check_sums(program, self.report(program.text(trigger)))

    def test_all_rows_are_counted(self):
        program = Program(3, True)
        report = self.report(program.text())
        for table in ("functions", "lines", "files"):
            self.assertEqual(sum(row["rows"] for row in report[table]),
                             len(program.events))

    def test_the_biggest_steps(self):
        program = Program(5, False)
        report = self.report(program.text())
        rss = [event[4] for event in program.events]
        changes = sorted(((rss[i] - rss[i - 1], i)
                          for i in range(1, len(rss)) if rss[i] != rss[i - 1]),
                         key=lambda pair: (-abs(pair[0]), pair[1]))
        self.assertEqual([(step["change"], step["after"]["event"])
                          for step in report["steps"]], changes)
        for step in report["steps"]:
            self.assertEqual(step["before"]["event"] + 1,
                             step["after"]["event"])
            self.assertEqual(step["after"]["rss"] - step["before"]["rss"],
                             step["change"])

    def test_a_window(self):
        program = Program(6, False)
        middle = program.events[len(program.events) // 2]
        clock = middle[5] / 1e6
        text = program.text()
        late = self.report(text, "--since", str(clock))
        before = [event for event in program.events if event[5] / 1e6 < clock]
        self.assertEqual(sum(row["net"] for row in late["functions"]),
                         program.events[-1][4] - before[-1][4])
        early = self.report(text, "--until", str(clock))
        self.assertEqual(sum(row["net"] for row in early["functions"]),
                         middle[4] - program.events[0][4])

    def test_folded_paths_weigh_what_grew(self):
        program = Program(7, False)
        path = self.write_file("x.log", program.text())
        total = 0
        for line in self.analyse("--folded", path).splitlines():
            names, weight = line.rsplit(" ", 1)
            self.assertRegex(names, r"^f0 \(([^;/]*/)?main\.py\)")
            total += int(weight)
        self.assertEqual(total, sum(program.grown.values()))

    def test_threads_have_calls_of_their_own(self):
        lines = ["SOF", HEADER + " %8s" % "Thread"]
        rows = [(1, "LINE", 1, "main", 0), (1, "CALL", 10, "a", 0),
                (2, "CALL", 20, "b", 100), (1, "RETURN", 11, "a", 300),
                (2, "RETURN", 21, "b", 300), (1, "LINE", 2, "main", 300)]
        for i, (thread, what, line, name, rss) in enumerate(rows):
            tag = "FRST" if i == 0 else "NEXT" if i < 5 else "LAST"
            lines.append(ROW % (tag, i, i > 0, i / 1e6, what, "f.py", line,
                                name, rss, 0) + " %8d" % thread)
        report = self.report("\n".join(lines + ["EOF", ""]))
        net = {row["function"]: row["net"] for row in report["functions"]}
        # Before b's CALL nothing of thread 2 was known.
        self.assertEqual(net, {None: 100, "a": 200, "b": 0, "main": 0})


class BehaviourTest(ProfileTestCase):

    def test_messages_are_marks(self):
        text = Program(1, False).text().replace(
            "\nLAST", "\nMSG:  9            +1      0.002000     # half "
            "way\nLAST")
        report = self.report(text)
        self.assertEqual(report["messages"],
                         [{"clock": 0.002, "text": "half way"}])
        shown = self.analyse(self.path("x.log"))
        self.assertIn("half way", shown)
        self.assertIn("^", shown)

    def still_growing(self, function, then):
        """After 0.9 s that FUNCTION's imports take, work of 0.1 s: is it THEN
        that makes memory grow?"""
        path = self.path("imports.log")
        with open(path, "w") as out:
            out.write("SOF\n%s   Thread Own Stack\n" % HEADER)
            own = "/app/a.py:1:%s" % function
            callers = "import:%s !/lib/importlib.py:1:load;*%s" % (own, own)
            rss = 10 << 20
            for i in range(128):
                imports = i < 64
                change = 1 << 20 if imports else then
                clock = i / 64 * 0.9 if imports else 0.9 + (i - 64) / 640
                rss += change
                out.write(ROW % ("NEXT" if i else "FRST", i, 1, clock, "LINE",
                                 "/lib/x.py" if imports else "/app/a.py", i,
                                 "load" if imports else "work", rss, change)
                          + "        1 %s\n" % (callers if imports else ". ."))
            out.write("EOF\n")
        process = pmttest.run_program(["pmt-analyse", "--json", path])
        self.assert_success(process)
        return json.loads(process.stdout)[0]["verdict"]["still_growing"]

    def test_the_course_begins_where_imports_end(self):
        self.assertFalse(self.still_growing("<module>", 0))
        self.assertTrue(self.still_growing("<module>", 1 << 20))
        # These may go on for ever.
        self.assertTrue(self.still_growing("load", 0))

    def test_only_the_tables_asked_for(self):
        path = self.write_file("x.log", Program(2, False).text())
        shown = self.analyse("--group-by", "line,path", path)
        self.assertIn("By line", shown)
        self.assertIn("By call path", shown)
        self.assertNotIn("By function", shown)
        self.assertNotIn("By file", shown)

    def test_a_log_without_changes_says_so(self):
        program = Program(2, False)
        program.events = [event[:4] + (4096,) + event[5:]
                          for event in program.events]
        path = self.write_file("x.log", program.text(1))
        shown = self.analyse(path)
        self.assertTrue(shown.endswith(
            "\n\nNothing has changed it; --sort count lists what ran.\n"))
        counted = self.analyse("--sort", "count", path)
        self.assertIn("By call path", counted)
        self.assertNotIn("Nothing has changed", counted)

    def test_the_report_fits_80_columns(self):
        path = self.write_file("x.log", Program(2, False).text())
        for line in self.analyse("-b", path).splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_top_and_sort(self):
        path = self.write_file("x.log", Program(8, False).text())
        for key in ("net", "grown", "released"):
            report, = json.loads(self.analyse(
                "--json", "--top", "3", "--sort", key, path))
            values = [row[key] for row in report["functions"]]
            self.assertEqual(values, sorted(values, reverse=True))
            self.assertEqual(len(values), 3)
            self.assertEqual(len(report["steps"]), 3)

    def test_top_of_the_paths_are_those_that_moved_most(self):
        path = self.write_file("x.log", Program(8, False).text())

        def moved(top):
            report, = json.loads(self.analyse("--json", "--top", top, path))
            return sorted((row["grown"] + row["released"]
                           for row in report["paths"]), reverse=True)
        everything = moved("0")
        self.assertGreater(len(everything), 20)
        for top in (1, 3, 7, 20):
            self.assertEqual(moved(str(top)), everything[:top])

    def test_csv_is_csv(self):
        import csv
        text = Program(9, False).text().replace("/app/main.py", '/a,"b"/m.py ')
        path = self.write_file("x.log", text)
        rows = list(csv.DictReader(
            self.analyse("--csv", "--group-by", "function", path)
            .splitlines()))
        report, = json.loads(self.analyse("--json", path))
        self.assertEqual([(row["file"] or None, row["function"],
                           int(row["net"])) for row in rows],
                         [(row["file"], row["function"], row["net"])
                          for row in report["functions"]])

    def test_a_reference_log_has_no_paths(self):
        path = pmttest.data("logs", "upstream-0.6.0.log")
        process = pmttest.run_program(["pmt-analyse", "--folded", path])
        self.assertEqual(process.returncode, 1)
        self.assertEqual(process.stdout, "")
        self.assertIn("no call paths", process.stderr)

    def test_formats_exclude_each_other(self):
        process = pmttest.run_program(["pmt-analyse", "--json", "--csv", "x"])
        self.assertEqual(process.returncode, 2)


class PlotTest(ProfileTestCase):

    def test_pictures(self):
        if shutil.which("gnuplot") is None:
            self.skipTest("gnuplot is not installed")
        text = Program(10, False).text().replace(
            "\nLAST", "\nMSG:  9 +1 0.002 # it's `touch %s`\nLAST" %
            self.path("owned"))
        path = self.write_file("a'b.log", text)
        for name, magic in (("x.png", b"\x89PNG"), ("it's.svg", b"<?xml")):
            picture = self.path(name)
            self.analyse("--plot", picture, path)
            with open(picture, "rb") as file:
                self.assertTrue(file.read().startswith(magic))
        self.assertFalse(os.path.exists(self.path("owned")))

    def test_live_objects(self):
        """Numbers are what gnuplot is told: here it is a program of ours."""
        gnuplot = self.write_file("bin/gnuplot",
                                  "#!/bin/sh\ncat >program; : >x.png\n")
        os.chmod(gnuplot, 0o755)
        rows = ["NEW: 0.%d 0x%d 1 %s /a.py 1 f 1048576 0" % (i, i, name)
                for i, name in enumerate(("A", "it's", "A", "B"), 1)]
        rows += ["NEW: 0.5 0x4 1 A /a.py 1 f 2097152 0",
                 "DEL: 0.6 0x3 1 A /a.py 1 f 2097152 0",
                 "DEL: 0.7 0x9 1 A /a.py 1 f 2097152 0"]
        path = self.write_file("x.log", "\n".join(
            ["SOF", "HDR: Clock Address LiveCnt Type File Line Function RSS "
             "dRSS"] + rows + ["EOF", ""]))
        env = {"PATH": "%s:%s" % (self.path("bin"), os.environ["PATH"])}
        for words, curves in (
                ((), {"all types": [1, 2, 3, 4, 3, 4, 3]}),
                (("--type=A", "--type=it*"),
                 {"A": [1, 2, 3, 2], "it*": [1]})):
            self.assert_success(pmttest.run_program(
                ["pmt-analyse", "--plot", "x.png", path] + list(words),
                env=env, cwd=self.directory))
            program = self.read_file("program")
            shown = re.findall(r"\$series(\d+) using .*? title '(.*?)'", program)
            self.assertEqual([name for _, name in shown],
                             ["RSS"] + list(curves))
            for number, name in shown[1:]:
                data = re.search(r"\$series%s << end_of_data\n(.*?)end_of_data"
                                 % number, program, re.S).group(1)
                values = [float(line.split()[1])
                          for line in data.splitlines()]
                self.assertEqual(values[:-1], curves[name])

    def test_other_pictures_are_refused(self):
        process = pmttest.run_program(
            ["pmt-analyse", "--plot", "x.gif", "x.log"])
        self.assertEqual(process.returncode, 2)

    def test_without_gnuplot(self):
        path = self.write_file("x.log", Program(11, False).text())
        program = shutil.which("pmt-analyse")
        process = pmttest.run_program([program, "--plot", self.path("x.png"),
                                       path], env={"PATH": self.directory})
        self.assertEqual(process.returncode, 1)
        self.assertIn("cannot start gnuplot", process.stderr)

    def test_a_picture_that_cannot_be_written(self):
        if shutil.which("gnuplot") is None:
            self.skipTest("gnuplot is not installed")
        path = self.write_file("x.log", Program(12, False).text())
        process = pmttest.run_program(
            ["pmt-analyse", "--plot", "/no/such/place/x.png", path])
        self.assertEqual(process.returncode, 1)
        self.assertIn("could not draw", process.stderr)


if __name__ == "__main__":
    pmttest.main()
