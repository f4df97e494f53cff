# SPDX-License-Identifier: MIT
"""What bench/reference.py runs traced: churn of objects, and real work."""
import difflib
import itertools
import json
import os

MODULES = 100           # of the standard library, compiled
LARGEST_MODULE = 12000  # bytes; the larger ones would make a run a minute


class Point:
    """An object of a user's class, with a dictionary."""

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Slotted:
    """The same without a dictionary."""

    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


def churn(make, times):
    """Call make and keep what it returned last: 64 objects live."""
    kept = [None] * 64
    for _ in itertools.repeat(None, times // 64):
        for slot in range(64):
            kept[slot] = make(slot)


def churn_classes():
    """Objects of two classes, each replaced by the next."""
    churn(lambda n: Point(n, n), 25600)
    churn(lambda n: Slotted(n, n), 25600)


def churn_builtins():
    """Lists, tuples, floats, dicts, ints, strings."""
    churn(lambda n: [n * 1.5, (n,)], 6400)
    churn(lambda n: {"n": n + 1000, "s": "%d" % n}, 6400)


def stdlib_sources():
    """The first modules of the standard library that are not too large."""
    directory = os.path.dirname(os.__file__)
    sources = []
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if not name.endswith(".py") or os.path.getsize(path) > LARGEST_MODULE:
            continue
        with open(path, encoding="utf-8") as file:
            sources.append((file.read(), path))
    return sources[:MODULES]


def compile_stdlib(sources=stdlib_sources()):
    """compile() of 100 modules of the standard library."""
    for text, path in sources:
        compile(text, path, "exec")


RECORDS = [{"id": n, "name": "name %d" % n, "tags": ["a", "b", str(n)],
            "pos": {"x": n / 3, "y": n / 7}, "on": n % 2 == 0, "none": None}
           for n in range(1500)]


def json_round_trip():
    """json.dumps() and loads() of 1500 small records, indented."""
    json.loads(json.dumps(RECORDS, indent=1, sort_keys=True))


OLD = [("line %d of %d" % (n % 50, n)) for n in range(600)]
NEW = [line for n, line in enumerate(OLD) if n % 7] + OLD[:40]


def diff():
    """difflib: a unified diff of 600 lines, and close matches."""
    list(difflib.unified_diff(OLD, NEW))
    for line in OLD[:8]:
        difflib.get_close_matches(line, OLD[:40])


WORK = {
    "classes": churn_classes,
    "builtins": churn_builtins,
    "compile": compile_stdlib,
    "json": json_round_trip,
    "difflib": diff,
}
