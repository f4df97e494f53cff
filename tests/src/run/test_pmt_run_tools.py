# SPDX-License-Identifier: MIT
"""What programs do to their own interpreter works under pmt-run, too.

On every interpreter that the build serves: much of this differs by version.
"""
import functools
import os
import subprocess

import pmttest

SUBINTERPRETER = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
one = interpreters.create()
interpreters.run_string(one, '''
import os, sys
print(sys.path, "sitecustomize" in sys.modules, os.environ.get("PYTHONPATH"))
''')
interpreters.destroy(one)
"""

# A debugger, a coverage tool, unittest.
RESTORED = """
import sys, threading
def inside(): return [len("abc") for _ in range(3)]
for get, set in ((sys.gettrace, sys.settrace),
                 (sys.getprofile, sys.setprofile)):
    found = get()
    set(None)
    inside()
    set(found)
    print(inside(), get() is found)
    thread = threading.Thread(target=lambda: (set(found), print(inside())))
    thread.start()
    thread.join()
    set(None)
"""

HOST = """
#include <Python.h>

int
main(void)
{
    for (int i = 0; i < 2; i++) {
        Py_Initialize();
        PyRun_SimpleString("import os, sys\\nprint(sys.path, "
            "'sitecustomize' in sys.modules, "
            "os.environ.get('PYTHONPATH'))");
        if (Py_FinalizeEx() < 0)
            return 1;
    }
    return 0;
}
"""


# A tool that keeps something with code objects (PEP 523), and when it dies.
CODE_TOOL = """
import ctypes, gc, sys
free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
name = ("PyUnstable_Eval_RequestCodeExtraIndex"
        if sys.version_info >= (3, 12) else "_PyEval_RequestCodeExtraIndex")
request = getattr(ctypes.pythonapi, name)
request.argtypes = (free,)
request.restype = ctypes.c_ssize_t
freed = []
callback = free(freed.append)
index = request(callback)
for _ in range(3):
    exec(compile("def f(): return object()\\nf()", "made up", "exec"), {})
    gc.collect()
print(index, freed)
"""


def ask(python, text):
    process = pmttest.run_program([python, "-c", text])
    return process.stdout.strip()


def on_each(test):
    """Run a test for every interpreter, and every way to trace it."""
    @functools.wraps(test)
    def run(self):
        for python in os.environ["PMT_PYTHONS"].split():
            modes = ["-p", "-t"]
            if ask(python, "import sys; print(sys.version_info >= (3, 13))"
                   ) == "True":
                modes.append("-r")
            for mode in modes:
                with self.subTest(python=python, mode=mode):
                    test(self, python, mode)
    return run


class ToolsTest(pmttest.TestCase):

    def traced(self, python, mode, *argv, **kwargs):
        return pmttest.run_program(
            ["pmt-run", mode, "-q", "-o", self.path("log.pmt"), "--python",
             python] + list(argv), cwd=self.directory, **kwargs)

    def assert_same(self, python, mode, *argv, **kwargs):
        plain = pmttest.run_program([python] + list(argv),
                                    cwd=self.directory, **kwargs)
        traced = self.traced(python, mode, *argv, **kwargs)
        self.assert_status(plain, 0)
        self.assertEqual(plain.stdout, traced.stdout)
        self.assertEqual(plain.stderr, traced.stderr)
        self.assert_status(traced, 0)
        return plain

    @on_each
    def test_subinterpreter(self, python, mode):
        self.write_file("lib/sitecustomize.py", "print('custom')")
        for path in (None, self.path("lib")):
            told = self.assert_same(python, mode, "-c", SUBINTERPRETER,
                                    env={"PYTHONPATH": path})
            self.assertEqual(told.stdout.count("custom\n"), 2 if path else 0)

    def host(self, python):
        """A program that initialises its interpreter twice, or None."""
        prefix = ask(python, "import sys; print(sys.base_prefix)")
        version = ask(python, "import sys; print('%d.%d' % "
                      "sys.version_info[:2])")
        config = os.path.join(prefix, "bin", "python%s-config" % version)
        source = self.write_file("host.c", HOST)
        host = self.path("host")
        made = subprocess.run(
            ["sh", "-c", '$CC -w -o "$1" "$2" $("$0" --includes) '
             '$("$0" --ldflags --embed)', config, host, source],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if made.returncode != 0:
            print("%s cannot be embedded" % python)
            host = None
        return host, prefix

    @on_each
    def test_host_that_initialises_twice(self, python, mode):
        self.write_file("lib/sitecustomize.py", "print('custom')")
        host, prefix = self.host(python)
        if host is None:
            return
        told = self.assert_same(host, mode, "argument", env={
            "PYTHONPATH": self.path("lib"), "PYTHONHOME": prefix})
        self.assertEqual(told.stdout.count("custom\n"), 2)

    @on_each
    def test_tracer_given_back(self, python, mode):
        self.assert_same(python, mode, "-c", RESTORED)

    @on_each
    def test_tool_that_keeps_something_with_code(self, python, mode):
        told = self.assert_same(python, mode, "-c", CODE_TOOL)
        self.assertIn("[]", told.stdout)

    @on_each
    def test_tracemalloc_begun_meanwhile(self, python, mode):
        """The log misses events then; that is not for the program to say."""
        process = self.assert_success(self.traced(
            python, mode, "-c",
            "import tracemalloc; tracemalloc.start(); print('fine')"))
        self.assertEqual(process.stdout, "fine\n")
        self.assertEqual(process.stderr, "" if mode != "-r" else
                         "pmt-run: the log is incomplete: another tool took "
                         "CPython's reference tracer inside this block: "
                         "events are missing\n")


if __name__ == "__main__":
    pmttest.main()
