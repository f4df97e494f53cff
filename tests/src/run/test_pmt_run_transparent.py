# SPDX-License-Identifier: MIT
"""A program under pmt-run sees and does what it does without it."""
import os
import shutil
import signal
import subprocess
import sys
import zipfile

import pmttest

# All that a program can know about how it was started.
TELL = r"""
import os, subprocess, sys
print(sys.argv, sys.orig_argv, sys.executable, sys.flags, sep="\n")
print(sys.path, sys._xoptions, sys.warnoptions, sys.getprofile(), sep="\n")
print(__name__, globals().get("__file__"), __package__,
      __spec__ and (__spec__.name, __spec__.origin), type(__loader__))
print(sorted(set(sys.modules) - {"atexit", "gc", "pmt._pmt"}))
print(sorted(sys.path_importer_cache))
print(sorted(os.environ.items()))
subprocess.run("env | grep -v ^_= | sort", shell=True)
print(sys.getrecursionlimit(), os.getcwd(), sys.stdin.read())
"""


@pmttest.needs_reference_tracing
class Transparent(pmttest.TestCase):

    def plain(self, *argv, **kwargs):
        return pmttest.run_program([sys.executable] + list(argv),
                                   cwd=self.directory, **kwargs)

    def traced(self, *argv, **kwargs):
        self.logs = self.path("logs")
        os.makedirs(self.logs, exist_ok=True)
        return pmttest.run_program(
            ["pmt-run", "-r", "-q", "--text", "--python", sys.executable, "-o",
             self.logs] + list(argv), cwd=self.directory, **kwargs)

    def assert_same(self, *argv, status=0, **kwargs):
        plain = self.plain(*argv, **kwargs)
        traced = self.traced(*argv, **kwargs)
        self.assert_status(plain, status)
        self.assertEqual(plain.stdout, traced.stdout)
        self.assertEqual(plain.stderr, traced.stderr)
        self.assert_status(traced, status)
        return plain

    # How it is started

    def test_script(self):
        self.write_file("a dir/scr\u00efpt.py", TELL)
        told = self.assert_same("a dir/scr\u00efpt.py", "a", "-r", "--", "b c",
                                input="typed")
        self.assertIn("typed", told.stdout)

    def test_directory(self):
        self.write_file("app/__main__.py", TELL)
        self.assert_same("app", "-x")

    def test_archive(self):
        with zipfile.ZipFile(self.path("app.zip"), "w") as archive:
            archive.writestr("__main__.py", TELL)
        self.assert_same("app.zip", "a")

    def test_module(self):
        self.write_file("module.py", TELL)
        self.assert_same("-m", "module", "-m", "x")

    def test_package(self):
        self.write_file("package/__init__.py", "print('package')")
        self.write_file("package/__main__.py", TELL)
        self.write_file("package/part.py", TELL)
        self.assert_same("-m", "package", "a")
        self.assert_same("-m", "package.part")

    def test_code(self):
        self.assert_same("-c", TELL, "-c", "x")

    def test_standard_input(self):
        self.assert_same("-", "a", input=TELL)

    def test_compiled_script(self):
        script = self.write_file("script.py", TELL)
        import py_compile
        py_compile.compile(script, self.path("script.pyc"))
        self.assert_same("script.pyc", "a")

    def test_python_path(self):
        self.write_file("lib/helper.py", "NUMBER = 5")
        for value in (None, "", "lib", "lib::", self.path("lib") + ":gone"):
            with self.subTest(value):
                self.assert_same("-c", TELL, env={"PYTHONPATH": value})

    def test_environment_that_is_not_text(self):
        self.assert_same("-c", "import os; print(os.environb[b'RAW'])",
                         env={"RAW": "\udcff\udcfe"})

    # What starts before it

    def test_sitecustomize_of_ones_own(self):
        self.write_file("lib/sitecustomize.py",
                        "import sys; sys.custom = __file__; print('custom')")
        told = self.assert_same("-c", "import sys, sitecustomize\n"
                                "print(sys.custom, sitecustomize)\n" + TELL,
                                env={"PYTHONPATH": self.path("lib")})
        self.assertIn("custom", told.stdout)

    def test_sitecustomize_that_fails(self):
        for text in ("1 / 0", "import no_such_module"):
            with self.subTest(text):
                self.write_file("lib/sitecustomize.py", text)
                told = self.assert_same(
                    "-c", "print(1)", env={"PYTHONPATH": self.path("lib")})
                self.assertIn("Error in sitecustomize", told.stderr)

    def test_profiler_from_sitecustomize(self):
        """Its profile function is left alone; we begin right away."""
        self.write_file("lib/sitecustomize.py", "import sys\n"
                        "def profile(*args): pass\n"
                        "sys.setprofile(profile)\n")
        self.assert_same("-c", "import sys; print(sys.getprofile().__name__)",
                         env={"PYTHONPATH": self.path("lib")})
        self.assertEqual(len(os.listdir(self.logs)), 1)

    def test_module_of_the_same_name(self):
        self.write_file("pmt.py", "NAME = 'mine'")
        told = self.assert_same("-c", "import pmt; print(pmt.NAME)")
        self.assertEqual(told.stdout, "mine\n")

    def test_program_that_uses_pmt(self):
        """Its pmt is the one that traces it, wherever it found it."""
        shutil.copytree(os.path.join(pmttest.builddir, "python", "pmt"),
                        self.path("copy", "pmt"))
        self.assert_success(self.traced(
            "-c", "import pmt\n"
            "pmt.reference_tracing_write_message_to_log('half way')\n"
            "assert 'copy' in pmt.__file__",
            env={"PYTHONPATH": self.path("copy")}))
        log = self.path(self.logs, os.listdir(self.logs)[0])
        self.assertRegex(self.read_file(log), r"\nMSG: .* # half way\n")

    # How it ends

    def test_exit_status(self):
        for code, status in (("raise SystemExit", 0),
                             ("import sys; sys.exit(42)", 42),
                             ("import sys; sys.exit('message')", 1),
                             ("import os; os._exit(9)", 9),
                             ("import os; os.abort()", -signal.SIGABRT),
                             ("import os; os.kill(os.getpid(), 15)", -15),
                             ("import os; os.kill(os.getpid(), 9)", -9),
                             ("raise KeyboardInterrupt", -signal.SIGINT)):
            with self.subTest(code):
                self.assert_same("-c", code, status=status)

    def test_status_of_a_shell(self):
        process = pmttest.run_program(
            ["sh", "-c", "pmt-run -rq -o logs -c "
             "'import os; os.kill(os.getpid(), 15)'; echo $?"],
            cwd=self.directory)
        self.assertEqual(process.stdout, "143\n")

    def test_tracebacks(self):
        text = "def f(n):\n    return 1 / n\nf(0)\n"
        script = self.write_file("script.py", text)
        self.write_file("module.py", text)
        self.assert_same(script, status=1)
        self.assert_same("-m", "module", status=1)
        self.assert_same("-c", text, status=1)
        self.assert_same("-", input=text, status=1)
        self.assert_same(self.write_file("bad.py", "x = = 1"), status=1)
        self.assert_same("-m", "no_such_module", status=1)
        self.assert_same("no-such-script.py", status=2)
        self.assert_same(self.directory, status=1)

    def test_exit_handlers(self):
        self.assert_same("-c", """
import atexit, threading, time, weakref
def work():
    threading.main_thread().join()
    print("thread")
class C:
    def __del__(self): print("del", self.name)
    def __init__(self, name): self.name = name
atexit.register(print, "first")
atexit.register(print, "last")
c = C("global")
weakref.finalize(c, print, "finalized")
threading.Thread(target=work).start()
threading.Thread(target=time.sleep, args=[60], daemon=True).start()
print("main ends")
""")

    # What it starts

    def test_own_interpreter_again(self):
        self.write_file("child.py", TELL)
        self.assert_same("-c", "import subprocess, sys\n"
                         "subprocess.run([sys.executable, 'child.py', 'a'])")
        self.assert_same("-c", "import os, sys\n"
                         "os.execv(sys.executable, ['python', 'child.py'])")

    def test_multiprocessing(self):
        script = self.write_file("script.py", """
import multiprocessing, sys

class Thing:
    def __init__(self, n): self.n = n

def square(n):
    Thing(n)
    return n * n, __name__

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        print(pool.map(square, range(5)))
    process = context.Process(target=sys.exit, args=[3])
    process.start()
    process.join()
    print(process.exitcode)
""")
        for method in ("spawn", "forkserver", "fork"):
            with self.subTest(method):
                self.assert_same(script, method)

    # What it may do

    def test_recursion(self):
        self.assert_same("-c", """
def depth(n):
    try:
        return depth(n + 1)
    except RecursionError:
        return n
print(depth(0))
import sys
sys.setrecursionlimit(5000)
print(depth(0))
""")

    def test_closed_standard_files(self):
        for redirection in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(redirection):
                texts = []
                for python in (sys.executable,
                               "pmt-run -rq -o . --python " + sys.executable):
                    process = pmttest.run_program(
                        ["sh", "-c", "%s -c 'import sys\n"
                         "print(sys.stdin, sys.stdout, sys.stderr, "
                         "file=open(\"told\", \"w\"))' %s" % (
                             python, redirection)], cwd=self.directory)
                    texts.append((process.returncode, process.stdout,
                                  process.stderr, self.read_file("told")))
                self.assertEqual(texts[0], texts[1])

    def test_descriptors(self):
        """The program's first files get the numbers they always get."""
        told = self.assert_same("-c", "import os; print(os.open('/', 0) < 20)")
        self.assertEqual(told.stdout, "True\n")

    def test_signal_dispositions(self):
        self.assert_same("-c", "import signal\n"
                         "print([signal.getsignal(n) for n in range(1, 32)])\n"
                         "print(signal.pthread_sigmask(0, []))",
                         preexec_fn=lambda: signal.signal(
                             signal.SIGHUP, signal.SIG_IGN))


