# SPDX-License-Identifier: MIT
"""pmt-run -a: what the log says is what the program allocated, to the byte.

The oracle is a C library whose functions leave blocks of known sizes, called
from Python functions of known names, on every interpreter that is served.
"""
import csv
import json
import os
import resource
import signal
import sys
import time

import pmttest
from alloctest import COMPILER, AllocationsTest, block_of, on_each

DOORS = pmttest.data("alloc", "doors.py")

# What each function leaves: bytes and blocks.
LEFT = {
    "f_malloc": (50 * 10007, 50),
    "f_calloc": (10 * 100300, 10),
    "f_realloc": (20007, 1),
    "f_reallocarray": (12012, 1),
    "f_alignment": (30011 + 32064 + 5008 + 7000 + 8192, 5),
    "f_strdup": (10 * 5003, 10),
    "f_mmap": (2 << 20, 2),     # without its middle
    "f_mremap": (4 << 20, 1),
    "f_pointer": (10 * 20011, 10),
    None: (10 * 7001, 10),
}

GROW = """\
import gc
kept, floats, buffers = [], [], []
class Kept:
    def __init__(self):
        self.number = 0
def one():
    kept.append(Kept())
def two():
    kept.append(Kept())
def make():
    for i in range(3000):
        one()
        if i % 3 == 0:
            two()
        buffers.append(bytearray(100)), buffers.append(bytearray(100))
        floats.append(i * 1.5)
make()
"""

