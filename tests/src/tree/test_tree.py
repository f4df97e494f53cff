# SPDX-License-Identifier: MIT
"""pmt-tree against psutil, /proc, and made-up processes."""
import csv
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

import psutil

import pmttest

MIB = 1 << 20

# A process with a child of its own; says "ready", then waits for its input.
FAMILY = """
import os, subprocess, sys, threading
block = b"x" * (30 << 20)
child = subprocess.Popen([sys.executable, "-c",
    "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); "
    "s.listen(1); f = open(sys.argv[1]); print(flush=True); "
    "sys.stdin.readline()",
    os.devnull if len(sys.argv) < 2 else sys.argv[1]],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("ready", flush=True)
sys.stdin.readline()
child.stdin.close()
child.wait()
"""


def family(*args):
    """FAMILY while a with block runs."""
    return pmttest.waiting(FAMILY, *args)


class TreeTest(pmttest.TestCase):

    def tree(self, *args, **kwargs):
        return pmttest.run_program(["pmt-tree"] + list(map(str, args)),
                                   **kwargs)

    def rows(self, *args):
        """The rows that --csv gives."""
        result = self.assert_success(self.tree("--csv", *args))
        return list(csv.DictReader(result.stdout.splitlines()))

    def samples(self, *args):
        """What --json gives."""
        path = self.path("tree.json")
        self.assert_success(self.tree("--json", path, *args))
        with open(path, encoding="utf-8") as file:
            return json.load(file)


class MadeUp(TreeTest):
    """A process and its child, in a /proc of our own."""

    def setUp(self):
        super().setUp()
        self.page = os.sysconf("SC_PAGE_SIZE")
        self.write_processes()

    def write_processes(self, state="S", threads=1):
        for pid, parent in ((42, 1), (43, 42)):
            self.write_file(
                "proc/%d/stat" % pid,
                "%d (p) %s %d 1 1 0 -1 0 5 0 6 0 7 8 0 0 20 0 %d 0 9 4096 1"
                "%s\n" % (pid, state, parent, threads, " 0" * 28))
            self.write_file("proc/%d/statm" % pid, "9 2500 0 0 0 0 0\n")

    def run_tree(self, *args):
        env = {"PMT_PROC_ROOT": self.path("proc")}
        return self.assert_success(self.tree("-p", 42, *args, env=env)).stdout

    def after_a_change(self, pages, *args):
        """Totals of samples; soon after the first the child has PAGES."""
        env = dict(os.environ, PMT_PROC_ROOT=self.path("proc"))
        with subprocess.Popen(
                ["pmt-tree", "-i", "0.01", "-p", "42", "--duration", "20"]
                + list(args), env=env, stdout=subprocess.PIPE,
                universal_newlines=True) as watch:
            lines = (line for line in watch.stdout if "TOTAL of 2" in line)
            next(lines)
            # In place, and of one length, so that no read sees half of it.
            with open(self.path("proc", "43", "statm"), "r+b", 0) as file:
                os.pwrite(file.fileno(), b"%04d" % pages, 2)
            totals = [next(lines) for _ in range(50)]
            watch.kill()
        return totals

    def test_the_change_of_the_total(self):
        for pages in (7000, 1000):
            self.write_processes()
            changes = [int(line.rstrip().split(",")[-1])
                       for line in self.after_a_change(pages, "--csv")]
            self.assertEqual([change for change in changes if change != 0],
                             [(pages - 2500) * self.page])

    def test_a_loss_too_small_to_show(self):
        totals = self.after_a_change(2499)
        self.assertEqual({line.split()[-1] for line in totals}, {"+0.0"})

    def test_first_thread_ended(self):
        # It looks like a zombie, but the others go on.
        for threads, samples in ((1, 1), (2, 3)):
            self.write_processes("Z", threads)
            out = self.run_tree("--csv", "-i", "0.01", "--count", 3)
            self.assertEqual(out.count("TOTAL of 2"), samples)


