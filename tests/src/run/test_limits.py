# SPDX-License-Identifier: MIT
"""pmt-run fails, for CI, when a program does not keep within limits."""
import json
import re
import sys

import pmttest

LEAK = """
import sys
class Leak: pass
class Other: pass
kept = []
for i in range(int(sys.argv[1])):
    kept.append(Leak())
    Other()
    sum(range(1000))
"""
GROW = """
kept = []
for i in range(200):
    kept.append(bytearray(1 << 18))
    sum(range(20000))
"""
STAND = """
kept = bytearray(50 << 20)
for i in range(200):
    sum(range(20000))
"""


class Limits(pmttest.TestCase):

    def pmt_run(self, *argv, **kwargs):
        return pmttest.run_program(
            ["pmt-run", "--python", sys.executable, "-o",
             self.path("log.pmt")] + list(argv), **kwargs)

    def assert_fails(self, process, message):
        self.assert_status(process, 1)
        self.assertIn("pmt-run: failed: " + message, process.stderr)
        # And the report.
        self.assertIn("Verdict: ", process.stderr)

    def assert_later(self, status, message, *options):
        """What pmt-analyse says of the log that is there."""
        process = pmttest.run_program(["pmt-analyse", "--brief", *options,
                                       self.path("log.pmt")])
        self.assert_status(process, status)
        if status == 0:
            self.assertEqual(process.stderr, "")
        else:
            self.assertIn("pmt-analyse: failed: log.pmt: " + message,
                          process.stderr)

    def assert_passes(self, process):
        self.assert_success(process)
        self.assertNotIn("failed", process.stderr)
        self.assertNotIn("Verdict: ", process.stderr)

    @pmttest.needs_reference_tracing
    def test_leak(self):
        script = self.write_file("leak.py", LEAK)
        for limit in "__main__.Leak=20", "*.Leak=20", "*.Other=0":
            self.assert_passes(self.pmt_run(
                "-r", "--fail-on-leak", limit, script, "20"))
        self.assert_fails(
            self.pmt_run("-r", "--fail-on-leak=__main__.Leak=19", script,
                         "20"),
            "log.pmt: 20 objects of __main__.Leak alive, more than 19\n")
        self.assert_later(1, "20 objects of __main__.Leak alive, more than "
                          "19\n", "--fail-on-leak=__main__.Leak=19")
        for name in "Leak", "L*k":
            self.assert_later(1, "20 objects of %s alive" % name,
                              "--fail-on-leak=%s=19" % name)
        self.assert_later(0, "", "--fail-on-leak=__main__.Leak=20",
                          "--fail-on-leak=main.Leak=0", "--fail-on-leak=eak=0",
                          "--fail-on-leak=*.Other=0")
        both = self.pmt_run("-r", "--fail-on-leak=2", "--fail-on-leak=*.Leak=3",
                            script, "3000")
        self.assert_fails(both, "log.pmt: 3000 objects of *.Leak alive")
        self.assert_fails(both, "log.pmt: 3000 objects that grow are alive")

    @pmttest.needs_reference_tracing
    def test_leak_of_a_sample(self):
        """The estimate counts, which the report prints, not what was seen."""
        script = self.write_file("leak.py", LEAK)
        # 400 are seen in the mean; 200 or 600 are ten deviations away.
        process = self.pmt_run("-r", "--sample=10", "--fail-on-leak=*.Leak="
                               "2000", "--fail-on-leak=*.Leak=6000",
                               "--fail-on-leak=2000", script, "4000")
        self.assert_fails(process, "log.pmt: about ")
        self.assertRegex(process.stderr, r"about \d+ objects that grow are "
                         "alive, more than 2000\n")
        self.assertNotIn("than 6000", process.stderr)
        said = re.search(r"(\d+) objects of \*\.Leak alive, more than 2000",
                         process.stderr).group(1)
        told = pmttest.run_program(
            ["pmt-analyse", "--json", "--group-by=type", "--fail-on-leak",
             "*.Leak=2000", self.path("log.pmt")])
        self.assert_status(told, 1)
        alive, = (group["alive"] for group in json.loads(told.stdout)[0][
            "groups"] if group["type"] == "__main__.Leak")
        self.assertEqual(int(said), alive)
        self.assert_later(0, "", "--fail-on-leak=*.Leak=6000")

    @pmttest.needs_reference_tracing
    def test_leak_of_a_child(self):
        self.write_file("leak.py", LEAK)
        self.assert_fails(self.pmt_run(
            "-r", "--follow", "--fail-on-leak=*.Leak=10", "-c",
            "import subprocess, sys\n"
            "subprocess.run([sys.executable, 'leak.py', '20'])",
            cwd=self.directory), "log.pmt.")

    @pmttest.needs_reference_tracing
    def test_growing_objects(self):
        script = self.write_file("leak.py", LEAK)
        self.assert_fails(
            self.pmt_run("-r", "--fail-on-growth", script, "3000"),
            "log.pmt: 1 group of objects grows to the end\n")
        self.assert_later(1, "1 group of objects grows to the end\n",
                          "--fail-on-growth")
        self.assert_passes(
            self.pmt_run("-r", "--fail-on-growth", script, "0"))

    @pmttest.not_sanitized
    def test_growing_memory(self):
        self.assert_fails(self.pmt_run("-p", "--fail-on-growth", "-c", GROW),
                          "log.pmt: memory grew by 5")
        self.assert_later(1, "memory grew by 5", "--fail-on-growth")
        self.assert_passes(
            self.pmt_run("-t", "--fail-on-growth", "-c", STAND))
        self.assert_later(0, "", "--fail-on-growth")

    @pmttest.not_sanitized
    def test_budget(self):
        """Of the largest process that was waited for."""
        code = "kept = bytearray(100 << 20)"
        child = ("import subprocess, sys\nsubprocess.run([sys.executable, '-c',"
                 "'%s'])" % code)
        for program in code, child:
            process = self.pmt_run("-p", "--budget=64M", "-c", program)
            self.assert_fails(process, "1")
            self.assertIn(" of memory at the peak, more than 64 MiB\n",
                          process.stderr)
            self.assert_passes(
                self.pmt_run("-p", "--budget=1G", "-c", program))
        self.pmt_run("-p", "-c", code)
        self.assert_later(1, "1", "--budget=64M")
        self.assert_later(0, "", "--budget=1G")

    def test_status_of_the_program(self):
        """Its own counts more; -q tells of failures alone."""
        process = self.pmt_run("-qp", "--budget=1M", "-c", "exit(7)")
        self.assert_status(process, 7)
        self.assertRegex(process.stderr, r"\Apmt-run: failed: .*\n\Z")

    def test_no_log(self):
        """Nothing was traced, so nothing was found to be right."""
        process = self.pmt_run("-p", "--fail-on-growth", "--python", "echo",
                               "x.py")
        self.assert_status(process, 1)
        self.assertIn("failed: there is no log to check", process.stderr)

    def test_not_for_this_log(self):
        """What cannot be judged does not pass."""
        self.assert_success(self.pmt_run("-p", "-c", "pass"))
        self.assert_later(1, "it is no log of objects", "--fail-on-leak=5")
        self.assert_success(pmttest.run_program(
            ["pmt-run", "--heap-snapshot", "--python", sys.executable, "-o",
             self.path("a.pmtheap"), "-c", "pass"]))
        process = pmttest.run_program(["pmt-analyse", "--budget=1G",
                                       self.path("a.pmtheap")])
        self.assert_status(process, 1)
        self.assertIn("failed: a.pmtheap: it is no log", process.stderr)

    @pmttest.not_sanitized
    def test_allocations(self):
        """The peak is what the kernel noted, where no rows tell of it."""
        code = "kept = bytearray(100 << 20)"
        for options in ["-a"], ["-a", "--summary"]:
            with self.subTest(options):
                self.assert_success(self.pmt_run(*options, "-c", code))
                self.assert_later(1, "it is a log of allocations",
                                  "--fail-on-growth")
                self.assert_later(1, "1", "--budget=64M")
                self.assert_later(0, "", "--budget=1G")

    def test_unknown_peak(self):
        """pymemtrace may not know RSS."""
        self.write_file("log.pmt", "SOF\nHEDR: Event dEvent Clock What File "
                        "Line Function RSS dRSS\n"
                        "FRST: 0 +0 1.0 CALL f.py 1 f 0 0\nEOF\n")
        self.assert_later(1, "it does not tell how much memory",
                          "--budget=1G")

    def test_usage_later(self):
        for options in (["--compare", "--budget=1G", "a", "b"],
                        ["--text", "--fail-on-growth", "a"],
                        ["--fail-on-leak=x", "a"], ["--budget=0", "a"]):
            with self.subTest(options):
                self.assert_status(
                    pmttest.run_program(["pmt-analyse", *options]), 2)

    def test_usage(self):
        for options, message in (
                (["-p", "--fail-on-leak=1"], "--fail-on-leak is of -r"),
                (["-r", "--fail-on-leak=x"], "--fail-on-leak: 'x'"),
                (["-r", "--fail-on-leak=a="], "--fail-on-leak: ''"),
                (["-a", "--fail-on-growth"], "--fail-on-growth is of"),
                (["-r", "--summary", "--fail-on-leak=1"], "--summary: there"),
                (["-p", "--budget=0"], "--budget: '0'")):
            with self.subTest(options):
                self.assert_usage_error(self.pmt_run(*options, "x.py"),
                                        message)


if __name__ == "__main__":
    pmttest.main()
