# SPDX-License-Identifier: MIT
"""For which line of the program's own code an object was made."""
import json
import os
import sys

import pmttest
import reflog

# The program takes random ways through its own code and a library's, and says
# by sys._getframe() what the column must be.
PROGRAM = """
import json, os, random, sys, threading
sys.path.insert(0, os.path.dirname(__file__) + "/site-packages")
import lib, pmt

class Thing:
    pass

expected, kept = [], []

def whose(name):
    if name.startswith("<frozen importlib"):
        return "import"
    if name.startswith("<") or "/site-packages/" in name or (
            name.startswith(lib.STANDARD)):
        return "library"
    return "own"

def expect():
    frame, own, imported = sys._getframe(1), None, ""
    innermost = frame
    while frame is not None:
        kind = whose(frame.f_code.co_filename)
        if kind == "import" and not imported:
            imported = "imported:" if own else "import:"
        if own is None and kind == "own":
            own = "." if frame is innermost else "%s:%d:%s" % (
                frame.f_code.co_filename, frame.f_lineno,
                frame.f_code.co_name)
        frame = frame.f_back
    return imported + (own or "-")

def make(steps):
    expected.append(expect()); kept.append(Thing())
    return lib.make(steps)

def twice(steps):
    go(steps); (
        go(steps))

def generate(steps):
    yield go(steps)
    yield go(steps)

def through_generator(steps):
    return list(generate(steps))

def in_thread(steps):
    thread = threading.Thread(target=go, args=(steps,))
    thread.start()
    thread.join()

def executed(steps):
    # Code that dies, and whose address is taken by other code.
    space = {"go": go, "steps": steps}
    exec(compile("def f():\\n go(steps)\\nf()", "/own/made%d.py" %
                 random.randrange(3), "exec"), space)

def importing(steps):
    # Threads inside an import would wait for it.
    if in_thread in steps or importing in steps:
        return go(steps)
    sys.modules.pop("imported", None)
    lib.next_steps = steps
    import imported

def deep(steps):
    return recurse(random.randrange(60), steps)

def recurse(n, steps):
    return recurse(n - 1, steps) if n else go(steps)

go, lib.expect, lib.expected = lib.go, expect, expected
lib.kept, lib.Thing = kept, Thing
random.seed(int(sys.argv[2]))
ways = [make, twice, through_generator, in_thread, executed, importing, deep,
        lib.plain, lib.mapped, lib.sorting, lib.make, lib.generator]
with pmt.ReferenceTracing(filepath=sys.argv[1], gc_collect_on_exit=-1,
                          columns=["Own", "Thread"],
                          include_tp_names=["Thing"]):
    for _ in range(300):
        go([random.choice(ways) for _ in range(random.randrange(6))])
print(json.dumps(expected))
"""

LIBRARY = """
import os
STANDARD = os.path.dirname(os.__file__) + "/"

def go(steps):
    return steps[0](steps[1:]) if steps else make(steps)

def plain(steps):
    return go(steps)

def mapped(steps):
    return list(map(go, [steps, steps]))

def sorting(steps):
    return sorted([1], key=lambda _: go(steps))

def generator(steps):
    return [go(each) for each in (lambda: (yield steps))()]

def make(steps):
    expected.append(expect()); kept.append(Thing())
    if steps: go(steps)
"""

IMPORTED = """
import lib
lib.go(lib.next_steps)
"""


@pmttest.needs_reference_tracing
class OwnPlaceTest(pmttest.TestCase):

    def setUp(self):
        super().setUp()
        self.make("own/prog.py", PROGRAM)
        self.make("own/site-packages/lib.py", LIBRARY)
        self.make("own/imported.py", IMPORTED)

    def make(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_program(self, log, seed):
        result = pmttest.run_program(
            [sys.executable, self.path("own/prog.py"), log, str(seed)])
        self.assert_success(result)
        return json.loads(result.stdout)

    def test_is_what_the_frames_say(self):
        for seed in range(3):
            log = self.path("%d.log" % seed)
            expected = self.run_program(log, seed)
            rows = reflog.Log(log).of("Thing", "NEW")
            self.assertGreater(len(set(expected)), 20)
            self.assertEqual([reflog.unescape(row.more["Own"])
                              for row in rows], expected)

    def test_compact_says_the_same(self):
        log = self.path("compact.pmt")
        expected = self.run_program(log, 7)
        text = pmttest.run_program(["pmt-analyse", "--text", log])
        self.assert_success(text)
        self.make("text.log", text.stdout)
        rows = reflog.Log(self.path("text.log")).of("Thing", "NEW")
        self.assertEqual([reflog.unescape(row.more["Own"]) for row in rows],
                         expected)


if __name__ == "__main__":
    pmttest.main()
