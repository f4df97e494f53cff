# SPDX-License-Identifier: MIT
"""The call paths of logs in the formats of other programs, which are read here
by their own rules and must hold what --folded prints."""
import collections
import gzip
import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

import pmttest

HOSTILE = """\
SOF
HEDR: Event dEvent Clock What File Line Function RSS dRSS
FRST: 0 +0 0.1 CALL /app/a</script>&.py 1 main\\033[31m 1000000 0
NEXT: 1 +1 0.2 CALL /app/b"x';.py 7 <lambda> 2000000 1000000
NEXT: 2 +1 0.3 RETURN /app/b"x';.py 8 <lambda> 4000000 2000000
LAST: 3 +1 0.4 RETURN /app/a</script>&.py 2 main\\033[31m 4000000 0
EOF
"""

GROW = """\
kept = []

def make(n):
    kept.append(bytearray(n))

def twice(n):
    make(n)
    return [make(n) for _ in range(2)]

for i in range(20):
    twice(1 << 20)
"""


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Field number -> values of a message of protocol buffers."""
    found, at = collections.defaultdict(list), 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            assert key & 7 == 2, key
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        found[key >> 3].append(value)
    return found


def read_pprof(path):
    """{(frames, outermost first): values} and the names of the values."""
    with gzip.open(path) as file:
        profile = fields(file.read())
    strings = [text.decode() for text in profile[6]]
    functions = {}
    for function in map(fields, profile[5]):
        functions[function[1][0]] = (strings[function[2][0]],
                                     strings[function[4][0]])
    places = {}
    for location in map(fields, profile[4]):
        line = fields(location[4][0])
        places[location[1][0]] = functions[line[1][0]] + (line[2][0],)
    samples = {}
    for sample in map(fields, profile[2]):
        path = tuple(places[i] for i in reversed(sample[1]))
        assert path not in samples
        samples[path] = sample[2]
    types = [strings[fields(kind)[1][0]] for kind in profile[1]]
    assert strings[0] == ""
    return samples, types, strings[profile[14][0]]


def folded_name(name, file, line):
    if not file:
        return name
    file = "/".join(file.split("/")[-2:])
    return "%s (%s%s)" % (name, file, ":%d" % line if line else "")


class Stacks(pmttest.TestCase):
    def analyse(self, *arguments, status=0):
        process = pmttest.run_program(["pmt-analyse", *arguments])
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def folded(self, *arguments):
        paths = {}
        for line in self.analyse("--folded", *arguments).splitlines():
            names, weight = line.rsplit(" ", 1)
            paths[names] = int(weight)
        return paths

    def log_of(self, mode):
        script, log = self.write_file("grow.py", GROW), self.path("grow.log2")
        process = pmttest.run_program(["pmt-run", mode, "-o", log, script])
        self.assertEqual(process.returncode, 0, process.stderr)
        return log

    def check_all(self, log, *options):
        wanted = self.folded(*options, log)
        self.assertGreater(sum(wanted.values()), 30 << 20)
        self.analyse(*options, "--pprof", self.path("x.pb.gz"), log)
        samples, types, chosen = read_pprof(self.path("x.pb.gz"))
        column = types.index(chosen)
        self.assertEqual(wanted, {
            ";".join(folded_name(*frame) for frame in path): values[column]
            for path, values in samples.items() if values[column]})
        self.analyse(*options, "--speedscope", self.path("x.json"), log)
        with open(self.path("x.json")) as file:
            data = json.load(file)
        names = [folded_name(frame["name"], frame.get("file"),
                             frame.get("line"))
                 for frame in data["shared"]["frames"]]
        profile = data["profiles"][data["activeProfileIndex"]]
        self.assertEqual(wanted, dict(zip(
            (";".join(names[i] for i in sample)
             for sample in profile["samples"]), profile["weights"])))
        self.assertEqual(profile["endValue"], sum(wanted.values()))
        return samples, types

    def test_profile(self):
        self.check_all(self.log_of("-p"))

    @pmttest.not_sanitized
    def test_allocations(self):
        """One log, by what is left and by what was ever asked for."""
        log = self.log_of("-a")
        samples, types = self.check_all(log)
        made = [values[types.index("allocated")]
                for path, values in samples.items()
                if [frame[0] for frame in path][:3] ==
                ["<module>", "twice", "make"]]
        self.assertGreaterEqual(sum(made), 20 << 20)
        self.check_all(log, "--sort=made")

    @pmttest.not_sanitized
    def test_flamegraph_is_drawn_to_scale(self):
        log = self.log_of("-a")
        self.analyse("--flamegraph", self.path("x.svg"), log)
        root = xml.etree.ElementTree.parse(self.path("x.svg")).getroot()
        svg = "{http://www.w3.org/2000/svg}"
        width = {}
        for group in root.iter(svg + "g"):
            title = group.find(svg + "title").text
            rect = group.find(svg + "rect")
            width.setdefault(title.split(" ")[0].rstrip(":"), 0)
            width[title.split(" ")[0].rstrip(":")] += float(
                rect.get("width"))
        self.assertAlmostEqual(width["all"], 1200, delta=1)
        self.assertAlmostEqual(width["make"], 1200, delta=15)

    def massif(self, log, *options):
        """{snapshot: (bytes, {path, innermost first: bytes})}, as a file of
        massif's is read."""
        self.analyse(*options, "--massif", self.path("x.massif"), log)
        with open(self.path("x.massif")) as file:
            head, *parts = re.split(r"#-+\nsnapshot=\d+\n#-+\n", file.read())
        self.assertRegex(head, r"\Adesc: pmt .*\ncmd: .*\ntime_unit: ms\n\Z")
        snapshots = []
        for part in parts:
            fields = dict(re.findall(r"^(\w+)=(\w+)$", part, re.M))
            tree, path = {}, []
            for depth, size, name in re.findall(
                    r"^( *)n\d+: (\d+) (?:0x[0-9A-F]+: )?(.*)$", part, re.M):
                path[len(depth):] = [name]
                tree[tuple(path)] = int(size)
            snapshots.append((fields["heap_tree"], int(fields["mem_heap_B"]),
                              tree))
        return snapshots

    @pmttest.not_sanitized
    def test_massif(self):
        log = self.log_of("-a")
        snapshots = self.massif(log)
        report, = json.loads(self.analyse("--json", log))
        (peak,) = [each for each in snapshots if each[0] == "peak"]
        self.assertEqual(peak[1], max(each[1] for each in snapshots))
        self.assertEqual(peak[1], peak[2][("(at_peak)",)])
        kind, left, tree = snapshots[-1]
        self.assertEqual(kind, "detailed")
        self.assertEqual(left, tree[("(left)",)])
        self.assertEqual(left, sum(self.folded(log).values()))
        made = [size for path, size in tree.items()
                if len(path) == 2 and path[1].startswith("make ")]
        self.assertGreater(sum(made), 60 << 20)
        callers = [path for path in tree if len(path) == 4 and
                   re.match("make .*twice .*<module>", " ".join(path[1:]))]
        self.assertTrue(callers, tree.keys())
        if shutil.which("ms_print") is None:
            self.skipTest("no ms_print here: it is not asked")
        process = pmttest.run_program(["ms_print", self.path("x.massif")])
        self.assert_success(process)
        self.assertRegex(process.stdout, r"->\S+ \(\S+B\) 0x\w+: make")

    def test_massif_of_other_logs(self):
        profile = self.massif(self.log_of("-p"))
        self.assertEqual([each[0] for each in profile[-2:]],
                         ["empty", "detailed"])
        self.assertGreater(profile[-1][1], 60 << 20)
        self.massif(self.write_file("x.log", HOSTILE))
        rows = ["NEW: 0.%d 0x%d 1 T%d /a.py %d f 1048576 0" % (i, i, i, i)
                for i in range(1, 9)]
        self.massif(self.write_file("y.log", "\n".join(
            ["SOF", "HDR: Clock Address LiveCnt Type File Line Function RSS "
             "dRSS"] + rows + ["EOF", ""])))

    def perfetto(self, log):
        self.analyse("--perfetto", self.path("x.json"), log)
        with open(self.path("x.json")) as file:
            events = json.load(file)["traceEvents"]
        counters = collections.defaultdict(list)
        for event in events:
            self.assertEqual(event["pid"], 1)
            if event["ph"] == "C":
                (value,) = event["args"].values()
                counters[event["name"]].append((event["ts"], value))
        for values in counters.values():
            self.assertEqual(values, sorted(values, key=lambda one: one[0]))
        return counters, events

    def test_perfetto_of_a_profile(self):
        log = self.log_of("-p")
        counters, _ = self.perfetto(log)
        report, = json.loads(self.analyse("--json", log))
        self.assertEqual(list(counters), ["RSS"])
        self.assertEqual({high for _, _, high in report["curve"]} -
                         {value for _, value in counters["RSS"]}, set())

    @pmttest.not_sanitized
    def test_perfetto_of_allocations(self):
        log = self.log_of("-a")
        counters, _ = self.perfetto(log)
        report, = json.loads(self.analyse("--json", log))
        self.assertEqual(max(value for _, value in counters["allocated"]),
                         self.massif(log)[-1][1])
        self.assertGreater(len(counters["RSS"]), 1)

    def test_perfetto_counts_objects(self):
        rows = ["NEW: 0.%d 0x%d 1 A /a.py 1 f 1048576 0" % (i, i)
                for i in range(1, 5)]
        rows += ["DEL: 0.6 0x3 1 A /a.py 1 f 2097152 0"]
        counters, events = self.perfetto(self.write_file("x.log", "\n".join(
            ["SOF", "HDR: Clock Address LiveCnt Type File Line Function RSS "
             "dRSS"] + rows + ["EOF", ""])))
        self.assertEqual(counters["all types"],
                         [(1e5, 1), (2e5, 2), (3e5, 3), (4e5, 4), (6e5, 3)])
        self.assertEqual(counters["RSS"][-1], (6e5, 2097152))
        self.perfetto(self.write_file("y.log", HOSTILE))

    def test_hostile_names_stay_names(self):
        path = self.write_file("x.log", HOSTILE)
        self.analyse("--flamegraph", self.path("x.svg"), path)
        xml.etree.ElementTree.parse(self.path("x.svg"))
        with open(self.path("x.svg"), "rb") as file:
            self.assertNotIn(b"\033", file.read())
        self.analyse("--speedscope", self.path("x.json"), path)
        with open(self.path("x.json")) as file:
            json.load(file)
        self.analyse("--pprof", self.path("x.pb.gz"), path)
        read_pprof(self.path("x.pb.gz"))

    def test_where_it_is_written(self):
        path = self.write_file("x.log", HOSTILE)
        text = pmttest.run_program(["pmt-analyse", "--flamegraph=-", path])
        self.assertIn("</svg>", text.stdout)
        self.assertIn("cannot write '/none/x'", self.analyse(
            "--pprof", "/none/x", path, status=1))
        self.assertIn("choose one", self.analyse(
            "--json", "--pprof=x", path, status=2))
        self.assertIn("is for one log", self.analyse(
            "--pprof=x", path, path, status=2))
        for option in "--pprof", "--speedscope", "--flamegraph", "--massif", \
                "--perfetto":
            self.assertIn("cannot write '/dev/full': No space", self.analyse(
                option, "/dev/full", path, status=1))

    @unittest.skipIf(shutil.which("go") is None, "no go here: its pprof is "
                     "not asked")
    @pmttest.not_sanitized
    def test_go_tool_pprof(self):
        self.analyse("--pprof", self.path("x.pb.gz"), self.log_of("-a"))
        process = subprocess.run(
            ["go", "tool", "pprof", "-top", self.path("x.pb.gz")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True,
            env=dict(os.environ, PPROF_TMPDIR=self.path("")))
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertRegex(process.stdout, r"Type: left")
        self.assertRegex(process.stdout, r"60\.?\d*MB .* make")


if __name__ == "__main__":
    pmttest.main()
