# SPDX-License-Identifier: MIT
"""Reference tracing of threads, of forked children, up to any kind of end."""
import glob
import os
import signal
import sys

import pmttest
import reflog

THING = "import os, sys, pmt\nclass Thing: pass\npath = sys.argv[1]\n"


@pmttest.needs_reference_tracing
class Process(pmttest.TestCase):

    def setUp(self):
        self.log_path = self.path("log")

    def run_program(self, code, *args, status=0, **kwargs):
        process = pmttest.run_python(THING + code, self.log_path, *args,
                                     cwd=self.directory, **kwargs)
        self.assert_status(process, status)
        return process

    def log(self):
        return reflog.Log(self.log_path)

    def child_logs(self):
        """The logs of forked children, beside the one named log."""
        return [reflog.Log(path) for path in glob.glob(self.log_path + ".*")
                if not path.endswith(".tail")]

    def made(self, log=None):
        return len((log or self.log()).of("Thing", "NEW"))


class Threads(Process):

    def test_none_lost_none_torn(self):
        self.run_program("""
import threading
ready = threading.Barrier(8)
kept = []
def work():
    ready.wait()
    for i in range(2000):
        Thing()
    kept.append(Thing())
sys.setswitchinterval(1e-5)
with pmt.ReferenceTracing(filepath=path, columns=["Thread"]):
    threads = [threading.Thread(target=work) for i in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    del thread, threads
""")
        log = self.log()
        self.assertTrue(log.ended)
        self.assertEqual(log.count("Thing"), (16008, 16000, 8))
        by_thread = {}
        for row in log.of("Thing", "NEW"):
            by_thread[row.more["Thread"]] = 1 + by_thread.get(
                row.more["Thread"], 0)
        self.assertEqual(sorted(by_thread.values()), [2001] * 8)

    def test_entered_in_one_left_in_another(self):
        self.run_program("""
import threading
tracing = pmt.ReferenceTracing(filepath=path)
thread = threading.Thread(target=tracing.__enter__)
thread.start(); thread.join()
Thing()
thread = threading.Thread(target=tracing.__exit__, args=[None] * 3)
thread.start(); thread.join()
Thing()
""")
        self.assertTrue(self.log().ended)
        self.assertEqual(self.made(), 1)

    def test_thread_that_outlives_the_block(self):
        self.run_program("""
import threading
stop = threading.Event()
def work():
    while not stop.wait(0.0001): Thing()
thread = threading.Thread(target=work)
thread.start()
for i in range(50):
    with pmt.ReferenceTracing(filepath=path):
        Thing()
stop.set()
thread.join()
""")
        self.assertTrue(self.log().ended)

    def test_daemon_thread_at_exit(self):
        for i in range(5):
            self.run_program("""
import threading, time
def work():
    while True: Thing(); time.sleep(0)
pmt.ReferenceTracing(filepath=path).__enter__()
threading.Thread(target=work, daemon=True).start()
time.sleep(0.01)
""")
            self.assertTrue(self.log().ended)

    def test_subinterpreter(self):
        """CPython's tracer is the whole process's: its objects show too."""
        self.run_program("""
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
with pmt.ReferenceTracing(filepath=path):
    for config in ("legacy", "isolated"):
        other = interpreters.create(config)
        interpreters.exec(other, "class Thing: pass\\n"
                                 "for i in range(100): Thing()")
        interpreters.destroy(other)
    Thing()
""")
        self.assertTrue(self.log().ended)
        self.assertEqual(self.made(), 201)


