# SPDX-License-Identifier: MIT
"""pmt-run: its command line, its choice of interpreter, its exit status."""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import pmttest



class PmtRun(pmttest.TestCase):

    def pmt_run(self, *argv, **kwargs):
        return pmttest.run_program(
            ["pmt-run", "--text", "-o", self.directory] + list(argv), **kwargs)


class CommandLine(PmtRun):

    def test_help_fits_the_terminal(self):
        process = self.assert_success(self.pmt_run("--help"))
        lines = process.stdout.splitlines()
        self.assertGreater(len(lines), 20)
        self.assertEqual([line for line in lines if len(line) > 80], [])
        self.assertEqual([line for line in lines if line != line.rstrip()], [])

    def test_version(self):
        process = self.assert_success(self.pmt_run("--version"))
        self.assertRegex(process.stdout, r"\Apmt-run \(pmt\) \d+\.\d+\.\d+\n\Z")

    def test_nothing_to_run(self):
        self.assert_usage_error(self.pmt_run("-r"), "nothing to run")

    def test_nothing_to_watch(self):
        """It chooses, and leaves nothing but the report behind."""
        script = self.write_file("grow.py", "kept = bytearray(32 << 20)\n"
                                 "print('out')\nraise SystemExit(7)\n")
        os.mkdir(self.path("tmp"))
        self.write_file("tmp/keep", "")
        env = {"TMPDIR": self.path("tmp")}
        process = pmttest.run_program(["pmt-run", script], env=env,
                                      cwd=self.directory)
        self.assert_status(process, 7)
        self.assertEqual(process.stdout, "out\n")
        self.assertIn("Verdict: Memory grew by 3", process.stderr)
        self.assertIn("grow.py:1 <module>\n", process.stderr)
        self.assertEqual(os.listdir(self.path("tmp")), ["keep"])
        process = pmttest.run_program(["pmt-run", "-qo", self.path("log.pmt"),
                                       script], env=env, cwd=self.directory)
        self.assertEqual(process.stderr, "")
        self.assertEqual(sorted(os.listdir(self.directory)),
                         ["grow.py", "log.pmt", "tmp"])

    def test_two_tracers_at_once(self):
        for options in ("-pr", "-tp", "-rr", "-r --top", "--top -p"):
            with self.subTest(options):
                self.assert_usage_error(
                    self.pmt_run(*options.split(), "x.py"), "say one of")

    def test_wrong_values(self):
        for option in ("--gc-collect=3", "--gc-collect=", "--columns=Colour",
                       "--columns=", "--type-names=long", "--no-such-option",
                       "--python-option=dev", "--python-option=-Es",
                       "--python-option=-I", "--python-option=-uS",
                       "--python-option=-mx"):
            with self.subTest(option):
                self.assert_usage_error(
                    self.pmt_run("-r", option, "x.py"), "")

    def test_options_of_another_log(self):
        for options, message in (
                (["-p", "--builtins"], "--builtins is of -r"),
                (["--columns=Size", "-t"], "--columns is of -r"),
                (["-p", "--summary"], "--summary is of -r"),
                (["-r", "--trigger=0"], "--trigger is of -p and -t"),
                (["--top", "--rss=every"], "--rss is of -p and -t"),
                (["-r", "--ring=1M", "--max-size=1M"],
                 "--max-size and --ring exclude each other")):
            with self.subTest(options):
                self.assert_usage_error(self.pmt_run(*options, "x.py"),
                                        message)

    def test_full_standard_output(self):
        process = subprocess.run("pmt-run --version >/dev/full", shell=True,
                                 stderr=subprocess.PIPE)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"No space left on device", process.stderr)


