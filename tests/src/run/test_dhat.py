# SPDX-License-Identifier: MIT
"""pmt-run -a and DHAT of valgrind count the same blocks of a C library."""
import json
import os
import re
import shutil

import pmttest
from alloctest import COMPILER, AllocationsTest, has_elfutils

SOURCE = pmttest.data("alloc", "workload.c")

# A field of ours, of DHAT's.
FIELDS = [("left", "eb"), ("blocks", "ebk"), ("at_peak", "gb"),
          ("blocks_at_peak", "gbk"), ("allocated", "tb"), ("times", "tbk")]


class DhatTest(AllocationsTest):

    def setUp(self):
        super().setUp()
        if shutil.which("valgrind") is None:
            self.skipTest("there is no valgrind")
        if not has_elfutils():
            self.skipTest("pmt was built without elfutils")

    def dhat(self):
        """What DHAT says of the program that the library is, too."""
        program, output = self.path("program"), self.path("dhat.json")
        self.assert_success(pmttest.run_program(
            ["sh", "-c", COMPILER + ' -g -I. -o "$0" "$1"', program, SOURCE],
            cwd=pmttest.builddir))
        process = pmttest.run_program(
            ["valgrind", "--tool=dhat", "--dhat-out-file=" + output, program],
            env={"LD_PRELOAD": None})
        if not os.path.exists(output):
            self.skipTest("valgrind does not run here: " +
                          process.stderr.strip().rpartition("\n")[2])
        with open(output, encoding="ascii") as file:
            return json.load(file)

    @staticmethod
    def by_function(dhat):
        """Sums by the innermost function of the workload."""
        sums = {}
        for point in dhat["pps"]:
            names = [re.search(r": (\w+) \(workload\.c:", dhat["ftbl"][frame])
                     for frame in point["fs"]]
            name = next(match.group(1) for match in names if match)
            row = sums.setdefault(name, {})
            for _, theirs in FIELDS:
                row[theirs] = row.get(theirs, 0) + point[theirs]
        return sums

    def ours(self):
        """Of the same functions, among all that allocated."""
        library = self.compile("workload.so", SOURCE, "-g")
        self.assert_success(self.run_traced(
            "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1]).work()",
            library, options=["--native"]))
        sums = {}
        for row in self.read(options=["--top=0"])["stacks"]:
            names = [place["function"] for place in [row] + row["callers"]]
            name = next((name for name in names if name.startswith("by_")),
                        None)
            mine = sums.setdefault(name, {})
            for field, _ in FIELDS:
                mine[field] = mine.get(field, 0) + row[field]
        del sums[None]
        return sums

    def test_by_function(self):
        theirs, ours = self.by_function(self.dhat()), self.ours()
        self.assertEqual(len(theirs), 5)
        self.assertEqual(theirs.keys(), ours.keys())
        for name, row in ours.items():
            for field, of_dhat in FIELDS:
                # DHAT takes a block that was moved for the same one.
                if name == "by_realloc" and field in ("allocated", "times"):
                    continue
                self.assertEqual(row[field], theirs[name][of_dhat],
                                 "%s, %s" % (name, field))


if __name__ == "__main__":
    pmttest.main()
