# SPDX-License-Identifier: MIT
"""pmt.heap_snapshot(): the file holds the heap, and the program goes on."""
import collections
import errno
import gc
import os
import random
import signal
import subprocess
import sys
import threading
import unittest

import pmt
import pmttest
from heapfile import HeapFile


class Plain:
    pass


class Slots:
    __slots__ = "one", "two"


def is_static(type):
    return not type.__flags__ & 1 << 9      # Py_TPFLAGS_HEAPTYPE


def random_heap(seed, count=300):
    """Objects of many kinds that refer to each other at random."""
    chance = random.Random(seed)
    heap = [Plain() for _ in range(10)]

    def some():
        return chance.choice(heap)

    def instance():
        plain = Plain()
        for name in "abc"[:chance.randrange(4)]:
            setattr(plain, name, some())
        return plain

    def slots():
        result = Slots()
        result.two = some()
        return result

    def closure():
        value = some()
        return lambda: value

    def cycle():
        result = [some()]
        result.append(result)
        return result

    def generator():
        def run(value):
            yield value
        result = run(some())
        next(result)
        return result

    kinds = [
        instance, slots, closure, cycle, generator,
        lambda: [some() for _ in range(chance.randrange(9))],
        lambda: (some(), some()),
        lambda: {i: some() for i in range(chance.randrange(9))},
        lambda: {"key": some(), str(chance.random()): some()},
        lambda: {frozenset([Plain(), Slots()]), Plain()},
        lambda: collections.deque([some(), some()]),
        lambda: collections.OrderedDict(a=some()),
        lambda: collections.defaultdict(list, a=[some()]),
        lambda: ValueError(some()),
        lambda: some().__class__,
        lambda: type("Made", (), {"attribute": some()}),
        lambda: instance().__init__,
        lambda: memoryview(b"x"),
        lambda: property(lambda self: some()),
    ]
    for _ in range(count):
        heap.append(chance.choice(kinds)())
    return heap


@unittest.skipUnless(isinstance(pmt.Holder, type),
                     "the heap of this CPython is not walked")
