# SPDX-License-Identifier: MIT
"""The numbers of pmt-analyse for reference logs, checked against a plain
reading of the same log in Python; and how the program behaves around it."""
import collections
import fnmatch
import json
import os
import pty
import random
import re
import signal
import subprocess
import time
import unittest

import psutil

import pmttest

HEADER = "HDR: %12s %16s %16s %-32s %-80s %4s %-40s %16s %16s" % (
    "Clock", "Address", "LiveCnt", "Type", "File", "Line", "Function", "RSS",
    "dRSS")
ROW = "%s %12.6f %16s %16d %-32s %-80s %4d %-40s %16d %16d"

TYPES = ["Node", "my\\040type", "datetime.datetime", "T\u00fcr", "x.y.Z"]
FILES = ["/a/b/node.py", "/c/node.py", "<frozen\\040importlib._bootstrap>",
         "/tmp/a\\134b\\012c.py", "\u20acuro.py"]
FUNCTIONS = ["__init__", "<lambda>", "load", "long_" + "name" * 20]


def unescape(word):
    return re.sub(r"\\([0-3][0-7][0-7])", lambda m: chr(int(m[1], 8)), word)


def random_log(seed, rows, sizes):
    """The text of a log, with lost destructions, lost creations and all."""
    chance = random.Random(seed)
    lines = ["SOF", HEADER + (" %12s" % "Size" if sizes else "")]
    places = [(chance.choice(TYPES), chance.choice(FILES),
               chance.randrange(1, 5000), chance.choice(FUNCTIONS))
              for _ in range(12)]
    addresses = [0x7f0000000000 + 16 * i for i in range(60)]
    clock, rss = 10000, 8 << 20
    for _ in range(rows):
        clock += chance.choice([0, 1, 10, 500])
        rss += chance.choice([0, 0, 0, 4096, -4096])
        if chance.random() < 0.02:
            lines.append("MSG: %12.6f # text" % (clock / 1e6))
        row = ROW % ((chance.choice(["NEW:", "DEL:"]), clock / 1e6,
                      hex(chance.choice(addresses)), chance.randrange(-5, 50))
                     + chance.choice(places) + (rss, 0))
        if sizes:
            row += " %12d" % chance.randrange(16, 1 << 20)
        lines.append(row)
    return "\n".join(lines + ["EOF", ""])


class Books:
    """What pmt-analyse ought to find, computed with dictionaries."""

    def __init__(self, text, since=None, until=None, pattern="*"):
        self.live, self.twice, self.untracked = {}, 0, 0
        self.made = collections.Counter()
        self.new = collections.Counter()
        self.deleted = collections.Counter()
        self.rss = []
        self.since, self.pattern = since, pattern
        for line in text.split("\n")[2:]:
            words = line.split()
            if not words or words[0] not in ("NEW:", "DEL:"):
                continue
            row = dict(clock=float(words[1]), address=words[2],
                       type=unescape(words[4]), file=unescape(words[5]),
                       line=int(words[6]), function=unescape(words[7]),
                       bytes=int(words[10]) if len(words) > 10 else 0)
            if until is not None and row["clock"] > until:
                break
            if self.counts(row):
                self.rss.append(int(words[8]))
            if words[0] == "NEW:":
                self.create(row)
            else:
                self.destroy(row)

    def counts(self, row):
        return self.since is None or row["clock"] >= self.since

    def create(self, row):
        former = self.live.get(row["address"])
        if former is not None and self.counts(former):
            self.twice += 1
        self.live[row["address"]] = row
        if self.counts(row):
            self.new[row["type"]] += 1
            self.made[self.place(row)] += 1

    def destroy(self, row):
        former = self.live.pop(row["address"], None)
        if former is None and self.counts(row):
            self.untracked += 1
            self.deleted[row["type"]] += 1
        elif former is not None and self.counts(former):
            self.deleted[row["type"]] += 1

    @staticmethod
    def place(row):
        return row["type"], row["file"], row["line"], row["function"]

    def alive(self):
        return [row for row in self.live.values() if self.counts(row)]

    def leaks(self):
        groups = collections.defaultdict(list)
        for row in self.alive():
            if fnmatch.fnmatchcase(row["type"], self.pattern):
                groups[self.place(row)].append(row)
        return {place: dict(alive=len(rows), made=self.made[place],
                            bytes=sum(row["bytes"] for row in rows),
                            first=min(row["clock"] for row in rows),
                            last=max(row["clock"] for row in rows))
                for place, rows in groups.items()}

    def types(self):
        names = set(self.new) | set(self.deleted)
        return {name: (self.new[name], self.deleted[name]) for name in names
                if fnmatch.fnmatchcase(name, self.pattern)}


