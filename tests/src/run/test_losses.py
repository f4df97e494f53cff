# SPDX-License-Identifier: MIT
"""A log that lost rows says so, whichever tracer wrote it, in either form."""
import re
import resource
import signal

import pmttest

LIMIT = 150 * 1024

PROGRAM = """
class Thing: pass
def call(): return Thing()
for i in range(int(%r)): call()
"""


def limit_files():
    """As ulimit -f does; the kernel then says EFBIG, not SIGXFSZ."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


class LossTest(pmttest.TestCase):

    def lose(self, tracer, name, calls):
        """Trace a program whose log finds no room; what is said of it."""
        path = self.path(name)
        program = self.write_file("program.py", PROGRAM % calls)
        process = pmttest.run_program(
            ["pmt-run"] + tracer + ["-o", path, program],
            preexec_fn=limit_files)
        self.assert_success(process)
        self.assertIn("the log is incomplete: ", process.stderr)
        self.assertIn("File too large", process.stderr)
        return pmttest.run_program(["pmt-analyse", "--brief", path])

    def assert_losses_are_told(self, *tracer):
        for name, calls in (("log.log", 5000), ("log.pmt", 50000)):
            with self.subTest(name):
                process = self.lose(list(tracer), name, calls)
                self.assert_status(process, 1)
                self.assertRegex(process.stderr + process.stdout, re.compile(
                    r"rows were lost here: File too large", re.IGNORECASE))

    def test_profile(self):
        self.assert_losses_are_told("-p", "--trigger", "0")

    def test_trace(self):
        self.assert_losses_are_told("-t", "--trigger", "0")

    @pmttest.needs_reference_tracing
    def test_threads_at_the_end(self):
        """While holders are looked for other threads go on, and are logged."""
        log = self.path("log.log")
        self.assert_success(pmttest.run_program(
            ["pmt-run", "-r", "-o", log, "-c",
             "class Thing: pass\nkept = [Thing() for _ in range(100)]"]))
        text = self.read_file("log.log")
        self.assertIn("Who holds what is alive", text)
        self.assertNotIn("Suspending", text)

    @pmttest.needs_reference_tracing
    def test_references(self):
        self.assert_losses_are_told("-r")


if __name__ == "__main__":
    pmttest.main()