class Interpreter(PmtRun):
    """Refusals come before the program's first line."""

    def test_missing(self):
        process = self.pmt_run("-r", "--python", "no-such-python", "x.py")
        self.assert_status(process, 127)
        self.assertEqual(process.stderr, "pmt-run: cannot run "
                         "'no-such-python': No such file or directory\n")

    def test_not_executable(self):
        process = self.pmt_run("-r", "--python", self.write_file("p", ""),
                               "x.py")
        self.assert_status(process, 126)
        self.assertIn("Permission denied", process.stderr)

    def test_not_a_python(self):
        process = self.pmt_run("-r", "--python", "echo", "x.py")
        self.assert_success(process)
        self.assertEqual(process.stdout, "x.py\n")
        self.assertIn("nothing was traced: the interpreter did not read",
                      process.stderr)

    def test_interpreter_before_it(self):
        """What a shell would run: a Python by name or file, with options."""
        python = self.write_file("bin/python3.99", '#!/bin/sh\nexec %s "$@"\n'
                                 % sys.executable)
        os.chmod(python, 0o755)
        self.write_file("dev.py", "import sys; "
                        "print(sys.flags.dev_mode, sys.argv[1:])")
        for words in ([sys.executable, "-X", "dev", "dev.py", "-a"],
                      ["python3.99", "-X", "dev", "dev.py", "-a"],
                      [sys.executable, "-X", "dev", "-m", "dev", "-a"]):
            with self.subTest(words):
                process = self.pmt_run(
                    "-p", *words, cwd=self.directory,
                    env={"PATH": "%s:%s" % (os.path.dirname(python),
                                            os.environ["PATH"])})
                self.assert_success(process)
                self.assertEqual(process.stdout, "True ['-a']\n")
                self.assertIn("pmt-run: log: ", process.stderr)

    def test_command(self):
        """A script in PATH, run by the Python that its first line names."""
        command = self.write_file("python-tool", "#!%s\nimport sys\n"
                                  "print(sys.argv)\n" % sys.executable)
        os.chmod(command, 0o755)
        path = "%s:%s" % (self.directory, os.environ["PATH"])
        process = self.pmt_run("-p", "python-tool", "x", env={"PATH": path},
                               cwd="/tmp")
        self.assert_success(process)
        self.assertEqual(process.stdout, "%r\n" % [command, "x"])
        long = self.write_file("long-tool", "#!/bin/sh\n'''exec' %s \"$0\" "
                               "\"$@\"\n' '''\nprint('of pip')\n"
                               % sys.executable)
        os.chmod(long, 0o755)
        process = self.pmt_run("-p", "long-tool", env={"PATH": path},
                               cwd="/tmp")
        self.assertEqual(process.stdout, "of pip\n")
        here = self.write_file("here/python-tool", "print('of here')\n")
        process = self.pmt_run("-p", "python-tool", env={"PATH": path},
                               cwd=os.path.dirname(here))
        self.assertEqual(process.stdout, "of here\n")

    def test_no_script(self):
        """A command or machine code in a script's place is told."""
        python, machine_code = self.path("python3"), self.path("frozen")
        os.symlink(sys.executable, python)
        shutil.copy("/bin/true", machine_code)
        no_script = ("'%s' is no Python script; if it starts Python, have it "
                     "start pmt-run instead")
        interpreter = ("'%s' is an interpreter, and --python names one: leave "
                       "out either")
        for script, said in (
                ("python3", interpreter), (python, interpreter),
                ("frozen", no_script), (machine_code, no_script)):
            with self.subTest(script):
                process = self.pmt_run(
                    "-p", "--python", sys.executable, script, "x.py",
                    env={"PATH": "%s:%s" % (self.directory,
                                            os.environ["PATH"])},
                    cwd="/")
                self.assertNotEqual(process.returncode, 0)
                self.assertEqual(process.stderr.splitlines()[-1],
                                 "pmt-run: " + said % script)
        process = self.pmt_run("-p", "nothing-at-all", "x.py")
        self.assert_status(process, 2)
        self.assertNotIn("nothing-at-all' is", process.stderr)

    def test_no_extension_for_it(self):
        """A package without extensions stands for a build without this one."""
        bin, package = self.path("bin"), self.path("lib", "pmt", "python")
        os.makedirs(bin)
        shutil.copy(shutil.which("pmt-run"), bin)
        shutil.copytree(
            os.path.join(pmttest.builddir, "python", "pmt", "boot"),
            os.path.join(package, "pmt", "boot"))
        self.write_file("lib/pmt/python/pmt/_pmt.cpython-399-x.so", "")
        process = pmttest.run_program(
            [os.path.join(bin, "pmt-run"), "-r", "--python", sys.executable,
             "-c", "print(1)"])
        self.assert_status(process, 125)
        self.assertEqual(process.stdout, "")
        if sys.version_info < (3, 13):
            self.assertIn("needs Python 3.13", process.stderr)
        else:
            self.assertIn("has no extension for it", process.stderr)
        self.assertIn("serves cpython-399:", process.stderr)
        self.assertIn("--with-pythons", process.stderr)

    @unittest.skipIf(sys.version_info >= (3, 13), "this Python is new enough")
    def test_too_old(self):
        process = self.pmt_run("-r", "--python", sys.executable, "-c", "1/0")
        self.assert_status(process, 125)
        self.assertRegex(process.stderr, r"is Python 3\.\d+\.\d+\S*: reference "
                         r"tracing needs Python 3\.13 or newer\n")
        self.assertIn("pmt-run -a --objects --heap-snapshot=1m --python=%s ...,"
                      % sys.executable, process.stderr)


