# SPDX-License-Identifier: MIT
"""pmt-process: records against psutil and /proc; logs, plots, bad input."""
import csv
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import psutil

import pmttest

MIB = 1 << 20


def asleep():
    """A Python process with 20 MiB that waits while a with block runs."""
    return pmttest.waiting("import sys; block = b'x' * (20 << 20); "
                           "print('ready', flush=True); sys.stdin.readline()")


class ProcessTest(pmttest.TestCase):

    def run_process(self, *args, **kwargs):
        return pmttest.run_program(["pmt-process"] + list(map(str, args)),
                                   **kwargs)

    def record(self, *args, **kwargs):
        """The records of a run that must end well."""
        return self.parse(self.assert_success(
            self.run_process(*args, **kwargs)).stdout)

    def parse(self, text):
        return [json.loads(line) for line in text.splitlines()]

    def csv_rows(self, *args, **kwargs):
        result = self.assert_success(self.run_process("--csv", *args,
                                                      **kwargs))
        return list(csv.DictReader(result.stdout.splitlines()))


class Recording(ProcessTest):

    def test_agrees_with_psutil(self):
        with asleep() as sleeper:
            start, stop = self.record("-p", sleeper.pid, "--count", 1, "--pss")
            process = psutil.Process(sleeper.pid)
            with process.oneshot():
                memory = process.memory_full_info()
            for record in (start, stop):
                for key in ("rss", "vms", "shared", "text", "data", "swap"):
                    self.assertEqual(record["memory_info"][key],
                                     getattr(memory, key), key)
                # Others that come and go change who shares a file's pages.
                for key in ("uss", "pss"):
                    self.assertAlmostEqual(record["memory_info"][key],
                                           getattr(memory, key), delta=MIB)
                times = process.cpu_times()
                for key in ("user", "system", "children_user",
                            "children_system", "iowait"):
                    self.assertAlmostEqual(record["cpu_times"][key],
                                           getattr(times, key), delta=0.02)
                self.assertEqual(record["threads"], process.num_threads())
                self.assertEqual(record["fds"], process.num_fds())
                switches = process.num_ctx_switches()
                # It may not have gone to sleep yet.
                for key in ("voluntary", "involuntary"):
                    self.assertAlmostEqual(record["context_switches"][key],
                                           getattr(switches, key), delta=2)
                counters = process.io_counters()
                for key, value in record["io_counters"].items():
                    self.assertEqual(value, getattr(counters, key), key)
                self.assertAlmostEqual(
                    record["elapsed_time"],
                    time.time() - process.create_time(), delta=60)
                self.assertEqual(record["pid"], sleeper.pid)
            with open("/proc/%d/stat" % sleeper.pid) as file:
                fields = file.read().rpartition(")")[2].split()
        self.assertEqual(stop["page_faults"], {"minor": int(fields[7]),
                                               "major": int(fields[9])})
        # For readers that know macOS's psutil: B-40, B-54.
        self.assertEqual(stop["memory_info"]["pfaults"],
                         int(fields[7]) + int(fields[9]))
        self.assertEqual(start["event"], "START")
        self.assertEqual(stop["event"], "STOP")
        self.assertNotIn("gone", stop)
        self.assertGreaterEqual(stop["memory_info"]["peak_rss"], memory.rss)

    def test_agrees_with_smaps_rollup(self):
        with asleep() as sleeper:
            memory = self.record("-p", sleeper.pid, "--count", 1,
                                 "--pss")[0]["memory_info"]
            with open("/proc/%d/smaps_rollup" % sleeper.pid) as file:
                rollup = dict(re.findall(r"^(\w+): +(\d+) kB$", file.read(),
                                         re.M))
        kib = {name: int(value) * 1024 for name, value in rollup.items()}
        self.assertEqual(memory["rss"], kib["Rss"])
        self.assertAlmostEqual(memory["pss"], kib["Pss"], delta=MIB)
        self.assertAlmostEqual(
            memory["uss"], kib["Private_Clean"] + kib["Private_Dirty"],
            delta=MIB)

    def test_sees_100_mib_being_touched(self):
        code = ("import mmap, sys\n"
                "m = mmap.mmap(-1, 100 << 20, flags=mmap.MAP_PRIVATE)\n"
                "def touch():\n"
                "    for i in range(0, 100 << 20, 4096): m[i] = 1\n"
                "sys.stdin.readline(); print(flush=True)\n"
                "sys.stdin.readline(); touch(); print(flush=True)\n"
                "sys.stdin.readline()")
        with subprocess.Popen([sys.executable, "-c", code],
                              stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as child:
            seen = []
            for _ in range(2):
                child.stdin.write(b"\n")
                child.stdin.flush()
                child.stdout.readline()
                seen.append(self.record("-p", child.pid, "--count", 1)[0])
            child.communicate(b"\n")
        before, after = (record["memory_info"]["rss"] for record in seen)
        page = os.sysconf("SC_PAGE_SIZE")
        # One page a thread stack; the loop's objects live in arenas.
        self.assertAlmostEqual(after - before, 100 * MIB, delta=64 * page)

    def test_command_and_its_status(self):
        for code, status, key, value in (
                ("sleep 0.1", 0, "exit_status", 0),
                ("sleep 0.1; exit 3", 3, "exit_status", 3),
                ("sleep 0.1; kill -9 $$", 137, "signal", 9)):
            result = self.run_process("-i", "0.02", "--", "sh", "-c", code)
            self.assert_status(result, status)
            stop = self.parse(result.stdout)[-1]
            self.assertEqual(stop["event"], "STOP")
            self.assertIs(stop["gone"], True)
            self.assertEqual(stop[key], value)
        self.assert_status(self.run_process("--", "nosuch-command"), 127)
        self.assert_status(self.run_process("--", "/dev/null"), 126)

    def test_last_numbers_are_not_those_of_the_exit(self):
        code = "import time; x = b'x' * 50_000_000; time.sleep(0.3)"
        for _ in range(3):
            records = self.record("-i", "0.001", "--", sys.executable, "-c",
                                  code)
            self.assertTrue(records[-1]["gone"])
            self.assertTrue(all(record["memory_info"]["vms"] > 0
                                for record in records))

    def test_output_is_the_commands_own(self):
        result = self.run_process("-o", self.path("log"), "--", "cat",
                                  input="text\n")
        self.assert_success(result)
        self.assertEqual(result.stdout, "text\n")
        self.assertEqual(len(self.parse(self.read_file("log"))), 2)

    def test_ends_at_once_with_a_process_that_is_not_ours(self):
        # B-41, B-42: not at the next tick, which is an hour away.
        child = subprocess.Popen(["sleep", "60"])
        with subprocess.Popen(["pmt-process", "-i", "3600", "-p",
                               str(child.pid)],
                              stdout=subprocess.PIPE) as watch:
            watch.stdout.readline()
            child.kill()
            child.wait()
            stop = json.loads(watch.stdout.readline())
            self.assertEqual(watch.wait(timeout=60), 0)
        self.assertIs(stop["gone"], True)
        self.assertNotIn("exit_status", stop)

    def test_signals_end_it_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with asleep() as sleeper, subprocess.Popen(
                    ["pmt-process", "-i", "3600", "-p", str(sleeper.pid)],
                    stdout=subprocess.PIPE) as watch:
                watch.stdout.readline()
                watch.send_signal(number)
                stop = json.loads(watch.stdout.read())
                self.assertEqual(watch.wait(), -number)
                self.assertEqual(stop["event"], "STOP")
                self.assertNotIn("gone", stop)

    def test_signals_reach_the_command(self):
        with subprocess.Popen(
                ["pmt-process", "-o", self.path("log"), "--", "sh", "-c",
                 "trap 'exit 7' TERM; echo up; while :; do sleep 0.02; done"],
                stdout=subprocess.PIPE) as watch:
            watch.stdout.readline()
            watch.send_signal(signal.SIGTERM)
            self.assertEqual(watch.wait(timeout=60), -signal.SIGTERM)
        stop = self.parse(self.read_file("log"))[-1]
        self.assertEqual(stop["exit_status"], 7)

    def test_intervals_do_not_drift(self):
        with asleep() as sleeper:
            records = self.record("-p", sleeper.pid, "-i", "0.01",
                                  "--count", 100)
        times = [record["elapsed_time"] for record in records[:-1]]
        missed = records[-1]["missed"]
        self.assertEqual(len(times), 100)
        # Late ticks are counted, never added up.
        periods = round((times[-1] - times[0]) / 0.01)
        self.assertLessEqual(abs(periods - (99 + missed)), 2)

    def test_count_and_duration(self):
        with asleep() as sleeper:
            self.assertEqual(len(self.record("-p", sleeper.pid, "--count", 3,
                                             "-i", "0.001")), 4)
            records = self.record("-p", sleeper.pid, "-d", "0.1", "-i", "0.02")
        self.assertLess(len(records), 10)
        self.assertEqual(records[-1]["event"], "STOP")

    def test_classic_lines(self):
        with asleep() as sleeper:
            out = self.assert_success(self.run_process(
                "-p", sleeper.pid, "--count", 2, "-i", "0.01", "--classic",
                "-l", "WARNING")).stdout
        lines = out.splitlines()
        self.assertEqual(len(lines), 3)
        for line, kind in zip(lines, ("-START", "", "-STOP")):
            self.assertRegex(
                line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - pmt-process - "
                r" *\d+ - \(ProcMon   \) - WARNING  - "
                r"ProcessLoggingThread-JSON%s \{" % kind)
            record = json.loads(line[line.index("{"):])
            self.assertEqual(list(record)[:5], [
                "timestamp", "memory_info", "cpu_times", "elapsed_time",
                "pid"])

    def test_appends(self):
        log = self.path("log")
        with asleep() as sleeper:
            for _ in range(2):
                self.record("-p", sleeper.pid, "--count", 1, "-o", log)
                self.run_process("--csv", "-p", sleeper.pid, "--count", 1,
                                 "-o", self.path("csv"))
        self.assertEqual(len(self.parse(self.read_file("log"))), 4)
        self.assertEqual(self.read_file("csv").count("page_faults"), 1)

    def test_mode(self):
        for form in "--json", "--openmetrics":
            path = self.path(form)
            self.record("-p", str(os.getpid()), "--count", "1", form,
                        "--mode", "0604", "-o", path)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o604)
        refused = self.run_process("-p", "1", "--mode", "0600")
        self.assert_status(refused, 2)

    def test_cgroup(self):
        # Made up, for the memory controller may be v1's where we are tested.
        self.write_file("proc/42/stat", "42 (x) S 1 1 1 0 -1 0 5 0 6 0 7 8 0 "
                        "0 20 0 1 0 1 4096 1" + " 0" * 28 + "\n")
        self.write_file("proc/42/statm", "9 8 7 6 0 5 0\n")
        self.write_file("proc/42/cgroup", "0::/job\n")
        self.write_file("proc/self/mountinfo",
                        "30 22 0:26 / %s rw - cgroup2 cgroup rw\n"
                        % self.path("group"))
        self.write_file("group/job/memory.current", "123456\n")
        self.write_file("group/job/memory.max", "max\n")
        self.write_file("group/job/memory.events",
                        "low 0\nhigh 3\nmax 0\noom 2\noom_kill 1\n")
        env = {"PMT_PROC_ROOT": self.path("proc")}
        record = self.record("-p", 42, "--count", 1, env=env)[0]
        self.assertEqual(record["cgroup"], {"current": 123456, "high": 3,
                                            "oom": 2, "oom_kill": 1})
        self.write_file("group/job/memory.max", "200000\n")
        record = self.record("-p", 42, "--count", 1, env=env)[0]
        self.assertEqual(record["cgroup"]["max"], 200000)


