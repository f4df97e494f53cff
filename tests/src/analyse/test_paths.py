# SPDX-License-Identifier: MIT
"""Profiles that tell call paths, and what is charged to them."""
import json

import pmttest

HEADER = ("HEDR: Event dEvent Clock What File Line Function RSS dRSS Thread "
          "Own Stack")
MIB = 1 << 20


def varint(value):
    data = bytearray()
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    data.append(value)
    return bytes(data)


def text(name):
    return varint(len(name)) + name


class Rows(pmttest.TestCase):
    """Rows by hand, and the sums by hand."""

    def analyse(self, rows, *options):
        """ROWS: (what, place, RSS in MiB, stack), from event 0 on."""
        lines = ["SOF", HEADER]
        before = rows[0][2]
        for i, (what, place, rss, stack) in enumerate(rows):
            own = "." if "lib" not in place else "-"
            if stack.count("*") and own == "-":
                own = next(caller[1:] for caller in stack.split(";")
                           if caller[0] == "*")
            lines.append("%s %d +1 %d.0 %s %s %d %d 1 %s %s" % (
                "NEXT:" if i else "FRST:", i, i, what, place, rss * MIB,
                (rss - before) * MIB, own, stack))
            before = rss
        path = self.write_file("log", "\n".join(lines + ["EOF", ""]))
        process = self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--json", *options, path]))
        return json.loads(process.stdout)[0]

    def nets(self, table, *keys):
        return {tuple(row[key] for key in keys): row["net"] // MIB
                for row in table if row["net"]}

    def test_own_lines(self):
        stack = "*/p.py:3:work;*/p.py:9:<module>"
        log = self.analyse([
            ("LINE", "/p.py 9 <module>", 10, "."),
            ("CALL", "/p.py 2 work", 11, "*/p.py:9:<module>"),
            ("CALL", "/lib.py 5 read", 13, stack),
            ("C_CALL", "/lib.py 6 loads", 17, "/lib.py:6:read;" + stack),
            ("C_RETURN", "/lib.py 6 loads", 25, "/lib.py:6:read;" + stack),
            ("RETURN", "/lib.py 7 read", 41, stack),
            ("RETURN", "/p.py 4 work", 73, "*/p.py:9:<module>"),
        ])
        self.assertTrue(log["exact_paths"])
        self.assertEqual(self.nets(log["own"], "file", "line", "function"), {
            ("/p.py", 9, "<module>"): 1, ("/p.py", 3, "work"): 2 + 4 + 8 + 16,
            ("/p.py", 4, "work"): 32})
        [row] = [row for row in log["own"] if row["line"] == 3]
        self.assertEqual(row["place"], {
            "file": "/lib.py", "line": 7, "function": "read", "c": False})
        self.assertEqual(self.nets(log["functions"], "function", "c"), {
            ("<module>", False): 1, ("work", False): 2 + 32,
            ("read", False): 4 + 16, ("loads", True): 8})
        self.assertEqual(self.nets(log["lines"], "file", "line"), {
            ("/p.py", 9): 1, ("/p.py", 3): 2, ("/lib.py", 6): 4 + 8,
            ("/lib.py", 7): 16, ("/p.py", 4): 32})

    def test_recursion_is_folded(self):
        """Of one function, and of two in turns."""
        rows = [("LINE", "/p.py 9 <module>", 0, ".")]
        stack, rss = "*/p.py:9:<module>", 1
        for depth in range(1, 7):
            name = "fg"[depth % 2]
            rows.append(("CALL", "/p.py %d %s" % (depth % 2, name), rss,
                         stack))
            stack = "*/p.py:%d:%s;" % (depth % 2, name) + stack
            rss += 1
        log = self.analyse(rows)
        paths = {tuple(frame["function"] for frame in row["path"]):
                 (row["net"] // MIB, row["times"]) for row in log["paths"]}
        self.assertEqual(paths, {
            ("<module>",): (6, 1), ("<module>", "g"): (5, 3),
            ("<module>", "g", "f"): (2, 3)})

    def test_imports_are_one_row(self):
        importing = ("!<frozen\\040importlib._bootstrap>:7:_find;"
                     "*/p.py:1:<module>")
        rows = [("LINE", "/p.py 1 <module>", 0, "."),
                ("RETURN", "/lib.py 3 <module>", 4, importing)]
        self.analyse(rows)
        log = self.read_file("log").replace("/p.py:1:<module> !", "import:/p.py:1:<module> !")
        self.write_file("log", log)
        brief = self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--brief", self.path("log")])).stdout
        self.assertRegex(brief, r"\+4.0 MiB .* imports\n")
        named = self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--brief", "--imports", self.path("log")])).stdout
        self.assertRegex(named, r"\+4.0 MiB .*/p.py:1 <module>\n")

    def test_broken_stacks(self):
        """A row whose path is none is named, and the others are read."""
        for stack in ("x", ";", "*", "a:b:c", "a:1:f;", "a:1:", ":1:f",
                      "a:99999999999:f"):
            with self.subTest(stack):
                self.write_file("log", "SOF\n%s\nFRST: 0 +0 0.0 LINE a 1 f "
                                "4096 0 1 . .\nNEXT: 1 +1 1.0 LINE a 1 f 8192 "
                                "4096 1 . %s\nEOF\n" % (HEADER, stack))
                process = pmttest.run_program(["pmt-analyse",
                                               self.path("log")])
                self.assertEqual(process.returncode, 1)
                self.assertIn("cannot read this row", process.stderr)


class Hostile(pmttest.TestCase):
    """Compact logs whose writer, it seems, was killed: without a checksum."""

    def log(self, records):
        header = b"\x93pmt\r\n\x1a\n\x03P" + bytes([24, 0, 0, 0, 0, 0])
        with open(self.path("log.pmt"), "wb") as file:
            file.write(header + b"PMTB" + bytes(20) + records)

    def site(self, name):
        return b"\x02" + text(b"/p.py") + text(name) + b"\x01"

    def row(self, event, rss, path):
        """The first, or one that is a NEXT."""
        return (bytes([0x40 if event == 0 else 0x51, 4 if event else 3])
                + (b"\x00" if event == 0 else b"\x02") + b"\x01\x00\x00"
                + (b"" if event == 0 else varint(2 * rss)) + varint(path))

    def test_paths_that_do_not_exist(self):
        for caller in 0, 3, 4, 1 << 40:
            with self.subTest(caller):
                self.log(self.site(b"f") + b"\x06" + varint(caller)
                         + b"\x00\x05" + self.row(0, 0, 3))
                process = pmttest.run_program(["pmt-analyse",
                                               self.path("log.pmt")])
                self.assertEqual(process.returncode, 1)
                self.assertIn("a bad record", process.stderr)

    def test_deep_paths(self):
        """No format takes time or memory that grows with depth times rows."""
        depth = 150000
        records = b"".join(self.site(b"f%d" % i) for i in range(40))
        calls = [b"\x06" + varint(1) + b"\x00\x05"]
        calls += [b"\x06" + varint(2 + i) + varint(i % 40) + b"\x05"
                  for i in range(1, depth)]
        rows = [self.row(0, 0, 3)]
        rows += [self.row(i, MIB, 2 + depth - i) for i in range(1, 3000)]
        self.log(records + b"".join(calls) + b"".join(rows))
        for options in ([], ["--json", "--top=99"], ["--csv"],
                        ["--folded"], ["--brief", "--top=0"], ["--text"]):
            with self.subTest(options):
                process = pmttest.run_program(
                    ["pmt-analyse", *options, self.path("log.pmt")],
                    text=False)
                self.assertIn(b"f1", process.stdout)
                self.assertLess(len(process.stdout), 200 << 20)


if __name__ == "__main__":
    pmttest.main()
