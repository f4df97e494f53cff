# SPDX-License-Identifier: MIT
"""pmt-run --dtrace: the scripts, the tools that run them, what is missing."""
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

from pmt import _pmt
import pmttest

SCRIPTS = os.path.join(pmttest.srcdir, "dtrace")
NAMES = ["flow", "flow-rss", "malloc", "malloc-flow", "malloc-calls",
         "objects", "objects-raw", "types", "syscalls"]
# Of test_probes.py, where the extension is held to them.
ARGUMENTS = {"function__entry": 3, "function__return": 3, "rss__change": 2,
             "object__new": 6, "object__del": 2, "malloc__site": 5,
             "free__site": 4}
PROGRAM = """
import os
kept = []
def take(size):
    return bytearray(size)
def work():
    for i in range(3):
        kept.append(take(100000 + i))
        take(300000 + i)
    os.getppid()
work()
"""


def can_trace():
    """Why bpftrace cannot show our probes here, or None."""
    if _pmt._probe_heard("function__entry") is None:
        return "built without sys/sdt.h (Debian: systemtap-sdt-dev)"
    if os.geteuid() != 0:
        return "only root may trace by the kernel"
    if not shutil.which("bpftrace"):
        return "bpftrace is missing"
    if pmttest.sanitized:
        return "AddressSanitizer takes the place of malloc"
    hello = subprocess.run(
        ["bpftrace", "-e", 'BEGIN { printf("hello\\n"); exit(); }'], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    if b"hello" not in hello.stdout or not os.path.exists(
            "/sys/bus/event_source/devices/uprobe"):
        return "the kernel refuses bpftrace here"
    return None


REFUSAL = can_trace()
needs_bpftrace = unittest.skipIf(REFUSAL, REFUSAL)


class ScriptTest(pmttest.TestCase):

    def test_both_languages(self):
        def names(ending):
            return {os.path.basename(path)[:-len(ending)]
                    for path in glob.glob(SCRIPTS + "/*" + ending)}
        self.assertEqual(names(".bt"), names(".d"))
        self.assertEqual(names(".bt"), set(NAMES) - {"objects", "objects-raw"})

    def test_probes_exist(self):
        """Each script uses probes, and arguments, that there are."""
        for path in glob.glob(SCRIPTS + "/*.bt"):
            with open(path) as file:
                text = file.read()
            for name, body in re.findall(
                    r"^usdt:\*:(?:pmt|\$1):(\w+)\n\{(.*?)^\}", text,
                    re.M | re.S):
                used = [int(n) for n in re.findall(r"\barg(\d)", body)]
                self.assertLess(max(used), ARGUMENTS[name], path)
        for path in glob.glob(SCRIPTS + "/*.d"):
            with open(path) as file:
                text = file.read()
            for name, body in re.findall(
                    r"^pmt\$target:::([\w-]+)\n\{(.*?)^\}", text, re.M | re.S):
                used = [int(n) for n in re.findall(r"\barg(\d)", body)]
                self.assertLess(max(used), ARGUMENTS[name.replace("-", "__")],
                                path)


class WithoutToolTest(pmttest.TestCase):
    """What is missing is said in one line, and nothing is run."""

    def run_dtrace(self, *args, **kwargs):
        return pmttest.run_program(
            ["pmt-run", "--python", sys.executable, *args], **kwargs)

    def refused(self, message, *args, **kwargs):
        done = self.run_dtrace(*args, **kwargs)
        self.assertRegex(done.stderr, message)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(done.returncode, 125)
        self.assertEqual(done.stdout, "")

    def test_list(self):
        done = self.run_dtrace("--dtrace", "list")
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()],
                         NAMES)
        self.assertEqual(done.returncode, 0)

    @unittest.skipIf(_pmt._probe_heard("rss__change") is not None,
                     "built with sys/sdt.h")
    def test_no_probes(self):
        self.refused("systemtap-sdt-dev", "--dtrace", "flow", "-c", "print(1)")

    @unittest.skipIf(REFUSAL and "sdt.h" in REFUSAL, REFUSAL)
    @unittest.skipUnless(os.geteuid() == 0, "root only")
    def test_missing(self):
        nothing = {"PATH": self.path("")}
        program = shutil.which("pmt-run")
        self.refused("there is no script 'flaw'", "--dtrace", "flaw", "-c", "1")
        done = pmttest.run_program([program, "--dtrace", "./x.bt", "-c", "1"],
                                   env=nothing)
        self.assertIn("no bpftrace here", done.stderr)
        self.assertEqual(done.returncode, 125)

    def test_usage(self):
        for args in (["--pid", "1"], ["--whole-paths", "-c", "1"],
                     ["--dtrace", "flow", "--text", "-c", "1"],
                     ["--dtrace", "flow", "-p", "-c", "1"],
                     ["--dtrace", "flow", "--pid", "1", "-c", "1"],
                     ["--dtrace", "flow"]):
            with self.subTest(args=args):
                self.assertEqual(self.run_dtrace(*args).returncode, 2)

    @pmttest.not_sanitized
    def test_probes_alone(self):
        """Nobody listens, and the program is as ever."""
        done = self.run_dtrace("--probes", "-c", PROGRAM + "print(len(kept))",
                               cwd=self.path(""))
        self.assertEqual(done.stdout, "3\n")
        self.assertEqual(done.stderr, "")
        self.assertEqual(os.listdir(self.path("")), [])


@needs_bpftrace
class BpftraceTest(pmttest.TestCase):

    def setUp(self):
        pmttest.TestCase.setUp(self)
        self.script = self.path("program.py")
        with open(self.script, "w") as file:
            file.write(PROGRAM)

    def trace(self, name, *args):
        output = self.path(name + ".out")
        done = pmttest.run_program(
            ["pmt-run", "--python", sys.executable, "--dtrace", name,
             "-o", output, *args, self.script], timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(output) as file:
            return file.read()

    def test_flow(self):
        rows = re.findall(r"(\d+) +program.py:(\d+) +(->|<-) (\w+)",
                          self.trace("flow"))
        take = [("1", "4", "->", "take"), ("1", "5", "<-", "take")]
        self.assertEqual(rows, [("0", "6", "->", "work")] + 6 * take +
                         [("0", "10", "<-", "work")])

    def test_whole_paths(self):
        self.assertIn(self.script + ":4", self.trace("flow", "--whole-paths"))

    def test_malloc_flow(self):
        text = self.trace("malloc-flow")
        self.assertTrue(text.startswith("dtrace:::BEGIN\n"))
        blocks = re.findall(r"program.py:5 +-> take malloc\((\d+)\) "
                            r"pntr (0x\w+)", text)
        # bytearray takes a byte more.
        self.assertEqual([int(size) for size, _ in blocks],
                         [100001, 300001, 100002, 300002, 100003, 300003])
        for i in 1, 3, 5:
            self.assertRegex(text, r"-> work free\(%s\)" % blocks[i][1])

    def test_malloc(self):
        self.assertRegex(self.trace("malloc"),
                         r"@bytes\[program.py, take\]: 1200012\n")

    @unittest.skipIf(sys.version_info < (3, 13), "objects need Python 3.13")
    def test_types(self):
        self.assertRegex(self.trace("types"),
                         r"@made\[bytearray, program.py, take\]: 6\n")


if __name__ == "__main__":
    pmttest.main()
