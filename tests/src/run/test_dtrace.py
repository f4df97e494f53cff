# SPDX-License-Identifier: MIT
"""pmt-run --dtrace: the scripts, the tools that run them, what is missing."""
import glob
import os
import re
import shutil
import sys
import unittest

from pmt import _pmt
import pmttest
from alloctest import block_of
from dtracetest import PROGRAM, SCRIPTS, ToolTest, no_probes, says_hello

NAMES = ["flow", "flow-rss", "malloc", "malloc-flow", "malloc-calls",
         "objects", "objects-raw", "types", "syscalls"]
# Of test_probes.py, where the extension is held to them.
ARGUMENTS = {"function__entry": 3, "function__return": 3, "rss__change": 2,
             "object__new": 6, "object__del": 2, "malloc__site": 5,
             "free__site": 4}


def no_bpftrace():
    """Why bpftrace cannot show our probes here, or None."""
    if NO_PROBES:
        return NO_PROBES
    if not shutil.which("bpftrace"):
        return "bpftrace is missing"
    if not says_hello("bpftrace", "-e",
                      'BEGIN { printf("hello\\n"); exit(); }'):
        return "the kernel refuses bpftrace here"
    return None


NO_PROBES = no_probes()
NO_BPFTRACE = no_bpftrace()


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

    @unittest.skipIf(NO_PROBES, NO_PROBES)
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


@unittest.skipIf(NO_PROBES, NO_PROBES)
class WaitingTest(pmttest.TestCase):

    @unittest.skipUnless(shutil.which("cpp"), "cpp is missing")
    def test_probes_waited_for(self):
        """All that the script listens to, and none that it leaves out."""
        functions = {"function__entry", "function__return"}
        blocks = {"malloc__site", "free__site"}
        expected = {
            "flow": functions, "flow-rss": functions | {"rss__change"},
            "malloc": {"malloc__site"}, "malloc-flow": blocks,
            "malloc-calls": functions | blocks,
            "types": {"object__new", "object__del"}, "syscalls": functions,
        }
        if sys.version_info < (3, 13):
            del expected["types"]
        seen = self.path("seen")
        os.mkdir(self.path("bin"))
        # A tool that looks at the board, and goes.
        for tool in "dtrace", "bpftrace":
            path = self.write_file("bin/" + tool, (
                "#!/bin/sh\n"
                'case "$*" in *--help*) exit;; esac\n'
                'while [ "$1" != -p ]; do shift; done\n'
                "board=$(tr '\\0' '\\n' </proc/$2/environ |"
                " sed -n 's/^PMT_RUN=//p')\n"
                "tr '\\0' '\\n' </proc/$2/fd/$board |"
                " sed -n 's/^probe=//p' >%s\n" % seen))
            os.chmod(path, 0o755)
        for name in expected:
            for ending in ".bt", ".d":
                done = pmttest.run_program(
                    ["pmt-run", "--python", sys.executable, "--dtrace",
                     os.path.join(SCRIPTS, name + ending), "-c", "1"],
                    env={"PATH": self.path("bin") + ":" +
                         os.environ["PATH"]})
                self.assertIn("nobody listens", done.stderr)
                with open(seen) as file:
                    self.assertEqual(set(file.read().split()),
                                     expected[name], name + ending)


@unittest.skipIf(NO_BPFTRACE, NO_BPFTRACE)
class BpftraceTest(ToolTest):

    def test_flow(self):
        text = self.trace("flow")
        rows = re.findall(r"(\d+) +program.py:(\d+) +(->|<-) (\w+)", text)
        take = [("1", "4", "->", "take"), ("1", "5", "<-", "take")]
        # The first row has none before it; a trap takes a microsecond.
        deltas = re.findall(r"(\d+) +\d+ +program.py:", text)
        self.assertEqual(deltas.pop(0), "0")
        self.assertGreater(sum(map(int, deltas)), 0)
        self.assertEqual(rows, [("0", "6", "->", "work")] + 6 * take +
                         [("0", "10", "<-", "work")])

    def test_whole_paths(self):
        self.assertIn(self.script + ":4", self.trace("flow", "--whole-paths"))

    def test_malloc_flow(self):
        text = self.trace("malloc-flow")
        self.assertTrue(text.startswith("dtrace:::BEGIN\n"))
        blocks = re.findall(r"program.py:5 +-> take malloc\((\d+)\) "
                            r"pntr (0x\w+)", text)
        self.assertEqual([int(size) for size, _ in blocks],
                         [block_of(size + i) for i in range(3)
                          for size in (100000, 300000)])
        for i in 1, 3, 5:
            self.assertRegex(text, r"-> work free\(%s\)" % blocks[i][1])

    def test_malloc(self):
        self.assertRegex(self.trace("malloc"),
                         r"@bytes\[program.py, take\]: %d\n" %
                         sum(block_of(size + i) for i in range(3)
                             for size in (100000, 300000)))

    def test_system_calls(self):
        self.assertRegex(self.trace("syscalls"), r"\n@calls\[work, "
                         r"tracepoint:syscalls:sys_enter_getppid\]: 1\n")

    @unittest.skipIf(sys.version_info < (3, 13), "objects need Python 3.13")
    def test_types(self):
        self.assertRegex(self.trace("types"),
                         r"@made\[bytearray, program.py, take\]: 6\n")


if __name__ == "__main__":
    pmttest.main()