class Forks(Process):

    def test_child_has_a_log_of_its_own(self):
        self.run_program("""
with pmt.ReferenceTracing("opening", path) as tracing:
    kept = [Thing() for i in range(10)]
    pid = os.fork()
    if pid == 0:
        more = [Thing() for i in range(3)]
        print(tracing.log_file_path(), os.getpid())
    else:
        os.waitpid(pid, 0)
        kept += [Thing()]
""")
        log, (child,) = self.log(), self.child_logs()
        self.assertEqual((self.made(log), self.made(child)), (11, 3))
        for each in log, child:
            self.assertTrue(each.ended)
            self.assertEqual(each.text.count("SOF\n"), 1)
            self.assertEqual(each.opening, "opening")
        self.assertTrue([text for text in child.messages()
                         if self.log_path in text], child.messages())
        # What the parent made is not the child's to count.
        self.assertEqual(child.of("Thing")[0].live, 1)

    def test_generated_names_differ(self):
        process = self.run_program("""
os.mkdir("logs")
with pmt.ReferenceTracing(filepath="logs"):
    pid = os.fork()
    Thing()
    if pid: os.waitpid(pid, 0)
print(os.getpid(), pid)
""")
        pids = set()
        for path in glob.glob(self.path("logs", "*")):
            self.assertEqual(self.made(reflog.Log(path)), 1)
            pids.add(os.path.basename(path).split("_")[3])
        parent = [line.split() for line in process.stdout.splitlines()
                  if not line.endswith(" 0")][0]
        self.assertEqual(pids, set(parent))

    def test_child_that_makes_nothing(self):
        """A fork before exec leaves no file, and the parent's log alone."""
        self.run_program("""
import subprocess
with pmt.ReferenceTracing(filepath=path, include_tp_names=["Thing"]):
    for i in range(3):
        Thing()
        if os.fork() == 0: os._exit(0)
        os.wait()
        subprocess.run(["true"], preexec_fn=lambda: None)
    if os.fork() == 0: os.execvp("true", ["true"])
    os.wait()
""")
        self.assertEqual(self.made(), 3)
        self.assertTrue(self.log().ended)
        self.assertEqual(self.child_logs(), [])

    def test_child_without_exit_handlers(self):
        """multiprocessing's children end by os._exit."""
        self.run_program("""
with pmt.ReferenceTracing(filepath=path):
    if os.fork() == 0:
        for i in range(1000): Thing()
        os._exit(0)
    os.wait()
""")
        child, = self.child_logs()
        self.assertEqual(self.made(child), 1000)
        self.assertEqual(self.made(), 0)

    def test_grandchildren(self):
        self.run_program("""
with pmt.ReferenceTracing(filepath=path):
    for i in range(4):
        Thing()
        if os.fork(): os.wait(); break
    else:
        Thing()
""")
        logs = [self.log()] + self.child_logs()
        self.assertEqual(len(logs), 5)
        self.assertTrue(all(log.ended for log in logs))
        self.assertEqual(list(map(self.made, logs)), [1] * 5)

    def test_fork_while_threads_trace(self):
        self.run_program("""
import threading, warnings
warnings.simplefilter("ignore")
stop = threading.Event()
def work():
    while not stop.wait(0.0001): Thing()
with pmt.ReferenceTracing(filepath=path):
    threads = [threading.Thread(target=work) for i in range(3)]
    for thread in threads: thread.start()
    for i in range(20):
        if os.fork() == 0:
            # A log begins when there is more than fork() itself makes.
            for _ in range(100): Thing()
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.wait()[1]) == 7
    stop.set()
    for thread in threads: thread.join()
""")
        self.assertTrue(self.log().ended)
        self.assertEqual([self.made(log) for log in self.child_logs()],
                         [100] * 20)

    def test_stacked(self):
        self.run_program("""
with pmt.ReferenceTracing(filepath=path):
    Thing()
    with pmt.ReferenceTracing(filepath=path + "-inner"):
        Thing()
        pid = os.fork()
        if pid: os.waitpid(pid, 0)
        else: Thing()
    Thing()
""")
        self.assertEqual(self.made(), 2)
        self.assertTrue(self.log().ended)
        logs = [reflog.Log(path) for path in
                glob.glob(self.log_path + "[.-]*")]
        self.assertTrue(all(log.ended for log in logs))
        self.assertEqual(sorted(map(self.made, logs)), [1, 1, 1])

    def test_multiprocessing(self):
        script = self.write_file("script.py", THING + """
import multiprocessing
def work(n):
    for i in range(n): Thing()
    return n
if __name__ == "__main__":
    with pmt.ReferenceTracing(filepath=path):
        context = multiprocessing.get_context("fork")
        with context.Pool(3) as pool:
            assert pool.map(work, [100] * 6, chunksize=1) == [100] * 6
            pool.close()
            pool.join()
""")
        self.assert_success(pmttest.run_program(
            [sys.executable, script, self.log_path], cwd=self.directory))
        self.assertEqual(self.made(), 0)
        self.assertTrue(self.log().ended)
        self.assertEqual(sum(map(self.made, self.child_logs())), 600)