@pmttest.needs_reference_tracing
class Choice(PmtRun):
    """--python, $PYTHON, the virtual environment, the first line, python3."""

    PRINT = "import sys; print(sys.executable)"

    def make_python(self, *names):
        """A Python of another name, which is what sys.executable tells."""
        path = self.path(*names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(sys.executable, path)
        return path

    def setUp(self):
        self.option = self.make_python("option", "python")
        self.variable = self.make_python("variable", "python")
        self.venv = self.make_python("venv", "bin", "python")
        self.named = self.make_python("named", "python3.99")
        self.found = self.make_python("path", "python3")
        self.script = self.write_file(
            "script", "#!%s -E\n%s\n" % (self.named, self.PRINT))
        self.env = {
            "PYTHON": self.variable,
            "VIRTUAL_ENV": self.path("venv"),
            "PATH": self.path("path") + os.pathsep + os.environ["PATH"],
        }

    def assert_chosen(self, python, *argv):
        process = self.pmt_run("-r", "-v", *argv, env=self.env)
        self.assertEqual(self.assert_success(process).stdout, python + "\n")
        self.assertIn("pmt-run: interpreter: %s (" % python, process.stderr)

    def test_order(self):
        self.assert_chosen(self.option, "--python", self.option, self.script)
        self.assert_chosen(self.variable, self.script)
        self.env["PYTHON"] = None
        self.assert_chosen(self.venv, self.script)
        self.env["VIRTUAL_ENV"] = None
        self.assert_chosen(self.named, self.script)
        self.assert_chosen(self.found, "-c", self.PRINT)

    def test_beside_pmt_run(self):
        """In a virtual environment, before that of PATH."""
        self.env["PYTHON"] = self.env["VIRTUAL_ENV"] = None
        beside = self.make_python("env", "bin", "python3")
        program = shutil.copy(shutil.which("pmt-run"),
                              self.path("env", "bin"))
        package = os.path.join(os.path.dirname(shutil.which("pmt-run")),
                               os.pardir, "python")
        os.symlink(package, self.path("env", "python"))
        for config, python in ((None, self.found), ("pyvenv.cfg", beside)):
            if config is not None:
                self.write_file(os.path.join("env", config), "")
            process = pmttest.run_program(
                [program, "-r", "-o", self.directory, "-c", self.PRINT],
                env=self.env)
            self.assertEqual(self.assert_success(process).stdout,
                             python + "\n")

    def test_first_lines(self):
        self.env["PYTHON"] = self.env["VIRTUAL_ENV"] = None
        self.make_python("path", "python3.98")
        for line, python in (
                ("#!/usr/bin/env python3.98", self.path("path", "python3.98")),
                ("#!/usr/bin/env -S A=python python3.98 -u",
                 self.path("path", "python3.98")),
                ("#! %s\t-u" % self.named, self.named),
                ("#!%s" % self.path("gone", "python3"), self.found),
                ("#!/bin/sh", self.found),
                ("#!", self.found),
                ("", self.found)):
            with self.subTest(line):
                self.assert_chosen(python, self.write_file(
                    "first", "%s\n%s\n" % (line, self.PRINT)))

    def test_options_for_the_interpreter(self):
        process = self.pmt_run(
            "-r", "--python-option=-Xdev", "--python-option=-u", "-c",
            "import sys; print(sys.flags.dev_mode, sys.stdout.write_through)")
        self.assertEqual(self.assert_success(process).stdout, "True True\n")


# Writes what sys.getsizeof() says, the oracle, and keeps what it measured.
RESIZED = """
import array, collections, io, json, sys
class Mine(list):
    def __sizeof__(self): raise RuntimeError("Python code ran")
kept = [bytearray(), {}, set(), [], collections.deque(), array.array("q"),
        Mine(), io.BytesIO()]
kept[0].extend(bytes(500000))
kept[1].update(dict.fromkeys(range(10000)))
kept[2].update(range(10000))
kept[3].extend(range(10000))
kept[4].extend(range(10000))
kept[5].extend(range(10000))
kept[6].extend(range(10000))
kept[7].write(bytes(300000))
sizes = {}
for it in kept:
    name = type(it).__module__ + "." + type(it).__qualname__
    sizes[name.replace("builtins.", "")] = (
        list.__sizeof__(it) if type(it) is Mine else it.__sizeof__())
with open("sizes", "w") as file:
    json.dump(sizes, file)
"""


@pmttest.needs_reference_tracing
class Report(PmtRun):

    PROGRAM = """
class Kept: pass
class Gone: pass
kept = [Kept() for i in range(7)]
for i in range(20): Gone()
"""

    def test_summary(self):
        process = self.assert_success(self.pmt_run("-r", "-c", self.PROGRAM))
        lines = process.stderr.splitlines()
        self.assertEqual(len(lines), 3, process.stderr)
        log = re.fullmatch(r"pmt-run: log: (/.*_O_0_PY3\..*\.log)", lines[0])
        self.assertEqual(os.path.dirname(log[1]), self.directory)
        made, destroyed = re.fullmatch(
            r"pmt-run: (\d+) objects made, (\d+) destroyed", lines[1]).groups()
        self.assertGreaterEqual(int(made), 27)
        self.assertGreaterEqual(int(destroyed), 20)
        alive = re.fullmatch(r"pmt-run: (\d+) still alive", lines[2])[1]
        self.assertGreaterEqual(int(alive), 7)
        rows = self.read_file(log[1]).splitlines()
        self.assertEqual(rows[-1], "EOF")
        new = [row for row in rows if row.startswith("NEW:")]
        self.assertEqual(len(new), int(made))

    def test_holders(self):
        """Who keeps the objects alive, before the end frees it."""
        program = self.PROGRAM.replace("range(7)", "range(12)")
        process = self.assert_success(self.pmt_run("-r", "-c", program))
        lines = process.stderr.splitlines()
        log = lines[0].split(": ", 2)[2]
        self.assertIn(" # held: __main__.Kept: 12 by __main__.kept[*]; "
                      "its list grew from 0 to 12",
                      self.read_file(log))

    def test_what_grows(self):
        process = self.assert_success(self.pmt_run(
            "-r", "-c", "class Kept: pass\n"
            "kept = []\n"
            "def keep():\n"
            "    kept.append(Kept())\n"
            "for i in range(2000): keep(), hash(bytes(500000))"))
        self.assertEqual(process.stderr.splitlines()[3:], [
            "pmt-run: growing: 2,000 __main__.Kept, <string>:4 keep",
            "pmt-run: held: 2000 by __main__.kept[*]; its list "
            "grew from 0 to 2000"])

    def test_what_grows_is_not_looked_for_in_a_long_log(self):
        """Each row has its names, which make 80 MB of few objects."""
        process = self.assert_success(self.pmt_run(
            "-r", "-c", "Long = type('L' * 20000, (), {})\n"
            "kept = [Long() for i in range(4000)]"))
        self.assertRegex(
            process.stderr.splitlines()[3],
            r"\Apmt-run: what grows is told by pmt-analyse: the log, of \d+ "
            r"MiB, takes it a while\Z")
        self.assertNotIn("growing:", process.stderr)

    @pmttest.not_sanitized
    def test_what_was_alive_at_the_peak(self):
        """A function keeps it until it returns: the end shows nothing."""
        process = self.assert_success(self.pmt_run(
            "-r", "-c", "class Kept: pass\n"
            "def keep():\n"
            "    kept = []\n"
            "    for n in range(30000):\n"
            "        kept.append(Kept())\n"
            "        kept[-1].buffer = bytes(500)\n"
            "keep()"))
        line = process.stderr.splitlines()[3]
        self.assertRegex(line, r"\Apmt-run: alive at the peak: [23]\d,\d{3} "
                               r"(bytes|__main__\.Kept), <string>:[56] keep\Z")

    def test_no_objects_but_the_program_s(self):
        process = self.assert_success(self.pmt_run(
            "-r", "--no-builtins", "-c", "pass"))
        self.assertIn("\npmt-run: 0 objects made, ", process.stderr)

    @pmttest.not_sanitized
    def test_no_memory_to_tell_what_grows(self):
        """Nothing is said of the part of a log for which there was memory."""
        process = pmttest.run_program(
            ["pmt-run", "-r", "-o", self.path("log.pmt"), "-c", """
import os, resource, sys
class Kept: pass
kept = [Kept() for _ in range(100000)]
with open("/proc/%d/statm" % os.getppid()) as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.prlimit(os.getppid(), resource.RLIMIT_AS,
                 (used + (2 << 20), resource.RLIM_INFINITY))
sys.exit(7)
"""])
        self.assert_status(process, 7)
        self.assertIn("cannot tell what grows: Cannot allocate memory",
                      process.stderr)
        self.assertNotIn("growing:", process.stderr)

    def test_quiet(self):
        process = self.pmt_run("-r", "-q", "-c", self.PROGRAM)
        self.assertEqual(self.assert_success(process).stderr, "")
        self.assertEqual(len(os.listdir(self.directory)), 1)

    def test_output_file(self):
        log = self.path("a log.txt")
        process = pmttest.run_program(
            ["pmt-run", "-ro", log, "-c", self.PROGRAM])
        self.assertIn("log: %s\n" % log, self.assert_success(process).stderr)
        self.assertTrue(self.read_file("a log.txt").endswith("\nEOF\n"))

    def test_default_is_the_working_directory(self):
        process = pmttest.run_program(
            ["pmt-run", "-r", "-c", "import os; os.chdir('/')"],
            cwd=self.directory)
        self.assert_success(process)
        self.assertEqual(len(os.listdir(self.directory)), 1)

    def test_log_cannot_be_written(self):
        for path, reason in (("/dev/null/x.log", "Not a directory"),
                             (self.path("no", "x.log"), "No such file")):
            process = pmttest.run_program(
                ["pmt-run", "-r", "-o", path, "-c", "print(1)"])
            self.assert_status(process, 125)
            self.assertEqual(process.stdout, "")
            self.assertEqual(process.stderr.count("\n"), 1)
            self.assertIn("'%s': %s" % (path, reason), process.stderr)

    def test_full_disk(self):
        """The program goes on, its status is its own, and we say so."""
        process = pmttest.run_program(
            ["pmt-run", "-r", "-o", "/dev/full", "-c",
             self.PROGRAM + "print('done'); raise SystemExit(4)"])
        self.assert_status(process, 4)
        self.assertEqual(process.stdout, "done\n")
        self.assertIn("the log is incomplete: ", process.stderr)
        self.assertIn("No space left on device", process.stderr)

    def assert_torn_log(self):
        """All rows are in the one file that is left."""
        log, = os.listdir(self.directory)
        rows = self.read_file(log).splitlines()
        self.assertNotEqual(rows[-1], "EOF")
        self.assertEqual(len([row for row in rows if row.startswith("NEW:")
                              and " __main__.Gone " in row]), 20)

    def test_killed(self):
        for option in ("-r", "-rq"):
            process = self.pmt_run(option, "-c", self.PROGRAM +
                                   "import os; os.kill(os.getpid(), 9)")
            self.assert_status(process, -9)
            self.assertEqual(
                "no summary: the program died of signal 9" in process.stderr,
                option == "-r")
            self.assert_torn_log()
            os.remove(self.path(os.listdir(self.directory)[0]))

    def test_exit_without_handlers(self):
        process = self.pmt_run("-r", "-c", self.PROGRAM +
                               "import ctypes; ctypes.CDLL(None)._exit(5)")
        self.assert_status(process, 5)
        self.assertIn("no summary: the program ended by _exit(2) with status "
                      "5, or became another one\n", process.stderr)
        self.assert_torn_log()

    def test_forked_children(self):
        """Their logs are counted, and whole even if they were killed."""
        program = self.PROGRAM + """
import os, signal
for end in (lambda: exit(), lambda: os._exit(0),
            lambda: os.kill(os.getpid(), 9)):
    if os.fork() == 0:
        for i in range(20):
            Gone()
        end()
    os.wait()
"""
        for output in self.path("log.txt"), self.directory:
            process = self.assert_success(pmttest.run_program(
                ["pmt-run", "-r", "-o", output, "-c", program]))
            self.assertEqual(process.stderr.splitlines()[-1],
                             "pmt-run: forked processes wrote 3 more logs; "
                             "pmt-analyse --merge adds them up")
            names = os.listdir(self.directory)
            self.assertEqual(len(names), 4, names)
            for name in names:
                if name.endswith((".txt", ".pmt")):
                    continue
                self.assertIn(" __main__.Gone ", self.read_file(name))
            for name in names:
                os.remove(self.path(name))

    def test_forked_children_that_only_end(self):
        program = ("import os\nfor n in range(20):\n"
                   "    if os.fork() == 0: os._exit(0)\n"
                   "    os.wait()\n")
        for options in (["-p"], ["-t", "--trigger", "0", "--text"], ["-r"],
                        ["-r", "--summary"]):
            self.pmt_run(*options, "-o", self.path("x.log"), "-c", program)
            # Those that the machine let wait for 50 ms have one.
            logs = os.listdir(self.directory)
            self.assertLess(len(logs), 10, options)
            for name in logs:
                os.remove(self.path(name))

    def test_daemon_that_forks_twice(self):
        """Nothing is left of the process in the middle but its log."""
        program = '''
import os
class Thing: pass
if os.fork() == 0:
    things = [Thing() for n in range(100)]
    middle = os.getpid()
    if os.fork() == 0:
        while os.getppid() == middle:
            things.append(Thing())
        raise SystemExit
    os._exit(0)
os._exit(0)
'''
        process = self.pmt_run("-r", "-o", self.path("x.log"), "-c", program)
        self.assertIn("still alive", process.stderr)
        logs = sorted(os.listdir(self.directory))
        self.assertEqual(len(logs), 3, logs)
        self.assertRegex(logs[1], r"\Ax\.log\.\d+\Z")
        self.assertTrue(logs[2].startswith(logs[1] + "."))
        self.assertTrue(self.read_file(logs[2]).endswith("\nEOF\n"))
        self.assertEqual(self.read_file(logs[1]).count("__main__.Thing"),
                         100)

    def test_program_that_does_not_begin(self):
        for code in ("1 +", "\0"):
            script = self.write_file("bad.py", code)
            process = self.pmt_run("-r", script)
            self.assert_status(process, 1)
            self.assertIn("nothing was traced: the program did not begin",
                          process.stderr)

    def test_names_do_not_reach_the_terminal_raw(self):
        process = self.pmt_run("-r", "-c", "C = type('\\33[31m', (), {})\n"
                               "kept = []\n"
                               "for i in range(40000): kept.append(C())")
        self.assertNotIn("\33", self.assert_success(process).stderr)
        self.assertIn("40,000 __main__.\\033", process.stderr)

    def test_closed_descriptors(self):
        """What took our descriptors' place is the program's, not ours."""
        program = """
import os
os.closerange(3, 2000)
for i in range(900):
    os.open("victim", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
class C: pass
kept = [C() for i in range(100)]
"""
        self.assert_success(self.pmt_run("-r", "-c", program,
                                         cwd=self.directory))
        self.assertEqual(self.read_file("victim"), "")


@pmttest.needs_reference_tracing
class Options(PmtRun):

    PROGRAM = """
class Apple: pass
class Pear: pass
kept = [Apple(), Pear(), {}, [1]]
"""

    def types(self, *argv):
        self.assert_success(pmttest.run_program(
            ["pmt-run", "-r", "-q", "--text", "-o",
             self.path("log")] + list(argv) +
            ["-c", self.PROGRAM]))
        return {row.split()[4] for row in self.read_file("log").splitlines()
                if row.startswith("NEW:")}

    def test_include_and_exclude(self):
        self.assertEqual(self.types("--include-type=__main__.*"),
                         {"__main__.Apple", "__main__.Pear"})
        self.assertEqual(self.types("--include-type=Apple",
                                    "--include-type=Pear"),
                         {"__main__.Apple", "__main__.Pear"})
        self.assertEqual(self.types("--include-type=__main__.*",
                                    "--exclude-type=Ap*"), {"__main__.Pear"})

    def test_builtins(self):
        self.assertIn("list", self.types())
        self.assertIn("list", self.types("--builtins"))
        self.assertNotIn("without builtins", self.read_file("log"))
        self.assertNotIn("list", self.types("--no-builtins"))
        self.assertIn("; without builtins", self.read_file("log"))
        self.types("--no-builtins", "-c",
                   "kept = [bytes(1000) for i in range(40000)]")
        report = pmttest.run_program(["pmt-analyse", self.path("log")]).stdout
        self.assertIn("\nNext: pmt-run -r without --no-builtins", report)

    def sizes(self, program):
        """Bytes of the objects of each type that live at the end."""
        self.assert_success(pmttest.run_program(
            ["pmt-run", "-rqo", self.path("log.pmt"), "-c", program],
            cwd=self.directory))
        report = json.loads(self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--json", "--group-by", "type", "--top", "0",
             self.path("log.pmt")])).stdout)
        return {group["type"]: group["bytes"]
                for group in report[0]["groups"]}

    def test_sizes_are_those_of_the_end(self):
        sizes = self.sizes(RESIZED)
        expected = json.loads(self.read_file("sizes"))
        self.assertEqual(sorted(expected), sorted(
            "bytearray dict set list collections.deque array.array "
            "__main__.Mine _io.BytesIO".split()))
        for name, size in expected.items():
            self.assertGreaterEqual(sizes[name], size, name)
            # Of these the imports made many.
            if name not in ("dict", "set", "list"):
                self.assertLess(sizes[name], size + 3000, name)

    def test_type_names(self):
        self.assertIn("Apple", self.types("--type-names=tp_name"))
        self.assertIn("__main__.Apple", self.types("--type-names=qualified"))

    def test_columns(self):
        self.types("--columns=size,Thread", "--columns=Wall")
        header = re.search("^HDR:.*", self.read_file("log"), re.M)[0].split()
        self.assertEqual(header[-4:],
                         ["Thread", "Wall", "Size", "Own"])

    def test_message(self):
        self.types("--message", "first\nsecond \u20ac")
        self.assertTrue(self.read_file("log").startswith(
            "first\nsecond \u20ac\nSOF\n"))
        self.types("--message", "not UTF-8: \udcff")
        self.assertTrue(self.read_file("log").startswith(
            "not UTF-8: \\xff\nSOF\n"))

    def test_gc_collect(self):
        program = """
class Cycle:
    def __init__(self): self.me = self
import gc; gc.disable()
for i in range(10): Cycle()
"""
        for generation, destroyed in (("2", 10), ("-1", 0)):
            self.assert_success(pmttest.run_program(
                ["pmt-run", "-rq", "--text", "-o", self.path("log"),
                 "--gc-collect", generation, "--include-type=*.Cycle",
                 "-c", program]))
            self.assertEqual(self.read_file("log").count("\nDEL:"), destroyed)


if __name__ == "__main__":
    pmttest.main()
