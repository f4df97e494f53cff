# SPDX-License-Identifier: MIT
"""The examples do what they say, and those of the manual what it says.

    make check TESTS=tests/man/test_examples.py PMT_REFRESH=1

writes into the pages of the source tree what their commands print now.
"""
import glob
import importlib.util
import os
import re
import shutil
import sys

import manual
import pmttest

REFRESH = bool(os.environ.get("PMT_REFRESH"))

# What a reader has and a test has not, and what takes too long: (in the
# manual, here).
SUBSTITUTES = [
    (r"pmt-tree -p 4711", "pmt-tree --count 2 -p 4711"),
    (r"pmt-process -p 4711", "pmt-process --count 2 -p 4711"),
    (r"\b4711\b", "$PID"),
    (r"-i (60|15|1m)\b", "-i 0.05"),
    (r"/(run/shop|var/lib/node_exporter|var/tmp|tmp)/?", "./"),
    (r"/opt/python3.13/bin/python3", "python3"),
    (r"\bflamegraph\.pl\b", "cat"),
    (r"\bless\b", "cat"),
    (r"-m pytest( tests)?", "service.py"),
    # The summary of the start is there: the program is under way.
    (r"^kill -USR1", "until [ -s leaks.txt ]; do sleep 0.05; done; "
                     "kill -USR1"),
]

# What a page's examples have at hand.
FIXTURES = {
    "pmt-analyse.1":
        "pmt-run -q -p -o profile.log examples/grow.py\n"
        "pmt-run -q -r -o leak.log examples/leak.py && gzip -k leak.log\n",
    "pmt-log.5": "pmt-run -q -r -o leak.log examples/leak.py\n"
                 "echo 0x7f8fbe4e1cc0 >>leak.log\n",
    "pmt-top.3":
        "python3 -X tracemalloc -c 'from pmt import top\n"
        "take = top.TakeSnapshot()\n"
        "take.filename_template = \"trace-'$PID'-$counter.snapshot\"\n"
        "take.take_snapshot(); take.take_snapshot()'\n",
    "pmt-snapshot.5":
        "python3 -X tracemalloc -c 'from pmt import top\n"
        "top.Snapshot.create().write(\"trace.snapshot\")'\n",
}

# What the Python of the manual leaves to the reader.
PRELUDE = """\
import os, signal, pmt
def serve():
    pass
def serve_forever():
    os.kill(os.getpid(), signal.SIGUSR1)
def handle(request):
    pass
request = None
def load(name):
    return [bytes(number) for number in range(1000)]
table = load("")
"""

# Blocks that no test here runs: (page, its first words, why).
NOT_RUN = [
    ("pmt-dtrace.7", "bpftrace -p", "needs root and a kernel with uprobes"),
    ("pmt-dtrace.7", "# pmt-run", "needs root and a kernel with uprobes"),
    ("pmt-heap.1", "$ pmt-heap", "the service here sleeps; "
     "tests/src/run/test_heap.py has one that works"),
    ("pmt-heap.1", "$ sleep", "as above"),
    ("pmt-top.1", "$ pmt-run", "a service of ten minutes; "
     "tests/src/top/test_pmt_top.py has shorter ones"),
    ("pmt-top.1", "# pmt-top", "as above"),
    ("pmt-heap.1", "$ pmt-analyse", "as above"),
    ("pmt-run.1", "$ pmt-run --pid", "the service here sleeps; "
     "tests/src/run/test_attach.py has one that works"),
    ("libpmt.3", "#include", "tests/install/test_install.py builds it"),
    ("pmt-log.5", "opening message", "the parts of a log"),
    ("pmt-log.5", "Detaching", "a message in a log"),
    ("pmt-log.5", "SOF", "a log"),
    ("pmt-log.5", "00 93", "the bytes of a log"),
    ("pmt-sqlite.5", "CREATE TABLE", "the schema; "
     "tests/src/analyse/test_analyse_sqlite.py compares it"),
    ("pmt-top.3", "2026", "what a display looks like"),
    ("pmt-tree.1", "{", "JSON; tests/src/tree/test_tree.py parses it"),
    ("pmt-snapshot.5", "{", "a snapshot"),
    ("README.md", "./bootstrap", "CI runs it"),
    ("README.md", "autoreconf", "make distcheck does so"),
    ("README.md", "./configure", "CI does so"),
    ("README.md", "pip install", "tests/install/test_pip.py does so"),
]


def example(name, *args):
    path = os.path.join(pmttest.srcdir, "examples", name)
    return pmttest.run_program([sys.executable, path] + list(args))


class Examples(pmttest.TestCase):

    def test_leak(self):
        self.assertEqual(self.assert_success(example("leak.py")).stdout,
                         "5000 visits, 500 sessions in the books\n")

    def test_churn(self):
        self.assertEqual(self.assert_success(example("churn.py", "250")).stdout,
                         "250 points and 3 nodes came and went\n")

    def test_family(self):
        self.assertEqual(self.assert_success(example("family.py",
                                                     "0.5")).stdout, "")

    def test_grow(self):
        """One step of it is the 16 MiB that it promises."""
        peaks = []
        for steps in ("1", "3"):
            process = pmttest.run_python(
                "import resource, runpy, sys\n"
                "sys.argv = ['grow.py', sys.argv[2]]\n"
                "runpy.run_path(%r, run_name='__main__')\n"
                "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
                % os.path.join(pmttest.srcdir, "examples", "grow.py"),
                "grow.py", steps)
            peaks.append(int(self.assert_success(process).stdout) / 1024)
        # AddressSanitizer notes an eighth beside what is touched.
        self.assertAlmostEqual(peaks[1] - peaks[0], 32, delta=5)


