# SPDX-License-Identifier: MIT
"""pmt-run -a where it cannot see all, or much at once: it says so, or copes."""
import os
import shutil
import sys

import pmttest
from alloctest import COMPILER, AllocationsTest


class TrapsTest(AllocationsTest):

    def wrapper(self, line):
        """Stands for an interpreter that is started in another way."""
        path = self.write_file("python", "#!/bin/sh\n%s\n" %
                               line.replace("PYTHON", sys.executable))
        os.chmod(path, 0o755)
        return path

    def assert_not_loaded(self, python):
        process = self.run_traced("-c", "print('ran')", python=python)
        self.assert_success(process)
        self.assertEqual(process.stdout, "ran\n")
        self.assertIn("the library for -a was not loaded", process.stderr)
        return process

    def test_an_allocator_that_was_there_before(self):
        """As jemalloc, preloaded first: no call of malloc comes to us."""
        other = self.compile("other.so", self.write_file("other.c", (
            "#include <stddef.h>\n"
            "void *__libc_malloc(size_t);\n"
            "void __libc_free(void *);\n"
            "void *malloc(size_t size) { return __libc_malloc(size); }\n"
            "void free(void *block) { __libc_free(block); }\n")))
        log = self.trace("-c", "kept = bytearray(77776)", python=self.wrapper(
            'LD_PRELOAD="%s:$LD_PRELOAD" exec "PYTHON" "$@"' % other))
        self.assertEqual(len(log["missing"]), 1)
        self.assertIn("malloc: an allocator", log["missing"][0])

    def test_an_allocator_of_its_own(self):
        """It is named by what it maps, and the stack that needed it."""
        pool = self.compile("pool.so", pmttest.data("alloc", "pool.c"), "-g")
        log = self.trace("-c", (
            "import ctypes, sys\n"
            "take = ctypes.CDLL(sys.argv[1]).pool_malloc\n"
            "def work():\n"
            "    for _ in range(5000): take(1000)\n"
            "work()"), pool, options=["--native"])
        self.assertEqual(log["own_lines"][0]["function"], "work")
        self.assertEqual(log["own_lines"][0]["left"], 5 << 20)
        self.assertEqual(log["own_lines"][0]["mapped"], 5 << 20)
        self.assertGreaterEqual(log["mapped"], 5 << 20)
        text = pmttest.run_program(
            ["pmt-analyse", "--brief", self.path("log.pmt")]).stdout
        self.assertRegex(text, r"\n 5\.0 MiB .* work  \(mmap\)\n")
        self.assertIn("\nLeft in maps, perhaps untouched, or cut up by an "
                      "allocator: ", text)
        if "pool_grow" in self.functions(log):
            self.assertEqual(self.functions(log)["pool_grow"]["blocks"], 5)

    def test_a_static_program(self):
        source = self.write_file("static.c", (
            "#include <stdio.h>\n"
            "int main(void) { puts(\"ran\"); return 0; }\n"))
        path = self.path("static")
        if pmttest.run_program(["sh", "-c", COMPILER + ' -static -o "$0" "$1"',
                                path, source]).returncode != 0:
            self.skipTest("there is no static C library")
        process = self.run_traced("-c", "0", python=path)
        self.assertEqual(process.stdout, "ran\n")
        self.assertIn("nothing was traced", process.stderr)

    def test_a_library_that_cannot_be_loaded(self):
        """Of another class of machines."""
        foreign = self.path("foreign.so")
        with open(foreign, "wb") as file:
            file.write(b"\x7fELF\1\1\1" + bytes(200))
        self.assert_not_loaded(self.wrapper(
            'LD_PRELOAD="%s" exec "PYTHON" "$@"' % foreign))

    def test_a_folder_of_which_nothing_runs(self):
        """The library for real, where it was mounted noexec."""
        folder = self.path("noexec")
        os.mkdir(folder)
        namespace = ["unshare", "--mount", "sh", "-c", (
            'mount -t tmpfs -o noexec none "$0" && cp "$1" "$0" && shift && '
            'exec "$@"'), folder]
        if shutil.which("unshare") is None or pmttest.run_program(
                namespace + [__file__, "true"]).returncode != 0:
            self.skipTest("mounting a file system is not allowed here")
        python = self.wrapper('LD_PRELOAD="%s/${LD_PRELOAD##*/}" '
                              'exec "PYTHON" "$@"' % folder)
        process = pmttest.run_program(namespace + [
            os.path.join(pmttest.builddir, "python", "pmt",
                         "libpmt-alloc.so"),
            "pmt-run", "-a", "-o", self.path("log.pmt"), "--python", python,
            "-c", "print('ran')"])
        self.assert_success(process)
        self.assertEqual(process.stdout, "ran\n")
        self.assertIn("failed to map segment", process.stderr)
        self.assertIn("the library for -a was not loaded", process.stderr)

    def test_more_stacks_than_there_is_room_for(self):
        """Their memory is bounded, and the log says that it lacks some."""
        log = self.trace("-c", (
            "import re, resource\n"
            "def tree(n):\n"
            "    if n:\n"
            "        tree(n - 1)\n"
            "        tree(n - 1)\n"
            "    else:\n"
            "        bytearray(600)\n"
            "tree(3)\n"
            "with open('/proc/self/status') as file:\n"
            "    size = int(re.search(r'VmSize:\\s*(\\d+)',"
            " file.read()).group(1))\n"
            "resource.setrlimit(resource.RLIMIT_AS, (\n"
            "    (size << 10) + (5 << 19), resource.RLIM_INFINITY))\n"
            "tree(17)\n"))
        self.assertEqual(log["missing"], [
            "stacks: some are cut, since there was no room for more of them"])
        self.assertGreaterEqual(self.functions(log)["tree"]["times"],
                                (1 << 17) - 1000)
        self.assertGreater(log["times"], 1 << 17)

    def test_a_program_with_rights_of_another_user(self):
        """The loader ignores LD_PRELOAD there."""
        if os.geteuid() != 0:
            self.skipTest("only root can give a program other rights")
        os.chmod(self.directory, 0o755)
        path = self.path("suid")
        shutil.copy(shutil.which("true"), path)
        os.chmod(path, 0o4755)
        try:
            process = self.run_traced("-c", "0", python=path,
                                      preexec_fn=lambda: os.setuid(65534))
        except PermissionError:
            self.skipTest("pmt-run lies in a folder that is closed to others")
        self.assert_success(process)
        self.assertIn("nothing was traced", process.stderr)

    def test_ten_thousand_threads(self):
        """Numbered, named and forgotten; each leaves a block."""
        many = self.compile("many.so", self.write_file("many.c", (
            "#include <pthread.h>\n"
            "#include <stdlib.h>\n"
            "void *volatile kept;\n"
            "static void *run(void *arg)\n"
            "{ kept = malloc(3001); return arg; }\n"
            "void many(int count) { for (int i = 0; i < count; i++) {\n"
            "    pthread_t id;\n"
            "    if (pthread_create(&id, NULL, run, NULL) == 0)\n"
            "        pthread_join(id, NULL); } }\n")))
        self.assert_success(self.run_traced("-c", (
            "import ctypes, sys\n"
            "ctypes.CDLL(sys.argv[1]).many(10000)"), many))
        log = self.read(options=["--top", "5"])
        self.assertEqual(log["functions"][0]["left"], 10000 * 3001)
        self.assertEqual(log["functions"][0]["blocks"], 10000)

    def test_a_storm_of_forks(self):
        """From threads that allocate meanwhile; no child waits for ever."""
        self.assert_success(self.run_traced("-c", (
            "import os, threading\n"
            "stop = False\n"
            "def work():\n"
            "    while not stop: [bytearray(1000) for _ in range(100)]\n"
            "threads = [threading.Thread(target=work) for _ in range(3)]\n"
            "for thread in threads: thread.start()\n"
            "for _ in range(60):\n"
            "    pid = os.fork()\n"
            "    if pid == 0:\n"
            "        kept = [bytearray(600) for _ in range(100)]\n"
            "        os._exit(0)\n"
            "    assert os.waitpid(pid, 0)[1] == 0\n"
            "stop = True\n"
            "for thread in threads: thread.join()\n"),
            options=["--native"]))


if __name__ == "__main__":
    pmttest.main()
