# SPDX-License-Identifier: MIT
"""pmt-analyse of the records of processes that pmt-process writes."""
import gzip
import json
import random

import pmttest


def record(seconds, pid, rss, elapsed, **more):
    """A line of a log that begins at 12:00."""
    return json.dumps(dict({
        "timestamp": "2026-01-01 12:%02d:%09.6f" % divmod(seconds, 60),
        "memory_info": {"rss": rss}, "cpu_times": {"user": elapsed / 2},
        "elapsed_time": elapsed, "pid": pid}, **more)) + "\n"


class Records(pmttest.TestCase):

    def run_analyse(self, *arguments, status=0):
        process = pmttest.run_program(["pmt-analyse", *arguments],
                                      env={"LC_ALL": "C.UTF-8"})
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def report(self, lines, **options):
        path = self.write_file("x.log", "".join(lines))
        return json.loads(self.run_analyse("--json", path, **options))[0]

    def test_processes_and_their_sum(self):
        """Against sums made here, of processes that come and go."""
        randoms, lines, rss, total = random.Random(1), [], {}, []
        begun = {pid: randoms.randrange(50) for pid in range(10, 30)}
        for second in range(200):
            for pid, begin in begun.items():
                if not begin <= second < begin + 10 * (pid - 5):
                    continue
                rss[pid] = randoms.randrange(10 ** 6, 10 ** 8)
                lines.append(record(second, pid, rss[pid],
                                    second - begin + 1))
                total.append(sum(rss.values()))
            for pid, begin in begun.items():
                if second == begin + 10 * (pid - 5) - 1:
                    lines.append(record(second, pid, rss.pop(pid),
                                        second - begin + 1, event="STOP",
                                        gone=True, exit_status=pid))
        report = self.report(lines)
        self.assertEqual(report["kind"], "process")
        self.assertEqual(report["rss"]["peak"], max(total))
        self.assertEqual(len(report["processes"]), 20)
        for process in report["processes"]:
            own = [json.loads(line)["memory_info"]["rss"] for line in lines
                   if json.loads(line)["pid"] == process["pid"] and
                   "gone" not in line]
            self.assertEqual(
                [process[key] for key in ("records", "rss_first", "rss_peak",
                                          "rss_last")],
                [len(own), own[0], max(own), own[-1]])
        self.assertIn("process 12 ended with exit status 12",
                      [mark["text"] for mark in report["messages"]])
        self.assertEqual(report["clock"], [0, max(
            begin + 10 * (pid - 5) - 1 if begin + 10 * (pid - 5) <= 200
            else 199 for pid, begin in begun.items()) - min(begun.values())])

    def test_a_number_that_is_given_to_another(self):
        report = self.report([
            record(0, 7, 5000000, 100), record(1, 7, 6000000, 101),
            record(2, 7, 1000000, 1, label="another"),
            record(3, 7, 2000000, 2)])
        self.assertEqual([process["rss_peak"] for process in
                          report["processes"]], [6000000, 2000000])
        self.assertEqual(report["rss"], {
            "first": 5000000, "peak": 6000000, "last": 2000000})
        self.assertEqual(report["messages"],
                         [{"clock": 2, "text": "another"}])

    def test_among_other_lines_and_packed(self):
        text = "".join("2026 INFO ProcessLoggingThread-JSON %sother\n" %
                       record(i, 9, 1000 * i, i + 1) for i in range(5))
        path = self.path("x.log.gz")
        with gzip.open(path, "wt") as file:
            file.write("first\n" + text)
        text = self.run_analyse(path)
        self.assertIn("Records: 5 of 1 process, from 2026-01-01 12:00:00",
                      text)
        self.assertRegex(text, r"\n +9 +5 +0 B +3\.9 KiB")

    def test_broken_and_hostile(self):
        good = record(0, 7, 5000000, 1)
        name = "\\u001b[31m"
        path = self.write_file("x.log", good + '{"memory_info": 1\n' + record(
            1, 8, 2 ** 63 - 1, 1e300) + good.replace(
                "2026-01-01 12:00:00.000000", name))
        text = self.run_analyse(path, status=1)
        self.assertIn("1 broken record, the first in line 2", text)
        self.assertNotIn("\x1b", text)
        for elapsed in 0, 1e9, 1e300:
            self.report([record(0, 7, 1, elapsed), record(1, 7, 2, 1e300)])

    def test_numbers_beyond_all_bounds(self):
        """Neither clocks nor sums wrap around."""
        start, *rest = [record(second, 7 + second, 1000, 1)
                        for second in range(3)]
        at = "2026-01-01 12:00:01.000000"
        # What is no time is as late as the latest before it.
        for year in "2263", "9999":
            self.assertEqual(self.report(
                [start, rest[0].replace("2026", year), rest[1]])["clock"],
                [0, 2])
        # Of a fraction, nine digits count, and nothing but digits.
        for fraction, end in (("5e300", 1.5), ("25" + "9" * 400, 1.26),
                              ("-5", 1)):
            clock = self.report([start, rest[0].replace(
                at, at.replace("000000", fraction))])["clock"]
            self.assertAlmostEqual(clock[1], end, places=2)
        for elapsed in -1e300, 1e300:
            self.report([start, record(1, 7, 5, elapsed),
                         record(2, 8, 5, -elapsed), rest[1].replace(
                             "2026", "2255")])
        rss = self.report([record(0, pid, 2 ** 53 - 1, 1)
                           for pid in range(1, 2000)])["rss"]
        self.assertEqual((rss["peak"], rss["last"]), (2 ** 63 - 1,) * 2)

    def test_what_there_is_none_of(self):
        path = self.write_file("x.log", record(0, 7, 5000000, 1))
        for option in ("--csv", "--folded", "--text", "--path-to=int",
                       "--pprof=" + self.path("out")):
            self.assertIn("for rows: pmt-process --csv", self.run_analyse(
                option, path, status=1))


if __name__ == "__main__":
    pmttest.main()
