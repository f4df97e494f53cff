# SPDX-License-Identifier: MIT
"""What functions of atexit clear away was alive when the program ended."""
import glob
import json
import os
import sys

import alloctest
import pmttest

PROGRAM = """\
import atexit
class Kept:
    pass
class Registry:
    kept = {}
def clear():
    Registry.kept.clear()
atexit.register(clear)
def keep(n):
    Registry.kept[n] = Kept()
    sum(range(500))
for n in range(1500):
    keep(n)
"""
HELD = (r"held: 1500 by __main__\.Registry\.kept\{\*\};\s+"
        r"its dict grew from 0 to 1500")


class AtExit(pmttest.TestCase):

    def run_traced(self, *options, code=PROGRAM):
        program = self.write_file("prog.py", code)
        process = pmttest.run_program(
            ["pmt-run", "--python", sys.executable, *options, program])
        return self.assert_success(process)

    def kept(self, log):
        """The group of the objects in question, and the whole report."""
        report, = json.loads(self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--json", log])).stdout)
        return [group for group in report["groups"]
                if group["type"] == "__main__.Kept"], report

    @pmttest.needs_reference_tracing
    def test_objects(self):
        log = self.path("log.pmt")
        process = self.run_traced("-r", "-o", log)
        self.assertRegex(process.stderr, HELD)
        self.assertRegex(process.stderr, r": \d{4} more were before functions "
                                         r"of atexit ran\n")
        (group,), report = self.kept(log)
        self.assertEqual(group["alive"], 1500)
        self.assertGreaterEqual(report["freed_at_exit"], 1500)

    @pmttest.needs_reference_tracing
    def test_what_they_make_does_not_count(self):
        code = PROGRAM.replace("clear()\natexit",
                               "update((i, Kept()) for i in range(99))\natexit")
        log = self.path("log.pmt")
        self.run_traced("-r", "-o", log, code=code)
        (group,), report = self.kept(log)
        self.assertEqual((group["alive"], group["line"]), (1500, 10))

    @pmttest.needs_reference_tracing
    def test_the_first_screen_and_a_summary(self):
        self.assertRegex(self.run_traced().stderr, HELD)
        path = self.path("report")
        self.run_traced("-r", "--summary", "-o", path)
        self.assertRegex(self.read_file("report"),
                         r"\n +1,500 .* __main__\.Kept")
        self.assertRegex(self.read_file("report"), HELD)

    def test_a_heap_snapshot(self):
        path = self.path("x.pmtheap")
        self.run_traced("--heap-snapshot", "-o", path)
        self.assertEqual(self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--path-to", "__main__.Kept", path])).stdout,
            "      1500  __main__.Registry.kept{*}  (of 1500)\n")

    def test_functions_run_as_ever(self):
        """In their order, each once, also those that were unregistered."""
        code = """\
import atexit
atexit.register(print, "last")
@atexit.register
def never():
    print("never")
def register():
    atexit.register(print, "registered by another")
    print("first", flush=True)
atexit.register(register)
atexit.unregister(never)
try:
    atexit.register(1)
except TypeError as error:
    print(error)
"""
        plain = self.assert_success(pmttest.run_python(code)).stdout
        self.assertIn("first\n", plain)
        process = self.run_traced("-p", "-o", self.path("log.pmt"), code=code)
        self.assertEqual(process.stdout, plain)

    def test_a_child_has_an_end_of_its_own(self):
        code = "import os\nif os.fork():\n    os.wait()\n" + PROGRAM
        process = self.run_traced("-p", "--stack", "-o", self.path("log.pmt"),
                                  code=code)
        self.assertNotIn("incomplete", process.stderr)

    @pmttest.needs_reference_tracing
    def test_a_worker_of_multiprocessing_ends_at_once(self):
        """It runs the functions of its own list, and leaves by os._exit()."""
        self.run_traced("-r", "-o", self.path("log.txt"), code="""\
import multiprocessing
class Kept:
    pass
kept = []
def work():
    kept.extend(Kept() for _ in range(100))
process = multiprocessing.get_context("fork").Process(target=work)
process.start()
process.join()
""")
        worker, = glob.glob(self.path("log.txt.*"))
        with open(worker, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(text.count(" __main__.Kept "), 100)
        self.assertIn("Memory at exit: ", text)
        self.assertNotIn("Looking who holds", text)

    @pmttest.needs_reference_tracing
    def test_an_exception_that_nobody_catches(self):
        """What Python imports to show it is not the program's."""
        log = self.path("log.pmt")
        program = self.write_file("prog.py", PROGRAM + "1 / 0\n")
        for options in [], ["-r", "-o", log]:
            process = pmttest.run_program(
                ["pmt-run", "--python", sys.executable, *options, program])
            self.assert_status(process, 1)
            self.assertIn("\nZeroDivisionError: ", process.stderr)
            self.assertRegex(process.stderr, HELD)
        group, report = self.kept(log)
        self.assertEqual([one["alive"] for one in group], [1500])
        self.assertFalse([one for one in report["groups"]
                          if one["growing"] and one["type"] == "re.Pattern"])

    @pmttest.needs_reference_tracing
    def test_an_exception_that_the_program_shows(self):
        """It goes on, and so does the log."""
        log = self.path("log.pmt")
        process = self.run_traced("-r", "-o", log, code="""\
import sys
try:
    1 / 0
except ZeroDivisionError:
    sys.excepthook(*sys.exc_info())
""" + PROGRAM)
        self.assertIn("ZeroDivisionError: ", process.stderr)
        (group,), _ = self.kept(log)
        self.assertEqual(group["alive"], 1500)

    @pmttest.needs_reference_tracing
    def test_os_exit(self):
        """Of any thread; a fork's is not the end of the program."""
        program = self.write_file("prog.py", """\
import os, threading
if os.fork() == 0:
    os._exit(0)
os.wait()
""" + PROGRAM + """\
thread = threading.Thread(target=os._exit, args=(3,))
thread.start()
thread.join()
""")
        log = self.path("log.pmt")
        for options in [], ["-r", "-o", log]:
            process = pmttest.run_program(
                ["pmt-run", "--python", sys.executable, *options, program])
            self.assert_status(process, 3)
            self.assertRegex(process.stderr, HELD)
        (group,), _ = self.kept(log)
        self.assertEqual(group["alive"], 1500)

    def test_os_exit_with_each_tracer(self):
        for option, end in (("-p", r"events, memory \S+ by"),
                            ("-t", r"events, memory \S+ by"),
                            ("-a", r"log: ")):
            # Where AddressSanitizer is preloaded, nothing else can be.
            if option == "-a" and pmttest.sanitized:
                continue
            process = self.run_traced(option, "-o", self.path("log.pmt"),
                                      code="import os\nos._exit(0)\n")
            self.assertRegex(process.stderr, end)
            self.assertNotIn("no summary", process.stderr)
            self.assertNotIn("incomplete", process.stderr)

    def test_an_interrupt_of_the_end(self):
        boot = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                            "../../../python/pmt/boot")
        sys.path.insert(0, boot)
        try:
            from pmtboot.job import Job
        finally:
            sys.path.remove(boot)
        done = []

        class Interrupted(Job):
            raised = ("error", None, RuntimeWarning, None, 0)

            def __init__(self):
                pass

            def end(self):
                raise KeyboardInterrupt

            def very_last(self):
                done.append("left")

            def report(self):
                done.append("reported")

        with self.assertRaises(KeyboardInterrupt):
            Interrupted().finish()
        self.assertEqual(done, ["left", "reported"])


class Blocks(alloctest.AllocationsTest):

    @alloctest.on_each
    def test_blocks(self, python):
        program = self.write_file("prog.py", PROGRAM.replace(
            "Kept()\n", "bytes(5000)\n"))
        log = self.trace(program, python=python)
        self.assertGreaterEqual(self.functions(log)["keep"]["blocks"], 1500)


if __name__ == "__main__":
    pmttest.main()
