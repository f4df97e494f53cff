# SPDX-License-Identifier: MIT
"""pmt-run and the programs that a program starts."""
import os
import re
import sys

import pmttest

MULTIPROCESSING = """
import multiprocessing, sys
def work(n):
    return n * n
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(pool.map(work, range(4)))
        # A worker that did nothing may be killed before it begins.
        pool.close()
        pool.join()
"""


class Follow(pmttest.TestCase):

    def pmt_run(self, *argv, **kwargs):
        return pmttest.run_program(
            ["pmt-run", "-p", "-o", self.path("log.pmt")] + list(argv),
            **kwargs)

    def not_followed(self, *argv, **kwargs):
        """What the line says, or None."""
        process = self.assert_success(self.pmt_run(*argv, **kwargs))
        lines = [line for line in process.stderr.splitlines()
                 if "not followed" in line]
        self.assertLess(len(lines), 2, lines)
        return lines[0].partition(": ")[2] if lines else None


class NotFollowed(Follow):

    def test_multiprocessing(self):
        script = self.write_file("pool.py", MULTIPROCESSING)
        self.assertIsNone(self.not_followed(script, "fork"))
        # Each worker is one; that of forkserver forks them.
        self.assertRegex(
            self.not_followed(script, "spawn"),
            r"\A2 children were not followed: .*\(spawn\) x2\Z")
        self.assertRegex(self.not_followed(script, "forkserver"),
                         r"\A1 child was not followed: \S+ .*\(forkserver\)\Z")

    def test_starts(self):
        python = os.path.basename(sys.executable)
        for start, said in (
                ("subprocess.run([sys.executable, 'x.py', 'a'])",
                 python + " x.py a (subprocess)"),
                ("subprocess.run([sys.executable, '-c', 'exit()', 'a'],"
                 " close_fds=False)", python + " -c ... (subprocess)"),
                ("os.system(sys.executable + ' x.py')",
                 "sh -c %s ... (system)" % python),
                ("subprocess.run('exec %s x.py' % sys.executable, shell=1)",
                 "1 that is no Python"),
                ("os.posix_spawn(sys.executable, [sys.executable, 'x.py'],"
                 "{}), os.wait()", python + " x.py (subprocess)"),
                ("os.spawnv(os.P_WAIT, sys.executable, ['p', 'x.py'])",
                 python + " x.py (exec)"),
                ("os.execv(sys.executable, ['p', 'x.py'])",
                 python + " x.py (exec)"),
                ("subprocess.run(['./tool'])", "tool (subprocess)"),
                ("subprocess.run(['true'])", "1 that is no Python")):
            with self.subTest(start):
                self.write_file("x.py", "")
                tool = self.write_file("tool", "#!" + sys.executable + "\n")
                os.chmod(tool, 0o700)
                self.assertEqual(
                    self.not_followed("-c", "import os, subprocess, sys\n"
                                      + start, cwd=self.directory),
                    "1 child was not followed: " + said)

    def test_what_was_not_started(self):
        self.assertIsNone(self.not_followed("-c", """
import os, subprocess
for start in (lambda: subprocess.run(["./python"]),
              lambda: os.execv("./python", ["python"]),
              lambda: os.posix_spawn("./python", ["python"], {})):
    try:
        start()
    except OSError:
        continue
    raise AssertionError
""", cwd=self.directory))

    def test_many(self):
        """One line, in which no name is raw."""
        line = self.not_followed("-c", """
import subprocess, sys
for i in range(8):
    subprocess.run([sys.executable, "-Sc", "", "\\33[31m%d" % i])
    subprocess.run(["true"])
""")
        self.assertTrue(line.startswith("16 children were not followed: "))
        self.assertTrue(line.endswith(
            ", other Pythons x3, 8 that are no Python"), line)
        self.assertIn("\\033[31m0", line)

    def test_nothing_else_changes(self):
        """No module stays, and functions are what they are."""
        code = ("import sys\nprint('_posixsubprocess' in sys.modules)\n"
                "import _posixsubprocess as p, os, inspect\n"
                "print(p.fork_exec, os.execve, os.system.__doc__,"
                "inspect.signature(os.execve))\n")
        plain = pmttest.run_python(code)
        process = self.assert_success(self.pmt_run(
            "--python", sys.executable, "-c", code))
        blank = re.compile("0x[0-9a-f]+")
        self.assertEqual(blank.sub("", process.stdout),
                         blank.sub("", plain.stdout))