class SnapshotTest(pmttest.TestCase):

    def setUp(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.directory)

    def snapshot(self):
        pmt.heap_snapshot("x.pmtheap")
        return HeapFile("x.pmtheap")

    def check_heap(self, heap, seed):
        """References are those that gc.get_referents() finds, and all that
        sys.getrefcount() counts."""
        everything = gc.get_objects()
        file = self.snapshot()
        known = {id(one): one for one in heap if id(one) in file.by_address}
        for one in heap:
            if id(one) not in known:
                self.assertFalse(gc.is_tracked(one))
        # C code refers to static types as it likes.
        self.assertEqual([str(type(one)) for one in known.values()
                          if file.by_address[id(one)].spare != 0 and not
                          (isinstance(one, type) and is_static(one))], [],
                         seed)
        tracked = {id(one) for one in everything}
        theirs = {address: set() for address in known}
        for one in everything:
            for other in gc.get_referents(one):
                if id(other) in theirs:
                    theirs[id(other)].add(id(one))
        # Frames that run show the collector nothing.
        tracked -= {address for address in tracked & set(file.by_address)
                    if file.by_address[address].type == "frame"}
        for address, one in known.items():
            self.assertEqual(file.referrers(address) & tracked,
                             theirs[address] & tracked, (seed, type(one)))

    def test_agrees_with_the_collector(self):
        """PMT_SEEDS=1000 asks for so many heaps at random."""
        gc.disable()
        self.addCleanup(gc.enable)
        for seed in range(int(os.environ.get("PMT_SEEDS", 2))):
            self.check_heap(random_heap(seed), seed)
            gc.collect()

    def frames(self):
        """Frames and generators, at rest, running and done with."""
        def generator(*names):
            a = b = c = names
            yield a, b, c
            yield sys._getframe()

        async def coroutine():
            return [await one for one in ()]

        kept = [generator(1), generator(2), generator(3), coroutine()]
        self.addCleanup(kept[3].close)
        next(kept[1])
        for _ in kept[2]:
            pass
        return kept + [next(kept[1]), sys._getframe()]

    def test_sizes_are_those_of_getsizeof(self):
        """Of everything whose layout is known, which is nearly all."""
        objects = [object for object in gc.get_objects()
                   if type(object).__module__ in ("builtins", "collections")]
        kept = [Plain() for _ in range(2)]
        several = [kept[0]] * 7
        objects += [0, 1, -1, 2 ** 70, "", "abc", "\xe9", "\u20ac" * 9, b"abc",
                    bytearray(), bytearray(100), 1.5, 1j, range(3), slice(1)]
        objects += self.frames()
        file = self.snapshot()
        self.assertEqual(file.pid, os.getpid())
        self.assertEqual(file.python, sys.version.split()[0])
        self.assertIn("__main__", [name for _, kind, name in file.roots
                                   if kind == 0])
        # What sys.getrefcount() counts is explained.
        self.assertEqual([file.by_address[id(one)].spare for one in kept],
                         [0, 0])
        self.assertEqual(len(several), 7)
        wrong = collections.Counter()
        for one in objects:
            node = file.by_address.get(id(one))
            if node is None:
                continue
            size = (sys.getsizeof(one) + 7) // 8 * 8
            if node.size != size:
                wrong[type(one).__name__] += 1
        if sys.version_info < (3, 11):
            # What was made for more variables may serve again.
            del wrong["frame"]
        for name in ("int", "str", "bytes", "list", "tuple", "dict", "set",
                     "function", "type", "method", "cell", "bytearray",
                     "frozenset", "float", "range", "slice", "property",
                     "generator", "coroutine", "frame"):
            self.assertEqual(wrong[name], 0, (name, wrong))

    def test_the_child_is_nobodys(self):
        """No SIGCHLD, nothing for wait(2), no atfork handler, no file left."""
        got = []
        before = signal.signal(signal.SIGCHLD, lambda *args: got.append(args))
        self.addCleanup(signal.signal, signal.SIGCHLD, before)
        os.register_at_fork(before=lambda: got.append("before"))
        descriptors = os.listdir("/proc/self/fd")
        pmt.heap_snapshot("x.pmtheap")
        pmt.heap_snapshot("y.pmtheap", wait=False)
        with self.assertRaises(ChildProcessError):
            os.waitpid(-1, 0)
        pmt.heap_snapshot("z.pmtheap")
        self.assertEqual(got, [])
        self.assertEqual(len(os.listdir("/proc/self/fd")), len(descriptors))
        self.assertEqual(sorted(os.listdir(".")),
                         ["x.pmtheap", "y.pmtheap", "z.pmtheap"])

    def test_threads_that_allocate(self):
        """malloc's locks may be held when we fork; nothing hangs."""
        done = threading.Event()

        def work():
            while not done.is_set():
                bytearray(100000)
                subprocess.list2cmdline(["x"] * 100)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            pmt.heap_snapshot("x.pmtheap")
        done.set()
        for thread in threads:
            thread.join()

    def children(self):
        """Those of clone(2), too, which wait(2) does not find."""
        for pid in os.listdir("/proc"):
            try:
                with open("/proc/%s/stat" % int(pid)) as file:
                    stat = file.read().rpartition(")")[2].split()
            except (ValueError, OSError):
                continue
            if int(stat[1]) == os.getpid():
                yield int(pid)

    def test_a_child_that_is_killed(self):
        """The program hears of it, and nothing is left."""
        kept = [Plain() for _ in range(200000)]
        pmt.heap_snapshot("x.pmtheap", wait=False)
        child, = self.children()
        os.kill(child, signal.SIGSTOP)
        try:
            with self.assertRaisesRegex(BlockingIOError,
                                        "is still being written"):
                pmt.heap_snapshot("y.pmtheap", wait=False)
        finally:
            # The snapshots of other tests would wait for it.
            os.kill(child, signal.SIGKILL)
        with self.assertRaisesRegex(OSError, "was killed"):
            pmt.heap_snapshot("z.pmtheap")
        self.assertEqual(len(kept), 200000)
        self.assertNotIn("x.pmtheap", os.listdir("."))
        pmt.heap_snapshot("z.pmtheap")

    def test_no_child_to_be_had(self):
        """What clone(2) says is no snapshot that is being written."""
        code = (
            "import os, resource, pmt\n"
            "os.chmod('.', 0o777)\n"
            "os.getuid() or os.setuid(65534)\n"
            "resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))\n"
            "try:\n"
            "    pmt.heap_snapshot('x.pmtheap')\n"
            "except BlockingIOError as error:\n"
            "    print(error.strerror)\n")
        self.assertEqual(subprocess.check_output([sys.executable, "-c", code],
                                                 universal_newlines=True),
                         os.strerror(errno.EAGAIN) + "\n")
        self.assertEqual(os.listdir("."), [])

    def test_a_name_that_can_be_guessed(self):
        """Nothing that lies there is written to but what we have left."""
        part = "x.pmtheap.part"
        self.write_file("victim", "precious")
        for plant in os.symlink, os.link:
            plant("victim", part)
            with self.assertRaises(FileExistsError):
                pmt.heap_snapshot("x.pmtheap")
            os.unlink(part)
        os.mkfifo(part)
        with self.assertRaises(FileExistsError):
            pmt.heap_snapshot("x.pmtheap")
        os.unlink(part)
        self.write_file(part, "not ours")
        with self.assertRaises(FileExistsError):
            pmt.heap_snapshot("x.pmtheap")
        self.assertEqual(self.read_file(part), "not ours")
        self.assertEqual(self.read_file("victim"), "precious")
        self.assertFalse(os.path.exists("x.pmtheap"))
        pmt.heap_snapshot("y.pmtheap")
        self.assertEqual(os.stat("y.pmtheap").st_mode & 0o777, 0o600)
        # Of one who was killed.
        with open("y.pmtheap", "rb") as file, open(part, "wb") as left:
            left.write(file.read(1000))
        pmt.heap_snapshot("x.pmtheap")
        self.assertFalse(os.path.exists(part))
        HeapFile("x.pmtheap")

    def test_failures(self):
        with self.assertRaises(FileNotFoundError) as caught:
            pmt.heap_snapshot("missing/x.pmtheap")
        self.assertEqual(caught.exception.filename, b"missing/x.pmtheap"
                         if isinstance(caught.exception.filename, bytes)
                         else "missing/x.pmtheap")
        with self.assertRaises(TypeError):
            pmt.heap_snapshot()
        os.mkdir("directory")
        with self.assertRaises(OSError):
            pmt.heap_snapshot("directory")
        self.assertEqual(os.listdir("."), ["directory"])


if __name__ == "__main__":
    pmttest.main()
