# SPDX-License-Identifier: MIT
"""Names of a stranger's program, in every form that pmt-analyse prints or
writes: none of them steers a terminal, ends a line or breaks a picture."""
import gzip
import os
import sqlite3
import sys
import xml.etree.ElementTree

import evil
import pmttest

# Makes objects of an evil type at evil places, in a thread of such a name.
PROGRAM = """
import sys, threading
evil = %a
code = compile('''
def make():
    return [Kept() for _ in range(500)], [bytes(3000) for _ in range(300)]
def grow(kept):
    for _ in range(5):
        kept.append(make())
''', "/tmp/" + evil + ".py", "exec")
space = {"Kept": type(evil, (), {})}
exec(code, space)
for name in "make", "grow":
    new = {"co_name": evil}
    if sys.version_info >= (3, 11):
        new["co_qualname"] = evil
    space[name].__code__ = space[name].__code__.replace(**new)
kept = []
thread = threading.Thread(target=space["grow"], args=(kept,), name=evil)
thread.start()
thread.join()
if len(sys.argv) > 1:
    import pmt
    pmt.heap_snapshot(sys.argv[1])
    del kept[2:]
    pmt.heap_snapshot(sys.argv[2])
""" % (evil.EVIL.decode("latin-1") + "\n</script><b>&\"',")

def analyse(*args):
    return pmttest.run_program(["pmt-analyse"] + list(args))


PRINTED = (("--brief",), (), ("--json",), ("--csv",), ("--folded",),
           ("--text",), ("--format=gcc",), ("--merge",), ("--merge", "--csv"),
           ("--merge", "--json"), ("--by=pid", "-l", "debug"),
           ("--full-path", "--group-by=file"))
COMPARED = (("--brief",), ("--json",), ("--csv",), ("--format=gcc",),
            ("--per=second",), ("--limit=1",))
WRITTEN = ("flamegraph", "html", "massif", "perfetto", "plot", "pprof",
           "speedscope", "sqlite")


def strings_of_pprof(data):
    """The texts of a profile, which is a protocol buffer: its fields 6."""
    at, strings = 0, []

    def number():
        nonlocal at
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            shift += 7
            at += 1
            if data[at - 1] < 128:
                return value

    while at < len(data):
        tag = number()
        length = number()
        if tag & 7 == 2:
            at += length
            if tag >> 3 == 6:
                strings.append(data[at - length:at])
    return b"\n".join(strings)


def values_of_sqlite(path):
    """Texts of all tables, as the shell of SQLite prints them."""
    database = sqlite3.connect(path)
    database.text_factory = bytes
    tables = [name for name, in database.execute(
        "select name from sqlite_master where type = 'table'")]
    values = [value for table in tables
              for row in database.execute(
                  "select * from %s" % table.decode())
              for value in row if isinstance(value, bytes)]
    database.close()
    return b"\n".join(values)


class Escapes(evil.TestCase):

    def check(self, what, data):
        self.assert_text_safe(what, data.decode("utf-8", "surrogateescape"))

    def written(self, path, form, *options):
        """What is in a file of this form, or None: a log has no such thing."""
        name = "out" + {"flamegraph": ".svg", "plot": ".svg"}.get(form, "")
        out = self.path(name)
        process = analyse("--%s=%s" % (form, out), *options, path)
        self.assert_safe(process)
        if not os.path.exists(out):
            self.assert_status(process, 1)
            return None
        with open(out, "rb") as file:
            data = file.read()
        if form == "pprof":
            data = strings_of_pprof(gzip.decompress(data))
        elif form == "sqlite":
            data = values_of_sqlite(out)
        elif name.endswith(".svg"):
            xml.etree.ElementTree.fromstring(data)
        elif form == "html":
            self.assertNotIn(b"</script><b>", data)
        os.remove(out)
        return data

    def check_forms(self, path, without=()):
        """WITHOUT are the forms that this log cannot have."""
        for options in PRINTED:
            self.assert_safe(analyse(*options, path))
        found = set()
        for form in WRITTEN:
            with self.subTest(path, form=form):
                data = self.written(path, form)
                if data is not None:
                    self.check(form, data)
                    found.add(form)
        self.assertEqual(found, set(WRITTEN) - set(without))

    def check_compared(self, old, new, how="--compare"):
        for options in COMPARED:
            self.assert_safe(analyse(how, *options, old, new))

    def run_evil(self, *options):
        program = self.write_file("evil.py", PROGRAM)
        for name in "old", "new":
            self.assert_success(pmttest.run_program(
                ["pmt-run", "-q", "-o", self.path(name), "--python",
                 sys.executable] + list(options) + [program]))
        return self.path("old"), self.path("new")

    def check_tracer(self, *options):
        old, new = self.run_evil(*options)
        self.check_forms(new)
        self.check_compared(old, new)
        page = self.written(new, "html", "--compare", old)
        self.check("page", page)

    def test_logs_of_text(self):
        for path in self.evil_logs():
            # Logs of objects have no call paths.
            self.check_forms(path, () if b"HEDR" in open(path, "rb").read()
                             else ("flamegraph", "pprof", "speedscope"))
            self.check_compared(path, path)

    def test_profiles(self):
        self.check_tracer("-p", "--trigger=0")
        self.check_tracer("-t")

    def test_allocations(self):
        if pmttest.sanitized:
            self.skipTest("AddressSanitizer has a malloc of its own")
        self.check_tracer("-a")

    @pmttest.needs_reference_tracing
    def test_objects(self):
        self.check_tracer("-r", "--stack")

    @pmttest.needs_reference_tracing
    def test_heaps(self):
        new, old = self.path("new.pmtheap"), self.path("old.pmtheap")
        self.assert_success(pmttest.run_python(PROGRAM, new, old))
        self.check_forms(new, ("perfetto", "plot"))
        self.check_compared(old, new, "--diff")
        self.assert_safe(analyse("--path-to=*", new))

    def test_blocks_of_dtrace(self):
        name = evil.EVIL.decode("latin-1")
        path = self.path(name)
        with open(path, "w", encoding="utf-8",
                  errors="surrogateescape") as file:
            file.write("dtrace:::BEGIN\n")
            for number in range(9):
                file.write(" 1 %s:3 -> %s malloc(9) pntr 0x%d0 @1\n" % (
                    name, name, number))
            file.write(" 1 %s:3 -> %s free(0x10) @2\n" % (name, name) * 2)
            file.write("%s\n" % name)
        for options in PRINTED:
            self.assert_safe(analyse(*options, path))


if __name__ == "__main__":
    pmttest.main()
