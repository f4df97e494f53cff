# SPDX-License-Identifier: MIT
"""pmt-analyse --compare, on logs made up of so many objects of each kind."""
import json
import os
import re

import pmttest

HEADER = ("SOF\nHDR: Clock Address LiveCnt Type File Line Function RSS dRSS "
          "Size\n")


def log(objects, messages=0, seconds=2.0):
    """The text of a log.  OBJECTS: {(type, file, line, function): (how many
    are made, bytes of each)}."""
    rows, address = [], 0x1000
    for (kind, file, line, function), (count, size) in objects.items():
        for _ in range(count):
            address += 16
            rows.append("NEW: %%.6f 0x%x 1 %s %s %d %s 1000000 0 %d" % (
                address, kind, file, line, function, size))
    rows += ["MSG: %.6f # request of /shop", "MSG: %.6f # tick"] * messages
    step = seconds / (len(rows) - 1 or 1)
    return HEADER + "\n".join(row % (1 + i * step) for i, row in
                              enumerate(rows)) + "\nEOF\n"


class Compare(pmttest.TestCase):
    def sides(self, old, new):
        """Directories of logs, one for each list."""
        for name, logs in ("old", old), ("new", new):
            for i, text in enumerate(logs):
                self.write_file("%s/%d.log" % (name, i), text)
        return self.path("old"), self.path("new")

    def run_compare(self, *arguments, status=0):
        process = pmttest.run_program(["pmt-analyse", "--compare",
                                       *arguments])
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def compare(self, old, new, *options, status=0):
        return json.loads(self.run_compare(*self.sides(old, new), "--json",
                                           *options, status=status))

    def test_what_rose_and_fell(self):
        """Lines and the folders above a file's own do not matter."""
        old = log({("Order", "/a/app/shop.py", 7, "buy"): (10, 100),
                   ("Order", "/a/app/shop.py", 9, "buy"): (5, 100),
                   ("str", "/a/app/text.py", 1, "read"): (4, 50),
                   ("list", "/a/app/x.py", 2, "keep"): (3, 8)})
        new = log({("Order", "/b/app/shop.py", 70, "buy"): (40, 100),
                   ("str", "/b/app/text.py", 1, "read"): (1, 50),
                   ("list", "/b/app/x.py", 2, "keep"): (3, 8)})
        got = self.compare([old], [new])
        self.assertEqual(
            [(row["type"], row["bytes"]["change"], row["count"]["change"])
             for row in got["rows"]],
            [("Order", 2500, 25), ("list", 0, 0), ("str", -150, -3)])
        self.assertEqual(got["change"], 2350)
        text = self.run_compare(self.path("old/0.log"),
                                self.path("new/0.log"))
        self.assertRegex(text, r"1\.5 KiB +3\.9 KiB +\+2\.4 KiB +\+25 +Order"
                               r"\n +app/shop\.py buy\n")
        self.assertNotIn("list", text)

    def test_per_unit(self):
        old = log({("A", "a.py", 1, "f"): (10, 8)}, messages=5)
        new = log({("A", "a.py", 1, "f"): (30, 8)}, messages=10)
        self.assertEqual(self.compare([old], [new], "--per=request*")
                         ["rows"][0]["count"],
                         {"old": [2], "new": [3], "change": 1})
        new = log({("A", "a.py", 1, "f"): (30, 8)}, seconds=4)
        count = self.compare([old], [new], "--per=second")["rows"][0]["count"]
        self.assertAlmostEqual(count["old"][0], 5, places=3)
        self.assertAlmostEqual(count["new"][0], 7.5, places=3)
        self.assertIn("nothing to divide by: --per 'order*'",
                      self.run_compare(*self.sides([old], [new]),
                                       "--per=order*", status=1))

    def test_renames(self):
        a, b = ("A", "/app/a.py", 1), ("B", "/app/b.py", 1)
        old = log({a + ("make",): (100, 8), b + ("keep",): (9, 8)})
        new = log({a + ("build",): (105, 8),
                   ("B", "/lib/c.py", 5, "keep"): (10, 8)})
        rows = {row["type"]: row for row in self.compare([old], [new])["rows"]}
        self.assertEqual(rows["A"]["was"],
                         {"file": "/app/a.py", "function": "make"})
        self.assertEqual(rows["A"]["count"]["change"], 5)
        self.assertEqual(rows["B"]["was"]["file"], "/app/b.py")
        self.assertEqual(rows["B"]["count"]["change"], 1)
        # Twice as many are something new.
        new = log({a + ("build",): (200, 8), b + ("keep",): (9, 8)})
        rows = self.compare([old], [new])["rows"]
        self.assertEqual(len(rows), 3)

    def test_runs_that_overlap_are_noise(self):
        key = ("A", "a.py", 1, "f"), ("B", "b.py", 1, "f")
        runs = [[(10, 100), (12, 103)], [(11, 104), (20, 106)]]
        old, new = [[log({key[0]: (a, 8), key[1]: (b, 8)})
                     for a, b in side] for side in runs]
        got = self.compare(old, new)
        self.assertEqual([(row["type"], row["noise"]) for row in got["rows"]],
                         [("B", False), ("A", True)])
        self.assertEqual(got["change"], (210 - 203) / 2 * 8)
        self.assertIn("(noise)", self.run_compare(self.path("old"),
                                                  self.path("new")))

    def test_limit(self):
        old = log({("A", "a.py", 1, "f"): (10, 100)})
        new = log({("A", "a.py", 1, "f"): (15, 100)})
        self.compare([old], [new], "--limit=501")
        self.compare([old], [new], "--limit=499", status=1)
        self.compare([new], [old], "--limit=0")

    def test_profiles(self):
        header = ("SOF\nHEDR: Event dEvent Clock What File Line Function RSS "
                  "dRSS\n")
        rows = ("FRST: 0 +0 0.1 CALL /a.py 1 f 1000000 0\n"
                "NEXT: 1 +1 0.2 RETURN /a.py 2 f %d 0\nEOF\n")
        got = self.compare([header + rows % 1500000],
                           [header + rows % 1900000])
        self.assertEqual(got["change"], 400000)
        self.assertNotIn("count", got["rows"][0])

    def test_heap_snapshots(self):
        for name in "old", "new":
            self.write_file("keep.py", "class A: pass\n"
                            "kept = [A() for _ in range(%d)]\n"
                            % (1000 if name == "old" else 3000))
            pmttest.run_program(["pmt-run", "--heap-snapshot", "-o",
                                 self.path(name + ".pmtheap"),
                                 self.path("keep.py")])
        got = json.loads(self.run_compare(self.path("old.pmtheap"),
                                          self.path("new.pmtheap"), "--json"))
        self.assertEqual([row["count"]["change"] for row in got["rows"]
                          if row["type"] == "__main__.A"], [2000])

    def test_page(self):
        """The table of a page has what the JSON has, the text what is
        printed."""
        old = log({("Order", "/a/shop.py", 7, "buy"): (10, 100),
                   ("str", "/a/text.py", 1, "<read>"): (4, 50)})
        new = log({("Order", "/a/shop.py", 70, "buy"): (40, 100)})
        wanted = self.compare([old], [new])
        sides = self.path("old", "0.log"), self.path("new", "0.log")
        self.run_compare(*sides, "--html", self.path("x.html"))
        page = self.read_file("x.html")
        data, = json.loads(re.search(
            r'<script type="application/json" id="data">(.*?)</script>',
            page, re.S)[1])
        self.assertEqual(
            [(row["type"], row["old_bytes"], row["new_bytes"], row["change"],
              row["rise"]) for row in data["compared"]],
            [(row["type"], row["bytes"]["old"][0], row["bytes"]["new"][0],
              row["bytes"]["change"], row["count"]["change"])
             for row in wanted["rows"]])
        self.assertIn("+2.9 KiB", page)
        self.assertIn("&lt;read>", page)
        self.run_compare(*sides, "--html", self.path("x.html"), "--limit=1",
                         status=1)

    @pmttest.needs_reference_tracing
    @pmttest.not_sanitized
    def test_summaries(self):
        """They say of the same program what its logs say."""
        program = ("class A: pass\nclass B: pass\n"
                   "kept = [A() for _ in range(%d)]\n"
                   "def more():\n    kept.extend(B() for _ in range(%d))\n"
                   "more()\n")
        for name, counts in ("old", (300, 50)), ("new", (1200, 20)):
            path = self.write_file("app.py", program % counts)
            for summary in [], ["--summary"]:
                self.assertEqual(pmttest.run_program(
                    ["pmt-run", "-q", "-r", *summary, "-o",
                     self.path(name + "".join(summary)), path]).returncode, 0)
        rows = [{row["type"]: row for row in json.loads(self.run_compare(
            "--json", self.path("old" + summary),
            self.path("new" + summary)))["rows"]
            if row["type"].startswith("__main__.")}
            for summary in ("", "--summary")]
        self.assertEqual(rows[0]["__main__.A"]["count"],
                         {"old": [300], "new": [1200], "change": 900})
        for kind in "__main__.A", "__main__.B":
            log, summary = (of[kind] for of in rows)
            self.assertEqual(summary["count"], log["count"])
            self.assertEqual(summary["function"], log["function"])
            self.assertTrue(summary["file"].endswith("app.py"))
            for side in "old", "new":
                self.assertAlmostEqual(
                    summary["bytes"][side][0] / log["bytes"][side][0], 1,
                    delta=0.05)
        self.assertIn("is a report already", pmttest.run_program(
            ["pmt-analyse", self.path("old--summary")]).stderr)

    def test_snapshots(self):
        """Of a file all lines count together."""
        for name, lines in (("old", [[1, 100, 2], [9, 50, 1]]),
                            ("new", [[2, 100, 2], [8, 4146, 5]])):
            self.write_file(name + ".snapshot", "\n".join(map(json.dumps, [
                {"pmt-snapshot": 1, "files": 2},
                {"file": "/app/shop.py", "lines": lines},
                {"file": "/app/same.py", "lines": [[1, 8, 1]]}])) + "\n")
        row = json.loads(self.run_compare(
            "--json", self.path("old.snapshot"),
            self.path("new.snapshot")))["rows"][0]
        self.assertEqual((row["file"], row["bytes"], row["count"]), (
            "/app/shop.py", {"old": [150], "new": [4246], "change": 4096},
            {"old": [3], "new": [7], "change": 4}))

    def test_torn_snapshots(self):
        """What is whole counts, and that it is not all is said."""
        lines = [json.dumps(line) for line in (
            {"pmt-snapshot": 1, "files": 2},
            {"file": "/a.py", "lines": [[1, 1e308, 1], [2, 1e308, 1]]},
            {"file": "/b.py", "lines": [[1, 8, 1]]})]
        whole = self.write_file("whole", "\n".join(lines) + "\n\n")
        for torn in "\n".join(lines)[:-9], "\n".join(
                [lines[0], lines[1], "{damaged}", lines[2]]):
            process = pmttest.run_program(
                ["pmt-analyse", "--compare", "--json", whole,
                 self.write_file("torn", torn)])
            self.assert_status(process, 1)
            self.assertEqual(process.stderr, "pmt-analyse: '%s' is torn in "
                             "line 3\n" % self.path("torn"))
            self.assertEqual(
                [row["file"] for row in json.loads(process.stdout)["rows"]
                 if row["bytes"]["change"]], ["/b.py"])

    def test_snapshots_of_any_name(self):
        """Bytes that are no UTF-8 are half a pair of surrogates, as escapes."""
        for name, size in ("old", 100), ("new", 300):
            with open(self.path(name), "w", encoding="ascii") as file:
                file.write(
                    '{"pmt-snapshot": 1, "files": 4}\n'
                    '{"file": "caf\\udce9", "lines": [[1, %d, 1]]}\n'
                    '{"file": "\\ud83d\\ude00", "lines": [[1, %d, 1]]}\n'
                    '{"file": "\\ud83d", "lines": [[1, %d, 1]]}\n'
                    '{"file": "\\\\udce9", "lines": [[1, %d, 1]]}\n'
                    % (size, 2 * size, 3 * size, 4 * size))
        rows = json.loads(self.run_compare(
            "--json", self.path("old"), self.path("new")))["rows"]
        self.assertEqual(
            {row["file"]: row["bytes"]["change"] for row in rows},
            {"caf\u00e9": 200, "\U0001f600": 400, "\ufffd": 600,
             "\\udce9": 800})

    def test_snapshots_cut_between_lines(self):
        whole = self.write_file("whole", '{"pmt-snapshot": 1, "files": 1}\n'
                                '{"file": "/a.py", "lines": []}\n')
        short = self.write_file("short", '{"pmt-snapshot": 1, "files": 2}\n'
                                '{"file": "/a.py", "lines": []}\n')
        process = pmttest.run_program(
            ["pmt-analyse", "--compare", whole, short])
        self.assert_status(process, 1)
        self.assertEqual(process.stderr, "pmt-analyse: '%s' is cut short: 1 "
                         "of 2 files\n" % short)

    def test_summaries_of_any_bytes(self):
        """Names that are no UTF-8, and numbers beyond all bounds."""
        text = ("File path: x\nWritten: now\n\nAlive at the end\n"
                "%s 1.0 KiB  " + 18 * "_" + "  Caf\udce9\n"
                "        caf\udce9.py:7 s\udce9rve\n\n")
        for name, count in ("old", "1"), ("n\udce9w", "2"):
            with open(self.path(name), "w", encoding="utf-8",
                      errors="surrogateescape") as file:
                file.write(text % count)
        row, = json.loads(self.run_compare(
            "--json", self.path("old"), self.path("n\udce9w")))["rows"]
        self.assertEqual((row["file"], row["function"],
                          row["count"]["change"]),
                         ("caf\xe9.py", "s\xe9rve", 1))
        self.write_file("huge", (text % ("9" * 400)).replace("\udce9", "e"))
        self.run_compare("--json", self.path("old"), self.path("huge"))

    def test_for_which_own_code(self):
        """What a library made for one function is not what it made for
        another one, under whatever name; what all are called is no name."""
        header = HEADER.replace(" Size", " Size Own")
        def run(*counts):
            rows, address = [], 0
            for own, line, count in counts:
                for _ in range(count):
                    address += 16
                    rows.append(
                        "NEW: 1 0x%x 1 dict /lib/python3.13/json/decoder.py 9 "
                        "decode 1000000 0 100 %s:%d:%s\n" % (
                            address, own[0], line, own[1]))
            return header + "".join(rows) + "EOF\n"
        load, save = ("/x/a.py", "load"), ("/x/a.py", "save")
        got = self.compare([run((load, 5, 10), (save, 9, 3))],
                           [run((load, 50, 4), (save, 90, 9))])
        self.assertEqual(
            [(row["own"]["function"], row["count"]["change"])
             for row in got["rows"]], [("save", 6), ("load", -6)])
        row, = self.compare([run((load, 5, 10))],
                            [run((("/y/b.py", "load"), 5, 30))])["rows"]
        self.assertEqual((row["own"]["file"], row["was_own"]["file"],
                          row["count"]["change"]), ("/y/b.py", "/x/a.py", 20))
        text = self.run_compare(self.path("old/0.log"),
                                self.path("new/0.log"))
        self.assertRegex(text, r"json/decoder\.py decode\n +for y/b\.py load\n"
                               r" +was json/decoder\.py decode\n"
                               r" +for x/a\.py load\n")
        module = ("/x/a.py", "<module>"), ("/y/b.py", "<module>")
        self.assertEqual(
            [row["count"]["change"] for row in self.compare(
                [run((module[0], 5, 10))], [run((module[1], 5, 30))])["rows"]],
            [30, -10])

    def test_call_paths(self):
        """Joined without lines and under new names, the mean of all runs."""
        header = HEADER.replace(" Size", " Size Own Stack")
        def run(file, count, caller):
            return header + "".join(
                "NEW: 1.%d 0x%x 1 A /x/%s.py 9 make 1000000 0 100 . "
                "/x/%s.py:%d:%s\n" % (i, 16 * i + 16, file, file, count + i,
                                      caller)
                for i in range(count)) + "EOF\n"
        old, new = self.sides([run("a", 4, "f"), run("a", 6, "f")],
                              [run("b", 8, "f")])
        self.run_compare(old, new, "--flamegraph", self.path("x.svg"))
        boxes = dict(re.findall(r'<title>(\w+)[^:]*: (.*?)</title>'
                                r'<rect class="rose2"',
                                self.read_file("x.svg")))
        self.assertEqual({name: boxes.get(name) for name in ("f", "make")},
                         dict.fromkeys(("f", "make"),
                                       "800 B, 100.0%; it was 500 B"))
        pathless = self.write_file("x.log", log({("A", "a", 1, "f"): (1, 8)}))
        self.assertIn("have no call paths to draw", self.run_compare(
            pathless, pathless, "--flamegraph", self.path("x.svg"), status=1))

    def test_what_cannot_be_compared(self):
        one = self.write_file("one.log", log({("A", "a", 1, "f"): (1, 8)}))
        os.mkdir(self.path("none"))
        self.assertIn("no new log", self.run_compare(one, self.path("none"),
                                                     status=1))
        self.assertIn("cannot open", self.run_compare(
            one, self.path("gone.log"), status=1))
        other = self.write_file("two.log", "SOF\nHEDR: Event dEvent Clock "
                                "What File Line Function RSS dRSS\nFRST: 0 +0 "
                                "0.1 CALL /a.py 1 f 1000000 0\nEOF\n")
        self.assertIn("logs of several kinds", self.run_compare(
            one, other, status=1))
        self.assertIn("takes two", self.run_compare(one, status=2))
        self.assertIn("belong to --compare", pmttest.run_program(
            ["pmt-analyse", "--limit=1", one]).stderr)


if __name__ == "__main__":
    pmttest.main()