class Ends(Process):

    def assert_torn_but_whole(self, things):
        """Every row that was written is readable, and none is missing."""
        log = self.log()
        self.assertFalse(log.ended)
        self.assertEqual(self.made(log), things)

    def test_interpreter_exit_while_tracing(self):
        self.run_program("""
import atexit
class Late:
    def __del__(self): Thing()
late = Late()
pmt.ReferenceTracing(filepath=path).__enter__()
atexit.register(Thing)
Thing()
""")
        self.assertTrue(self.log().ended)
        self.assertGreaterEqual(self.made(), 2)

    def test_entered_during_exit(self):
        self.run_program("""
import atexit
class Late:
    def __del__(self):
        try: pmt.ReferenceTracing(filepath=path).__enter__()
        except Exception: pass
        Thing()
late = Late()
atexit.register(lambda: pmt.ReferenceTracing(filepath=path).__enter__())
""")

    def test_exit_by_exception(self):
        self.run_program("""
with pmt.ReferenceTracing(filepath=path):
    Thing()
    sys.exit(3)
""", status=3)
        self.assertTrue(self.log().ended)
        self.assertEqual(self.made(), 1)

    def test_exit_without_handlers(self):
        self.run_program("""
pmt.ReferenceTracing(filepath=path).__enter__()
for i in range(5000): Thing()
os._exit(4)
""", status=4)
        self.assert_torn_but_whole(5000)

    def test_signals(self):
        for name in ("SIGKILL", "SIGTERM", "SIGSEGV", "SIGABRT", "SIGBUS"):
            with self.subTest(name):
                number = getattr(signal, name)
                self.run_program("""
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
pmt.ReferenceTracing(filepath=path).__enter__()
for i in range(5000): Thing()
os.kill(os.getpid(), int(sys.argv[2]))
""", str(int(number)), status=-number)
                self.assert_torn_but_whole(5000)

    def test_real_crash(self):
        self.run_program("""
import ctypes, resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
pmt.ReferenceTracing(filepath=path).__enter__()
for i in range(5000): Thing()
ctypes.string_at(8)
""", status=-signal.SIGSEGV)
        self.assert_torn_but_whole(5000)

    def test_exec(self):
        self.run_program("""
pmt.ReferenceTracing(filepath=path).__enter__()
for i in range(5000): Thing()
os.execv("/bin/true", ["true"])
""")
        self.assert_torn_but_whole(5000)

    def test_recursion_error(self):
        """Deep stacks, of Python and of C, while every object is logged."""
        self.run_program("""
def dive(n):
    thing = Thing()
    return dive(n + 1)
class Mirror:
    def __eq__(self, other): Thing(); return other == self
sys.setrecursionlimit(8000)
with pmt.ReferenceTracing(filepath=path):
    for attempt in (lambda: dive(0), lambda: Mirror() == Mirror()):
        try: attempt()
        except RecursionError: pass
        else: sys.exit("no RecursionError")
nested = Thing()
for i in range(50000):
    box = Thing(); box.inside = nested; nested = box
with pmt.ReferenceTracing(filepath=path + "2"):
    del box, nested
""")
        log = self.log()
        self.assertTrue(log.ended)
        self.assertGreater(self.made(), 7000)
        self.assertEqual(log.alive("Thing"), [])
        self.assertEqual(len(reflog.Log(self.log_path + "2").of(
            "Thing", "DEL")), 50001)

    def test_memory_error(self):
        self.run_program("""
import resource
with pmt.ReferenceTracing(filepath=path) as tracing:
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * 4096 + (12 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    kept = []
    try:
        while True: kept.append(Thing())
    except MemoryError:
        del kept
    print(tracing.count_new() > 1000)
""", env={"MIMALLOC_ARENA_RESERVE": "1024"})  # KiB, lest it has 1 GiB
        self.assertTrue(self.log().ended)

    def test_file_size_limit(self):
        """The log may not grow: the program goes on, the log says so."""
        process = self.run_program("""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
tracing = pmt.ReferenceTracing(filepath=path)
try:
    with tracing:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        for i in range(20000): Thing()
except OSError as error:
    print(error.errno)
""")
        self.assertEqual(process.stdout, "27\n")
        self.assertLessEqual(os.path.getsize(self.log_path), 1 << 20)
        self.assertTrue(self.log().ended)

    def test_disk_full_for_a_while(self):
        """Rows that find no room are counted in the log; later ones come."""
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system needs root")
        mount = self.path("small")
        os.mkdir(mount)
        if os.system("mount -t tmpfs -o size=1m none '%s' 2>&1" % mount) != 0:
            self.skipTest("no permission to mount")
        self.addCleanup(os.system, "umount '%s'" % mount)
        self.log_path = os.path.join(mount, "log")
        process = self.run_program("""
filler = os.path.join(os.path.dirname(path), "filler")
try:
    with pmt.ReferenceTracing(filepath=path) as tracing:
        Thing()
        with open(filler, "wb", buffering=0) as file:
            try:
                while True: file.write(bytes(4096))
            except OSError: pass
        for i in range(20000): Thing()
        os.remove(filler)
        for i in range(1000): Thing()
        print(tracing.count_new() >= 21001)
except OSError as error:
    print(error.errno)
""")
        self.assertEqual(process.stdout, "True\n28\n")
        log = self.log()
        self.assertTrue(log.ended)
        lost = [note.text for note in log.notes if note.tag == "ERR"]
        self.assertTrue(lost)
        self.assertRegex(lost[0], r"^(\d+ r|R)ows were lost here: No space")
        self.assertEqual(log.of("Thing", "NEW")[-1].live, 1)
        self.assertLess(self.made(log), 21001)

    def test_log_removed_or_moved(self):
        self.run_program("""
with pmt.ReferenceTracing(filepath=path):
    for i in range(3000): Thing()
    os.rename(path, path + ".moved")
    for i in range(3000): Thing()
""")
        self.assertEqual(self.made(reflog.Log(self.log_path + ".moved")), 6000)

    def test_descriptor_taken_away(self):
        """A daemon closes all descriptors; nobody else's file is written."""
        process = self.run_program("""
try:
    with pmt.ReferenceTracing(filepath=path) as tracing:
        os.closerange(3, 1000)
        for i in range(500):
            os.open("victim", os.O_CREAT | os.O_RDWR | os.O_APPEND)
        for i in range(20000): Thing()
except OSError as error:
    print(error.errno)
print(os.path.getsize("victim"))
""")
        self.assertEqual(process.stdout.splitlines()[-1], "0")


