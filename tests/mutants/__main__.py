# SPDX-License-Identifier: MIT
"""Which faults in lib/ and python/ext would their tests not see?

Changes one token at a time in a copy of the tree, builds only what holds it,
runs the tests of that module, and prints each change that no test saw.
"""
import argparse
import collections
import fnmatch
import os
import queue
import random
import re
import signal
import sys
import threading
import time

import find
import trial

HERE = os.path.dirname(os.path.abspath(__file__))


def table(name):
    """The lines of a table beside this file."""
    return [line for line in trial.read(os.path.join(HERE, name)).splitlines()
            if line and line[0] != "#"]


def all_tests():
    """Every test that can be run, by its path."""
    found = []
    for at, _, files in os.walk(os.path.join(trial.TOP, "tests")):
        at = os.path.relpath(at, trial.TOP)
        for name in files:
            if name.startswith("test_") and name.endswith(".py"):
                found.append(os.path.join(at, name))
            elif name.endswith(".c") and at.startswith("tests/lib/") and \
                    name != "twologs.c":
                found.append(os.path.join(at, name[:-2] + ".t"))
    return found


def tests_of(path, tests):
    """The unit test of a module, then what the map names for it."""
    unit = re.sub(r"\.[ch]$", ".t", os.path.join("tests", path))
    chosen = [unit] if unit in tests else []
    for line in table("map"):
        pattern, *names = line.split()
        if fnmatch.fnmatch(path, pattern):
            chosen += [test for name in names for test in tests
                       if os.path.basename(test) == name
                       and test not in chosen]
    return chosen


def sources(patterns):
    """The C files to change, below the source tree."""
    for root in "lib", "python/ext":
        for at, _, files in os.walk(os.path.join(trial.TOP, root)):
            for name in sorted(files):
                path = os.path.relpath(os.path.join(at, name), trial.TOP)
                if name.endswith((".c", ".h")) and (not patterns or any(
                        fnmatch.fnmatch(path, pattern) or
                        path.startswith(pattern) for pattern in patterns)):
                    yield path


def describe(mutant, text):
    """The line as it is, and as the mutant has it."""
    begin = text.rfind("\n", 0, mutant.start) + 1
    end = text.find("\n", mutant.end)
    return ("%s:%d" % (mutant.path, mutant.line),
            " ".join(text[begin:end].split()),
            " ".join((text[begin:mutant.start] + mutant.text +
                      text[mutant.end:end]).split()))


class Trials:
    """Mutants waiting, and what became of the others."""

    def __init__(self, mutants, texts, log):
        self.waiting = queue.Queue()
        for mutant in mutants:
            self.waiting.put(mutant)
        self.texts = texts
        self.log = log
        self.lock = threading.Lock()
        self.verdicts = collections.defaultdict(collections.Counter)
        equivalent = [line.split("  ") for line in table("equivalent")]
        self.equivalent = {tuple(words[:3]) for words in equivalent}

    def is_equivalent(self, mutant):
        _, old, new = describe(mutant, self.texts[mutant.path])
        return (mutant.path, old, new) in self.equivalent

    def note(self, mutant, verdict):
        place, old, new = describe(mutant, self.texts[mutant.path])
        with self.lock:
            self.verdicts[os.path.dirname(mutant.path)][verdict] += 1
            if verdict == "alive":
                print("%s: %s\n\tlived: %s" % (place, old, new), flush=True)
            if self.log:
                print(verdict, place, old, new, sep="\t", file=self.log,
                      flush=True)

    def work(self, job):
        """Try one after the other until none is left."""
        try:
            while True:
                mutant = self.waiting.get_nowait()
                if self.is_equivalent(mutant):
                    continue
                self.note(mutant, job.try_out(mutant,
                                              self.texts[mutant.path]))
                job.restore()
        except (queue.Empty, trial.Stopped):
            pass

    def score(self):
        """Of those that compile to something else, how many were caught?"""
        total = collections.Counter()
        print("%-24s %6s %6s %6s" % ("", "caught", "of", ""))
        for room, verdicts in sorted(self.verdicts.items()):
            total += verdicts
            print_score(room, verdicts)
        print_score("all", total)


def print_score(name, verdicts):
    caught = verdicts["caught"]
    of = caught + verdicts["alive"]
    if of > 0:
        print("%-24s %6d %6d %5.0f%%" % (name, caught, of, 100 * caught / of))


def parse():
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("patterns", nargs="*", metavar="FILE",
                        help="lib/books, lib/*/c*.c; default: lib, python/ext")
    parser.add_argument("--sample", type=int, metavar="N",
                        help="try N of the mutants, chosen at random")
    parser.add_argument("--seed", type=int, default=1,
                        help="choose these N again (default: 1)")
    parser.add_argument("--seconds", type=float, metavar="S",
                        help="stop after S seconds of trials")
    parser.add_argument("-j", "--jobs", type=int, default=1,
                        help="so many at a time (default: 1)")
    parser.add_argument("--folder", default="mutants",
                        help="where the copy of the tree goes")
    parser.add_argument("--python", default=sys.executable,
                        help="the interpreter of the tests")
    parser.add_argument("--log", type=argparse.FileType("a"),
                        help="add each verdict to a file")
    parser.add_argument("--list", action="store_true",
                        help="print the mutants, try none")
    return parser.parse_args()


def main():
    arguments = parse()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    tests = all_tests()
    texts = {path: trial.read(os.path.join(trial.TOP, path))
             for path in sources(arguments.patterns)}
    mutants = [mutant for path, text in sorted(texts.items())
               for mutant in find.find_mutants(path, text)]
    random.Random(arguments.seed).shuffle(mutants)
    mutants = mutants[:arguments.sample]
    if arguments.list:
        for mutant in mutants:
            print(*describe(mutant, texts[mutant.path]), sep="\t")
        return
    trials = Trials(mutants, texts, arguments.log)
    tree = trial.Tree(os.path.abspath(arguments.folder), arguments.python)
    tree.copy_sources()
    tree.build(arguments.jobs)
    # In the background of a shell it would be ignored.
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, signal.default_int_handler)
    threads = []
    try:
        for number in range(arguments.jobs):
            job = trial.Job(tree, number, tests, lambda path: tests_of(
                path, tests))
            threads.append(threading.Thread(target=trials.work, args=(job,)))
            threads[-1].start()
        end = time.monotonic() + (arguments.seconds or 1e9)
        while any(thread.is_alive() for thread in threads) and \
                time.monotonic() < end:
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    tree.stop.set()
    for thread in threads:
        thread.join()
    trials.score()


if __name__ == "__main__":
    main()