class AnalyseTestCase(pmttest.TestCase):

    def analyse(self, *args, status=0, **kwargs):
        process = pmttest.run_program(["pmt-analyse"] + list(args), **kwargs)
        self.assert_status(process, status)
        return process.stdout


class NumbersTest(AnalyseTestCase):

    def check(self, text, *args, sizes=False, **window):
        books = Books(text, **window)
        path = self.write_file("x.log", text)
        report, = json.loads(self.analyse(
            "--json", "--sort", "bytes" if sizes else "count", *args, path))
        self.assertEqual(report["alive"], len(books.alive()))
        self.assertEqual(report["made"], sum(books.new.values()))
        self.assertEqual(report["destroyed"], sum(books.deleted.values()))
        self.assertEqual(report["untracked"], books.untracked)
        self.assertEqual(report["made_twice"], books.twice)
        if books.rss:
            self.assertEqual(report["rss"], dict(
                first=books.rss[0], peak=max(books.rss), last=books.rss[-1]))
        found = {Books.place(leak): leak for leak in report["groups"]}
        wanted = books.leaks()
        self.assertEqual(set(found), set(wanted))
        for place, leak in wanted.items():
            for key in ("alive", "made", "first", "last") + (
                    ("bytes",) if sizes else ()):
                self.assertEqual(found[place][key], leak[key], (place, key))
            self.assertEqual(found[place]["history"][-1], leak["alive"])
        self.assertEqual({row["type"]: (row["new"], row["del"])
                          for row in report["types"]}, books.types())
        key = "bytes" if sizes else "alive"
        order = [leak[key] for leak in report["groups"]]
        self.assertEqual(order, sorted(order, reverse=True))

    def test_random_logs(self):
        for seed in range(20):
            with self.subTest(seed=seed):
                sizes = seed % 2 == 0
                self.check(random_log(seed, 50 * seed, sizes), sizes=sizes)

    def test_windows(self):
        text = random_log(99, 2000, False)
        for since, until in ((None, 0.1), (0.1, None), (0.1, 0.2), (0.3, 0.2)):
            with self.subTest(since=since, until=until):
                args = []
                if since is not None:
                    args += ["--since", str(since)]
                if until is not None:
                    args += ["--until", str(until)]
                self.check(text, *args, since=since, until=until)

    def test_types(self):
        text = random_log(98, 500, False)
        for pattern in ("*o*", "my type", "x.[x-z].Z", "nothing"):
            with self.subTest(pattern):
                self.check(text, "--type", pattern, pattern=pattern)

    def test_groups_add_up(self):
        path = self.write_file("x.log", random_log(97, 1000, True))
        for words in ("type", "site", "file", "function", "type,file"):
            with self.subTest(words):
                report, = json.loads(self.analyse("--json", "--group-by",
                                                  words, path))
                self.assertEqual(sum(leak["alive"]
                                     for leak in report["groups"]),
                                 report["alive"])
                keys = [tuple(leak.get(key) for key in
                              ("type", "file", "line", "function"))
                        for leak in report["groups"]]
                self.assertEqual(len(keys), len(set(keys)))

    def test_history_is_the_count_at_sixteen_moments(self):
        lines = ["SOF", HEADER]
        for i in range(1600):
            lines.append(ROW % ("NEW:", (i + 1) / 1e3, hex(16 * i + 16), 0,
                                "A", "f.py", 1, "g", 4096, 0))
        path = self.write_file("x.log", "\n".join(lines + ["EOF", ""]))
        report, = json.loads(self.analyse("--json", path))
        leak, = report["groups"]
        self.assertTrue(leak["growing"])
        for i, count in enumerate(leak["history"]):
            # A moment is exact to a step, and there are at least 16 steps.
            self.assertLessEqual(abs(count - 100 * (i + 1)), 100)
        self.assertEqual(leak["history"], sorted(leak["history"]))

    def test_what_was_made_at_once_does_not_grow(self):
        lines = ["SOF", HEADER]
        for i in range(1600):
            clock = 0.5 + i / 1e6 if i < 1000 else i / 1e3
            lines.append(ROW % ("NEW:", clock, hex(16 * i + 16), 0,
                                "A" if i < 1000 else "B", "f.py", 1, "g",
                                4096, 0))
        path = self.write_file("x.log", "\n".join(lines + ["EOF", ""]))
        report, = json.loads(self.analyse("--json", path))
        self.assertEqual([(leak["type"], leak["growing"])
                          for leak in report["groups"]],
                         [("B", True), ("A", False)])

    def test_at_the_peak(self):
        """A is alive when RSS is highest, B at the end, C always."""
        lines = ["SOF", HEADER]
        rows = [("NEW:", "C", 3, 100), ("NEW:", "A", 1, 900),
                ("DEL:", "A", 1, 500), ("NEW:", "B", 2, 200)]
        for i, (tag, type_, number, rss) in enumerate(rows):
            lines.append(ROW % (tag, i + 1, hex(16 * number), 0, type_, "f.py",
                                1, "g", rss * 2 ** 20, 0))
        path = self.write_file("x.log", "\n".join(lines + ["EOF", ""]))
        for when, types in (("end", "BC"), ("peak", "AC"), ("2.5", "AC"),
                            ("1", "C")):
            report, = json.loads(self.analyse("--json", "--at", when, path))
            self.assertEqual(sorted(group["type"]
                                    for group in report["groups"]),
                             list(types), when)
        self.assertEqual(self.analyse("--at", "noon", path, status=2), "")
        report, = json.loads(self.analyse("--json", path))
        self.assertEqual(report["rss"], dict(
            first=100 * 2 ** 20, peak=900 * 2 ** 20, last=200 * 2 ** 20))
        self.assertEqual(report["verdict"]["finding"], "given back")
        text = self.analyse("--brief", path)
        self.assertRegex(text, "(?s)Verdict: Memory grew by 800 MiB. .*"
                         r"Alive at the peak, .* A\n.*Alive at the end: .*"
                         "\nNext: ")

    def test_what_comes_and_goes_does_not_grow(self):
        lines = ["SOF", HEADER]
        for i in range(16):     # alive at every other moment
            tag = "NEW:" if i % 2 else "DEL:"
            lines.append(ROW % (tag, i / 8, "0x10", 0, "A", "f.py", 1, "g",
                                4096, 0))
        lines.append(ROW % ("NEW:", 2, "0x20", 0, "B", "f.py", 1, "g", 4096,
                            0))
        path = self.write_file("x.log", "\n".join(lines + ["EOF", ""]))
        report, = json.loads(self.analyse("--json", path))
        leak, = (leak for leak in report["groups"] if leak["type"] == "A")
        self.assertEqual(leak["alive"], 1)
        self.assertEqual(leak["history"][-1], 1)
        self.assertGreater(leak["history"][8:].count(0), 2)
        self.assertFalse(leak["growing"])


