# SPDX-License-Identifier: MIT
"""A copy of the tree in which mutants are built and tested."""
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PROGRAMS = ["src/pmt-run", "src/pmt-analyse", "src/pmt-tree",
            "src/pmt-process", "tests/lib/write/twologs"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Stopped(Exception):
    """The time is up, or somebody pressed ^C."""


class Tree:
    """A copy of the sources, and a build of it for each job."""

    def __init__(self, folder, python):
        self.source = os.path.join(folder, "tree")
        self.folder = folder
        self.python = python
        self.stop = threading.Event()

    def copy_sources(self):
        for at, folders, files in os.walk(TOP):
            folders[:] = [name for name in folders
                          if name[0] != "." and not name.startswith("build")
                          or name == "build-aux"]
            if at == self.folder:
                folders[:] = files[:] = []
            to = os.path.join(self.source, os.path.relpath(at, TOP))
            os.makedirs(to, exist_ok=True)
            for name in files:
                old, new = os.path.join(at, name), os.path.join(to, name)
                if not os.path.exists(new) or \
                        os.path.getmtime(old) != os.path.getmtime(new):
                    shutil.copy2(old, new)

    def build(self, jobs):
        build = os.path.join(self.folder, "build")
        os.makedirs(build, exist_ok=True)
        if not os.path.exists(os.path.join(build, "Makefile")):
            subprocess.run([self.source + "/configure", "-q",
                            "CFLAGS=-O1 -w", "PYTHON=" + self.python],
                           cwd=build, check=True)
        subprocess.run(["make", "-s", "-j%d" % jobs, "check", "TESTS="],
                       cwd=build, check=True, stdout=subprocess.DEVNULL)

    def links(self, tests):
        """How all that the tests need is linked."""
        build = os.path.join(self.folder, "build")
        folder = os.path.join("python", "pmt")
        targets = PROGRAMS + [test for test in tests if test.endswith(".t")]
        targets += [os.path.join(folder, name) for name in
                    os.listdir(os.path.join(build, folder))
                    if name.endswith(".so")]
        text = subprocess.run(
            ["make", "-n", "V=1", "-W", "libpmtcore.la"] + targets, cwd=build,
            check=True, stdout=subprocess.PIPE, text=True).stdout
        found = {}
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line) if " -o " in line else []
            if not words or words[words.index("-o") + 1] not in targets:
                continue
            if "--mode=link" in words:
                words = words[words.index("--mode=link") + 1:]
            found[words[words.index("-o") + 1]] = [
                ".libs/%s.a" % word[:-3] if word.endswith(".la") else word
                for word in words]
        return found