class Debug(Process):
    """What CPython checks when asked to is right while tracing."""

    PROGRAM = """
import ast, gc, json, textwrap, threading
with open(textwrap.__file__) as file: source = file.read()
with pmt.ReferenceTracing(filepath=path, include_builtins=True,
                          columns=["Size"]) as tracing:
    tree = ast.parse(source)
    ast.unparse(tree)
    json.loads(json.dumps([{"a": [i, str(i), i / 3]} for i in range(50)]))
    thread = threading.Thread(target=ast.parse, args=[source])
    thread.start(); thread.join()
    for i in range(100):
        cls = type("T%d" % i, (dict,), {"__slots__": ("a",)})
        cls(); cls()
    tracing.live_object_counts()
    del tree
    gc.collect()
"""

    def test_debug_allocators(self):
        for malloc in (("mimalloc_debug",) if pmttest.free_threaded
                       else ("pymalloc_debug", "malloc")):
            with self.subTest(malloc):
                process = self.run_program(
                    self.PROGRAM, env={"PYTHONMALLOC": malloc,
                                       "PYTHONDEVMODE": "1"}, timeout=250)
                self.assertEqual(process.stderr, "")
                log = self.log()
                self.assertTrue(log.ended)
                for i in range(100):
                    self.assertEqual(log.count("T%d" % i), (2, 2, 0))

    def test_balance(self):
        """No syntax tree is left alive, and sizes are what they were."""
        self.run_program(self.PROGRAM)
        log = self.log()
        self.assertGreater(len(log.of("ast.Name", "NEW") or
                               log.of("Name", "NEW")), 100)
        for name in ("Name", "Call", "Assign", "ast.Name", "ast.Call"):
            self.assertEqual(len(log.alive(name)), 0, name)


if __name__ == "__main__":
    pmttest.main()