class OpenMetrics(ProcessTest):

    def check(self, text):
        """The rules of an exposition that break collectors; the samples."""
        self.assertTrue(text.endswith("# EOF\n"))
        family, samples, seen = None, {}, set()
        for line in text.splitlines()[:-1]:
            if line.startswith("# TYPE "):
                family, kind = line.split()[2:]
                self.assertNotIn(family, seen)
                seen.add(family)
            elif not line.startswith("#"):
                match = re.match(r'^(\w+)\{((?:\w+="[^"\n]*",?)+)\} (\S+)$',
                                 line)
                self.assertIsNotNone(match, line)
                name = family + ("_total" if kind == "counter" else "")
                self.assertEqual(match.group(1), name)
                samples[match.group(1, 2)] = float(match.group(3))
            elif line.startswith("# UNIT "):
                self.assertTrue(family.endswith("_" + line.split()[3]))
        return samples

    def test_live(self):
        with asleep() as sleeper:
            result = self.run_process("--openmetrics", "-p", sleeper.pid,
                                      "--pss")
            name = psutil.Process(sleeper.pid).name()[:15]
            rss = psutil.Process(sleeper.pid).memory_info().rss
        samples = self.check(self.assert_success(result).stdout)
        labels = 'pid="%d",name="%s"' % (sleeper.pid, name)
        self.assertEqual(samples["pmt_process_resident_memory_bytes", labels],
                         rss)
        self.assertIn(("pmt_process_cpu_seconds_total",
                       labels + ',mode="system"'), samples)
        self.assertIn(("pmt_process_proportional_memory_bytes", labels),
                      samples)

    def test_file_is_replaced_whole(self):
        path = self.path("x.prom")
        with asleep() as sleeper, subprocess.Popen(
                ["pmt-process", "--openmetrics", "-i", "0.001", "-o", path,
                 "-p", str(sleeper.pid)]) as watch:
            reads = 0
            while reads < 200:
                try:
                    self.check(self.read_file("x.prom"))
                    reads += 1
                except FileNotFoundError:
                    self.assertIsNone(watch.poll())
            watch.terminate()
        self.assertEqual(os.listdir(self.directory), ["x.prom"])

    def test_of_a_log(self):
        result = self.run_process("--openmetrics", pmttest.data(
            "process", "psutil-macos.log"))
        samples = self.check(self.assert_success(result).stdout)
        self.assertEqual(samples["pmt_process_resident_memory_bytes",
                                 'pid="70001"'], 15728640)
        self.assertEqual(samples["pmt_process_page_faults_total",
                                 'pid="70001",kind="major"'], 10)
        self.assertEqual(samples["pmt_process_resident_memory_bytes",
                                 'pid="70002"'], 1048576)

    def test_odd_name(self):
        path = self.path('a"b\\c\n')
        shutil.copy(shutil.which("sleep"), path)
        with subprocess.Popen([path, "60"]) as child:
            out = self.assert_success(self.run_process(
                "--openmetrics", "-p", child.pid)).stdout
            child.kill()
        self.assertIn('name="a\\"b\\\\c\\n"', out)


