# SPDX-License-Identifier: MIT
"""pmt-run SCRIPT, told nothing else: one screen that answers."""
import csv
import json
import os
import sys

import pmttest

LEAK = """\
import os, sys
class Kept:
    def __init__(self):
        self.block = bytearray(4096)
kept = []
def serve():
    kept.append(Kept())
for _ in range(3000):
    serve()
%s
sys.exit(7)
"""


class FirstScreen(pmttest.TestCase):

    def run_light(self, code, *options):
        program = self.write_file("prog.py", code)
        process = pmttest.run_program(
            ["pmt-run", "--python", sys.executable, *options, program])
        self.assertEqual(process.returncode, 7)
        return process

    def screen(self, code):
        text = self.run_light(code).stderr
        lines = text.splitlines()
        self.assertLessEqual(len(lines), 40, text)
        self.assertLessEqual(max(map(len, lines)), 80, text)
        return text

    @pmttest.not_sanitized
    def test_memory_and_lines(self):
        text = self.screen(LEAK % "")
        self.assertRegex(text, r"\n  all of it: RSS +[\d.]+ +[\d.]+ +[\d.]+\n")
        self.assertRegex(text, r"\nVerdict: Memory grew by \d+ MiB")
        self.assertRegex(text, r"\n +\+1\d MiB .* \S+/prog\.py:4 __init__\n")
        self.assertIn("\nNext: ", text)

    @pmttest.needs_reference_tracing
    def test_objects_with_place_and_holder(self):
        text = self.screen(LEAK % "")
        self.assertRegex(
            text, r"; 1 group grows\n.*\n.*\n"
            r" +3,000 .*  __main__\.Kept  \(growing\)\n"
            r" {12}\S+/prog\.py:7 serve\n"
            r" {12}held: 3000 by __main__\.kept\[\*\]; its list "
            r"grew from 0 to 3000\n")

    def test_what_there_is_more_of_before_3_13(self):
        """The heap at the end is compared with that at the start."""
        tried = 0
        for python in os.environ["PMT_PYTHONS"].split():
            version = pmttest.run_program(
                [python, "-c", "import sys; print(sys.version_info < (3, 13))"])
            if version.stdout != "True\n":
                continue
            tried += 1
            with self.subTest(python=python):
                log = self.path("log.pmt")
                program = self.write_file("prog.py", LEAK % "")
                process = pmttest.run_program(
                    ["pmt-run", "-o", log, "--python", python, program])
                self.assertEqual(process.returncode, 7, process.stderr)
                text = pmttest.run_program(
                    ["pmt-analyse", "--brief", log]).stdout
                self.assertRegex(
                    text, r"\nAlive at the end: [\d,]+ objects of 1\d MiB, "
                    r"[\d,]+ when the program began\n.*\n"
                    r" +3,000 +3,000 +1\d MiB  __main__\.Kept\n"
                    r" {12}held: 3000 by __main__\.kept\[\*\]; its list "
                    r"grew from 0 to 3000\n")
                if not pmttest.sanitized:
                    self.assertIn("\nNext: look who keeps what there is more "
                                  "of", text)
                report = json.loads(pmttest.run_program(
                    ["pmt-analyse", "--json", log]).stdout)[0]["grown"]
                self.assertGreater(report["alive"], report["before"] + 5000)
                self.assertEqual(report["types"][0]["type"], "__main__.Kept")
                self.assertEqual(report["types"][0]["held"]["count"], 3000)
                rows = csv.DictReader(pmttest.run_program(
                    ["pmt-analyse", "--csv", log]).stdout.splitlines())
                self.assertEqual(
                    [(row["alive"], row["before"], row["held_by"])
                     for row in rows if row["type"] == "__main__.Kept"],
                    [("3000", "0", "__main__.kept[*]; its list grew from 0 "
                      "to 3000")])
        if not tried:
            self.skipTest("no Python before 3.13 is served")

    @pmttest.needs_reference_tracing
    @pmttest.not_sanitized
    def test_what_there_is_more_of_where_no_group_grows(self):
        """Strings are not counted one by one, but when the program ends."""
        text = self.screen((LEAK % "").replace("Kept()", "str(_) * 1000"))
        self.assertRegex(text, r"Objects of classes explain\s+\d+ % of it")
        self.assertRegex(
            text, r"\nObjects of all types: [\d,]+ of 1\d MiB, "
            r"[\d,]+ when the program began\n.*\n"
            r" +3,000 +3,000 +1\d MiB  str\n"
            r" {12}held: 3000 by __main__\.kept\[\*\]; its list "
            r"grew from 0 to 3000\n")
        self.assertIn("\nNext: look who keeps what there is more of", text)

    @pmttest.needs_reference_tracing
    def test_what_is_owned_counts_with_its_owner(self):
        text = self.screen((LEAK % "").replace("bytearray(4096)", "Part()")
                           .replace("class Kept", """class Part:
    def __init__(self):
        self.inner = Inner()
class Inner:
    pass
class Kept"""))
        self.assertRegex(
            text, r"; 3 groups grow\n.*\n.*\n"
            r" +3,000 .*  __main__\.Kept  \(growing\)\n(?: {12}.*\n)+?"
            r" {12}with: \d+ KiB of (?:3,000 __main__\.(?:Part|Inner)(?:, )?)"
            r"{2}\n")

    @pmttest.needs_reference_tracing
    def test_the_holder_of_a_rare_type(self):
        """What grows is behind many types that do not, as those of imports."""
        text = self.screen("""\
import sys
many = [kind() for kind in [type("Kind%d" % number, (), {})
                            for number in range(100)] for _ in range(50)]
class Rare:
    pass
kept = []
for _ in range(40):
    kept.append(Rare())
    sum(range(2000))
sys.exit(7)
""")
        self.assertRegex(text, r" +40 .*  __main__\.Rare  \(growing\)\n"
                         r" {12}\S+/prog\.py:8 <module>\n"
                         r" {12}held: 40 by __main__\.kept\[\*\]; its list "
                         r"grew from 0 to 40\n")

    @pmttest.needs_reference_tracing
    def test_what_the_end_of_the_program_took_away(self):
        text = self.screen(LEAK % "kept.clear()")
        # It may count as growing: the end is a moment or two of sixteen.
        self.assertRegex(text, r"\nAlive at the peak, [\d.]+ s: .*\n.*\n.*\n"
                         r" +[23],\d\d\d .*  __main__\.Kept(  \(growing\))?\n")
        self.assertNotIn("Alive at the end", text)

    @pmttest.not_sanitized
    @pmttest.needs_reference_tracing
    def test_what_grew_until_a_peak(self):
        """The screen, and then the log, tell of the peak who holds."""
        code = LEAK % "big = bytearray(b'x' * (60 << 20))\ndel big"
        screen = self.run_light(code, "-o", self.path("log.pmt")).stderr
        process = pmttest.run_program(["pmt-analyse", self.path("log.pmt")])
        self.assert_success(process)
        for text in screen, process.stdout:
            self.assertIn("\nAlive at the peak", text)
            self.assertRegex(text, r"held: \d+ by __main__\.kept\[\*\]")

    @pmttest.needs_reference_tracing
    def test_the_log_tells_the_same(self):
        for name in "log.pmt", "log.log":
            self.run_light(LEAK % "", "-q", "-o", self.path(name))
            process = pmttest.run_program(["pmt-analyse", "--json",
                                           self.path(name)])
            self.assert_success(process)
            report = json.loads(process.stdout)[0]
            kept = report["groups"][0]
            self.assertEqual(
                [kept[key] for key in ("type", "line", "function", "alive",
                                       "growing")],
                ["__main__.Kept", 7, "serve", 3000, True])
            self.assertEqual(kept["held"], {
                "count": 3000,
                "by": "__main__.kept[*]; its list grew from 0 to 3000",
                "grew": {"what": "list", "from": 0, "to": 3000}})
            self.assertEqual(kept["own"]["file"], self.path("prog.py"))
            self.assertEqual(len(kept["history"]), 16)

    @pmttest.needs_reference_tracing
    def test_names_with_blanks(self):
        os.mkdir(self.path("a directory"))
        program = self.write_file("a directory/a = b.py", LEAK % "")
        process = pmttest.run_program(["pmt-run", "--python", sys.executable,
                                       program])
        self.assertIn("  a directory/a = b.py:7 serve\n", process.stderr)

    def test_forked_children_have_logs_of_their_own(self):
        self.run_light(LEAK % "pid = os.fork()\n"
                       "if pid == 0:\n"
                       "    kept += [Kept() for _ in range(2000)]\n"
                       "    sys.exit(0)\n"
                       "os.waitpid(pid, 0)", "-q", "-o", self.path("log.pmt"))
        logs = [name for name in os.listdir(self.path("."))
                if name.startswith("log.pmt")]
        self.assertEqual(len(logs), 2)
        for name in logs:
            self.assert_success(pmttest.run_program(
                ["pmt-analyse", "--brief", self.path(name)]))

    @pmttest.needs_reference_tracing
    def test_a_program_that_traces_objects_itself(self):
        process = self.run_light(
            "import pmt\n"
            "pmt.ReferenceTracing(filepath=%r).__enter__()\n"
            % self.path("own.pmt") + LEAK % "")
        self.assertIn("\nVerdict: ", process.stderr)
        self.assertNotIn("incomplete", process.stderr)


if __name__ == "__main__":
    pmttest.main()
