# SPDX-License-Identifier: MIT
"""pmt-run -a --native: the C functions of a stack, between those of Python."""
import os
import shutil
import subprocess
import sys

import pmttest
from alloctest import AllocationsTest, has_elfutils, on_each

SHOP_C = pmttest.data("alloc", "shop.c")
SHOP_CPP = pmttest.data("alloc", "shop.cpp")

CALLS = """
import ctypes, sys
shop = ctypes.CDLL(sys.argv[1])
CALLBACK = ctypes.CFUNCTYPE(None)
def buy():
    shop.buy()
def order():
    shop.call(CALLBACK(buy))
def thread():
    shop.thread()
order()
buy()
thread()
"""


def line_of(path, text):
    """The number of the first line with this text."""
    with open(path, encoding="ascii") as file:
        for number, line in enumerate(file, 1):
            if text in line:
                return number
    raise AssertionError(text)


class NativeTest(AllocationsTest):

    def setUp(self):
        super().setUp()
        if not has_elfutils():
            self.skipTest("pmt was built without elfutils")

    def trace(self, *argv, options=(), **kwargs):
        return super().trace(*argv, options=["--native"] + list(options),
                             **kwargs)

    @staticmethod
    def stacks(log, size):
        """Of what left SIZE bytes a block: functions, outwards."""
        return [[(row["function"], row["line"])] +
                [(caller["function"], caller["line"])
                 for caller in row["callers"]]
                for row in log["stacks"]
                if row["blocks"] and row["left"] / row["blocks"] == size]

    def shop(self, *options):
        return self.compile("shop.so", SHOP_C, *options)

    def assert_follow(self, names, stack):
        """All names are there, in this order, perhaps with others between."""
        rest = iter(stack)
        for name in names:
            self.assertIn(name, rest, stack)

    @on_each
    def test_functions_by_line(self, python):
        program = self.write_file("calls.py", CALLS)
        log = self.trace(program, self.shop("-g", "-O1"), python=python)
        stacks = self.stacks(log, 54321)
        self.assertEqual(len(stacks), 2)
        buy = line_of(SHOP_C, "malloc(54321)")
        for stack in stacks:
            self.assertEqual(stack[:2], [
                ("take", buy), ("buy", line_of(SHOP_C, "take();"))])
            self.assertNotIn("malloc", [name for name, _ in stack])
        deep = max(stacks, key=len)
        self.assert_follow([
            ("take", buy), ("buy", line_of(SHOP_C, "take();")), ("buy", 6),
            ("call", line_of(SHOP_C, "function();")), ("order", 8),
            ("<module>", 11)], deep)
        self.assert_follow([("buy", 6), ("<module>", 12)],
                           min(stacks, key=len))
        # Its own lines are Python's, as without --native.
        own = {row["line"]: row for row in log["own_lines"]
               if row["file"].endswith("calls.py")}
        self.assertEqual(own[6]["left"], 2 * 54321)

    @on_each
    def test_every_door(self, python):
        """The same as without, to the byte, and by the C functions."""
        log = self.trace(pmttest.data("alloc", "doors.py"), self.library(),
                         python=python)
        functions = self.functions(log)
        for name, size, blocks in (("by_malloc", 50 * 10007, 50),
                                   ("by_calloc", 10 * 100300, 10),
                                   ("by_reallocarray", 12012, 1),
                                   ("by_mmap", 2 << 20, 2),
                                   ("thread", 10 * 7001, 10)):
            self.assertEqual((functions[name]["left"],
                              functions[name]["blocks"]), (size, blocks))
        self.assertEqual(log["missing"], [])

    def test_a_thread_without_python(self):
        program = self.write_file("calls.py", CALLS)
        log = self.trace(program, self.shop("-g"))
        stack, = self.stacks(log, 12345)
        self.assertEqual(stack[0], ("run", line_of(SHOP_C, "malloc(12345)")))
        self.assertNotIn("<module>", [name for name, _ in stack])

    def test_without_debugging_information(self):
        program = self.write_file("calls.py", CALLS)
        log = self.trace(program, self.shop("-O1", "-s"))
        for stack in self.stacks(log, 54321):
            # A static function has no name any more; it has its place.
            self.assertRegex(stack[0][0], r"^\+0x[0-9a-f]+$")
            self.assertEqual(stack[1], ("buy", 0))
            self.assertIn(("buy", 6), stack)

    def test_inlined_functions(self):
        program = self.write_file("calls.py", CALLS)
        log = self.trace(program, self.shop("-g", "-O2", "-DINLINE"))
        for stack in self.stacks(log, 54321):
            self.assertEqual(stack[:2], [
                ("take", line_of(SHOP_C, "malloc(54321)")),
                ("buy", line_of(SHOP_C, "take();"))])

    def test_names_of_cplusplus(self):
        compiler = shutil.which("c++") or shutil.which("g++")
        if compiler is None:
            self.skipTest("there is no compiler of C++")
        library = self.compile("shop.so", SHOP_CPP, "-g", compiler=compiler)
        log = self.trace("-c", "import ctypes, sys\n"
                         "ctypes.CDLL(sys.argv[1]).buy()", library)
        stack, = self.stacks(log, 54321)
        self.assertEqual([name for name, _ in stack[:2]],
                         ["shop::Shelf<int>::put(int)", "buy"])

    def test_an_extension_module(self):
        """Of the interpreter that the tests run with."""
        include = pmttest.run_program([sys.executable, "-c", (
            "import sysconfig\n"
            "print(sysconfig.get_path('include'))")]).stdout.strip()
        self.compile("shopmodule.so", pmttest.data("alloc", "shopmodule.c"),
                     "-g", "-I" + include)
        os.rename(self.path("shopmodule.so"), self.path("shop.so"))
        program = self.write_file("extension.py", (
            "import shop\n"
            "def visit():\n"
            "    shop.apply(lambda: shop.keep(54321))\n"
            "visit()\n"))
        log = self.trace(program)
        stack, = self.stacks(log, 54321)
        self.assertEqual(stack[0][0], "keep")
        names = [name.rpartition(".")[2] for name, _ in stack]
        self.assert_follow(
            ["keep", "<lambda>", "apply", "visit", "<module>"], names)
        self.assertEqual(names.count("apply"), 1)

    def test_longjmp(self):
        """Frames that are jumped over are not there afterwards."""
        log = self.trace("-c", (
            "import ctypes, sys\n"
            "shop = ctypes.CDLL(sys.argv[1])\n"
            "for _ in range(50): shop.jump()"), self.shop("-g"))
        for size, names in ((23456, ["after", "jump"]),
                            (34567, ["dive"] * 21 + ["jump"])):
            stacks = [[name for name, _ in stack[:len(names)]]
                      for stack in self.stacks(log, size)]
            # An interpreter may call in two ways: at first, and quickened.
            self.assertIn(len(stacks), (1, 2))
            self.assertEqual(stacks, [names] * len(stacks))

    def test_a_library_in_the_place_of_another(self):
        one = self.compile("one.so", SHOP_C, "-g", "-DBUY=one")
        two = self.compile("two.so", SHOP_C, "-g", "-DBUY=two")
        log = self.trace("-c", (
            "import _ctypes, sys\n"
            "def visit(path, name):\n"
            "    handle = _ctypes.dlopen(path, 1)\n"
            "    function = _ctypes.dlsym(handle, name)\n"
            "    _ctypes.call_function(function, ())\n"
            "    _ctypes.dlclose(handle)\n"
            "for _ in range(20):\n"
            "    visit(sys.argv[1], 'one'); visit(sys.argv[2], 'two')"),
            one, two)
        functions = self.functions(log)
        for row in log["stacks"]:
            if row["left"] % 54321 == 0 and row["left"] > 0:
                self.assertEqual(row["function"], "take")
        for name in "one", "two":
            self.assertEqual(sum(
                row["blocks"] for row in log["stacks"]
                if row["callers"] and row["callers"][0]["function"] == name
                and row["function"] == "take"), 20)
        self.assertEqual(functions["take"]["blocks"], 40)

    def test_children(self):
        program = self.write_file("fork.py", CALLS + (
            "import os\n"
            "if os.fork() == 0:\n"
            "    buy()\n"
            "else:\n"
            "    os.wait()\n"))
        log = self.trace(program, self.shop("-g"))
        self.assertEqual(self.functions(log)["take"]["left"], 2 * 54321)
        child, = [name for name in os.listdir(self.directory)
                  if name.startswith("log.pmt.")]
        stack, = self.stacks(self.read(child), 54321)
        self.assert_follow([("buy", 6), ("<module>", 16)], stack)

    def test_with_other_options(self):
        program = self.write_file("calls.py", CALLS)
        for options in (["--summary"], ["--objects"], ["--sample=1"]):
            log = self.trace(program, self.shop("-g"), options=options)
            self.assertEqual(self.functions(log)["take"]["blocks"], 2)

    def test_folded(self):
        program = self.write_file("calls.py", CALLS)
        self.trace(program, self.shop("-g"))
        process = pmttest.run_program(
            ["pmt-analyse", "--folded", self.path("log.pmt")])
        self.assert_success(process)
        self.assertRegex(process.stdout, (
            r"<module> \(\S*calls.py:11\);.*order \(\S*calls.py:8\);"
            r".*call \(\S*shop.c:\d+\);.*buy \(\S*calls.py:6\);"
            r".*buy \(\S*shop.c:\d+\);take \(\S*shop.c:\d+\) 54321\n"))

    def test_a_file_that_has_changed(self):
        program = self.write_file("calls.py", CALLS)
        self.trace(program, self.shop("-g"))
        for change, message in (
                (lambda: self.shop("-g", "-O2"), "another file was loaded"),
                (lambda: os.unlink(self.path("shop.so")), "No such file"),
                (lambda: os.mkfifo(self.path("shop.so")), "Invalid arg")):
            change()
            process = pmttest.run_program(["pmt-analyse", "--json",
                                           self.path("log.pmt")])
            self.assertIn("no names of functions in '%s': %s" %
                          (self.path("shop.so"), message), process.stderr)
            self.assert_success(process)

    def test_a_log_cut_anywhere(self):
        self.trace(self.write_file("calls.py", CALLS), self.shop("-g"))
        with open(self.path("log.pmt"), "rb") as file:
            whole = file.read()
        for length in range(200, len(whole), len(whole) // 8):
            with open(self.path("cut.pmt"), "wb") as file:
                file.write(whole[:length])
            process = subprocess.run(["pmt-analyse", self.path("cut.pmt")],
                                     stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, check=False)
            self.assertIn(process.returncode, (0, 1))


if __name__ == "__main__":
    pmttest.main()
