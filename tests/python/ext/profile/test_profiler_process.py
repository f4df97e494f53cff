# SPDX-License-Identifier: MIT
"""Profile and Trace in forked children, at the end, and in dying programs."""
import os
import signal
import sys

import pmttest
from proflog import ENGINES, Log

PRELUDE = """\
import os, sys, threading
import pmt
kind, engine, path = sys.argv[1:4]
tracer = getattr(pmt, kind)(0, filepath=path, engine=engine)
def before(): pass
def inside(): pass
def after(): pass
"""

FORK = PRELUDE + """\
with tracer:
    before()
    pid = os.fork()
    if pid == 0:
        inside()
        child_log = tracer.log_file_path()
    else:
        os.waitpid(pid, 0)
        after()
if pid == 0:
    assert tracer.log_file_path() == child_log != path
    os._exit(0)
"""

FORK_AND_NOTHING = PRELUDE + """\
with tracer:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    after()
"""

STILL_ACTIVE = PRELUDE + """\
tracer.__enter__()
inside()
del tracer
sys.exit(3)
"""

STILL_ACTIVE_IN_THREAD = PRELUDE + """\
def run():
    tracer.__enter__()
    inside()
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""

TORN = PRELUDE + """\
tracer.__enter__()
for _ in range(3):
    inside()
os.kill(os.getpid(), int(sys.argv[4])) if int(sys.argv[4]) else os._exit(0)
"""

CLOSES_DESCRIPTORS = PRELUDE + """\
with tracer:
    before()
    os.closerange(3, 2000)
    files = [open("/dev/null") for _ in range(100)]
    kept = bytearray(b"x") * (64 << 20)
    inside()
"""

IN_POOL = PRELUDE + """\
import multiprocessing
def work(n):
    inside()
    return os.getpid()
with tracer:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert len(pool.map(work, range(10))) == 10
    after()
"""


class ProcessTest(pmttest.TestCase):

    def run_each(self, code, *args, status=0, check=None):
        for kind in "Profile", "Trace":
            for engine in ENGINES:
                with self.subTest(kind=kind, engine=engine):
                    for name in os.listdir(self.directory):
                        os.unlink(self.path(name))
                    process = pmttest.run_python(
                        code, kind, engine, self.path("log"),
                        *map(str, args), cwd=self.directory)
                    self.assert_status(process, status)
                    check()

    def test_child_has_its_own_log(self):
        def check():
            log = Log(self.path("log"))
            self.assertLessEqual({"before", "after"}, log.functions())
            self.assertNotIn("inside", log.functions())
            self.assertEqual(log.text.count("SOF"), 1)
            children = [name for name in os.listdir(self.directory)
                        if name != "log"]
            self.assertEqual(len(children), 1)
            child = Log(self.path(children[0]))
            self.assertIn("inside", child.functions())
            self.assertFalse({"before", "after"} & child.functions())
            self.assertIn("Forked from process", child.notes[1])
            self.assertIn(self.path("log"), child.notes[1])
            self.assertEqual(child.rows[0].event, 0)

        self.run_each(FORK, check=check)

    def test_child_that_ends_at_once_changes_nothing(self):
        def check():
            log = Log(self.path("log"))
            self.assertIn("after", log.functions())
            self.assertEqual(log.text.count("SOF"), 1)
            self.assertFalse(os.path.exists(self.path("log.tail")))

        self.run_each(FORK_AND_NOTHING, check=check)

    def test_multiprocessing(self):
        def check():
            self.assertIn("after", Log(self.path("log")).functions())

        self.run_each(IN_POOL, check=check)

    def test_still_active_at_the_end(self):
        def check():
            self.assertIn("inside", Log(self.path("log")).functions())
            self.assertEqual(os.listdir(self.directory), ["log"])

        self.run_each(STILL_ACTIVE, status=3, check=check)
        self.run_each(STILL_ACTIVE_IN_THREAD, check=check)

    def test_dies(self):
        def check():
            rows = self.read_file("log").splitlines()
            if os.path.exists(self.path("log.tail")):
                with open(self.path("log.tail"), "rb") as file:
                    tail = file.read()
                used = int.from_bytes(tail[16:24], sys.byteorder)
                rows += tail[4096:4096 + used].decode().splitlines()
            self.assertEqual(
                sum(row.startswith("NEXT:") and " CALL " in row
                    and " inside " in row for row in rows), 3)

        # A sanitizer makes an exit of what would be a death.
        for number in (signal.SIGKILL,) if pmttest.sanitized else (
                signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT):
            self.run_each(TORN, int(number), status=-number, check=check)
        self.run_each(TORN, 0, check=check)

    def test_program_that_closes_all_descriptors(self):
        def check():
            log = Log(self.path("log"))
            self.assertLessEqual({"before", "inside"}, log.functions())
            growth = max(row.rss for row in log.rows) - log.rows[0].rss
            self.assertGreater(growth, 60 << 20)
            self.assertGreater(min(row.rss for row in log.rows), 1 << 20)

        self.run_each(CLOSES_DESCRIPTORS, check=check)


if __name__ == "__main__":
    pmttest.main()