class Reading(ProcessTest):

    macos = pmttest.data("process", "psutil-macos.log")

    def test_table(self):
        out = self.assert_success(self.run_process(self.macos)).stdout
        lines = out.splitlines()
        self.assertEqual(len(lines), 11)
        self.assertEqual(lines[0].strip("-"), " PID: 70001 ")
        self.assertEqual(lines[6].strip("-"), " PID: 70001 DONE ")
        self.assertEqual(len(lines[0]), 75)
        self.assertEqual(lines[1].split(), [
            "#t(s)", "RSS", "PageFaults/s", "User", "Mean_CPU%", "Inst_CPU%",
            "Timestamp", "PID", "Label"])
        self.assertEqual(lines[2].split(), [
            "2.0", "10485760", "-", "0.5", "30.0%", "-",
            "2026-03-20T10:00:01.000000", "70001"])
        self.assertEqual(lines[3].split(maxsplit=9), [
            "3.0", "20971520", "2500.0", "1.2", "46.7%", "80.0%",
            "2026-03-20T10:00:02.000000", "70001", "#",
            'loaded the "big" file'])
        # Two labels of one tick: B-45.
        self.assertEqual(lines[4].split()[:6], lines[3].split()[:6])
        self.assertEqual(lines[5].split()[:6], [
            "5.0", "15728640", "50.0", "2.0", "44.0%", "40.0%"])
        self.assertIn("# other process", lines[9])

    def test_numbers_are_those_of_printf(self):
        """Also of what lies in the middle, such as 0.25 and 0.35."""
        randoms = random.Random(3)
        seconds = [round(randoms.choice([
            randoms.randrange(10 ** 9) / 100, randoms.randrange(4000) / 20,
            randoms.random() * 10 ** randoms.randrange(13)]),
            randoms.randrange(4)) for _ in range(5000)] + [0.25, 0.35, 1e12]
        path = self.write_file("x.log", "".join(json.dumps({
            "timestamp": "", "memory_info": {"rss": i}, "elapsed_time": i,
            "cpu_times": {"user": user}, "pid": 7}) + "\n"
            for i, user in enumerate(seconds)))
        rows = self.run_process(path).stdout.splitlines()[2:-1]
        self.assertEqual([row.split()[3] for row in rows],
                         ["%.1f" % user if user < 1e12 else "1e+12"
                          for user in seconds])
        self.assertEqual([row.split()[:2] for row in rows],
                         [["%d.0" % i, str(i)] for i in range(len(rows))])

    def test_log_of_psutil_on_linux(self):
        # B-40: no page faults there; that is a dash, not a KeyError.
        result = self.assert_success(self.run_process(
            pmttest.data("process", "psutil-linux.log")))
        rows = result.stdout.splitlines()[2:-1]
        self.assertEqual(len(rows), 5)
        self.assertTrue(all(row.split()[2] == "-" for row in rows))
        self.assertEqual(rows[0].split()[1], "24363008")
        self.assertEqual(result.stderr, "")

    def test_gzip_and_standard_input(self):
        plain = self.run_process(self.macos).stdout
        packed = self.path("log.gz")
        with open(self.macos, "rb") as log, gzip.open(packed, "wb") as out:
            out.write(log.read())
        self.assertEqual(self.run_process(packed).stdout, plain)
        with open(packed, "rb") as file:
            self.assertEqual(self.run_process("-", stdin=file).stdout, plain)
        # A torn one is read up to the tear.
        with open(packed, "rb") as file:
            torn = file.read()[:-30]
        with open(packed, "wb") as file:
            file.write(torn)
        result = self.run_process(packed)
        self.assertIn("is torn behind line", result.stderr)

    def test_what_we_record_is_what_we_read(self):
        for classic in ([], ["--classic"]):
            log = self.path("log%d" % len(classic))
            result = self.run_process("-i", "0.02", "-o", log, *classic, "--",
                                      "sh", "-c", "sleep 0.1; exit 3")
            self.assert_status(result, 3)
            with open(log) as file:
                records = [json.loads(line[line.index("{"):])
                           for line in file]
            out = self.assert_success(self.run_process(log)).stdout
            rows = self.csv_rows(log)
            self.assertEqual(len(rows), len(records) - 1)
            for row, record in zip(rows, records):
                self.assertEqual(int(row["rss"]),
                                 record["memory_info"]["rss"])
                self.assertEqual(row["timestamp"], record["timestamp"])
            self.assertIn("ended with exit status 3, ", out)

    def test_json_rows(self):
        out = self.assert_success(self.run_process("--json",
                                                   self.macos)).stdout
        rows = self.parse(out)
        self.assertEqual(len(rows), 5)
        self.assertIsNone(rows[0]["page_faults_per_s"])
        self.assertEqual(rows[1]["page_faults_per_s"], 2500)
        self.assertAlmostEqual(rows[1]["inst_cpu_percent"], 80)
        self.assertEqual(rows[1]["label"], 'loaded the "big" file')
        self.assertEqual(self.csv_rows(self.macos)[1]["label"],
                         'loaded the "big" file')

    def test_broken_lines_are_counted(self):
        with open(self.macos) as file:
            good = file.read().splitlines()
        good.insert(3, good[2][:-20])
        good.insert(5, "x ProcessLoggingThread-JSON {\"pid\": 1}")
        good.append('{"timestamp": "torn')
        log = self.write_file("log", "\n".join(good))
        result = self.assert_success(self.run_process(log))
        self.assertEqual(result.stderr, "pmt-process: '%s': 3 broken records, "
                         "the first in line 4\n" % log)
        self.assertEqual(result.stdout, self.run_process(self.macos).stdout)

    def test_other_peoples_lines_are_not_broken(self):
        log = self.write_file("log", "\n".join([
            '{"level": "info", "message": "JSON of somebody else"}',
            "the prefix ProcessLoggingThread-JSON alone",
            "", "\x00\x01binary\x00", "x" * 3000000,
            open(self.macos).read()]))
        result = self.assert_success(self.run_process(log))
        self.assertIn("1 broken record, the first in line 5", result.stderr)
        self.assertEqual(result.stdout, self.run_process(self.macos).stdout)

    def test_hostile_numbers(self):
        line = ('{"timestamp": "%s", "memory_info": {"rss": %s}, '
                '"cpu_times": {"user": %s, "system": 0}, "elapsed_time": %s, '
                '"pid": %s}')
        log = self.write_file("log", "\n".join([
            line % ("t", "1", "1e300", "1e-300", "5"),
            line % ("t" * 500, "9223372036854775807", "0", "1e308", "5"),
            line % ("t", "1", "0", "0", "5"),
            line % ("t", "-5", "-1", "-7", "5"),
            line % ("t", "1", "0", "1", "0"),
            line % ("t", "1", "0", "1", "99999999999"),
            line % ("\\u001b[31m\\n", "1", "0", "1", "5"),
            line % ("t", '"1"', "0", "1", "5")]))
        for args in ([], ["--csv"], ["--json"], ["--openmetrics"]):
            result = self.assert_success(self.run_process(*(args + [log])))
            if args != ["--csv"]:  # which quotes, but changes no value
                self.assertNotIn("\033", result.stdout)
            self.assertNotIn("nan", result.stdout)

    def test_many_processes(self):
        line = ('{"timestamp": "2026-01-01 00:00:00.000000", "memory_info": '
                '{"rss": %d}, "cpu_times": {"user": 0, "system": 0}, '
                '"elapsed_time": %d, "pid": %d}')
        log = self.write_file("log", "\n".join(
            line % (pid * 1000 + t, t, pid)
            for t in range(1, 101) for pid in range(1, 301)))
        out = self.assert_success(self.run_process(log)).stdout
        lines = iter(out.splitlines())
        for pid in range(1, 301):
            self.assertEqual(next(lines).strip("-"), " PID: %d " % pid)
            next(lines)
            for t in range(1, 101):
                row = next(lines).split()
                self.assertEqual(row[1], str(pid * 1000 + t))
                self.assertEqual(row[-1], str(pid))
            self.assertEqual(next(lines).strip("-"), " PID: %d DONE " % pid)
        self.assertIsNone(next(lines, None))

    def test_memory_is_bounded(self):
        line = ('{"timestamp": "2026-01-01 00:00:00.000000", "memory_info": '
                '{"rss": 1}, "cpu_times": {"user": 0, "system": 0}, '
                '"elapsed_time": %d, "pid": %d}\n')
        log = self.path("log")
        with open(log, "w") as file:
            for t in range(200000):
                file.write(line % (t, 1 + t % 2))
        # A child counts what its parent had when it was made.
        code = ("import resource, subprocess, sys\n"
                "for argv in ['true'], ['pmt-process', sys.argv[1]]:\n"
                "    subprocess.check_call(argv, stdout=subprocess.DEVNULL)\n"
                "    print(resource.getrusage(resource.RUSAGE_CHILDREN)"
                ".ru_maxrss)")
        result = self.assert_success(pmttest.run_python(code, log))
        self.assertGreater(os.path.getsize(log), 20 * MIB)
        if "fsanitize" in os.environ.get("CC", ""):
            self.skipTest("sanitizers keep freed memory")
        least, most = map(int, result.stdout.split())
        self.assertLess(most, max(least + 1, 12 * 1024))

    def test_reader_that_leaves(self):
        log = self.write_file("log", open(self.macos).read() * 2000)
        with subprocess.Popen(["pmt-process", log], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")


class Plots(ProcessTest):

    macos = pmttest.data("process", "psutil-macos.log")

    def setUp(self):
        self.fake = self.path("bin")
        os.mkdir(self.fake)

    def without_gnuplot(self):
        """A PATH that has pmt-process and nothing else."""
        program = shutil.which("pmt-process")
        for name in ("sh", "bash", "sed", "expr", "ls", "cat", "file", "rm",
                     "dirname", "basename", "grep", "uname", "head"):
            if shutil.which(name):
                os.symlink(shutil.which(name), self.path("bin", name))
        return program, {"PATH": self.fake}

    def test_files_and_pictures(self):
        if shutil.which("gnuplot") is None:
            self.skipTest("gnuplot is not installed")
        result = self.run_process(self.macos, self.path("plots"))
        self.assert_success(result)
        self.assertEqual(result.stderr, "")
        names = sorted(os.listdir(self.path("plots")))
        base = "psutil-macos.log_7000%d"
        self.assertEqual(names, sorted(
            [base % pid + suffix for pid in (1, 2)
             for suffix in (".dat", ".plt", ".png", ".svg", "_labels.dat")]))
        with open(self.path("plots", base % 1 + ".png"), "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")
        svg = self.read_file("plots/" + base % 1 + ".svg")
        for text in ("MiB", "CPU %", "page faults / s", "same tick"):
            self.assertIn(text, svg)
        # Labels of others are not in it: B-46.
        self.assertNotIn("other process", svg)
        data = self.read_file("plots/" + base % 1 + ".dat").splitlines()
        self.assertEqual(len(data), 5)
        self.assertEqual(data[2].split("\t")[1], "20971520")

    def test_labels_cannot_run_anything(self):
        # B-46: they were pasted into the program.
        if shutil.which("gnuplot") is None:
            self.skipTest("gnuplot is not installed")
        record = {"timestamp": "t", "memory_info": {"rss": 1},
                  "cpu_times": {"user": 0, "system": 0}, "pid": 5}
        trap = self.path("trap")
        labels = ["'; system('touch %s') #" % trap,
                  '"; system("touch %s") #' % trap, "`touch %s`" % trap,
                  "$(touch %s)" % trap, "\\", "\n\r\t", "%s%n%d", "",
                  "h\u00e9 \u4e16", "# no comment", "x" * 5000]
        lines = [json.dumps(dict(record, label=label, elapsed_time=i + 1.0))
                 for i, label in enumerate(labels)]
        name = "log';system('touch trap')#\n"
        log = self.write_file(name, "\n".join(lines))
        result = self.run_process(log, self.path("plots"))
        self.assert_success(result)
        self.assertEqual(result.stderr, "")
        self.assertFalse(os.path.exists(trap))
        self.assertFalse(os.path.exists(self.path("plots", "trap")))
        svg, = [name for name in os.listdir(self.path("plots"))
                if name.endswith(".svg")]
        svg = self.read_file("plots/" + svg)
        self.assertIn("system(", svg)
        self.assertIn("h\u00e9 \u4e16", svg)

    def test_one_record_and_no_rates(self):
        if shutil.which("gnuplot") is None:
            self.skipTest("gnuplot is not installed")
        log = self.write_file("one", json.dumps({
            "timestamp": "t", "memory_info": {"rss": 0}, "pid": 5,
            "cpu_times": {"user": 0, "system": 0}, "elapsed_time": 0}))
        result = self.run_process(log, self.path("plots"))
        self.assert_success(result)
        self.assertIn("one_5.png", os.listdir(self.path("plots")))

    def test_gnuplot_missing(self):
        program, env = self.without_gnuplot()
        result = pmttest.run_program([program, self.macos, self.path("plots")],
                                     env=env)
        self.assert_status(result, 1)
        self.assertIn("gnuplot is not installed", result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1)
        names = os.listdir(self.path("plots"))
        self.assertEqual(len([name for name in names
                              if name.endswith(".plt")]), 2)
        self.assertIn("psutil-macos.log_70001.dat", names)

    def test_gnuplot_fails(self):
        program, env = self.without_gnuplot()
        fake = self.write_file("bin/gnuplot", "#!/bin/sh\nexit 3\n")
        os.chmod(fake, 0o755)
        result = pmttest.run_program([program, self.macos, self.path("plots")],
                                     env=env)
        self.assert_status(result, 1)
        self.assertIn("gnuplot failed on", result.stderr)

    def test_directory_that_cannot_be(self):
        result = self.run_process(self.macos, "/nowhere/plots")
        self.assert_status(result, 1)
        self.assertIn("cannot make '/nowhere/plots'", result.stderr)
        result = self.run_process(self.macos, self.write_file("file", ""))
        self.assert_status(result, 1)
        self.assertIn("Not a directory", result.stderr)


class BadInput(ProcessTest):

    def test_usage(self):
        for args in ([], ["-p", "0"], ["-p", "-5"], ["-p", "x"],
                     ["-p", "1", "log"], ["-i", "0", "-p", "1"],
                     ["-i", "-1", "-p", "1"], ["-i", "nan", "-p", "1"],
                     ["-i", "0.0009", "-p", "1"], ["--count", "0", "-p", "1"],
                     ["-l", "LOUD", "-p", "1"], ["a", "b", "c"],
                     ["--classic", "log"], ["--csv", "log", "plots"],
                     ["--csv", "--json", "log"], ["--nosuch"]):
            with self.subTest(args):
                self.assert_usage_error(self.run_process(*args))

    def test_no_such_process(self):
        result = self.run_process("-p", 4194304)
        self.assert_status(result, 1)
        self.assertEqual(result.stderr,
                         "pmt-process: 4194304: No such process\n")

    def test_no_such_log(self):
        result = self.run_process("/nowhere/log")
        self.assert_status(result, 1)
        self.assertEqual(result.stderr, "pmt-process: cannot open "
                         "'/nowhere/log': No such file or directory\n")
        result = self.run_process(self.directory)
        self.assert_status(result, 1)
        self.assertIn("Is a directory", result.stderr)

    def test_empty_log(self):
        for text in ("", "nothing\n"):
            result = self.run_process(self.write_file("log", text))
            self.assert_status(result, 1)
            self.assertIn("holds no process records", result.stderr)

    def test_dies_at_once(self):
        for _ in range(20):
            records = self.record("--", "true")
            self.assertEqual(records[-1]["exit_status"], 0)

    def test_zombie(self):
        child = subprocess.Popen(["true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        records = self.record("-p", child.pid, "--pss")
        child.wait()
        self.assertEqual(records[0]["memory_info"]["rss"], 0)
        self.assertNotIn("pss", records[0]["memory_info"])
        self.assertIs(records[-1]["gone"], True)

    def test_kernel_thread(self):
        try:
            name = psutil.Process(2).name()
        except psutil.NoSuchProcess:
            name = None
        if name != "kthreadd":
            self.skipTest("no kernel threads in this container")
        record = self.record("-p", 2, "--count", 1, "--pss")[0]
        self.assertEqual(record["memory_info"]["rss"], 0)
        self.assertNotIn("pss", record["memory_info"])

    def test_denied(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to be somebody else")
        program = self.path("pmt-process")
        directory = os.path.join(pmttest.builddir, "src")
        real = os.path.join(directory, ".libs", "pmt-process")
        shutil.copy(real if os.path.exists(real) else
                    os.path.join(directory, "pmt-process"), program)
        for path in (self.directory, program):
            os.chmod(path, 0o755)

        def nobody():
            os.setgid(65534)
            os.setuid(65534)
        with asleep() as sleeper:
            out = subprocess.check_output(
                [program, "-p", str(sleeper.pid), "--count", "1", "--pss"],
                preexec_fn=nobody)
            rss = psutil.Process(sleeper.pid).memory_info().rss
        record = json.loads(out.splitlines()[0])
        self.assertEqual(record["memory_info"]["rss"], rss)
        self.assertNotIn("uss", record["memory_info"])
        self.assertNotIn("io_counters", record)
        self.assertEqual([name for name in record["denied"] if name != "fds"],
                         ["pss", "io_counters"])

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with asleep() as sleeper:
            result = self.run_process("-p", sleeper.pid, "-o", "/dev/full")
            self.assert_status(result, 1)
            self.assertIn("cannot write '/dev/full': No space left",
                          result.stderr)
            with open("/dev/full", "w") as full:
                result = self.run_process("-p", sleeper.pid, stdout=full)
            self.assert_status(result, 1)
        # A command does not suffer from it.
        result = self.run_process("-o", "/dev/full", "--", "sh", "-c",
                                  "sleep 0.1; echo done")
        self.assert_status(result, 1)
        self.assertEqual(result.stdout, "done\n")
        result = self.run_process("-o", "/dev/full", "--", "sh", "-c",
                                  "sleep 0.1; exit 5")
        self.assert_status(result, 5)


if __name__ == "__main__":
    pmttest.main()