class Job:
    """One build folder, in which one mutant at a time is tried."""

    def __init__(self, tree, number, tests, tests_of):
        self.tree = tree
        self.build = os.path.join(tree.folder, "build")
        if number > 0:
            origin, self.build = self.build, "%s.%d" % (self.build, number)
            shutil.rmtree(self.build, ignore_errors=True)
            shutil.copytree(origin, self.build, symlinks=True)
        self.tests = tests
        self.tests_of = tests_of
        self.links = tree.links(tests)
        self.good = {}
        self.seconds = {}
        self.linked = set()
        self.extension = next(t for t in self.links
                              if t.endswith(".so"))
        self.overlay = os.path.join(self.build, "mutant")
        self.environment = dict(
            os.environ, srcdir=tree.source, builddir=self.build,
            PYTHON=tree.python, CC="gcc", PMT_PYTHONS=tree.python,
            PYTHONDONTWRITEBYTECODE="1", PYTHONPATH="%s/python:%s/tests/support"
            % (self.build, tree.source),
            PATH="%s/src:%s" % (self.build, os.environ["PATH"]))
        self.compile_all()

    def run(self, words):
        return subprocess.run(words, cwd=self.build, stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              start_new_session=True).returncode == 0

    def compile(self, source, out, first=()):
        """A source file, with the flags of the extension, which fit all."""
        words = [word for word in self.links[self.extension]
                 if not word.endswith((".c", ".a")) and word != "-shared"]
        at = words.index("-o")
        del words[at:at + 2]
        words[1:1] = ["-c", "-o", out] + ["-I" + path for path in first]
        return self.run(words + ["-MMD", source])

    def object_of(self, source):
        return "objects/%s.o" % source

    def sources(self):
        """Of lib/, the extension and the unit tests, as the copy has them."""
        library = subprocess.run(
            ["make", "-s", "-f", "Makefile", "-f", "-", "mutants-sources"],
            input="mutants-sources:; @echo $(libpmtcore_la_SOURCES)",
            cwd=self.build, stdout=subprocess.PIPE, text=True, check=True)
        found = [word for word in library.stdout.split()
                 if word.endswith(".c")]
        found += [os.path.relpath(os.path.join(self.build, word),
                                  self.tree.source)
                  for word in self.links[self.extension]
                  if word.endswith(".c")]
        return found + [test[:-2] + ".c" for test in self.tests
                        if test.endswith(".t") and "/lib/" in test]

    def compile_all(self):
        self.depends = {}
        for source in self.sources():
            if self.tree.stop.is_set():
                raise Stopped
            out = os.path.join(self.build, self.object_of(source))
            path = os.path.join(self.tree.source, source)
            os.makedirs(os.path.dirname(out), exist_ok=True)
            if not os.path.exists(out) or \
                    os.path.getmtime(out) < os.path.getmtime(path) or \
                    "tests" not in source:
                if not self.compile(path, out):
                    sys.exit("mutants: %s does not compile" % source)
            text = read(out[:-2] + ".d").replace("\\\n", " ")
            self.depends[source] = {
                os.path.relpath(os.path.join(self.build, word),
                                self.tree.source)
                for word in text.split()[1:] if not word.startswith("/usr")}

    def link(self, target, changed):
        """With the objects in CHANGED, {source: object}, in place of its own."""
        words = []
        library = [new for source, new in changed.items()
                   if source.startswith("lib/")]
        for word in self.links[target]:
            if word.endswith(".c"):
                word = os.path.relpath(os.path.join(self.build, word),
                                       self.tree.source)
                word = changed.get(word, self.object_of(word))
            elif word.endswith(".o") and word[:-2] + ".c" in changed:
                word = changed[word[:-2] + ".c"]
            if word.endswith(".a"):
                words += library
                library = []
            words.append(word)
        return self.run(words)

    def passes(self, test):
        """Run a test up to its first failure."""
        if test.endswith(".py"):
            words = [self.tree.python, os.path.join(self.tree.source, test)]
        else:
            words = ["./" + test]
        limit = max(20.0, 4 * self.seconds.get(test, 60.0))
        begin = time.monotonic()
        process = subprocess.Popen(
            words, cwd=self.build, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
            errors="replace", preexec_fn=set_limits)
        ended = threading.Event()

        def watch():
            while not ended.wait(0.05):
                if self.tree.stop.is_set() or \
                        time.monotonic() > begin + limit:
                    break
            kill_group(process.pid)

        watcher = threading.Thread(target=watch)
        watcher.start()
        planned = failed = False
        for line in process.stdout:
            planned = planned or line.startswith("1..")
            failed = line.startswith("not ok")
            if failed:
                break
        if failed:
            ended.set()
        status = process.wait()
        ended.set()
        watcher.join()
        process.stdout.close()
        if self.tree.stop.is_set():
            raise Stopped
        self.seconds.setdefault(test, time.monotonic() - begin)
        return planned and not failed and status == 0

    def good_tests(self, path):
        """Those of a module that pass as long as nothing is changed."""
        tests = self.tests_of(path)
        for test in tests:
            if test not in self.good:
                for target in self.targets_of([test]):
                    self.link(target, {})
                self.good[test] = self.passes(test)
                if not self.good[test]:
                    print("mutants: %s fails as it is" % test,
                          file=sys.stderr)
        return [test for test in tests if self.good[test]]

    def targets_of(self, tests):
        """What the tests run; Python tests run all programs."""
        chosen = [test for test in tests if test.endswith(".t")]
        if any(test.endswith(".py") for test in tests):
            chosen += PROGRAMS + [self.extension]
        return chosen

    def try_out(self, mutant, text):
        """Returns "caught", "alive", "equal" or "broken"."""
        path = os.path.join(self.overlay, mutant.path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text[:mutant.start] + mutant.text + text[mutant.end:])
        try:
            return self.judge(mutant, path)
        finally:
            os.unlink(path)

    def judge(self, mutant, path):
        first = [os.path.join(self.overlay, root)
                 for root in ("lib", "python/ext")]
        changed = {}
        for source, needs in self.depends.items():
            if mutant.path not in needs:
                continue
            out = "mutant/%d.o" % len(changed)
            old = path if source == mutant.path else \
                os.path.join(self.tree.source, source)
            if not self.compile(old, out, first):
                return "broken"
            if not same_file(os.path.join(self.build, out), os.path.join(
                    self.build, self.object_of(source))):
                changed[source] = out
        if not changed:
            return "equal"
        tests = self.good_tests(mutant.path)
        units = [test for test in tests if test.endswith(".t")]
        for group in units, [test for test in tests if test not in units]:
            targets = self.targets_of(group)
            self.linked.update(targets)
            for target in targets:
                if not self.link(target, changed):
                    return "broken"
            if not all(self.passes(test) for test in group):
                return "caught"
        return "alive"

    def restore(self):
        """Link what was linked again, without a mutant; keep the good tests."""
        for target in self.linked:
            self.link(target, {})
        self.linked.clear()


def same_file(a, b):
    with open(a, "rb") as left, open(b, "rb") as right:
        return left.read() == right.read()


def set_limits():
    """A mutant may ask for all memory, and write without end."""
    os.nice(5)
    for what, most in ((resource.RLIMIT_AS, 8 << 30),
                       (resource.RLIMIT_FSIZE, 1 << 30),
                       (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
