# SPDX-License-Identifier: MIT
"""LogFileResult: the rows of a log as data, whoever wrote the log."""
import io
import sys

import pmttest
from pymemtrace.util import ref_trace_analyse
from pymemtrace.util.ref_trace_analyse import LogFileResult, ObjectData

HEADER = "HDR: Clock Address LiveCnt Type File Line Function RSS dRSS"
ROWS = ["NEW: 0.5 0x10 1 Kept /a/b.py 7 f 100 0",
        "NEW: 0.6 0x20 2 Kept /a/b.py 8 f 300 200",
        "DEL: 0.7 0x20 1 Kept /a/b.py 9 g 200 -100",
        "DEL: 0.8 0x30 -1 Old <frozen importlib._bootstrap> 1 <module> 200 0"]
TEXT = "\n".join(["hello", "SOF", HEADER] + ROWS +
                 ["MSG: 0.9 # two\nlines", "EOF", ""])


class LogFileResultTest(pmttest.TestCase):

    def check(self, result):
        self.assertEqual(list(result.live_objects), [0x10])
        self.assertEqual([(made.line, gone.line) for made, gone in
                          result.prev_objects[0x20]], [(8, 9)])
        self.assertEqual((result.count_new, result.count_del), (2, 2))
        self.assertEqual(result.type_count_new, {"Kept": 2})
        self.assertEqual(result.type_count_del, {"Kept": 1, "Old": 1})
        self.assertEqual(result.type_count_untracked, {"Old": 1})
        self.assertEqual(
            [(data.clock, data.rss, data.drss) for data in result.objects],
            [(0.5, 100, 0), (0.6, 300, 200), (0.7, 200, -100), (0.8, 200, 0)])
        self.assertEqual((result.clock_first, result.rss_min, result.rss_max),
                         (0.5, 100, 300))
        text = "\n".join(result.long_str_list(True, True))
        for line in (r"Live Objects \[1\]:", r"Kept +2 +1 +1",
                     r"    0x0+20 Kept +NEW: t: 0.600000 /a/b.py#8 "
                     r"DEL: dt: 0.100000 /a/b.py#9"):
            self.assertRegex(text, "(?m)^%s$" % line)
        self.assertNotIn("Verdict", text)

    def test_a_file(self):
        path = self.write_file("log", TEXT)
        results = [ref_trace_analyse.process_file_path(path, True, False)]
        for arguments in ((True, False), ("id", len(TEXT), True, False)):
            with open(path) as file:
                results.append(ref_trace_analyse.process_file(file,
                                                              *arguments))
        with open(path) as file:
            results.append(ref_trace_analyse.process_file(
                file, log_file_id="id", file_size=1, include_untracked=True,
                recurse_log_files=False))
        for result in results:
            self.check(result)
            self.assertEqual(result.intro_message_lines, ["hello"])
            self.assertEqual(result.long_str_list(False, False)[:2],
                             ["Initial Message:", "hello"])
            self.assertEqual(result.header_columns, HEADER.split())
            self.assertEqual(result.clock_message_dict, {0.9: ["two"]})
            self.assertEqual(result.count_msg, 1)

    def test_rows_by_hand(self):
        for result in (LogFileResult(False), LogFileResult("id", False),
                       LogFileResult(include_untracked=False)):
            for number, row in enumerate(ROWS):
                (result.add_new if row[:3] == "NEW" else result.add_del)(
                    number, row + "\n")
            self.check(result)
            result.add_msg(9, "MSG:     0.9 # a text\n")
            result.add_err(10, "ERR:     1.0 # a fault\n")
            self.assertEqual(result.clock_message_dict, {0.9: ["a text"]})
            self.check(result)

    def test_a_row(self):
        result = LogFileResult(False)
        row = result._parse_line(7, ROWS[3])
        self.assertEqual(row, {
            "HDR:": "DEL:", "Clock": 0.8, "Address": 0x30, "LiveCnt": -1,
            "Type": "Old", "File": "<frozen importlib._bootstrap>", "Line": 1,
            "Function": "<module>", "RSS": 200, "dRSS": 0})
        data = result._create_object(7, row)
        self.assertEqual(data, ObjectData(
            7, 0.8, 0x30, -1, "Old", "<frozen importlib._bootstrap>", 1,
            "<module>", 200, 0))
        self.assertEqual(result.objects, [data])
        for line in ("NEW: 1 2", "NEW: x 0x10 1 Kept /a/b.py 7 f 100 0"):
            with self.assertRaises(ValueError):
                result.add_new(1, line)

    def test_names(self):
        """Blanks as pymemtrace writes them, and as pmt does."""
        for name in ("/My Project/a b.py", r"/My\040Project/a\040b.py"):
            result = LogFileResult(False)
            result.add_new(1, ROWS[0].replace("/a/b.py", name))
            self.assertEqual(result.objects[0].file, "/My Project/a b.py")

    def test_damage(self):
        """What can be read is there, and is reported."""
        whole = TEXT.index("MSG:")
        for text in (TEXT[:whole], TEXT[:whole + 9],
                     TEXT.replace("SOF\n", "SOF\n8<-- Snip --\n"),
                     TEXT.replace("MSG:", "8<-- Snip --\nMSG:"),
                     TEXT.replace("MSG: 0.9 # ", "ERR: 0.9 # ")):
            path = self.write_file("log", text)
            self.check(ref_trace_analyse.process_file_path(path, True, False))
            self.check(ref_trace_analyse.process_file(
                io.StringIO(text), True, False))

    def test_no_log(self):
        for text in ("", "a letter\n"):
            result = ref_trace_analyse.process_file(io.StringIO(text), True,
                                                    True)
            self.assertEqual(result.live_objects, {})
            self.assertEqual(result.long_str_list(False, False), [])
        with self.assertRaises(FileNotFoundError):
            ref_trace_analyse.process_file_path(self.path("no"), True, True)
        with self.assertRaises(AttributeError):
            LogFileResult(True).no_such_name

    def test_old_logs(self):
        """Before 0.6.0 the column was the number of references."""
        result = ref_trace_analyse.process_file(
            io.StringIO(TEXT.replace("LiveCnt", "RefCnt")), True, False)
        self.assertEqual([data.live_cnt for data in result.objects],
                         [1, 2, 1, -1])

    def test_inner_logs(self):
        """Wherever they were; and a log that names itself ends."""
        self.write_file("inner", TEXT)
        outer = self.write_file("outer", TEXT.replace(
            "two\nlines", "Detaching this Reference Tracing file wrapper. "
            "New file: /gone/inner").replace("0x10", "0x11"))
        for recurse, live in ((True, [0x10, 0x11]), (False, [0x11])):
            result = ref_trace_analyse.process_file_path(outer, False, recurse)
            self.assertEqual(sorted(result.live_objects), live)
        path = self.write_file("log", TEXT.replace(
            "two\nlines", "Detaching this Reference Tracing file wrapper. "
            "New file: log"))
        result = ref_trace_analyse.process_file_path(path, False, True)
        self.assertGreater(result.count_new, 2)

    @pmttest.needs_reference_tracing
    def test_our_logs(self):
        """Text and compact: the same rows."""
        import pmt

        class Kept:
            pass

        counts = []
        for name in ("log.log", "log.pmt"):
            path = self.path(name)
            kept = None
            with pmt.ReferenceTracing(filepath=path):
                kept = [Kept() for _ in range(5)]
                del kept[3:]
            result = ref_trace_analyse.process_file_path(path, False, False)
            (name,) = [each for each in result.type_count_new
                       if each.endswith("Kept")]
            counts.append((result.type_count_new[name],
                           result.type_count_del[name]))
            files = {data.file for data in result.objects
                     if data.type == name}
            self.assertEqual(files, {__file__})
        self.assertEqual(counts, [(5, 2)] * 2, sys.version)


if __name__ == "__main__":
    pmttest.main()
