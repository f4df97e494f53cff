# SPDX-License-Identifier: MIT
"""pmt-analyse prints for each golden log what it printed when checked by hand.

tests/data/logs/cases has one case a line: a name, then the arguments.  What
is expected stands in tests/data/logs/NAME.out.  After a change that is meant,

    PMT_REFRESH=1 make check TESTS=tests/src/analyse/test_analyse_golden.py

writes the expectations anew; git diff then shows what has changed.
"""
import os
import shlex

import pmttest

LOGS = pmttest.data("logs")


def read_cases():
    with open(os.path.join(LOGS, "cases"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, *args = shlex.split(line)
                yield name, args


def observed(args):
    """Everything that a run leaves, as one text."""
    process = pmttest.run_program(
        ["pmt-analyse"] + args, cwd=LOGS,
        env={"LC_ALL": "C.UTF-8", "NO_COLOR": None, "COLUMNS": None})
    return "%s--- errors\n%s--- status %d\n" % (
        process.stdout, process.stderr, process.returncode)


class GoldenTest(pmttest.TestCase):

    def test_each_case(self):
        cases = list(read_cases())
        self.assertGreater(len(cases), 10)
        for name, args in cases:
            with self.subTest(name):
                path = os.path.join(LOGS, name + ".out")
                text = observed(args)
                if os.environ.get("PMT_REFRESH"):
                    with open(path, "w", encoding="utf-8",
                              errors="surrogateescape") as file:
                        file.write(text)
                with open(path, encoding="utf-8",
                          errors="surrogateescape") as file:
                    self.assertEqual(file.read(), text)

    def test_no_expectation_without_a_case(self):
        names = {name + ".out" for name, _ in read_cases()}
        found = {name for name in os.listdir(LOGS) if name.endswith(".out")}
        self.assertEqual(found - names, set())


if __name__ == "__main__":
    pmttest.main()