class OracleTest(AllocationsTest):

    @on_each
    def test_every_door(self, python):
        log = self.trace(DOORS, self.library(), python=python)
        self.assert_left(log, LEFT)
        self.assertEqual(log["missing"], [])
        self.assertTrue(log["ended"])
        functions = self.functions(log)
        # Python's own: a header or a NUL more, and that of each.
        self.assertEqual(functions["f_bytearray"]["left"],
                         20 * block_of(30000, python))
        self.assertEqual(functions["f_bytearray"]["blocks"], 20)
        self.assertEqual(functions["f_malloc"]["times"], 100)
        self.assertEqual(functions["f_malloc"]["temporary"], 50)
        # Small objects lie in arenas, which no line is charged with.
        self.assertLess(functions["f_small"]["left"], 500000)
        self.assertGreater(log["arenas"], 500000)

    @on_each
    def test_objects(self, python):
        log = self.trace(DOORS, self.library(), python=python,
                         options=["--objects"])
        small = self.functions(log)[
            "f_small.<locals>.<genexpr>"
            if "f_small.<locals>.<genexpr>" in self.functions(log)
            else "<genexpr>"]
        self.assertGreaterEqual(small["left"], 50000 * 16)
        self.assertGreaterEqual(small["blocks"], 50000)
        self.assertEqual(self.functions(log)["f_strdup"]["blocks"] // 10, 1)
        self.assertGreater(log["arenas"], 500000)

    @on_each
    def test_what_grew_and_who_made_it(self, python):
        """Type, makers and holder; none for what Python uses again."""
        program = self.write_file("grow.py", GROW)
        log = self.trace(program, python=python, options=["--objects"])
        kinds = {kind["type"]: kind for kind in log["grown"]["types"]}
        made = {(row["function"].split(".")[-1], row["line"]): row["count"]
                for row in kinds["__main__.Kept"]["makers"]}
        self.assertEqual(made, {("one", 7): 3000, ("two", 9): 1000})
        self.assertEqual(kinds["__main__.Kept"]["alive"], 4000)
        self.assertEqual(kinds["__main__.Kept"]["before"], 0)
        self.assertEqual(kinds["__main__.Kept"]["looked_up"], 4000)
        self.assertEqual(kinds["__main__.Kept"]["older"], 0)
        self.assertEqual(kinds["__main__.Kept"]["held"], {
            "count": 4000,
            "by": "__main__.kept[*]; its list grew from 0 to 4000"})
        # Evenly spread ones, where there are many.
        self.assertEqual(kinds["bytearray"]["looked_up"], 4096)
        self.assertEqual([row["line"] for row in kinds["bytearray"]["makers"]],
                         [15])
        self.assertEqual(kinds["float"]["looked_up"], 0)
        self.assertEqual(kinds["float"]["makers"], [])
        # Nothing of the look itself is the program's.
        self.assertNotIn("pmtboot", json.dumps(log["own_lines"][:5]))
        self.assertLess(log["left"], 10 << 20)
        rows = list(csv.DictReader(pmttest.run_program(
            ["pmt-analyse", "--csv", self.path("log.pmt")]
            ).stdout.splitlines()))
        self.assertEqual(
            [(row["function"].split(".")[-1], row["line"], row["alive"],
              row["before"], row["made_here"], row["held"], row["held_by"])
             for row in rows if row["type"] == "__main__.Kept"],
            [(name, line, "4000", "0", here, "4000",
              "__main__.kept[*]; its list grew from 0 to 4000")
             for name, line, here in (("one", "7", "3000"),
                                      ("two", "9", "1000"))])
        self.assertEqual(
            [(row["file"], row["made_here"]) for row in rows
             if row["table"] == "grown" and row["type"] == "float"],
            [("", "")])
        # Each row has each column, and no more.
        self.assertFalse([row for row in rows
                          if None in row or None in row.values()])
        text = pmttest.run_program(
            ["pmt-analyse", "--brief", self.path("log.pmt")]).stdout
        self.assertRegex(
            text, r"\nAlive at the end: [\d,]+ objects of [\d.]+ MiB, [\d,]+ "
            r"when the program began\n.*\n(.*\n)*"
            r" +4,000 +4,000 +[\d.]+ [KM]iB  __main__\.Kept\n"
            r" {12}\S+/grow\.py:7 one  \(75 %\)\n"
            r" {12}\S+/grow\.py:9 two  \(25 %\)\n"
            r" {12}held: 4000 by __main__\.kept\[\*\]; its list grew from 0 "
            r"to 4000\n")

    def test_what_grew_is_not_told_without_objects(self):
        log = self.trace(self.write_file("grow.py", GROW))
        self.assertNotIn("grown", log)

    def test_what_grew_in_a_forked_child(self):
        """Its log does not know the blocks of its parent."""
        program = self.write_file("grow.py", GROW + (
            "import os\n"
            "if os.fork() == 0:\n"
            "    make()\n"
            "    raise SystemExit\n"
            "os.wait()\n"))
        log = self.trace(program, options=["--objects"])
        self.assertIn("grown", log)
        children = [name for name in os.listdir(self.directory)
                    if name.startswith("log.pmt.")]
        self.assertEqual(len(children), 1)
        self.assertNotIn("grown", self.read(children[0]))

    @on_each
    def test_of_what_memory_is_made(self, python):
        """As the program itself asks the kernel and Python, at its end."""
        program = self.write_file("memory.py", (
            "import ctypes, gc, json, re, sys\n"
            "libc = ctypes.CDLL(None)\n"
            "libc.malloc.restype = ctypes.c_void_p\n"
            "blocks = [libc.malloc(100000) for _ in range(200)]\n"
            "for block in blocks: ctypes.memset(block, 1, 100000)\n"
            "objects = [float(i) for i in range(100000)]\n"
            "with open('/proc/self/status') as file:\n"
            "    anon = int(re.search(r'RssAnon:\\s*(\\d+)',"
            " file.read()).group(1))\n"
            "print(json.dumps({'anonymous': anon * 1024}))\n"))
        for options in [], ["--objects"], ["--summary"]:
            process = self.run_traced(program, python=python,
                                      options=options)
            anonymous = json.loads(process.stdout)["anonymous"]
            memory = self.read()["memory"]
            growth = {key: memory["end"][key] - memory["start"][key]
                      for key in memory["end"]}
            self.assertAlmostEqual(growth["malloc_used"] / 20e6, 1, delta=0.1)
            # Of 32 bytes each, and modules.
            self.assertGreater(growth["pymalloc_used"], 3.2e6)
            self.assertLess(growth["pymalloc_used"], 5.5e6)
            ours = sum(size for key, size in memory["end"].items()
                       if key not in ("rss", "clock", "files", "shared"))
            self.assertAlmostEqual(ours / anonymous, 1, delta=0.05)
            self.assertGreater(growth["rss"], 22e6)
        text = pmttest.run_program(
            ["pmt-analyse", "--brief", self.path("log.pmt")]).stdout
        self.assertRegex(text, r"\n  of that, what is left explains +"
                         r"2\d\.\d \(\d+%\)\n")

    @on_each
    def test_stacks(self, python):
        """Each line of a stack, on every version's line tables."""
        program = self.write_file("stack.py", (
            "import sys\n"
            "kept = []\n"
            "def inner():\n"
            "    kept.append(\n"
            "        bytearray(\n"
            "            70000))\n"
            "def outer(n):\n"
            "    if n:\n"
            "        outer(n - 1)\n"
            "    else:\n"
            "        [inner() for _ in range(2)]\n"
            "        (lambda:\n"
            "         inner())()\n"
            "sys.setrecursionlimit(10000)\n"
            "outer(3)\n"))
        log = self.trace(program, python=python)
        block = block_of(70000, python)
        stacks = [row for row in log["stacks"] if row["left"] >= block]
        self.assertEqual(sorted(row["left"] for row in stacks),
                         [block, 2 * block])
        for row in stacks:
            self.assertEqual(row["function"], "inner")
            # The line of the call, which is its first from 3.8 on.
            self.assertIn(row["line"], (5, 6))
            lines = [(caller["function"].rpartition(".")[2], caller["line"])
                     for caller in row["callers"]]
            if row["blocks"] == 1:
                self.assertEqual(lines[0], ("<lambda>", 13))
            inlined = [place for place in lines if place[0] == "outer"]
            self.assertEqual([line for _, line in inlined][-3:], [9, 9, 9])
            self.assertEqual(lines[-1], ("<module>", 15))

    @on_each
    def test_deep_recursion(self, python):
        program = self.write_file("deep.py", (
            "import sys\n"
            "sys.setrecursionlimit(10000)\n"
            "kept = []\n"
            "def down(n):\n"
            "    bytearray(1000)\n"
            "    if n % 500 == 0: kept.append(bytearray(90000))\n"
            "    if n: down(n - 1)\n"
            "down(2999)\n"
            "down(2999)\n"))
        self.assert_success(self.run_traced(program, python=python))
        log = self.read(options=["--top", "12"])
        stacks = [row for row in log["stacks"] if row["left"] >= 90001]
        self.assertEqual(sorted(row["depth"] for row in stacks),
                         sorted(2 * [3000 - n for n in range(0, 3000, 500)]))
        # Of those, the innermost.
        self.assertEqual({len(row["callers"]) for row in stacks}, {64})

    @on_each
    def test_code_that_dies(self, python):
        """Code objects come and go at the same addresses."""
        program = self.write_file("codes.py", (
            "kept = []\n"
            "for i in range(2000):\n"
            "    exec(compile('def f%d():\\n kept.append(bytearray(999 + %d))"
            "\\nf%d()' % (i % 7, i % 7, i % 7), 'file%d.py' % (i % 7), "
            "'exec'))\n"))
        log = self.trace(program, python=python)
        for i in range(7):
            row = self.functions(log)["f%d" % i]
            self.assertEqual(row["file"], "file%d.py" % i)
            count = len(range(i, 2000, 7))
            # The list of them lies with whoever let it grow last.
            self.assertIn(row["blocks"], (count, count + 1))
            self.assertGreaterEqual(row["left"], count * (1000 + i))

    @on_each
    def test_threads(self, python):
        program = self.write_file("threads.py", (
            "import ctypes, sys, threading\n"
            "free = ctypes.CDLL(sys.argv[1]).by_malloc\n"
            "held = ctypes.PyDLL(sys.argv[1]).by_malloc\n"
            "def without_gil():\n"
            "    for _ in range(1): free()\n"
            "def with_gil():\n"
            "    for _ in range(1): held()\n"
            "threads = [threading.Thread(target=target) for target in\n"
            "           (without_gil, without_gil, with_gil, with_gil)]\n"
            "for thread in threads: thread.start()\n"
            "for thread in threads: thread.join()\n"))
        log = self.trace(program, self.library(), python=python)
        self.assertEqual(len(log["threads"]), 5)
        for name in "with_gil", "without_gil":
            row = self.functions(log)[name]
            self.assertEqual(row["left"] // (50 * 10007), 2)

    def test_many_threads(self):
        log = self.trace("-c", (
            "import threading\n"
            "def work(): kept.append(bytearray(100000))\n"
            "kept = []\n"
            "for _ in range(1000):\n"
            "    thread = threading.Thread(target=work)\n"
            "    thread.start(); thread.join()\n"))
        self.assertEqual(self.functions(log)["work"]["left"] // 100001, 1000)

    def test_peak(self):
        log = self.trace("-c", (
            "def high():\n"
            "    return len(bytearray(5000000)) + len(bytearray(9000000))\n"
            "def low():\n"
            "    global kept\n"
            "    kept = bytearray(300000)\n"
            "high(); low(); high(); low()"))
        functions = self.functions(log)
        self.assertEqual(functions["high"]["at_peak"],
                         block_of(9000000))
        self.assertEqual(functions["high"]["left"], 0)
        self.assertEqual(functions["low"]["at_peak"], block_of(300000))
        self.assertEqual(functions["low"]["left"], block_of(300000))

    def test_what_grows(self):
        """A leak does; a cache, a saw-tooth and what is freed do not."""
        program = self.write_file("grow.py", (
            "import ctypes\n"
            "libc = ctypes.CDLL(None)\n"
            "cache, saw = {}, []\n"
            "def leak(i): libc.strdup(b'x' * 2000)\n"
            "def fill(i):\n"
            "    if i < 800: cache[i] = bytearray(1500)\n"
            "def churn(i): bytearray(7000)\n"
            "def come_and_go(i):\n"
            "    saw.append(bytearray(3000))\n"
            "    if len(saw) == 300: saw.clear()\n"
            "for i in range(5000):\n"
            "    leak(i); fill(i); churn(i); come_and_go(i)\n"))
        for options in [], ["--summary"]:
            with self.subTest(options=options):
                self.what_grows(program, options)

    def what_grows(self, program, options):
        log = self.trace(program, options=options)
        self.assertEqual([row["function"] for row in log["functions"]
                          if row["growing"]], ["leak"])
        leak = self.functions(log)["leak"]
        self.assertEqual(leak["moments"][-1], leak["left"])
        self.assertEqual(len(leak["moments"]), 32)
        self.assertEqual(sum(row["times"] for row in log["sizes"]),
                         log["times"])
        self.assertEqual(sum(row["left"] for row in log["sizes"]),
                         log["left"])
        # It grew evenly, and is known at the ends of 17 steps at least.
        for i, held in enumerate(leak["moments"]):
            self.assertAlmostEqual(held / leak["left"], (i + 1) / 32,
                                   delta=1 / 16)
        text = pmttest.run_program(
            ["pmt-analyse", "--brief", self.path("log.pmt")]).stdout
        self.assertRegex(text, r"\nGrowing to the end, by line of its own "
                         r"code\n.*\n +9\.5 MiB +5,000  \S{16}  "
                         r"\S*grow.py:4 leak\n\n")
        rows = list(csv.DictReader(pmttest.run_program(
            ["pmt-analyse", "--csv", "--top=0", self.path("log.pmt")]
            ).stdout.splitlines()))
        self.assertEqual(
            [tuple(int(row[key]) for key in ("size", "left", "blocks",
                                             "times"))
             for row in rows if row["table"] == "size"],
            [(row["from"], row["left"], row["blocks"], row["times"])
             for row in log["sizes"]])
        self.assertEqual([(row["function"], row["left"]) for row in rows
                          if row["table"] == "function"
                          and row["growing"] == "1"],
                         [("leak", str(leak["left"]))])

    def test_at_a_clock(self):
        # The log begins after the time that the program is given, and before
        # its first own: by these it finds a clock between its two calls.
        program = self.write_file("wait.py", (
            "import sys, time\n"
            "begun = time.monotonic()\n"
            "def early(): return [bytearray(5000) for _ in range(2000)]\n"
            "def late(): return [bytearray(7000) for _ in range(2000)]\n"
            "def wait(until):\n"
            "    while time.monotonic() < until:\n"
            "        [bytearray(600) for _ in range(1500)]\n"
            "one = early()\n"
            "clock = time.monotonic() - float(sys.argv[1])\n"
            "wait(begun + clock + 0.2)\n"
            "two = late()\n"
            "print(clock + 0.1)\n"))
        clock = self.assert_success(self.run_traced(
            program, repr(time.monotonic()))).stdout.strip()
        for option, expected in (("--at=" + clock, ["early"]),
                                 ("--since=" + clock, ["late"]),
                                 ("--at=end", ["early", "late"])):
            log = self.read(options=[option])
            self.assertEqual(sorted(
                row["function"].partition(".")[0]
                for row in log["functions"] if row["left"] > 9000000),
                expected)

    def test_text(self):
        """An event a line; its sums are those of the report."""
        log = self.trace(DOORS, self.library())
        process = pmttest.run_program(["pmt-analyse", "--text",
                                       self.path("log.pmt")])
        self.assert_success(process)
        words = [line.split() for line in process.stdout.splitlines()]
        words = words[words.index(["BEGIN"]):]
        self.assertEqual(words[-1], ["END"])
        self.assertEqual(sum(1 for line in words
                             if line[0] == "ALLOC" and
                             line[-1] == "f_malloc"), 100)
        self.assertEqual(sum(int(line[3]) for line in words
                             if line[0] in ("ALLOC", "MAP") and
                             line[-1] == "f_bytearray"),
                         self.functions(log)["f_bytearray"]["allocated"])

    def test_sample_is_unbiased(self):
        total = 0
        for _ in range(8):
            log = self.trace("-c", (
                "def work(): kept.extend(bytearray(20000)\n"
                "                        for _ in range(1000))\n"
                "kept = []; work()"), options=["--sample=64k"])
            self.assertEqual(log["sample"], 65536)
            total += sum(row["left"] for row in log["lines"]
                         if row.get("function", "").startswith("work"))
        # Of 160 MB; a sd is 160 MB * sqrt(64k / 160M) = 2 %, taken 5 times.
        self.assertAlmostEqual(total / (8 * 1000 * 20001), 1, delta=0.1)

    def test_summary_of_the_rest(self):
        """Arenas, maps and what was there before, as a log has them."""
        logs = [self.trace(DOORS, self.library(), options=options)
                for options in ([], ["--summary"])]
        for log in logs:
            self.assertGreater(log["arenas"], 500000)
            functions = self.functions(log)
            # Of the other one a part is given back: see pmt-native(7).
            self.assertGreaterEqual(functions["f_mmap"]["mapped"], 2 << 20)
            self.assertEqual(functions["f_mremap"]["mapped"], 4 << 20)
            self.assertEqual(functions["f_malloc"]["mapped"], 0)
        for key in "arenas", "before":
            self.assertAlmostEqual(logs[0][key] / logs[1][key], 1, delta=0.05)
        one, two = ({row["from"]: row["blocks"] for row in log["sizes"]
                     if 4096 <= row["from"] < 1 << 20} for log in logs)
        self.assertEqual(set(one), set(two))
        for size in one:
            self.assertAlmostEqual(one[size], two[size], delta=2)
        self.assertEqual(logs[0]["mapped"], 6 << 20)
        self.assertEqual(sum(row["left"] for row in logs[0]["sizes"]),
                         logs[0]["left"])

    def test_sample_in_a_summary(self):
        """The sums are estimates, too, and what is freed leaves them."""
        total, count = 0, 0
        for _ in range(8):
            log = self.trace("-c", (
                "def work():\n"
                "    for _ in range(1000):\n"
                "        kept.append(bytearray(20000))\n"
                "        freed.append(bytearray(20000))\n"
                "kept, freed = [], []; work(); freed.clear()"),
                options=["--sample=64k", "--summary"])
            self.assertEqual(log["sample"], 65536)
            rows = [row for row in log["lines"]
                    if row.get("function", "").startswith("work")]
            total += sum(row["left"] for row in rows)
            count += sum(row["times"] for row in rows)
            # Each that is seen stands for 1 / (1 - exp(-20001 / 64k)) = 3.8.
            self.assertEqual({row["blocks"] % 4 for row in rows}, {0})
        self.assertAlmostEqual(total / (8 * 1000 * 20001), 1, delta=0.1)
        self.assertAlmostEqual(count / (8 * 2000), 1, delta=0.15)

    @on_each
    def test_summary(self, python):
        log = self.trace(DOORS, self.library(), python=python,
                         options=["--summary"])
        expected = dict(LEFT)
        # Maps of which a part goes are forgotten as a whole, or kept.
        del expected["f_mmap"]
        self.assert_left(log, expected)
        self.assertEqual(self.functions(log)["f_malloc"]["temporary"], 50)


class TransparencyTest(AllocationsTest):
    """What the program does is what it would have done."""

    def assert_same(self, *argv, python=sys.executable, options=(), **kwargs):
        plain = pmttest.run_program([python] + list(argv),
                                    cwd=self.directory, **kwargs)
        traced = self.run_traced(*argv, python=python,
                                 options=["-q"] + list(options), **kwargs)
        self.assertEqual(traced.stdout, plain.stdout)
        self.assertEqual(traced.returncode, plain.returncode)
        return traced

    @on_each
    def test_environment(self, python):
        self.assert_same("-c", (
            "import os, subprocess, sys\n"
            "names = 'LD_PRELOAD', 'PMT_RUN', 'PYTHONPATH'\n"
            "print([os.environ.get(name) for name in names])\n"
            "sys.stdout.flush()\n"
            "subprocess.run(['sh', '-c', 'echo \"$LD_PRELOAD\"'])"),
            python=python, env={"PYTHONPATH": None})

    def test_another_library_is_preloaded(self):
        other = self.path("other.so")
        self.write_file("other.c", "int pmt_test_other = 42;\n")
        self.assert_success(pmttest.run_program(
            ["sh", "-c", COMPILER + ' -shared -fPIC -o "$0" "$1"', other,
             self.path("other.c")]))
        self.assert_same("-c", (
            "import ctypes, os\n"
            "print(ctypes.c_int.in_dll(ctypes.CDLL(None),"
            " 'pmt_test_other').value, os.environ['LD_PRELOAD'])"),
            env={"LD_PRELOAD": other})

    def test_sizes_and_thresholds_are_libc_s(self):
        """A tracer that mallocs would move what glibc decides by."""
        self.assert_same("-c", (
            "import ctypes\n"
            "libc = ctypes.CDLL(None)\n"
            "libc.malloc.restype = ctypes.c_void_p\n"
            "size = libc.malloc_usable_size\n"
            "size.argtypes = [ctypes.c_void_p]\n"
            "print(size(libc.malloc(1 << 25)))\n"
            "class Info(ctypes.Structure):\n"
            "    _fields_ = [(name, ctypes.c_int) for name in 'arena ordblks"
            " smblks hblks hblkhd usmblks fsmblks uordblks fordblks"
            " keepcost'.split()]\n"
            "libc.mallinfo.restype = Info\n"
            "kept = [libc.malloc(140000) for _ in range(32)]\n"
            "before = libc.mallinfo().hblks\n"
            "libc.malloc(140000)\n"
            "print(libc.mallinfo().hblks - before)"))

    @on_each
    def test_exit_statuses(self, python):
        for code in ("raise SystemExit(3)", "import os; os._exit(4)",
                     "import os; os.kill(os.getpid(), 9)",
                     "import os; os.abort()", "1 / 0"):
            self.assert_same("-c", code, python=python)
            self.assertEqual(self.read()["whole"], True)

    def test_a_crash_within_malloc(self):
        for door in "by_double_free", "by_crash":
            process = self.assert_same("-c", (
                "import ctypes, sys\n"
                "kept = bytearray(1234567)\n"
                "ctypes.CDLL(sys.argv[1]).%s()" % door), self.library())
            self.assertIn(process.returncode,
                          (-signal.SIGABRT, -signal.SIGSEGV,
                           128 + signal.SIGABRT, 128 + signal.SIGSEGV))
            left = [row["left"] for row in self.read()["lines"]]
            self.assertIn(block_of(1234567), left)

    def test_errno_is_kept(self):
        self.assert_same("-c", (
            "import ctypes\n"
            "libc = ctypes.CDLL(None, use_errno=True)\n"
            "libc.malloc.restype = libc.realloc.restype = ctypes.c_void_p\n"
            "libc.free.argtypes = [ctypes.c_void_p]\n"
            "ctypes.set_errno(17)\n"
            "libc.free(libc.malloc(500))\n"
            "print(ctypes.get_errno())\n"
            "print(libc.realloc(None, ctypes.c_size_t(1 << 62)))\n"
            "print(ctypes.get_errno())"))

    def test_debugging_allocators(self):
        """They throw out our hooks for objects, which are put back."""
        code = "kept = [object() for _ in range(50000)]"
        for env, options in (({"PYTHONMALLOC": "debug"}, []),
                             ({}, ["--python-option=-Xdev"]),
                             ({"PYTHONMALLOC": "malloc"}, [])):
            log = self.trace("-c", code, env=env,
                             options=["--objects"] + options)
            self.assertGreaterEqual(
                sum(row["blocks"] for row in log["lines"]
                    if row.get("file") == "<string>"), 50000)


class ForkTest(AllocationsTest):

    @on_each
    def test_children(self, python):
        program = self.write_file("fork.py", (
            "import os, signal\n"
            "kept = []\n"
            "def parent(): kept.append(bytearray(111110))\n"
            "def child(): kept.append(bytearray(222221))\n"
            "parent()\n"
            "for end in range(3):\n"
            "    pid = os.fork()\n"
            "    if pid == 0:\n"
            "        child()\n"
            "        if end == 0: os._exit(0)\n"
            "        if end == 1: os.kill(os.getpid(), signal.SIGKILL)\n"
            "        raise SystemExit\n"
            "    os.waitpid(pid, 0)\n"
            "parent()\n"))
        log = self.trace(program, python=python)
        self.assertEqual(self.functions(log)["parent"]["left"],
                         2 * block_of(111110, python))
        self.assertNotIn("child", self.functions(log))
        children = [name for name in os.listdir(self.directory)
                    if name.startswith("log.pmt.")]
        self.assertEqual(len(children), 3)
        ended = []
        for name in children:
            # One was killed, and pmt-run had to close its log.
            log = self.read(name)
            ended.append(log["ended"])
            rows = self.functions(log)
            self.assertEqual(rows["child"]["left"],
                             block_of(222221, python))
            self.assertNotIn("parent", rows)
            os.unlink(self.path(name))
        self.assertEqual(sorted(ended), [False, True, True])

    def test_children_that_only_end(self):
        """They leave no logs, with any option; those that did more do."""
        program = self.write_file("end.py", (
            "import os\n"
            "for size in 10, 20, 100000:\n"
            "    if os.fork() == 0:\n"
            "        kept = bytearray(size)\n"
            "        os._exit(0)\n"
            "    os.wait()\n"))
        for options in [], ["--objects"], ["--native"], ["--summary"]:
            self.assert_success(self.run_traced(program, options=options))
            self.assertEqual(len([name for name in os.listdir(self.directory)
                                  if name.startswith("log.pmt.")]), 1)
            for name in os.listdir(self.directory):
                if name.startswith("log.pmt"):
                    os.unlink(self.path(name))

    @on_each
    def test_an_end_by_exit(self, python):
        """What is left is what was there, in a summary, too."""
        for options in [], ["--summary"]:
            log = self.trace("-c", (
                "import os\n"
                "kept = bytearray(77776)\n"
                "os._exit(0)"), python=python, options=options)
            self.assertTrue(log["ended"])
            self.assertIn(block_of(77776, python),
                          [row["left"] for row in log["lines"]])
            self.assertEqual(os.listdir(self.directory), ["log.pmt"])

    @on_each
    def test_a_program_that_cannot_be_started(self, python):
        """Where vfork(2) is used, the child that gives up has our memory."""
        log = self.trace("-c", (
            "import subprocess\n"
            "for _ in range(3):\n"
            "    try: subprocess.run(['/nowhere'])\n"
            "    except OSError: pass\n"
            "kept = bytearray(77776)"), python=python)
        self.assertTrue(log["ended"])
        self.assertIn(block_of(77776, python),
                          [row["left"] for row in log["lines"]])

    def test_programs_that_are_started(self):
        """They are not traced, Python or not."""
        self.trace("-c", (
            "import subprocess, sys\n"
            "subprocess.run(['true'])\n"
            "subprocess.run([sys.executable, '-c', 'bytearray(10)'])"))
        self.assertEqual([name for name in os.listdir(self.directory)
                          if name.startswith("log.pmt")], ["log.pmt"])

    def test_many_forks(self):
        self.trace("-c", (
            "import os\n"
            "for _ in range(200):\n"
            "    if os.fork() == 0: os._exit(0)\n"
            "for _ in range(200): os.wait()\n"))
        self.assertEqual(os.listdir(self.directory), ["log.pmt"])


class BadInputTest(AllocationsTest):

    def test_a_wrapper_that_is_no_python(self):
        """As pyenv's shims are; what it executes is traced."""
        wrapper = self.write_file("python", '#!/bin/sh\nexec "%s" "$@"\n'
                                  % sys.executable)
        os.chmod(wrapper, 0o755)
        log = self.trace("-c", "kept = bytearray(77776)", python=wrapper)
        self.assertIn(block_of(77776),
                          [row["left"] for row in log["lines"]])

    def test_not_preloaded(self):
        wrapper = self.write_file("python", '#!/bin/sh\nunset LD_PRELOAD\n'
                                  'exec "%s" "$@"\n' % sys.executable)
        os.chmod(wrapper, 0o755)
        process = self.run_traced("-c", "print('ran')", python=wrapper)
        self.assert_success(process)
        self.assertEqual(process.stdout, "ran\n")
        self.assertIn("the library for -a was not loaded", process.stderr)
        self.assertFalse(os.path.exists(self.path("log.pmt")))

    def test_no_place_for_the_log(self):
        process = pmttest.run_program(
            ["pmt-run", "-a", "-o", self.path("none", "log.pmt"),
             "-c", "print('ran')"])
        self.assert_success(process)
        self.assertEqual(process.stdout, "ran\n")
        self.assertIn("log.pmt': No such file or directory", process.stderr)

    def test_a_full_disk(self):
        """The limit of a file's size stands for it."""
        process = self.run_traced("-c", (
            "kept = [bytearray(600 + i % 50) for i in range(200000)]\n"
            "print('ran')"), preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (1 << 18, 1 << 18)))
        self.assert_success(process)
        self.assertEqual(process.stdout, "ran\n")
        self.assertIn("the log is incomplete: File too large",
                      process.stderr)
        log = self.read()
        self.assertFalse(log["ended"])
        self.assertGreater(log["times"], 1000)

    def test_a_log_cut_anywhere(self):
        self.trace("-c", "kept = [bytearray(1000) for _ in range(100)]")
        with open(self.path("log.pmt"), "rb") as file:
            whole = file.read()
        for length in list(range(0, 64)) + [len(whole) // 2 + i
                                            for i in range(40)]:
            with open(self.path("cut.pmt"), "wb") as file:
                file.write(whole[:length])
            process = pmttest.run_program(["pmt-analyse",
                                           self.path("cut.pmt")])
            self.assertIn(process.returncode, (0, 1), process.stderr)

    def test_files_are_not_open_to_others(self):
        victim = self.write_file("victim", "precious")
        os.umask(0o022)
        for options in [], ["--summary"]:
            for beside in "log.pmt.tail", "log.pmt.new":
                os.symlink(victim, self.path(beside))
            self.run_traced("-c", (
                "import glob, os\n"
                "print([oct(os.stat(name).st_mode & 0o77)"
                " for name in glob.glob('log*')])"), options=options)
            with open(victim, encoding="ascii") as file:
                self.assertEqual(file.read(), "precious")
            for beside in "log.pmt.tail", "log.pmt.new":
                self.assertTrue(os.path.islink(self.path(beside)))
                os.unlink(self.path(beside))
            self.assert_success(self.run_traced(
                "-c", "kept = bytearray(77776)", options=options))
            self.assertEqual(
                os.stat(self.path("log.pmt")).st_mode & 0o777, 0o600)
            os.unlink(self.path("log.pmt"))

    def test_who_else_may_read_logs(self):
        before = os.umask(0o77)
        try:
            for options, tail in ([], [0o444]), (["--summary"], []):
                process = self.run_traced("-c", (
                    "import glob, os\n"
                    "print([os.stat(name).st_mode & 0o777"
                    " for name in glob.glob('*.tail')])"),
                    options=["--mode=0644"] + options)
                self.assertEqual(process.stdout, "%r\n" % tail)
                self.assertEqual(
                    os.stat(self.path("log.pmt")).st_mode & 0o777, 0o644)
        finally:
            os.umask(before)

    def test_one_writer(self):
        """Two runs with the same log: the second one leaves it alone."""
        process = self.run_traced("-c", (
            "import subprocess, sys\n"
            "print(subprocess.run(['pmt-run', '-a', '-o', 'log.pmt', "
            "'--python', sys.executable, '-c', 'print(1)'], "
            "stderr=subprocess.PIPE, text=True).stderr)\n"
            "kept = bytearray(77776)"))
        self.assertIn("log.pmt': Device or resource busy", process.stdout)
        self.assertIn(block_of(77776),
                      [row["left"] for row in self.read()["lines"]])

    def test_a_log_that_is_no_file(self):
        process = pmttest.run_program(
            ["sh", "-c", "mkfifo fifo; cat fifo >copy.pmt & "
             "pmt-run -q -a -o fifo --python \"$0\" -c "
             "'kept = [bytearray(77776) for i in range(9)]'; wait",
             sys.executable], cwd=self.directory)
        self.assert_success(process)
        self.assertIn(9, [row["blocks"]
                          for row in self.read("copy.pmt")["lines"]])

    def test_usage(self):
        for options, message in (
                (["-p", "--objects"], "--objects is of -a"),
                (["-a", "--sample=0"], "--sample: '0' is no distance"),
                (["-a", "--text"], "-a: its log is never text"),
                (["-a", "-r"], "say one of")):
            self.assert_usage_error(pmttest.run_program(
                ["pmt-run"] + options + ["-c", "0"]), message)


if __name__ == "__main__":
    pmttest.main()
