# SPDX-License-Identifier: MIT
"""pmt.snapshot: what is written can be read, and nothing else is run."""
import contextlib
import io
import json
import os
import pickle
import random
import tracemalloc

import pmttest
from pmt.snapshot import Snapshot


def keep(n):
    return [bytes(1000) for _ in range(n)]


class SnapshotTest(pmttest.TestCase):

    def setUp(self):
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)

    def test_create(self):
        kept = keep(1000)
        snapshot = Snapshot.create()
        size, count = snapshot.stats[__file__][
            keep.__code__.co_firstlineno + 1]
        # The list itself is one more block.
        self.assertAlmostEqual(count, 1001, delta=1)
        self.assertAlmostEqual(
            size, sum(map(bytes.__sizeof__, kept)) + kept.__sizeof__(),
            delta=500)
        self.assertEqual(snapshot.pid, os.getpid())
        self.assertRegex(snapshot.timestamp,
                         r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertGreater(snapshot.process_memory,
                           snapshot.tracemalloc_memory)
        self.assertNotIn(tracemalloc.__file__, snapshot.stats)

    def test_create_needs_tracing(self):
        tracemalloc.stop()
        with self.assertRaises(RuntimeError):
            Snapshot.create()

    def test_round_trip(self):
        name = "p\N{GREEK SMALL LETTER PI} \udcff\n\".py"
        written = Snapshot({name: {3: (100, 2), 0: (5, 1)}, "b": {}},
                           "2026-01-02 03:04:05", 7, "3.13.0", 1000, 10,
                           [("Video memory", "size", 234902)])
        written.write(self.path("s"))
        self.assertEqual(vars(Snapshot.load(self.path("s"))), vars(written))
        self.assertEqual(os.listdir(self.directory), ["s"])
        lines = self.read_file("s").splitlines()
        self.assertEqual(json.loads(lines[0])["pmt-snapshot"], 1)
        self.assertEqual(json.loads(lines[2]),
                         {"file": name, "lines": [[0, 5, 1], [3, 100, 2]]})

    def test_live_round_trip(self):
        kept = keep(10)
        written = Snapshot.create(lambda: [("Mine", "size", len(kept))])
        written.write(self.path("s").encode())
        self.assertEqual(vars(Snapshot.load(self.path("s").encode())),
                         vars(written))

    def test_write_replaces_a_file_not_a_device(self):
        snapshot = Snapshot({}, "2026-01-02 03:04:05")
        path = self.write_file("s", "old")
        os.symlink(path, self.path("link"))
        snapshot.write(self.path("link"))
        self.assertTrue(os.path.islink(self.path("link")))
        Snapshot.load(path)
        with self.assertRaises(OSError):
            snapshot.write("/dev/full")
        self.assertFalse(os.path.isfile("/dev/full"))

    def test_failed_write_leaves_the_old_file(self):
        path = self.write_file("s", "old")
        with self.assertRaises(TypeError):
            Snapshot({"a": {1: (object(), 1)}}, "now").write(path)
        self.assertEqual(self.read_file("s"), "old")
        self.assertEqual(os.listdir(self.directory), ["s"])
        with self.assertRaises(OSError) as raised:
            Snapshot({}, "now").write(self.path("no", "s"))
        self.assertIn(self.path("no", "s"), raised.exception.filename)

    def test_filter_filenames(self):
        names = ("/a/x.py", "/a/y.py", "/b/x.py", "<frozen x>")
        for patterns, include, left in (
                ("*x.py", True, {"/a/x.py", "/b/x.py"}),
                (["/a/*", "<*"], True, {"/a/x.py", "/a/y.py", "<frozen x>"}),
                ("/a/*", False, {"/b/x.py", "<frozen x>"}),
                ([], True, set()), ([], False, set(names))):
            snapshot = Snapshot({name: {1: (1, 1)} for name in names}, "now")
            snapshot.filter_filenames(patterns, include)
            self.assertEqual(set(snapshot.stats), left, patterns)

    def test_user_data_is_checked(self):
        for data in ([("a", "count", 1)], [("a", "size", "1")],
                     [(1, "size", 1)], [("a", "size")]):
            with self.subTest(data), self.assertRaises(ValueError):
                Snapshot.create(lambda: data)


class LoadTest(pmttest.TestCase):

    def refuse(self, text, message):
        path = self.path("s")
        with open(path, "wb") as file:
            file.write(text)
        with self.assertRaises(ValueError) as raised:
            Snapshot.load(path)
        self.assertTrue(str(raised.exception).startswith(path + ": "))
        self.assertIn(message, str(raised.exception))

    def test_damaged_files(self):
        Snapshot({"a": {1: (1, 1)}, "b": {1: (1, 1)}}, "now").write(
            self.path("good"))
        with open(self.path("good"), "rb") as file:
            good = file.read()
        head, first, second = good.splitlines(keepends=True)
        for text, message in (
                (b"", "not a snapshot"), (b"\x7fELF\0\0", "not a snapshot"),
                (b"[]\n", "not a snapshot"), (b"{}\n", "not a snapshot"),
                (b"\xff" * 100, "not a snapshot"),
                (head.replace(b": 1,", b": 2,", 1), "format 2 is not known"),
                (head, "cut short: 0 of 2 files"),
                (head + first, "cut short: 1 of 2 files"),
                (good[:-4], "line 3 is damaged"),
                (head + b"\n" + second, "line 2 is damaged"),
                (head + b"{}\n", "line 2 is damaged: no 'lines'"),
                (head + first.replace(b"[1, 1, 1]", b"[1, 1]"), ""),
                (head + first.replace(b"[1, 1, 1]", b"[1, 1.5, 1]"),
                 "1.5 is no integer"),
                (head + first.replace(b"[1, 1, 1]", b"[[1], 1, 1]"), ""),
                (head + first.replace(b'"a"', b"true"), "no string"),
                (head.replace(b'"now"', b"5"), "cut short"),
                (head.replace(b'"files": 2', b'"files": 0').replace(
                    b'"now"', b"5"), "5 is no string"),
                (b"[" * 100000, "not a snapshot"),
                (b'{"pmt-snapshot":' + b"[" * 100000, "")):
            with self.subTest(text[:60]):
                self.refuse(text, message)

    def test_no_such_file(self):
        with self.assertRaises(FileNotFoundError):
            Snapshot.load(self.path("no"))

    def test_pickle_of_the_standard_library(self):
        tracemalloc.start(3)
        try:
            kept = keep(500)
            snapshot = tracemalloc.take_snapshot()
        finally:
            tracemalloc.stop()
        snapshot.dump(self.path("p"))
        loaded = Snapshot.load(self.path("p"))
        expected = {}
        for row in snapshot.statistics("lineno"):
            frame = row.traceback[0]
            expected.setdefault(frame.filename, {})[frame.lineno] = (
                row.size, row.count)
        self.assertEqual(loaded.stats, expected)
        self.assertIsNone(loaded.pid)
        self.assertEqual(len(loaded.timestamp), 19)
        del kept

    def test_pickle_of_pytracemalloc(self):
        """Its format 0.9, of Python 3 and as Python 2 writes names."""
        data = {"format_version": 3, "timestamp": "2013-06-01 18:51:48",
                "stats": {"a.py": {1: (100, 2), None: (7, 1)}}, "pid": 42,
                "process_memory": 10485760,
                "user_data": [("Video memory", "size", 234902)]}
        text = pickle.dumps(data, 2)
        names = text.replace(b"X\x04\0\0\0a.py", b"U\x04a.py")
        self.assertNotEqual(text, names)
        for text in (text, names, pickle.dumps(data, 4)):
            with open(self.path("x"), "wb") as file:
                file.write(text)
            loaded = Snapshot.load(self.path("x"))
            self.assertEqual(loaded.stats, {"a.py": {1: (100, 2), 0: (7, 1)}})
            self.assertEqual((loaded.timestamp, loaded.pid,
                              loaded.process_memory, loaded.user_data),
                             (data["timestamp"], 42, 10485760,
                              data["user_data"]))
        for name, value in (("stats", {"a.py": {1: 5}}), ("stats", {1: {}}),
                            ("timestamp", 5), ("format_version", "3"),
                            ("user_data", [("x", "y", 1)])):
            self.refuse(pickle.dumps(dict(data, **{name: value}), 2), "")
        del data["stats"]
        self.refuse(pickle.dumps(data, 2), "damaged pickle")

    def test_pickle_that_would_run_code(self):
        class Evil:
            def __reduce__(self):
                return os.mkdir, (path,)
        path = self.path("evil")
        self.refuse(pickle.dumps(Evil()), "asks for posix.mkdir")
        self.assertFalse(os.path.exists(path))

        class Getter:
            def __reduce__(self):
                return getattr, (tracemalloc.Snapshot, "load")
        self.refuse(pickle.dumps(Getter()), "asks for builtins.getattr")

    def test_pickle_of_other_things(self):
        tracemalloc.start()
        statistic = tracemalloc.take_snapshot().statistics("lineno")[:1]
        tracemalloc.stop()
        for value in (1, [], {"traces": []}, statistic):
            with self.subTest(value):
                self.refuse(pickle.dumps(value, 2), "tracemalloc")
        for traces in (5, [5], [(1, 2)], [(0, 1, ())], [(0, 1, ((1, 2),))],
                       [(0, "1", (("a", 1),))], [(0, 1, (("a", "1"),))]):
            snapshot = tracemalloc.Snapshot([], 1)
            snapshot.traces._traces = traces
            with self.subTest(traces):
                self.refuse(pickle.dumps(snapshot, 4), "")

    def test_pickle_cut_short(self):
        tracemalloc.start()
        text = io.BytesIO()
        pickle.dump(tracemalloc.take_snapshot(), text, pickle.HIGHEST_PROTOCOL)
        tracemalloc.stop()
        for size in (1, 2, 20, 100, len(text.getvalue()) - 1):
            with self.subTest(size):
                self.refuse(text.getvalue()[:size], "damaged pickle")

    def test_pickle_that_asks_for_much(self):
        """What a few bytes can make an unpickler do."""
        head, end = b"\x80\x04", b"."
        for name, text, message in (
                ("memo", b"]r\xff\xff\xff\x7f", "more memos than bytes"),
                ("number", b"\x8a\x09" + bytes(9), "beyond 64 bits"),
                ("long number", b"\x8b\xff\xff\xff\x7f", "opcode 0x8b"),
                ("bytes", b"B\xff\xff\xff\xff", "cut short"),
                ("string", b"\x8d" + b"\xff" * 7 + b"\x0f", "cut short"),
                ("array", b"\x96" + b"\xff" * 7 + b"\x0f", "opcode 0x96"),
                ("frame", b"\x95" + b"\xff" * 7 + b"\x0f", "damaged"),
                ("put", b"]p2147483647\n", "opcode 0x70"),
                ("persistent", b"]Q", "opcode 0x51"),
                ("text", b"cos\nsystem\n(S'id'\nt", "opcode 0x53"),
                ("terminal", b"c\x1b[2J\n\x07\n", r"\x1b[2J.\x07"),
                ("depth", b")" + b"\x85" * 1000000, "damaged")):
            with self.subTest(name):
                self.refuse(head + text + end, message)

    def test_pickle_whose_traces_share_one_tuple(self):
        """A trace may be long, and be there again and again."""
        shared = (0, 1, (("a", 1),)) + (None,) * 100000
        snapshot = tracemalloc.Snapshot([], 1)
        snapshot.traces._traces = [shared] * 100000
        with open(self.path("p"), "wb") as file:
            pickle.dump(snapshot, file, 4)
        self.assertEqual(Snapshot.load(self.path("p")).stats,
                         {"a": {1: (100000, 100000)}})

    def test_numbers_beyond_64_bits(self):
        head = b'{"pmt-snapshot": 1, "files": 1}\n'
        for digits in 21, 10 ** 6:
            self.refuse(head + b'{"file": "a", "lines": [[%s, 1, 1]]}\n'
                        % (b"9" * digits), "line 2 is damaged")
        self.refuse(head + b'{"file": "a", "lines": [[%d, 1, 1]]}\n' % 2 ** 64,
                    "no integer")

    def test_any_damage(self):
        """A changed byte is an error of its own, or changes a number."""
        tracemalloc.start(2)
        text = io.BytesIO()
        pickle.dump(tracemalloc.take_snapshot(), text, 4)
        tracemalloc.stop()
        good = text.getvalue()[:3000] + text.getvalue()[-50:]
        chance = random.Random(8)
        for _ in range(3000):
            bad = bytearray(good)
            for _ in range(chance.randrange(1, 4)):
                bad[chance.randrange(2, len(bad))] = chance.randrange(256)
            with open(self.path("p"), "wb") as file:
                file.write(bad)
            with contextlib.suppress(ValueError):
                Snapshot.load(self.path("p"))


if __name__ == "__main__":
    pmttest.main()
