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


if __name__ == "__main__":
    pmttest.main()
