# SPDX-License-Identifier: MIT
"""pmt-analyse --html: the page holds what the other reports say, and stands
alone."""
import html.parser
import json
import os
import shutil
import unittest

import pmttest

EXAMPLES = os.path.join(os.environ["srcdir"], "examples")
HOSTILE = "</script><script>alert(1)</script>&lt;"
HEADER = "HEDR: Event dEvent Clock What File Line Function RSS dRSS\n"
HOSTILE_LOG = "SOF\n" + HEADER + (
    "FRST: 0 +0 0.1 CALL /a.py 1 %s 1000000 0\n"
    "NEXT: 1 +1 0.2 CALL %s 1 f 2000000 1000000\n"
    "LAST: 2 +1 0.3 RETURN %s 1 f\\033[31m 3000000 1000000\n"
    "EOF\n" % (HOSTILE, HOSTILE, HOSTILE))
PROCESS_LOG = json.dumps({
    "timestamp": "2026-01-01 12:00:00", "memory_info": {"rss": 1000000},
    "label": HOSTILE, "elapsed_time": 1, "pid": 7}) + "\n"
EMPTY_TAGS = {"meta", "br", "input"}


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.open, self.scripts, self.reports = [], [], []
        self.links = []
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())
        self.close()
        assert self.open == [], self.open
        self.logs = json.loads(self.scripts[0])

    def handle_starttag(self, tag, attributes):
        self.links += [value for name, value in attributes
                       if name in ("src", "href")]
        if tag not in EMPTY_TAGS:
            self.open.append(tag)
            if tag == "script":
                self.scripts.append("")
            elif tag == "pre":
                self.reports.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        elif self.open and self.open[-1] == "pre":
            self.reports[-1] += data


