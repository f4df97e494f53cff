# SPDX-License-Identifier: MIT
"""How fast are logs read?

Makes a log of reference tracing, then reads it with wc, with pmt-analyse and
with the analyser of pymemtrace, and prints the least CPU time of each (other
load on the machine only ever adds), what that is a second, and the memory it
took.

    python3 bench/analyse.py [--rows N] [--rounds N] [--pymemtrace SITE]
        [--directory DIR]

SITE is a directory with pymemtrace built for this Python; see
bench/pymemtrace.  Prints Markdown.
"""
import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time

ROW = "%s %12.6f %16s %16d %-32s %-80s %4d %-40s %16d %16d\n"
TITLES = ("Clock", "Address", "LiveCnt", "Type", "File", "Line", "Function",
          "RSS", "dRSS")


def make_log(path, rows):
    """Objects of 65 kinds come and go; some thousand stay in the end."""
    chance = random.Random(1)
    sites = [("package%d.module.Type%d" % (i % 7, i),
              "/usr/lib/python3.13/site-packages/package%d/module.py" % (i % 7),
              10 + 3 * i, "function_%d" % i) for i in range(65)]
    live, free, counts = [], [], [0] * len(sites)
    address, clock, rss, last = 0x7f0000000000, 0.05, 40 << 20, 40 << 20
    with open(path, "w", encoding="utf-8") as file:
        file.write("SOF\nHDR: %12s %16s %16s %-32s %-80s %4s %-40s %16s %16s\n"
                   % TITLES)
        for _ in range(rows):
            clock += chance.random() * 2e-6
            if chance.random() < 0.01:
                rss += 4096
            if live and chance.random() < 0.499:
                index = chance.randrange(len(live))
                where, site = live[index]
                live[index] = live[-1]
                live.pop()
                free.append(where)
                tag, counts[site] = "DEL:", counts[site] - 1
            else:
                site = min(int(chance.expovariate(0.1)), len(sites) - 1)
                if free and chance.random() < 0.7:
                    where = free.pop()
                else:
                    address += 16 * chance.randrange(1, 8)
                    where = address
                live.append((where, site))
                tag, counts[site] = "NEW:", counts[site] + 1
            kind, name, line, function = sites[site]
            file.write(ROW % (tag, clock, hex(where), counts[site], kind, name,
                              line, function, rss, rss - last))
            last = rss
        file.write("EOF\n")


def peak_memory(pid):
    """KiB, of what the process is now: exec() begins anew, wait4() not."""
    try:
        with open("/proc/%d/status" % pid, encoding="ascii",
                  errors="replace") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def run(argv, env=None):
    """Run to the end; return CPU seconds, seconds and the peak in KiB."""
    start = time.monotonic()
    peak = 0
    with open(os.devnull, "w", encoding="utf-8") as null:
        process = subprocess.Popen(argv, stdout=null, stderr=null, env=env)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid != 0:
                break
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.002)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("%s: exit status %d" % (argv[0], process.returncode))
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, peak


def best(argv, rounds, env=None):
    runs = [run(argv, env) for _ in range(rounds)]
    return tuple(min(values) for values in zip(*runs))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rows", type=int, default=2000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pymemtrace", metavar="SITE")
    parser.add_argument("--directory", default=None)
    parser.add_argument("--program", default="pmt-analyse")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=args.directory) as directory:
        path = os.path.join(directory, "bench.log")
        make_log(path, args.rows)
        size = os.path.getsize(path)
        tools = [
            ("wc -l", ["wc", "-l", path], args.rounds, None),
            ("pmt-analyse --brief", [args.program, "--brief", path],
             args.rounds, None),
            ("pmt-analyse", [args.program, path], args.rounds, None),
            ("pmt-analyse --json", [args.program, "--json", path],
             args.rounds, None),
            ("pmt-analyse --include-historical",
             [args.program, "--include-historical", path], 2, None),
        ]
        if args.pymemtrace:
            tools.append(
                ("pymemtrace 0.6.0", [
                    sys.executable, "-m", "pymemtrace.util.ref_trace_analyse",
                    path], 1, dict(os.environ, PYTHONPATH=args.pymemtrace)))
        print("%d rows, %.0f MB; CPython %s, Linux %s, %d cores\n" % (
            args.rows, size / 1e6, platform.python_version(),
            platform.release(), os.cpu_count()))
        print("| | CPU s | s | M rows/s | GB/s | peak memory |")
        print("| --- | --: | --: | --: | --: | --: |")
        for name, argv, rounds, env in tools:
            cpu, wall, peak = best(argv, rounds, env)
            print("| %s | %.2f | %.2f | %.2f | %.3f | %.0f MiB |" % (
                name, cpu, wall, args.rows / cpu / 1e6, size / cpu / 1e9,
                peak / 1024), flush=True)


if __name__ == "__main__":
    main()
