# SPDX-License-Identifier: MIT
"""pmt-analyse --sqlite: every row of a log is in a database, or there is none."""
import collections
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest

import pmttest

try:
    import sqlite3
except ImportError:
    sqlite3 = None

HOSTILE = """\
SOF
HEDR: Event dEvent Clock What File Line Function RSS dRSS
FRST: 0 +0 0.1 CALL /app/a\udcff'";.py 1 main\\033[31m 1000000 0
MSG: 1 +1 0.15 # it's "quoted"; DROP TABLE log
NEXT: 1 +1 0.2 RETURN /app/\u202eb.py 7 <lambda> 2000000 1000000
EOF
"""


def unescaped(name):
    return re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), name)


def is_built_in():
    process = pmttest.run_program(["pmt-analyse", "--sqlite=x", "a", "b"])
    return "without SQLite" not in process.stderr


@unittest.skipIf(sqlite3 is None, "this Python has no sqlite3")
@unittest.skipUnless(is_built_in(), "pmt was built without SQLite")
class Sqlite(pmttest.TestCase):
    def analyse(self, *arguments, status=0):
        process = pmttest.run_program(["pmt-analyse", *arguments])
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def database(self, log, **kwargs):
        path = self.path("log.db")
        self.analyse("--sqlite", path, log, **kwargs)
        connection = sqlite3.connect(path)
        self.addCleanup(connection.close)
        return connection.execute

    def log_of(self, mode, script, *arguments):
        log = self.path("a.log")
        self.assert_success(pmttest.run_program(
            ["pmt-run", "-q", mode, "--python", sys.executable, "-o", log,
             os.path.join(pmttest.srcdir, "examples", script),
             *arguments]))
        return log

    def test_schema(self):
        """The manual shows it."""
        query = self.database(pmttest.data("logs", "pmt.log"))
        real = " ".join(sql + ";" for sql, in query(
            "SELECT sql FROM sqlite_master ORDER BY rowid"))
        with open(os.path.join(pmttest.srcdir, "man",
                               "pmt-sqlite.5")) as file:
            shown = re.findall(r"CREATE TABLE .*?;", file.read(), re.S)
        self.assertEqual(" ".join(" ".join(shown).split()), real)

    def check_rows(self, log, table, columns):
        """Each column is what stands in the text of the log."""
        titles, wanted = [], []
        for line in self.analyse("--text", log).splitlines():
            words = line.split("#")[0].split()
            if words and words[0] in ("HDR:", "HEDR:"):
                titles = words[1:]
            elif words and titles and words[0][:-1] in (
                    "NEW", "DEL", "FRST", "NEXT", "PREV", "LAST"):
                row = dict(zip(titles, words[1:]))
                wanted.append([words[0][:-1]] +
                              [kind(row[title]) for title, _, kind in columns])
        query = self.database(log)
        found = [list(row) for row in query(
            "SELECT kind, %s FROM %s JOIN site ON site.id = site "
            "ORDER BY %s.id" % (", ".join(sql for _, sql, _ in columns),
                                table, table))]
        self.assertGreater(len(wanted), 4)
        # Not assertEqual(): it looks long for the difference of long lists.
        self.assertEqual([pair for pair in zip(wanted, found)
                          if pair[0] != pair[1]][:1], [])
        self.assertEqual(len(found), len(wanted))
        return query

    @pmttest.needs_reference_tracing
    def test_reference(self):
        query = self.check_rows(
            self.log_of("-r", "leak.py", "20"), "reference_row",
            [("Clock", "clock", float), ("LiveCnt", "live", int),
             ("Type", "type", str), ("File", "file", unescaped),
             ("Line", "ifnull(line, 0)", int), ("Function", "function", str),
             ("Address", "address", lambda text: int(text, 16)),
             ("RSS", "rss", int)])
        self.assertEqual(query("SELECT kind, whole FROM log").fetchall(),
                         [("reference", 1)])

    def test_trace(self):
        query = self.check_rows(
            self.log_of("-t", "grow.py"), "profile_row",
            [("Event", "event", int), ("What", "what", str),
             ("File", "file", str), ("Line", "ifnull(line, 0)", int),
             ("Function", "function", str), ("RSS", "rss", int),
             ("dRSS", "ifnull(d_rss, rss)", int)])
        path = query(
            "WITH RECURSIVE path(depth, id) AS (SELECT * FROM (SELECT 0, "
            "caller FROM profile_row JOIN site ON site.id = site "
            "ORDER BY d_rss DESC LIMIT 1) UNION ALL SELECT depth + 1, "
            "frame.caller FROM path JOIN frame USING (id)) "
            "SELECT function FROM path JOIN frame USING (id) "
            "JOIN site ON site.id = site ORDER BY depth DESC").fetchall()
        self.assertEqual(path[0], ("<module>",))

    @pmttest.not_sanitized
    def test_allocations(self):
        log = self.log_of("-a", "grow.py")
        query = self.database(log)
        wanted = collections.Counter()
        for line in self.analyse("--text", log).splitlines():
            words = line.split()
            has_size = words[0] in ("ALLOC", "MAP")
            wanted[words[0].upper()] += int(words[3]) if has_size else 1
        found = collections.Counter(dict(query(
            "SELECT kind, CASE WHEN kind IN ('ALLOC', 'MAP') THEN sum(size) "
            "ELSE count(*) END FROM allocation_row GROUP BY kind")))
        found.update(dict(query("SELECT kind, count(*) FROM message "
                                "GROUP BY kind")))
        found["TICK"], = query("SELECT count(*) FROM memory").fetchone()
        found["THREAD"], = query("SELECT count(*) FROM thread").fetchone()
        self.assertEqual(+found, wanted)

    def test_heap(self):
        path = self.path("a.pmtheap")
        self.assert_success(pmttest.run_python(
            "import pmt, sys\nbook = [{'name': str(i)} for i in range(500)]\n"
            "pmt.heap_snapshot(sys.argv[1])", path))
        query = self.database(path)
        heap, = json.loads(self.analyse("--json", path))
        types = {row["type"]: row["objects"] for row in heap["types"]}
        self.assertEqual(dict(query("SELECT type, count(*) FROM heap_object "
                                    "GROUP BY type")), types)
        self.assertEqual(query(
            "SELECT count(*), text FROM heap_object JOIN heap_way ON "
            "heap_way.id = way WHERE type = 'dict' GROUP BY way "
            "ORDER BY 1 DESC LIMIT 1").fetchone(), (500, "__main__.book[*]"))
        names = query("SELECT count(*) FROM heap_reference JOIN heap_object "
                      "ON id = source WHERE name = 'name' AND kind = "
                      "'value of' AND type = 'dict'").fetchone()
        self.assertGreaterEqual(names[0], 500)

    def test_hostile_names(self):
        log = self.path("hostile.log")
        with open(log, "w", errors="surrogateescape") as file:
            file.write(HOSTILE)
        query = self.database(log)
        self.assertEqual(
            query("SELECT file, function FROM profile_row JOIN site ON "
                  "site.id = site ORDER BY profile_row.id").fetchall(),
            [("/app/a\xff'\";.py", "main?[31m"),
             ("/app/?b.py", "<lambda>")])
        self.assertEqual(query("SELECT text FROM message").fetchall(),
                         [('it\'s "quoted"; DROP TABLE log',)])

    def test_torn_log(self):
        """What could be read is there, and the exit status tells."""
        query = self.database(pmttest.data("logs", "torn.log"), status=1)
        self.assertEqual(query("SELECT whole FROM log").fetchall(), [(0,)])
        self.assertGreater(query("SELECT count(*) FROM reference_row")
                           .fetchone()[0], 0)

    def test_signal_leaves_what_was(self):
        path = self.write_file("old.db", "as it was")
        with subprocess.Popen(["pmt-analyse", "--sqlite", path, "-"],
                              stdin=subprocess.PIPE) as process:
            with open(pmttest.data("logs", "pmt.log"), "rb") as file:
                process.stdin.write(file.read(2000))
            process.stdin.flush()
            while len(os.listdir(self.directory)) < 2:
                self.assertIsNone(process.poll())
                time.sleep(0.001)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(), -signal.SIGINT)
        self.assertEqual(os.listdir(self.directory), ["old.db"])
        with open(path) as file:
            self.assertEqual(file.read(), "as it was")

    def test_no_room(self):
        log = pmttest.data("logs", "pmt.log")
        process = pmttest.run_program(
            ["bash", "-c", "ulimit -f 4; exec pmt-analyse --sqlite=$1 $2",
             "bash", self.path("x.db"), log])
        self.assertEqual(process.returncode, 1)
        self.assertRegex(process.stderr,
                         r"\Apmt-analyse: cannot write '.*/x\.db': .+\n\Z")
        self.assertEqual(os.listdir(self.directory), [])

    def test_no_file(self):
        log = pmttest.data("logs", "pmt.log")
        self.assertIn("no regular file",
                      self.analyse("--sqlite=/dev/null", log, status=1))
        self.assertIn("No such file",
                      self.analyse("--sqlite", self.path("a", "b"), log,
                                   status=1))
        self.assertIn("standard output",
                      self.analyse("--sqlite=-", log, status=2))


if __name__ == "__main__":
    pmttest.main()