class Html(pmttest.TestCase):
    def run_tool(self, *command, status=0):
        process = pmttest.run_program(list(command))
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def page(self, *logs):
        self.run_tool("pmt-analyse", "--html", self.path("page.html"), *logs)
        page = Page(self.path("page.html"))
        self.assertEqual(page.links, [])
        self.assertEqual(len(page.scripts), 2)
        return page

    @unittest.skipIf(shutil.which("tidy") is None,
                     "no tidy here: nobody validates the page")
    @pmttest.not_sanitized
    def test_valid(self):
        """Of each kind of log, alone and together, and of a comparison."""
        logs = [self.log("-p", "p.log2", "grow.py"),
                self.log("-a", "a.log2", "grow.py"),
                self.write_file("h.log", HOSTILE_LOG),
                pmttest.data("logs", "upstream-real.log"),
                pmttest.data("logs", "light.log"),
                self.write_file("process.log", PROCESS_LOG)]
        heap = self.path("x.pmtheap")
        self.run_tool("pmt-run", "--heap-snapshot", "-o", heap,
                      os.path.join(EXAMPLES, "grow.py"), "1")
        for arguments in ([log] for log in logs + [heap]):
            self.check_valid(*arguments)
        self.check_valid(*logs, heap)
        self.check_valid("--compare", logs[0], logs[2])
        self.check_valid("--compare", heap, heap)

    def check_valid(self, *arguments):
        page = self.page(*arguments)
        self.assertTrue(page.logs)
        process = pmttest.run_program(
            ["tidy", "-q", "-e", "-utf8", self.path("page.html")])
        self.assertEqual(process.stderr, "", arguments)
        self.assertEqual(process.returncode, 0)

    def log(self, mode, name, program):
        path = self.path(name)
        self.run_tool("pmt-run", mode, "-o", path,
                      os.path.join(EXAMPLES, program))
        return path

    @pmttest.not_sanitized
    def test_page_says_what_other_reports_say(self):
        logs = [self.log("-p", "p.log2", "grow.py"),
                self.log("-a", "a.log2", "grow.py"),
                os.path.join(os.environ["srcdir"],
                             "tests/data/logs/upstream-real.log")]
        page = self.page(*logs)
        wanted = json.loads(pmttest.run_program(
            ["pmt-analyse", "--json", *logs]).stdout)
        for log in wanted:
            log.pop("paths", None)
            log.pop("stacks", None)
        for log, path, got, report in zip(wanted, logs, page.logs,
                                          page.reports):
            text = pmttest.run_program(
                ["pmt-analyse", "--brief", "--top=5", path]).stdout
            self.assertEqual(plain(report), plain(text))
            for key, value in log.items():
                if isinstance(value, str):
                    self.assertEqual(got[key][:150], value[:150], key)
                elif isinstance(value, int) or key == "rss":
                    self.assertEqual(got[key], value, key)
                elif isinstance(value, list) and key != "curve":
                    self.assertEqual(len(got[key]), min(
                        len(value), 133 if key != "problems" else 20), key)
            for row in got.get("functions", []) + got.get("lines", []):
                if "net" in row:
                    self.assertEqual(row.get("history", [0])[-1], row["net"])
            if "call_paths" in got:
                self.check_paths(path, got["call_paths"])

    def check_paths(self, path, stacks):
        """Nothing of a measure is lost where small nodes were left out."""
        total = sum(int(line.rsplit(" ", 1)[1]) for line in self.run_tool(
            "pmt-analyse", "--folded", path).splitlines())
        column = 2 + stacks["chosen"]
        self.assertEqual(sum(node[column] for node in stacks["nodes"]),
                         total)
        for i, node in enumerate(stacks["nodes"][1:], 1):
            self.assertLess(node[0], i)
            self.assertLess(node[1], len(stacks["frames"]))

    def test_heap_snapshots(self):
        path = self.path("x.pmtheap")
        self.run_tool("pmt-run", "--heap-snapshot", "-o", path,
                      os.path.join(EXAMPLES, "grow.py"), "1")
        page = self.page(path, path)
        self.assertEqual(len(page.logs), 2)
        self.assertIn("dict", [row["type"] for row in page.logs[0]["types"]])
        self.assertIn(" Retained   Share  Held by", page.reports[0])
        stacks = page.logs[1]["call_paths"]
        self.assertEqual(stacks["measures"][0][1], "bytes")
        self.assertGreater(len(stacks["nodes"]), 10)

    def test_hostile_names_run_nothing(self):
        path = self.write_file("x.log", HOSTILE_LOG)
        page = self.page(path)
        self.assertIn(HOSTILE, [row["file"] for row in page.logs[0]["files"]])
        with open(self.path("page.html"), "rb") as file:
            text = file.read()
        self.assertEqual(text.count(b"<script"), 2)
        self.assertNotIn(b"\033", text)

    def test_source_lines_of_files_that_are_there(self):
        source = self.write_file("app.py", "first\n  second <b>\n")
        secret = self.write_file("secret.txt", "secret\n")
        rows = "".join("NEXT: %d +1 0.%d CALL %s %d f %d 4096\n" % (
            i, i, name, line, 1000000 + i * 4096) for i, (name, line) in
            enumerate([(source, 2), (source, 2), (secret, 1), (secret, 1),
                       (source, 9), (source, 9)], 1))
        path = self.write_file("x.log", "SOF\n" + HEADER +
                               rows.replace("NEXT", "FRST", 1) + "EOF\n")
        lines = {(row["file"], row["line"]): row.get("source")
                 for row in self.page(path).logs[0]["lines"]}
        self.assertEqual(lines[source, 2], "  second <b>")
        self.assertIsNone(lines[secret, 1])
        self.assertIsNone(lines[source, 9])

    def test_a_page_is_small(self):
        """30,000 places with long names and a curve of as many points."""
        rows = "".join("NEXT: %d +1 %d.5 CALL /%s%d.py %d f%d %d 4096\n" % (
            i, i, "long" * 60, i, i, i, (i + 9) * 4096)
            for i in range(1, 30000))
        path = self.write_file("x.log", "SOF\n" + HEADER +
                               rows.replace("NEXT", "FRST", 1) + "EOF\n")
        self.page(path, path)
        self.assertLess(os.path.getsize(self.path("page.html")), 2 << 20)

    def test_a_page_of_many_logs_is_small(self):
        """Tables become shorter, and what has no room at all is told."""
        rows = "".join("NEXT: %d +1 %d.5 CALL /%d.py %d f%d %d 4096\n" % (
            i, i, i, i, i, (i + 9) * 4096) for i in range(1, 100))
        text = "SOF\n" + HEADER + rows.replace("NEXT", "FRST", 1) + "EOF\n"
        for count, told in (60, ""), (1000, "a page has no room for the last"):
            for i in range(count):
                self.write_file("%d/%d.log" % (count, i), text)
            said = self.run_tool("pmt-analyse", "--html",
                                 self.path("page.html"), "--by=pid",
                                 self.path(str(count)))
            page = Page(self.path("page.html"))
            self.assertLess(os.path.getsize(self.path("page.html")), 2 << 20)
            self.assertIn(told, said)
            self.assertGreater(len(page.logs), min(count - 1, 100))
            self.assertEqual(len(page.reports), len(page.logs))
            if told:
                self.assertIn("%d of 1000 logs" % (1000 - len(page.logs)),
                              said)
            for log in page.logs:
                self.assertGreater(len(log["lines"]), 2)

    def test_what_is_no_log(self):
        path = self.write_file("x.log", "nothing\n")
        self.run_tool("pmt-analyse", "--html", self.path("page.html"), path,
                      status=1)
        self.assertEqual(Page(self.path("page.html")).logs, [])
        self.assertIn("No space", self.run_tool(
            "pmt-analyse", "--html=/dev/full", path, status=1))


def plain(text):
    """The same text, whether a terminal showed UTF-8 or not."""
    return "".join(c if c.isascii() else "#" for c in text.strip("\n"))


if __name__ == "__main__":
    pmttest.main()