class Classic(MadeUp):
    """What process_tree of pymemtrace prints, by its own format strings."""

    TITLES = ("Time(s)     PID Name                      RSS(MB) dRSS(MB)"
              "      PFaults     dPFaults   CPU(%)  dCPU(%)  User(s)   Sys(s)"
              "  Thrds dThrds     Status    dStatus")

    @staticmethod
    def cpu():
        """Of 15 ticks since just after the machine began, in percent."""
        ticks = time.clock_gettime(time.CLOCK_BOOTTIME) * 100 - 9
        return 100 * 15 / ticks

    def row(self, sample):
        """The root's values and changes: the first ones are from 0."""
        rss = self.page * 2500 / MIB
        faults, cells = 5 + 6, []
        for value, form, change in (
                (rss, "8,.1f", "+8,.1f"), (faults, "12,d", "+12,d"),
                (self.cpu(), "8.1f", "+8.1f"), (0.07, "8,.3f", None),
                (0.08, "8,.3f", None), (1, "6,d", "+6,d")):
            cells.append(format(value, form))
            if change is not None:
                cells.append(format(value if sample == 0 else type(value)(0),
                                    change))
        return cells + [format("sleeping", ">10s"),
                        format("sleeping" if sample == 0 else "", ">10s")]

    def test_table(self):
        out = self.run_tree("--classic", "-cgts", "-i", "0.01", "--count", 2)
        lines = out.splitlines()
        self.assertEqual(lines[:2], ["CMD: [p]", self.TITLES])
        for sample in (0, 1):
            cells = " ".join(self.row(sample)).rstrip()
            root, child = lines[2 + 2 * sample:4 + 2 * sample]
            self.assertRegex(root, r"^ *\d+\.\d     42 \"p\" {22}" +
                             re.escape(cells) + "$")
            self.assertEqual(child, " " * 10 + "     43 " + '"p"' + " " * 22
                             + cells)
        self.assertEqual(lines[6:], ["Bye, bye!"])

    def test_separated(self):
        out = self.run_tree("--classic", "--sep=|", "-cgts", "--count", 1)
        titles, root, child = out.splitlines()[1:4]
        self.assertEqual(titles, "|".join(self.TITLES.split()))
        cells = [cell.strip() for cell in self.row(0)]
        self.assertEqual(root.split("|")[1:], ["42", '"p"'] + cells)
        self.assertEqual(child.split("|"), ["", "43", '"p"'] + cells)

    def test_thousands(self):
        for switches, shown in ((0, "0.0"), (999949999, "999.9"),
                                (1234567890123, "1,234,567.9")):
            self.write_file("proc/42/status",
                            "voluntary_ctxt_switches:\t%d\n"
                            "nonvoluntary_ctxt_switches:\t0\n" % switches)
            out = self.run_tree("--classic", "-x", "--sep=|", "--count", 1)
            self.assertEqual(out.splitlines()[2].split("|")[7:], [shown] * 2)

    def test_json(self):
        path = self.path("json")
        self.run_tree("--classic", "--json", path, "--count", 1)
        with open(path, encoding="utf-8") as file:
            (sample,) = json.load(file)
        for process in (sample, sample["children"][0]):
            self.assertAlmostEqual(process["CPU"], self.cpu(), delta=0.011)
            self.assertGreater(process["process_time"], 0)
            self.assertNotIn("User", process)

    def test_change_of_cpu(self):
        """The changes of CPU use add up to the use."""
        with family() as process:
            out = self.assert_success(self.tree(
                "--classic", "--sep=|", "-p", process.pid, "-i", "0.02",
                "--count", 4)).stdout
        shown = 0.0
        for line in out.splitlines()[2:]:
            cells = line.split("|")
            if cells[1:2] == [str(process.pid)]:
                shown += float(cells[6])
                self.assertAlmostEqual(shown, float(cells[5]), delta=0.21)

    def test_the_end(self):
        with subprocess.Popen(["sleep", "0.3"]) as sleeper:
            out = self.assert_success(self.tree(
                "--classic", "-p", sleeper.pid, "-i", "0.05")).stdout
        self.assertEqual(out.splitlines()[-2:], [
            "Parent process %d is not running." % sleeper.pid, "Bye, bye!"])