class Followed(Follow):

    PYTHON = ["--follow", "--python", sys.executable]

    # AddressSanitizer must be the first library of a process.
    TRACERS = ((["-t"],) if pmttest.sanitized else (["-t"], ["-a"]))

    def logs(self):
        return sorted(name for name in os.listdir(self.directory)
                      if name.startswith("log."))

    def brief(self, name):
        return self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--brief", self.path(name)])).stdout

    def follow(self, *argv, **kwargs):
        """Run it; each log is whole, and there is nothing else."""
        process = self.assert_success(self.pmt_run(*self.PYTHON, *argv,
                                                   **kwargs))
        for name in self.logs():
            self.brief(name)
        return process

    def test_multiprocessing(self):
        """A log for each worker, and one for the server that forks them."""
        script = self.write_file("pool.py", MULTIPROCESSING)
        for method, most in ("fork", 3), ("spawn", 3), ("forkserver", 4):
            for options in self.TRACERS + (["-r", "--summary"],):
                if "-r" in options and sys.version_info < (3, 13):
                    continue
                with self.subTest((method, options)):
                    process = self.assert_success(pmttest.run_program(
                        ["pmt-run", *options, *self.PYTHON, "-o",
                         self.path("log.x"), script, method]))
                    self.assertEqual(process.stdout, "[0, 1, 4, 9]\n")
                    self.assertNotIn("not followed", process.stderr)
                    # Forked ones that do little have none.
                    self.assertLessEqual(len(self.logs()), most)
                    if method == "spawn" and "-t" in options:
                        self.assertEqual(len(self.logs()), most)
                    for name in self.logs():
                        os.remove(self.path(name))

    def test_executor(self):
        script = self.write_file("pool.py", """
import concurrent.futures, multiprocessing
def work(n):
    return n * n
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(
            2, multiprocessing.get_context("spawn")) as pool:
        print(list(pool.map(work, range(4))))
""")
        process = self.follow(script)
        self.assertEqual(process.stdout, "[0, 1, 4, 9]\n")
        self.assertIn("other processes wrote", process.stderr)

    def test_chain(self):
        """By a shell, by exec, into the directory of the first one."""
        script = self.write_file("chain.py", """
import os, subprocess, sys
left = int(sys.argv[1])
kept = bytearray(left << 20)
os.chdir("/")
if left == 3:
    subprocess.run("%s %s 2; true" % (sys.executable, __file__), shell=True)
elif left:
    os.execv(sys.executable, [sys.executable, __file__, str(left - 1)])
print("end", left)
""")
        process = self.follow(script, "3")
        self.assertEqual(process.stdout, "end 0\nend 3\n")
        self.assertNotIn("not followed", process.stderr)
        first, second, third, last = self.logs()
        self.assertEqual(first, "log.pmt")
        pid = second[len(first):]
        self.assertEqual((third, last), (second + pid, second + 2 * pid))
        for name, mib in (first, 3), (second, 2), (third, 1):
            self.assertIn("%d.0" % mib, self.brief(name))

    def test_program_that_becomes_another(self):
        process = self.follow("-c", "import os, sys\nos.execv(sys.executable,"
                              "['python', '-c', 'print(1)'])")
        self.assertEqual(process.stdout, "1\n")
        self.assertEqual(len(self.logs()), 2)
        self.assertIn("log: %s\n" % self.path(self.logs()[1]),
                      process.stderr)
        self.assertIn("other processes wrote 1 more log", process.stderr)

    def test_other_programs_run_unchanged(self):
        for start in ("os.execvp('echo', ['echo', 'out'])",
                      "subprocess.run(['echo', 'out'])"):
            for options in self.TRACERS:
                process = self.assert_success(pmttest.run_program(
                    ["pmt-run", *options, "-o", self.path("log.x")]
                    + self.PYTHON
                    + ["-c", "import os, subprocess\n" + start]))
                self.assertEqual(process.stdout, "out\n")
                self.assertIn("1 that is no Python", process.stderr)

    def test_those_that_cannot_be(self):
        """Each runs on, and is named."""
        python = os.path.basename(sys.executable)
        for arguments, environment in (
                ("-I", "None"), ("-E", "None"), ("-S", "None"),
                ("-B", "{}"), ("-B", "dict(os.environ, PMT_RUN='/gone')")):
            with self.subTest((arguments, environment)):
                process = self.follow("-c", """
import os, subprocess, sys
subprocess.run([sys.executable, %r, "-c", "print(1)"], env=%s)
""" % (arguments, environment))
                self.assertEqual(process.stdout, "1\n")
                self.assertIn("1 child was not followed: %s %s -c ... "
                              "(subprocess)" % (python, arguments),
                              process.stderr)
                self.assertEqual(self.logs(), ["log.pmt"])

    def test_other_versions(self):
        """Each has the extension of its own."""
        pythons = os.environ.get("PMT_PYTHONS", "").split()
        if len(pythons) < 2:
            self.skipTest("only one Python is served")
        for python in pythons:
            with self.subTest(python):
                process = self.follow("-c", """
import subprocess, sys
subprocess.run([sys.argv[1], "-c", "print('out')"])
""", python)
                self.assertEqual(process.stdout, "out\n")
                self.assertNotIn("not followed", process.stderr)
                self.assertEqual(len(self.logs()), 2)
                for name in self.logs():
                    os.remove(self.path(name))

    def test_version_without_reference_tracing(self):
        old = [python for python in os.environ.get("PMT_PYTHONS", "").split()
               if pmttest.run_program([python, "-c", "import sys; sys.exit("
                                       "sys.version_info >= (3, 13))"]
                                      ).returncode == 0]
        if not old or sys.version_info < (3, 13):
            self.skipTest("needs an older Python beside a newer one")
        process = self.assert_success(pmttest.run_program(
            ["pmt-run", "-r", "-o", self.path("log.pmt")] + self.PYTHON +
            ["-c", "import subprocess, sys\n"
             "subprocess.run([sys.argv[1], '-c', 'print(1)'])", old[0]]))
        self.assertEqual(process.stdout, "1\n")
        self.assertIn("1 child was not followed: ", process.stderr)
        self.assertIn("reference tracing needs Python 3.13", process.stderr)

    def test_usage(self):
        for options in (["--top"], ["--probes"], ["-p", "--pid=1"]):
            self.assert_usage_error(pmttest.run_program(
                ["pmt-run", "--follow"] + options +
                (["x.py"] if "--pid=1" not in options else [])),
                "--follow is not for")


if __name__ == "__main__":
    pmttest.main()