class BehaviourTest(AnalyseTestCase):

    def test_standard_input_is_a_file_like_others(self):
        text = random_log(1, 300, False)
        path = self.write_file("x.log", text)
        from_file = self.analyse(path).split("\n", 1)
        from_pipe = self.analyse("-", input=text).split("\n", 1)
        self.assertEqual(from_pipe[0], "File path: -")
        self.assertEqual(from_pipe[1], from_file[1])

    def test_a_reader_that_leaves_early(self):
        path = self.write_file("x.log", random_log(2, 5000, False))
        for ignore in ("", "trap '' PIPE; "):
            process = pmttest.run_program(
                ["sh", "-c", ignore +
                 "pmt-analyse -l critical %s | head -n 1" % path])
            self.assertEqual(process.stdout, "File path: %s\n" % path)
            self.assertEqual(process.stderr, "")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_a_full_disk(self):
        path = self.write_file("x.log", random_log(3, 100, False))
        for option in ("--brief", "--json"):
            with open("/dev/full", "w", encoding="utf-8") as full:
                process = pmttest.run_program(["pmt-analyse", option, path],
                                              stdout=full)
            self.assertEqual(process.returncode, 1)
            self.assertIn("No space left on device", process.stderr)

    def test_an_interrupt_reports_what_was_read(self):
        text = random_log(4, 3000, False)
        process = subprocess.Popen(
            ["pmt-analyse", "--brief", "-l", "critical", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=dict(os.environ, LC_ALL="C"))
        text = text[:text.rindex("EOF")]
        process.stdin.write(text.encode())
        process.stdin.flush()
        # Once all has been read, it waits for more.
        while True:
            with open("/proc/%d/io" % process.pid, encoding="ascii") as file:
                if int(file.readline().split()[1]) >= len(text):
                    break
            time.sleep(0.01)
        pmttest.wait_for_waiting(psutil.Process(process.pid))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertIn(b"\nAlive so far: ", out)
        self.assertEqual(err, b"")
        torn = pmttest.run_program(
            ["pmt-analyse", "--brief", "-l", "critical", "-"], input=text,
            env={"LC_ALL": "C"})
        self.assertEqual(out.decode(), torn.stdout)

    def test_no_colour_and_no_progress_in_a_pipe(self):
        path = self.write_file("x.log", random_log(5, 70000, False))
        process = pmttest.run_program(["pmt-analyse", "-b", path])
        self.assertNotIn("\033", process.stdout + process.stderr)

    def run_on_terminal(self, argv, env):
        """What a program shows on a terminal of its own."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(env)
            os.execvp(argv[0], argv)
        shown = b""
        while True:
            try:
                part = os.read(terminal, 65536)
            except OSError:             # EIO, once it has been closed
                break
            if not part:
                break
            shown += part
        os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        return shown.decode()

    def test_colour_and_progress_on_a_terminal(self):
        lines = ["SOF", HEADER]
        for i in range(70000):
            lines.append(ROW % ("NEW:", i / 1e6, hex(16 * i + 16), 0, "A",
                                "f.py", 1, "g", 4096, 0))
        path = self.write_file("x.log", "\n".join(lines + ["EOF", ""]))
        argv = ["pmt-analyse", "--brief", path]
        env = {"TERM": "xterm", "NO_COLOR": ""}
        shown = self.run_on_terminal(argv, env)
        self.assertIn("\033[1;31mA\033[m  (growing)", shown)
        # The line of progress is taken away again before the report.
        self.assertRegex(shown, r"\d+ %, \d+ rows")
        self.assertLess(shown.index("rows"), shown.index("\r\033[KFile path"))
        plain = self.run_on_terminal(argv, dict(env, NO_COLOR="1"))
        self.assertNotIn("\033[1", plain)
        dumb = self.run_on_terminal(argv, dict(env, TERM="dumb"))
        self.assertNotIn("\033", dumb)

    def test_ascii_where_the_locale_is(self):
        path = self.write_file("x.log", "\n".join([
            "SOF", HEADER, ROW % ("NEW:", 1, "0x10", 1, "A", "f.py", 1, "g",
                                  0, 0), "EOF", ""]))
        plain = self.analyse("-b", path, env={"LC_ALL": "C"})
        self.assertTrue(plain.isascii())
        self.assertIn("@@@@@@@@", plain)
        wide = self.analyse("-b", path, env={"LC_ALL": "C.UTF-8"})
        self.assertIn("\u2588" * 8, wide)

    def test_names_do_not_steer_the_terminal(self):
        path = self.write_file("x\033[2J.log", "\n".join([
            "\033[2J", "SOF", HEADER,
            ROW % ("NEW:", 1, "0x10", 1, "A\\033[2J", "f.py", 1, "g", 0, 0),
            "ERR: 1.0 # \033[2J", "EOF", ""]))
        process = pmttest.run_program(["pmt-analyse", path])
        self.assertNotIn("\033", process.stdout + process.stderr)

    def test_names_of_any_bytes_make_json(self):
        rows = [ROW % ("NEW:", 1, "0x10", 1, name, "f.py", 1, "g", 0, 0)
                for name in ("\udce9t\udce9", "a\\000b")]
        path = self.write_file("x.log", "\n".join(
            ["SOF", HEADER] + rows + ["EOF", ""]))
        report, = json.loads(self.analyse("--json", path))
        self.assertEqual({row["type"] for row in report["types"]},
                         {"\u00e9t\u00e9", "a\0b"})

    def test_inner_logs_are_followed_where_they_were_moved(self):
        detach = ("MSG: %12.6f # Detaching this Reference Tracing file "
                  "wrapper. New file: %s")
        inner = "\n".join(["SOF", HEADER, ROW % (
            "DEL:", 2, "0x10", 0, "A", "f.py", 2, "g", 0, 0), "EOF", ""])
        outer = "\n".join(["SOF", HEADER, ROW % (
            "NEW:", 1, "0x10", 1, "A", "f.py", 1, "g", 0, 0),
            detach % (1.5, "/no/such/place/inner.log"), "EOF", ""])
        path = self.write_file("outer.log", outer)
        report, = json.loads(self.analyse("--json", path))
        self.assertEqual(report["alive"], 1)
        self.analyse("--recurse-files", path, status=1)
        self.write_file("inner.log", inner)
        report, = json.loads(self.analyse("--json", "--recurse-files", path))
        self.assertEqual(report["alive"], 0)

    def test_a_log_that_names_itself(self):
        path = self.path("x.log")
        self.write_file("x.log", "\n".join([
            "SOF", HEADER, "MSG: 1.0 # Detaching this Reference Tracing file "
            "wrapper. New file: " + path, "EOF", ""]))
        process = pmttest.run_program(["pmt-analyse", "--recurse-files", path])
        self.assertEqual(process.returncode, 1)
        self.assertIn("nest deeper", process.stderr)


if __name__ == "__main__":
    pmttest.main()