class Zombies(TreeTest):

    def test_zombie_that_nobody_waits_for(self):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        try:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            process = self.tree("-s", "-i0.01", "-p", str(pid))
        finally:
            os.waitpid(pid, 0)
        self.assert_success(process)
        self.assertEqual(process.stdout.count("zombie"), 1)


class Numbers(TreeTest):

    def test_agrees_with_psutil(self):
        with family(self.write_file("open", "x")) as parent:
            root = self.samples("-p", parent.pid, "-aux", "--cmdline",
                                "--count", 1, "-i", "0.01")[0]
            child = parent.children()[0]
            for process, record in ((parent, root),
                                    (child, root["children"][0])):
                self.check_against_psutil(process, record)
        self.assertEqual(root["total"]["processes"], 2)
        for key in ("RSS", "USS", "PSS", "PFaults", "Thrds", "FDs"):
            self.assertEqual(root["total"][key],
                             root[key] + root["children"][0][key])

    def check_against_psutil(self, process, record):
        memory = process.memory_full_info()
        self.assertEqual(record["pid"], process.pid)
        self.assertEqual(record["ppid"], process.ppid())
        self.assertEqual(record["name"], process.name()[:15])
        self.assertEqual(record["RSS"], memory.rss)
        # Others that come and go change who shares the pages of a file.
        self.assertAlmostEqual(record["USS"], memory.uss, delta=MIB)
        self.assertAlmostEqual(record["PSS"], memory.pss, delta=MIB)
        self.assertAlmostEqual(record["User"], process.cpu_times().user,
                               delta=0.02)
        self.assertAlmostEqual(record["Sys"], process.cpu_times().system,
                               delta=0.02)
        self.assertAlmostEqual(
            record["Ctx"], sum(process.num_ctx_switches()), delta=4)
        self.assertEqual(record["Thrds"], process.num_threads())
        self.assertEqual(record["Status"], process.status())
        self.assertEqual(record["FDs"], process.num_fds())
        self.assertEqual(record["Files"], len(process.open_files()))
        self.assertEqual(record["Net"], len(process.connections()))
        self.assertEqual(record["CmdLine"].split(" ")[0],
                         process.cmdline()[0])
        with open("/proc/%d/stat" % process.pid) as file:
            fields = file.read().rpartition(")")[2].split()
        self.assertEqual(record["PFaults"], int(fields[7]) + int(fields[9]))
        self.assertEqual(record["MajFaults"], int(fields[9]))

    def test_agrees_with_smaps_rollup(self):
        with family() as parent:
            row = self.rows("-p", parent.pid, "-u", "--count", 1)[0]
            with open("/proc/%d/smaps_rollup" % parent.pid) as file:
                rollup = dict(re.findall(r"^(\w+): +(\d+) kB$", file.read(),
                                         re.M))
        kib = {name: int(value) * 1024 for name, value in rollup.items()}
        self.assertAlmostEqual(
            int(row["USS"]), kib["Private_Clean"] + kib["Private_Dirty"],
            delta=MIB)
        self.assertAlmostEqual(int(row["PSS"]), kib["Pss"], delta=MIB)
        self.assertEqual(int(row["RSS"]), kib["Rss"])

    @pmttest.not_sanitized
    def test_sees_100_mib_being_touched(self):
        # Starting is over with the first line that it prints.
        code = ("import mmap, sys; m = mmap.mmap(-1, 100 << 20, "
                "flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); "
                "f = lambda: [m.__setitem__(i, 1) "
                "for i in range(0, 100 << 20, 4096)]; "
                "print(flush=True); sys.stdin.readline(); "
                "f(); print(flush=True); "
                "sys.stdin.readline()")
        child = subprocess.Popen([sys.executable, "-c", code],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        watch = subprocess.Popen(
            ["pmt-tree", "--csv", "-u", "-i", "0.05", "-p", str(child.pid)],
            stdout=subprocess.PIPE, universal_newlines=True)
        rows = csv.DictReader(iter(watch.stdout.readline, ""))
        before = None
        # Until the interpreter waits.
        while before is None or before["dRSS"] != "0":
            before = next(rows)
        child.stdin.write(b"\n")
        child.stdin.flush()
        child.stdout.readline()
        grown, steps = 0, 0
        while True:
            row = next(rows)
            grown = int(row["RSS"]) - int(before["RSS"])
            steps += int(row["dRSS"])
            if row["dRSS"] == "0" and grown >= 100 * MIB:
                break
        child.communicate(b"\n")
        watch.communicate()
        self.assertEqual(steps, grown)
        # The loop itself takes objects: some pages of pymalloc's arenas, more
        # of mimalloc's.
        self.assertAlmostEqual(grown, 100 * MIB,
                               delta=4 * MIB if pmttest.free_threaded else MIB)

    def test_cpu_of_a_new_process_is_its_mean(self):
        # B-56, B-52: neither 0 at first, nor 0 in the JSON.
        code = ("import time\n"
                "while time.process_time() < 0.4: pass\n"
                "print(flush=True); input()")
        with subprocess.Popen([sys.executable, "-c", code],
                              stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as child:
            child.stdout.readline()
            sample = self.samples("-c", "-p", child.pid, "--count", 1)[0]
            child.communicate(b"\n")
        self.assertGreater(sample["CPU"], 0)
        self.assertGreaterEqual(sample["User"] + sample["Sys"], 0.35)
        self.assertAlmostEqual(
            sample["CPU"] / 100 * sample["process_time"],
            sample["User"] + sample["Sys"], delta=0.1)


class Output(TreeTest):

    def test_table(self):
        with family() as parent:
            out = self.assert_success(self.tree(
                "-p", parent.pid, "--count", 2, "-i", "0.01")).stdout
            child, name = parent.children()[0].pid, parent.name()[:15]
        lines = out.splitlines()
        self.assertTrue(lines[0].startswith("CMD: "))
        self.assertIn("PSS", lines[1])
        self.assertEqual(lines[2].split(), ["Time(s)", "PID", "Name",
                                            "RSS(MiB)", "dRSS(MiB)"])
        self.assertEqual(len(lines), 9)
        for first, block in ((True, lines[3:6]), (False, lines[6:9])):
            root, below, total = block
            self.assertEqual(int(root.split()[1]), parent.pid)
            self.assertEqual(int(below.split()[0]), child)
            self.assertEqual(below.index(name), root.index(name) + 2)
            self.assertIn("TOTAL of 2", total)
            # A first value is no change: B-56.
            self.assertEqual(len(below.split()), 3 if first else 4)
        for line in lines[2:]:
            self.assertLessEqual(len(line), 80)
        self.assertNotIn("\033", out)

    def test_separator_is_quoted(self):
        # B-58: nothing in a name can make columns.
        name = self.path('a,"b')
        shutil.copy(shutil.which("sleep"), name)
        child = subprocess.Popen([name, "60"])
        for args in (["--csv"], ["--sep", ","]):
            out = self.assert_success(self.tree(
                "-p", child.pid, "--count", 1, "--cmdline", *args)).stdout
            rows = list(csv.reader(line for line in out.splitlines()
                                   if line[:4] not in ("CMD:", "TOTA")))
            self.assertEqual(len(rows), 2)
            self.assertEqual(len(rows[0]), len(rows[1]))
            self.assertEqual(rows[1][rows[0].index("Name")], 'a,"b')
        child.kill()
        child.wait()

    def test_odd_names(self):
        # Names are any bytes: a line stays a line, JSON stays UTF-8.
        for name, shown, in_json in (
                (b"new\nline", "new\\012line", "new\nline"),
                (b"back\\slash", "back\\134slash", "back\\slash"),
                (b"\xff\xfe", "\udcff\udcfe", "\ufffd\ufffd"),
                ("h\u00e9 (x) S".encode(), "h\u00e9 (x) S", "h\u00e9 (x) S"),
                (b"\033[31m", "\\033[31m", "\033[31m")):
            with self.subTest(name=name):
                path = os.path.join(os.fsencode(self.directory), name)
                shutil.copy(shutil.which("sleep"), path)
                child = subprocess.Popen([path, "60"])
                out = self.assert_success(self.tree(
                    "-p", child.pid, "--count", 1, "--json",
                    self.path("j"))).stdout
                child.kill()
                child.wait()
                self.assertEqual(len(out.splitlines()), 4)
                self.assertIn(shown, out.splitlines()[3])
                with open(self.path("j"), encoding="utf-8") as file:
                    self.assertEqual(json.load(file)[0]["name"], in_json)

    def test_omit_first(self):
        # B-51: the JSON began with a comma.
        with family() as parent:
            samples = self.samples("-1", "-p", parent.pid, "--count", 2,
                                   "-i", "0.01", "-u")
            rows = self.rows("-1", "-p", parent.pid, "--count", 1, "-i",
                             "0.01")
        self.assertEqual(len(samples), 2)
        self.assertNotEqual(rows[0]["dRSS"], "")

    def test_json_into_a_pipe(self):
        with family() as parent:
            out = self.assert_success(self.tree(
                "-p", parent.pid, "--count", 2, "-i", "0.01", "--json",
                "/dev/stderr")).stderr
        self.assertEqual(len(json.loads(out)), 2)

    def test_sort(self):
        with family() as parent:
            child = parent.children()[0]
            for order, first in (("rss", parent), ("tree", parent),
                                 ("pid", min(parent, child,
                                             key=lambda p: p.pid))):
                rows = self.rows("-p", parent.pid, "--count", 1, "--sort",
                                 order)
                self.assertEqual(int(rows[0]["PID"]), first.pid)

    def test_reader_that_leaves(self):
        with family() as parent:
            watch = subprocess.Popen(
                ["pmt-tree", "-i", "0.01", "-p", str(parent.pid)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            watch.stdout.readline()
            watch.stdout.close()
            self.assertEqual(watch.stderr.read(), b"")
            watch.stderr.close()
            self.assertNotEqual(watch.wait(), 0)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with family() as parent, open("/dev/full", "w") as full:
            result = self.tree("-p", parent.pid, "--count", 1, stdout=full)
            self.assert_status(result, 1)
            self.assertIn("cannot write to standard output: No space left",
                          result.stderr)
            result = self.tree("-p", parent.pid, "--count", 1, "--json",
                               "/dev/full")
            self.assert_status(result, 1)
            self.assertIn("'/dev/full'", result.stderr)


class Lives(TreeTest):

    def test_exit_status_of_the_command(self):
        for code, status in (("exit 3", 3), ("kill -9 $$", 137), ("true", 0)):
            self.assert_status(self.tree("--", "sh", "-c", code), status)
        self.assert_status(self.tree("nosuch-command"), 127)
        self.assert_status(self.tree("/dev/null"), 126)

    def test_a_double_fork_is_not_lost(self):
        # The middle one is gone before anybody looks.
        result = self.tree("--csv", "-i", "0.02", "--", "sh", "-c",
                           "(sleep 0.5 &); exit 4")
        self.assert_status(result, 4)
        last = list(csv.DictReader(result.stdout.splitlines()))[-1]
        self.assertEqual(last["Name"], "sleep")

    def test_children_that_come_and_go(self):
        # B-50: this ended the original within seconds.
        code = ("import os, time\n"
                "last = os.fork()\n"
                "if last == 0: time.sleep(60)\n"
                "end = time.monotonic() + 1.5\n"
                "while time.monotonic() < end:\n"
                "    pid = os.fork()\n"
                "    if pid == 0: os._exit(0)\n"
                "    os.waitpid(pid, 0)\n"
                "os.kill(last, 9)\n")
        path = self.path("churn.json")
        result = self.tree("-a", "-u", "-x", "--cmdline", "-i", "0.001",
                           "--json", path, "--", sys.executable, "-c", code)
        self.assert_success(result)
        self.assertEqual(result.stderr, "")
        with open(path, encoding="utf-8") as file:
            samples = json.load(file)
        self.assertGreater(len(samples), 2)
        self.assertTrue(any(sample.get("children") for sample in samples))

    def test_ends_with_a_process_that_is_not_ours(self):
        # B-41: at once, not at the next tick.
        child = subprocess.Popen(["sleep", "60"])
        watch = subprocess.Popen(["pmt-tree", "-i", "0.05", "-p",
                                  str(child.pid)], stdout=subprocess.PIPE)
        for _ in range(4):
            watch.stdout.readline()
        child.kill()
        child.wait()
        self.assertEqual(watch.wait(timeout=60), 0)
        watch.stdout.close()

    def test_json_is_whole_after_any_death(self):
        # B-57, and more: SIGKILL too.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number), family() as parent:
                path = self.path("killed.json")
                watch = subprocess.Popen(
                    ["pmt-tree", "-i", "0.01", "--json", path, "-p",
                     str(parent.pid)], stdout=subprocess.PIPE)
                for _ in range(20):
                    watch.stdout.readline()
                watch.send_signal(number)
                watch.stdout.read()
                self.assertEqual(watch.wait(), -number)
                watch.stdout.close()
                with open(path, encoding="utf-8") as file:
                    self.assertGreater(len(json.load(file)), 3)

    def test_signals_reach_the_command(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            watch = subprocess.Popen(
                ["pmt-tree", "--", "sh", "-c", "trap 'exit 7' TERM INT; "
                 "echo up; while :; do sleep 0.02; done"],
                stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
            while watch.stdout.readline() != b"up\n":
                pass
            watch.send_signal(number)
            watch.stdout.read()
            watch.stdout.close()
            self.assertEqual(watch.wait(timeout=60), -number)

    def test_an_interrupt_of_the_terminal_is_not_passed_on(self):
        # It went to the command as well.  Here nobody but pmt-tree gets it, so
        # that what the command hears comes from there.
        script = self.write_file("command", """
import signal, sys
signal.signal(signal.SIGINT, lambda *_: print("told", flush=True))
print("begun", flush=True)
while sys.stdin.readline() != "end\\n":
    pass
""")
        pid, terminal = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvp("pmt-tree", ["pmt-tree", "-i", "1h", "--",
                                   sys.executable, script])
        output = b""
        while b"begun" not in output:
            output += os.read(terminal, 4096)
        os.kill(pid, signal.SIGINT)
        # A second one would end pmt-tree itself; then it waits again.
        while self.catches(pid, signal.SIGINT) or (
                psutil.Process(pid).status() != psutil.STATUS_SLEEPING):
            time.sleep(0.01)
        os.write(terminal, b"end\n")
        try:
            while True:
                output += os.read(terminal, 4096)
        except OSError:
            os.close(terminal)
        _, status = os.waitpid(pid, 0)
        self.assertEqual(os.WTERMSIG(status), signal.SIGINT)
        self.assertNotIn(b"told", output)

    @staticmethod
    def catches(pid, number):
        with open("/proc/%d/status" % pid) as file:
            caught = re.search(r"^SigCgt:\s*(\w+)", file.read(), re.M)
        return int(caught.group(1), 16) >> (number - 1) & 1

    def test_duration(self):
        with family() as parent:
            rows = self.rows("-p", parent.pid, "-d", "0.2", "-i", "0.05")
        self.assertGreaterEqual(len(rows), 2)


class BadInput(TreeTest):

    def test_usage(self):
        for args in ([], ["-p", "0"], ["-p", "-5"], ["-p", "x"],
                     ["-p", "1", "ls"], ["-i", "0", "ls"], ["-i", "-1", "ls"],
                     ["-i", "nan", "ls"], ["-i", "inf", "ls"],
                     ["-i", "0.0009", "ls"], ["--count", "0", "ls"],
                     ["--sort", "x", "ls"], ["--csv", "--sep", ";", "ls"],
                     ["--nosuch"]):
            with self.subTest(args):
                self.assert_usage_error(self.tree(*args))

    def test_no_such_process(self):
        result = self.tree("-p", 4194304)
        self.assert_status(result, 1)
        self.assertEqual(result.stderr,
                         "pmt-tree: 4194304: No such process\n")

    def test_zombie(self):
        child = subprocess.Popen(["true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        sample = self.samples("-p", child.pid, "--count", 1, "-au")[0]
        child.wait()
        self.assertEqual(sample["Status"], "zombie")
        self.assertEqual(sample["RSS"], 0)
        self.assertIsNone(sample["PSS"])
        self.assertNotIn("denied", sample)

    def test_kernel_thread(self):
        try:
            name = psutil.Process(2).name()
        except psutil.NoSuchProcess:
            name = None
        if name != "kthreadd":
            self.skipTest("no kernel threads in this container")
        sample = self.samples("-p", 2, "--count", 1, "-au", "--cmdline")[0]
        self.assertEqual(sample["RSS"], 0)
        self.assertEqual(sample["CmdLine"], "[kthreadd]")

    def test_denied(self):
        # B-53, B-55: the row stays, the cell says why it is empty.
        if os.geteuid() != 0:
            self.skipTest("needs root, to be somebody else")
        program = self.path("pmt-tree")
        shutil.copy(self.real_program(), program)
        for path in (self.directory, program):
            os.chmod(path, 0o777)

        def nobody():
            os.setgid(65534)
            os.setuid(65534)
        with family() as parent:
            command = [program, "-uf", "-p", str(parent.pid), "--count", "1"]
            out = subprocess.check_output(command, preexec_fn=nobody,
                                          universal_newlines=True)
            subprocess.check_call(command + ["--json", self.path("json")],
                                  preexec_fn=nobody,
                                  stdout=subprocess.DEVNULL)
            text = self.read_file("json")
            rss = parent.memory_info().rss
        rows = out.splitlines()[2:] if out.startswith("CMD") else []
        self.assertIn(" denied ", rows[0])
        self.assertIn("%.1f" % (rss / MIB), rows[0])
        # The total is a lower bound, and says so.
        self.assertIn(">0.0", rows[-1])
        root = json.loads(text)[0]
        self.assertIsNone(root["PSS"])
        # How many descriptors there are is no secret since Linux 6.2.
        self.assertEqual([name for name in root["denied"] if name != "FDs"],
                         ["USS", "PSS", "Files"])

    def real_program(self):
        """The program itself: in the build tree its name is a script's."""
        directory = os.path.join(pmttest.builddir, "src")
        real = os.path.join(directory, ".libs", "pmt-tree")
        return real if os.path.exists(real) else os.path.join(directory,
                                                              "pmt-tree")

    def test_unwritable_json(self):
        result = self.tree("--json", "/nowhere/x", "-p", os.getpid())
        self.assert_status(result, 1)
        self.assertEqual(result.stderr, "pmt-tree: cannot open '/nowhere/x': "
                         "No such file or directory\n")


class Thousands(TreeTest):

    def test_a_thousand_made_up_processes(self):
        stat = ("%d (p%d) S %d 1 1 0 -1 0 5 0 6 0 7 8 0 0 20 0 1 0 %d 4096 1"
                + " 0" * 28 + "\n")
        for pid in range(1, 2001):
            self.write_file("proc/%d/stat" % pid,
                            stat % (pid, pid, pid // 2, pid))
            self.write_file("proc/%d/statm" % pid, "9 %d 0 0 0 0 0\n" % pid)
        env = {"PMT_PROC_ROOT": self.path("proc")}
        result = self.assert_success(self.tree("--csv", "-p", 2, "--count", 1,
                                               env=env))
        rows = list(csv.DictReader(result.stdout.splitlines()))
        # A heap's left half, in depth-first order.
        expected, stack = [], [2]
        while stack:
            pid = stack.pop()
            expected.append(pid)
            stack += [c for c in (2 * pid + 1, 2 * pid) if c <= 2000]
        self.assertEqual([int(row["PID"]) for row in rows[:-1]], expected)
        page = os.sysconf("SC_PAGE_SIZE")
        self.assertEqual(int(rows[-1]["RSS"]), sum(expected) * page)
        self.assertEqual(rows[-1]["Name"], "TOTAL of %d" % len(expected))


class Top(TreeTest):

    def start(self, *args, size=(10, 60), **env):
        """pmt-tree on a terminal of so many rows and columns."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.pop("NO_COLOR", None)
            os.environ.update(TERM="xterm", **env)
            os.execvp("pmt-tree", ["pmt-tree"] + list(map(str, args)))
        fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                    struct.pack("HHHH", *size, 0, 0))
        return pid, terminal

    def read_until(self, terminal, text, timeout=60):
        seen, end = "", time.monotonic() + timeout
        while text not in seen:
            if time.monotonic() > end:
                self.fail("no %r in %r" % (text, seen[-500:]))
            if select.select([terminal], [], [], 1)[0]:
                try:
                    seen += os.read(terminal, 65536).decode(errors="replace")
                except OSError:
                    break
        return seen

    def finish(self, pid, terminal):
        try:
            while os.read(terminal, 65536):
                pass
        except OSError:
            pass
        os.close(terminal)
        return os.waitpid(pid, 0)[1]

    def test_draws_sorts_resizes_quits(self):
        with family() as parent:
            pid, terminal = self.start("--top", "-i", "0.05", "-p", parent.pid)
            seen = self.read_until(terminal, "TOTAL of 2")
            self.assertIn("\033[?1049h", seen)
            os.write(terminal, b"r")
            self.read_until(terminal, "\033[H")
            fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                        struct.pack("HHHH", 5, 30, 0, 0))
            self.read_until(terminal, "... 1 more")
            os.write(terminal, b"q")
            seen = self.read_until(terminal, "\033[?1049l")
            self.assertIn("\033[?25h", seen)
            self.assertEqual(self.finish(pid, terminal), 0)

    def test_odd_sizes(self):
        # 0: a serial line, or a container, that does not know its size.
        for rows, columns, expected in ((0, 0, "pmt-tree"), (10, 1, "TOTAL"),
                                        (1, 1, "\033[J")):
            with self.subTest(rows=rows, columns=columns):
                pid, terminal = self.start("--top", "-i", "0.05", "-p",
                                           os.getpid(), size=(rows, columns))
                self.read_until(terminal, expected)
                os.write(terminal, b"q")
                self.read_until(terminal, "\033[?1049l")
                self.finish(pid, terminal)

    def test_puts_the_terminal_back_when_killed(self):
        with family() as parent:
            pid, terminal = self.start("--top", "-i", "0.05", "-p", parent.pid)
            self.read_until(terminal, "TOTAL of 2")
            os.kill(pid, signal.SIGTERM)
            self.read_until(terminal, "\033[?1049l")
            self.assertEqual(self.finish(pid, terminal), signal.SIGTERM)

    def test_colours(self):
        code = ("import time\nx = []\nprint('up', flush=True)\n"
                "while True:\n    x.append(b'x' * 3000000)\n"
                "    time.sleep(0.02)")
        for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            with subprocess.Popen([sys.executable, "-c", code],
                                  stdout=subprocess.PIPE) as child:
                child.stdout.readline()
                pid, terminal = self.start("-p", child.pid, "-i", "0.1",
                                           "--count", 4, **env)
                seen = self.read_until(terminal, "\0")
                child.kill()
            self.finish(pid, terminal)
            self.assertEqual("\033[31m" in seen, coloured)


if __name__ == "__main__":
    pmttest.main()