def reason_to_skip(text):
    """Why what a block needs is not here, or None."""
    if sys.version_info < (3, 13) and re.search(
            r"pmt-run .*-r\b|reference_tracing|ReferenceTracing"
            r"|limit_leaks|leak\.log", text):
        return "needs Python 3.13"
    if sys.version_info < (3, 12) and "sys.monitoring" in text:
        return "needs Python 3.12"
    for program in "jq", "gnuplot", "sqlite3":
        if (program in text or (program == "gnuplot" and " plots" in text)
                ) and shutil.which(program) is None:
            return "no %s here" % program
    for module in "pytest", "psutil":
        if re.search(r"^import %s\b" % module, text, re.M) and (
                importlib.util.find_spec(module) is None):
            return "no %s here" % module
    return None


@pmttest.not_sanitized
class Manual(pmttest.TestCase):

    def environment(self, page):
        """A directory like a reader's, with python3 in the PATH."""
        os.symlink(os.path.join(pmttest.srcdir, "examples"),
                   self.path("examples"))
        for path in glob.glob(self.path("examples", "*.py")):
            shutil.copy(path, self.directory)
        self.write_file("service.py", "import time\ntime.sleep(0.5)\n")
        self.write_file("script.py", "print('a script')\n")
        self.write_file("Makefile", "all:\n")
        os.mkdir(self.path("bin"))
        # Not in a virtual environment: its python3 is called python3.
        python = self.path("bin", "python3")
        os.symlink(os.path.realpath(sys.executable), python)
        return {
            "PATH": self.path("bin") + ":" + os.environ["PATH"],
            "PYTHON": python, "VIRTUAL_ENV": None,
            "LC_ALL": "C" if page.is_mdoc else "C.UTF-8",
        }

    def check_session(self, page, block, environment):
        """Do what a block of commands says, and compare what it shows."""
        commands = block.commands()
        script = FIXTURES.get(os.path.basename(page.path), "")
        script = "[ -e .begun ] || { %s:; } >/dev/null\n>.begun\n" % script
        for command, _, _ in commands:
            for there, here in SUBSTITUTES:
                command = re.sub(there, here, command, flags=re.M)
            script += "printf '\\000'\n%s\nset -- $?\n" % command
            script += "[ $1 = 0 ] || printf '\\001 %d\\n' $1\n"
        process = pmttest.run_program(
            ["bash", "-c", "exec 2>&1\n" + script], cwd=self.directory,
            env=environment)
        self.assert_success(process)
        printed = process.stdout.split("\0")[1:]
        for (command, index, shown), text in reversed(
                list(zip(commands, printed))):
            self.assertNotIn("\1", text, command)
            lines = [line.rstrip() for line in
                     re.sub(r"(Linux \d[\d.]*\d)-[^ ,]*", r"\1", text)
                     .replace(self.directory, "/home/me").splitlines()]
            if REFRESH and shown:
                new = manual.renewed(shown, lines)
                self.assertIsNotNone(new, "write it anew:\n" + text)
                page.replace(block, index, len(shown), new)
            else:
                self.assertEqual(manual.missing(shown, lines), [],
                                 "not printed by %s:\n%s" % (command, text))

    def check_python(self, block, after, environment):
        """Run Python, and compare what the next block says it prints."""
        text = block.text
        for there, here in SUBSTITUTES:
            text = re.sub(there, here, text)
        process = pmttest.run_python(
            PRELUDE + text, cwd=self.directory,
            env={"LC_ALL": environment["LC_ALL"]})
        self.assert_success(process)
        if after is not None and after.before == "prints":
            self.assertEqual(process.stdout, after.text)

    def check_page(self, path):
        page = manual.Page(path)
        name = os.path.basename(path)
        environment = self.environment(page)
        with pmttest.waiting("import sys; print('ready', flush=True); "
                             "sys.stdin.read()") as service:
            environment["PID"] = str(service.pid)
            for block, after in zip(page.blocks, page.blocks[1:] + [None]):
                words = " ".join(block.lines[0].split())
                if (block.section == "SYNOPSIS" or block.before == "prints"
                        or any(name == page_name and words.startswith(start)
                               for page_name, start, _ in NOT_RUN)):
                    continue
                with self.subTest(words):
                    reason = reason_to_skip(block.text)
                    if reason:
                        print("%s: %s: %s" % (name, words, reason))
                    elif block.is_session:
                        self.check_session(page, block, environment)
                    else:
                        self.assertTrue(block.is_python, "what is this?")
                        self.check_python(block, after, environment)


def test_of(path):
    def test(self):
        self.check_page(path)
    test.__doc__ = os.path.basename(path)
    return test


for each in sorted(glob.glob(os.path.join(pmttest.srcdir, "man", "*.[1-8]"))
                   + [os.path.join(pmttest.srcdir, "README.md")]):
    setattr(Manual, "test_" + re.sub(r"\W", "_", os.path.basename(each)),
            test_of(each))


if __name__ == "__main__":
    pmttest.main()
