# SPDX-License-Identifier: MIT
"""pmt-run -r --sample: 1 in N objects tells of all, within its bounds."""
import json
import re
import sys

import pmttest

CLASSES = 40
OFTEN = 200
SAMPLE = 20
PROGRAM = """
classes = [type("C%%d" %% number, (), {"__slots__": ()})
           for number in range(%d)]
kept = []
for number, kind in enumerate(classes, 1):
    kept.append([kind() for _ in range(number * %d)])
    kept[-1].extend([kind() for _ in range(number * %d)])
    del kept[-1][number * %d:]
texts = ["%%06d" %% number * 100 for number in range(20000)]
""" % (CLASSES, OFTEN, OFTEN, OFTEN)
ALIVE = {"__main__.C%d" % number: (number + 1) * OFTEN
         for number in range(CLASSES)}


@pmttest.needs_reference_tracing
class SampleTest(pmttest.TestCase):

    def trace(self, *options):
        self.write_file("program.py", PROGRAM)
        told = pmttest.run_program(
            ["pmt-run", "-r", "--python", sys.executable] + list(options) +
            ["program.py"], cwd=self.directory)
        self.assert_success(told)
        return told.stderr

    def test_bounds(self):
        """The exact numbers lie within the bounds, 19 times out of 20."""
        told = self.trace("--sample=%d" % SAMPLE, "-o", "log.pmt")
        self.assertIn("1 in %d objects was seen" % SAMPLE, told)
        got = pmttest.run_program(
            ["pmt-analyse", "--format=json", "--top=0", "--group-by=type",
             "log.pmt"], cwd=self.directory)
        self.assert_success(got)
        log = json.loads(got.stdout)[0]
        self.assertEqual(log["sample"], SAMPLE)
        groups = {group["type"]: group for group in log["groups"]}
        missed = [name for name, alive in ALIVE.items() if name in groups and
                  abs(groups[name]["alive"] - alive) > groups[name]["error"]]
        # Two in the mean; more than ten once in a hundred thousand runs.
        self.assertLessEqual(len(missed), 10)
        total = sum(groups[name]["alive"] for name in ALIVE if name in groups)
        self.assertLess(abs(total - sum(ALIVE.values())),
                        5.5 * (SAMPLE * sum(ALIVE.values())) ** 0.5)
        # A text of 600 bytes, the size of which is told at the end only.
        texts = groups["str"]
        self.assertLess(abs(texts["bytes"] / texts["alive"] - 641), 150)

    def test_report(self):
        """People are told of the bounds, of all and of each group."""
        self.trace("--sample=%d" % SAMPLE, "--summary", "-o", "report.txt")
        report = self.read_file("report.txt")
        self.assertIn("1 in %d objects was seen: numbers are estimates"
                      % SAMPLE, report)
        self.assertRegex(report, r"__main__\.C39  \+- [\d,]+\n")
        count, error = re.search(r"([\d,]+) +\S+ \S+ .*__main__\.C39  "
                                 r"\+- ([\d,]+)", report).groups()
        self.assertEqual(int(count.replace(",", "")) % SAMPLE, 0)
        self.assertGreater(int(error.replace(",", "")), SAMPLE)

    def test_usage(self):
        for options, text in (
                (["-p", "--sample=5"], "--sample is of -r and -a"),
                (["-r", "--sample=1"], "--sample"),
                (["-r", "--sample=x"], "--sample")):
            told = pmttest.run_program(["pmt-run"] + options + ["x.py"])
            self.assertIn(text, told.stderr)
            self.assertEqual(told.returncode, 2)


@pmttest.needs_reference_tracing
class NestedTest(pmttest.TestCase):

    def test_inner_sees_all(self):
        """A block that counts is not served a sample, nor one within."""
        import pmt

        class Thing:
            pass
        with pmt.ReferenceTracing(filepath=self.path("outer.log"),
                                  sample=100) as outer:
            with pmt.ReferenceTracing(filepath=self.path("inner.log")) as one:
                things = [Thing() for _ in range(1000)]
                self.assertEqual(
                    one.live_object_counts()[Thing.__qualname__.split(".")[-1]],
                    1000)
            del things
        self.assertLess(outer.count_new(), 500)
        with self.assertRaisesRegex(ValueError, "sample must be 1 in so many"):
            pmt.ReferenceTracing(sample=0)


if __name__ == "__main__":
    pmttest.main()