@pmttest.needs_reference_tracing
class Signals(pmttest.TestCase):

    PROGRAM = """
import os, select, signal, sys
# Not print(): a handler may run while another one prints.
for name in sys.argv[1:]:
    signal.signal(getattr(signal, name), lambda number, frame:
                  os.write(1, signal.Signals(number).name.encode() + b"\\n"))
os.write(1, b"ready\\n")
# A signal that comes just before read() begins does not interrupt it, and
# Python runs the handler only after; so look every now and then.
while not select.select([sys.stdin], [], [], 0.1)[0] or sys.stdin.readline():
    pass
"""

    def start(self, *argv, **kwargs):
        process = subprocess.Popen(
            ["pmt-run", "-r", "--text", "-o", self.directory] + list(argv),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, **kwargs)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def test_passed_on(self):
        names = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT",
                 "SIGQUIT", "SIGWINCH"]
        process = self.start("-c", self.PROGRAM, *names)
        for name in names:
            process.send_signal(getattr(signal, name))
            self.assertEqual(process.stdout.readline(), name + "\n")
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertIn("still alive", err)

    def test_deadly(self):
        process = self.start("-c", self.PROGRAM)
        process.send_signal(signal.SIGTERM)
        # Not communicate(): at the end of its input the program ends, too.
        process.wait(timeout=60)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGTERM)
        self.assertIn("no summary: the program died of signal 15", err)

    def test_interrupt_of_the_terminal(self):
        """^C reaches the whole group: the program once, and we wait."""
        process = self.start("-c", self.PROGRAM, "SIGINT", process_group=0)
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(process.stdout.readline(), "SIGINT\n")
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertIn("still alive", err)

    def test_ignored_before(self):
        """As under nohup: what we were told to ignore stays ignored."""
        process = self.start("-c", self.PROGRAM, preexec_fn=lambda:
                             signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)

    def test_child_status_ignored_before(self):
        process = self.start("-c", self.PROGRAM + "sys.exit(7)",
                             preexec_fn=lambda: signal.signal(
                                 signal.SIGCHLD, signal.SIG_IGN))
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 7)

    def test_closed_standard_error(self):
        """The summary finds no reader; the status is the program's."""
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.run(
            ["pmt-run", "-r", "-o", self.directory, "-c", "exit(6)"],
            stderr=writer)
        os.close(writer)
        self.assertEqual(process.returncode, 6)


if __name__ == "__main__":
    pmttest.main()
