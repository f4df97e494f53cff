# SPDX-License-Identifier: MIT
"""pmt-analyse of heap snapshots: what a written file says, and a broken one."""
import csv
import gzip
import json
import os
import random
import re
import unittest

import pmt
import pmttest

MAKE = """
import gc, sys, pmt
class Message:
    def __init__(self, next=None):
        self.text = bytes(1000)
        self.next = next
class Session:
    def __init__(self):
        self.messages = [Message() for _ in range(100)]
book = {}
def visit(first, count):
    for client in range(first, first + count):
        book[client] = Session()
visit(0, 20)
pmt.heap_snapshot("before.pmtheap")
visit(20, 30)
chain = None
for _ in range(100000):
    chain = (chain,)
box = type("Box[int]", (), {})()
pmt.heap_snapshot("after.pmtheap")
print(hex(id(book[7].messages[3])))
"""


@unittest.skipUnless(isinstance(pmt.Holder, type),
                     "the heap of this CPython is not walked")
class HeapTest(pmttest.TestCase):

    def setUp(self):
        os.chdir(self.directory)
        self.addCleanup(os.chdir, "/")
        made = pmttest.run_python(MAKE)
        self.assertEqual(made.stderr, "")
        self.address = made.stdout.strip()

    def analyse(self, *argv, status=0):
        result = pmttest.run_program(["pmt-analyse", *argv])
        self.assertEqual(result.returncode, status, result.stderr)
        if status == 0:
            self.assertEqual(result.stderr, "")
        return result.stdout if status == 0 else result.stderr

    def test_report(self):
        text = self.analyse("--top=0", "after.pmtheap")
        row = re.search(r"^ +(\d+) +([\d.]+) (\w+) +([\d.]+) (\w+)  "
                        r"__main__\.Message$", text, re.M)
        self.assertEqual(row[1], "5000")
        self.assertEqual(row[5], "MiB")
        self.assertAlmostEqual(float(row[4]), 5000 * 1100 / 2 ** 20, delta=.7)
        self.assertRegex(text, r"5\.\d MiB +\d\d\.\d% +__main__\.book <dict>")
        self.assertEqual(text.count("__main__.chain[0]"), 1)

    def test_no_large_holder(self):
        """Many modules, none of which holds a tenth; the largest are told."""
        made = pmttest.run_python(
            "import sys, types, pmt\n"
            "for n in range(40):\n"
            "    module = types.ModuleType('part%d' % n)\n"
            "    module.data = [bytes(100 + 10 * n) for _ in range(2000)]\n"
            "    sys.modules[module.__name__] = module\n"
            "del module\n"
            "pmt.heap_snapshot('parts.pmtheap')\n")
        self.assertEqual(made.stderr, "")
        head, lines = self.analyse("--brief", "parts.pmtheap").split(
            "\nNo object holds a tenth; those that hold most\n")
        rows = [(share.rstrip("%"), name) for _, _, share, name, _ in
                map(str.split, lines.splitlines()[1:])]
        self.assertEqual([name for _, name in rows],
                         ["part39", "part38", "part37"])
        shares = [float(share) for share, _ in rows]
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertLess(shares[0], 10)
        self.assertGreater(shares[-1], 1)

    def test_path_to(self):
        self.assertEqual(
            self.analyse("--path-to", "__main__.Message", "after.pmtheap"),
            "      5000  __main__.book{*}.messages[*]  (of 100)\n")
        self.assertIn("__main__.book{*}.messages[*]",
                      self.analyse("--path-to", self.address, "after.pmtheap"))
        for glob in "Message", "__main__.Mess*", "Messag?":
            self.assertEqual(
                self.analyse("--path-to", glob, "after.pmtheap"),
                "      5000  __main__.book{*}.messages[*]  (of 100)\n")
        # Brackets may be a name's own.
        self.assertIn("1  __main__.box\n", self.analyse(
            "--path-to", "__main__.Box[int]", "after.pmtheap"))
        self.assertIn("no object is 'Nothing'", self.analyse(
            "--path-to=Nothing", "after.pmtheap", status=1))

    def test_diff(self):
        text = self.analyse("--diff", "before.pmtheap", "after.pmtheap")
        self.assertRegex(text, r"(?m)^ +\+30 .* __main__\.Session$")
        self.assertRegex(text, r"(?m)^ +\+3000 .* "
                               r"__main__\.book\{\*\}\.messages\[\*\]$")
        self.assertIn("compares two", self.analyse(
            "--diff", "before.pmtheap", status=2))

    def test_folded(self):
        lines = self.analyse("--folded", "after.pmtheap").splitlines()
        bytes = dict(line.rsplit(" ", 1) for line in lines)
        text = int(bytes["__main__;.book;{*};.messages;[*];.text"])
        self.assertAlmostEqual(text, 1033 * 5000, delta=40000)

    def test_json(self):
        """The same as the text says, as a tree."""
        heap, = json.loads(self.analyse("--json", "--top=0", "after.pmtheap"))
        self.assertEqual((heap["kind"], heap["whole"]), ("heap", True))
        types = {each["type"]: each for each in heap["types"]}
        self.assertEqual(types["__main__.Message"]["objects"], 5000)
        self.assertEqual(sum(each["objects"] for each in heap["types"]),
                         heap["objects"])
        self.assertEqual(sum(each["bytes"] for each in heap["types"]),
                         heap["bytes"])
        found = heap["holders"]
        for holder in found:
            found.extend(holder["holds"])
        book, = [holder for holder in found
                 if holder["path"] == "__main__.book"]
        self.assertGreater(book["retained"], 5000 * 1000)
        paths, = json.loads(self.analyse(
            "--json", "--path-to", "__main__.Message", "after.pmtheap"))
        self.assertEqual(paths["paths"], [
            {"path": "__main__.book{*}.messages[*]", "objects": 5000,
             "length": 100}])
        grown, = json.loads(self.analyse(
            "--json", "--diff", "before.pmtheap", "after.pmtheap"))
        self.assertIn({"type": "__main__.Session", "objects": 30},
                      [{"type": each["type"], "objects": each["objects"]}
                       for each in grown["types"]])

    def test_csv(self):
        rows = list(csv.DictReader(self.analyse(
            "--csv", "--top=0", "after.pmtheap").splitlines()))
        types = {row["type"]: row for row in rows if row["table"] == "type"}
        self.assertEqual(types["__main__.Message"]["objects"], "5000")
        self.assertIn("__main__.book", [
            row["path"] for row in rows if row["table"] == "holder"])
        row, = csv.DictReader(self.analyse(
            "--csv", "--path-to=__main__.Message",
            "after.pmtheap").splitlines())
        self.assertEqual((row["table"], row["objects"]), ("path", "5000"))
        rows = csv.DictReader(self.analyse(
            "--csv", "--diff", "before.pmtheap",
            "after.pmtheap").splitlines())
        self.assertIn(("path", "__main__.book{*}.messages[*]", "3000"), [
            (row["table"], row["name"], row["objects"]) for row in rows])

    def test_files_of_paths(self):
        self.analyse("--speedscope=x.json", "after.pmtheap")
        with open("x.json") as file:
            names = [frame["name"]
                     for frame in json.load(file)["shared"]["frames"]]
        self.assertIn(".messages", names)
        self.analyse("--pprof=x.pb.gz", "after.pmtheap")
        with gzip.open("x.pb.gz") as file:
            self.assertIn(b".messages", file.read())
        self.assertIn("no curve to plot", self.analyse(
            "--plot=x.png", "after.pmtheap", status=1))

    def test_what_is_no_heap(self):
        self.write_file("x.log", "nothing\n")
        self.assertIn("no heap snapshot", self.analyse(
            "--path-to=x", "x.log", status=1))

    def test_broken_files(self):
        """A torn or hostile file is read as far as it goes, or refused."""
        with open("before.pmtheap", "rb") as file:
            whole = file.read()
        chance = random.Random(1)
        for i in range(30):
            data = bytearray(whole[:chance.randrange(len(whole))])
            for _ in range(i // 5):
                data[chance.randrange(8, len(data))] = chance.randrange(256)
            with open("broken.pmtheap", "wb") as file:
                file.write(data)
            result = pmttest.run_program(
                ["pmt-analyse", "--top=2", "broken.pmtheap"])
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, "'broken.pmtheap'")
        with open("newer.pmtheap", "wb") as file:
            file.write(whole[:7] + b"2" + whole[8:])
        self.assertIn("newer pmt", self.analyse("newer.pmtheap", status=1))


if __name__ == "__main__":
    pmttest.main()
