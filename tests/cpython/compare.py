# SPDX-License-Identifier: MIT
"""Run modules of CPython's own tests untraced and traced; compare each test.

    python3 compare.py [--python INTERPRETER] [--modes="-p;-t"] MODULE...

pmt-run is found in PATH.  Prints a line for each module and mode, and one for
each test whose outcome differs; those of INHERENT are named, but only others
make the exit status 1.
"""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

INSTRUMENTED = ("-p", "-t")
C_RETURN = "sys.setprofile() itself returns an event"
BYTECODE = "looks at bytecode, which is instrumented"
FRAMES = "looks at frames, of which each event makes an object"

# Module, test, modes, why it cannot be otherwise.  Each was seen without pmt,
# beside a tool that only listens, too: pmt-run(1), BUGS.
INHERENT = [
    ("test_profile", ".*", ("-p",), C_RETURN),
    ("test_cprofile", ".*", ("-p",), C_RETURN),
    ("test_sys_setprofile", ".*", ("-p",), C_RETURN),
    ("test_pdb", ".*", INSTRUMENTED, "stops a line late"),
    ("test_dis", r".*\.test_(\w+_specialize|loop_quicken|super_instructions)",
     INSTRUMENTED, BYTECODE),
    ("test_opcache", ".*", INSTRUMENTED, BYTECODE),
    ("test_type_cache", ".*", INSTRUMENTED, BYTECODE),
    ("test_code", ".*test_invalid_bytecode", INSTRUMENTED, BYTECODE),
    ("test_monitoring", ".*", INSTRUMENTED, "looks for other tools' events"),
    ("test_frame", ".*test_sneaky_frame_object", INSTRUMENTED, FRAMES),
    ("test_tracemalloc", ".*test_get_traced_memory", INSTRUMENTED,
     "looks at memory, and each event makes an int"),
]


def outcome(case):
    for kind in "failure", "error", "skipped":
        if case.find(kind) is not None:
            return kind
    return case.get("result") or "completed"


def name_of(case):
    """With its class, where the name is not the whole: so writes pytest."""
    return ".".join(filter(None, (case.get("classname"), case.get("name"))))


def outcomes(path):
    """{test: outcome} of a junit file, or None where there is none."""
    try:
        root = xml.etree.ElementTree.parse(path).getroot()
    except (OSError, xml.etree.ElementTree.ParseError):
        return None
    return {re.sub(r"0x[0-9a-f]+", "0x", name_of(case)): outcome(case)
            for case in root.iter("testcase")}


Run = collections.namedtuple("Run", "status tests warnings")


def run(argv, module, directory, timeout):
    """One module's tests, begun by argv."""
    junit = os.path.join(directory, "junit.xml")
    if os.path.exists(junit):
        os.remove(junit)
    try:
        process = subprocess.run(
            argv + ["-m", "test", "--junit-xml", junit, module],
            cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=timeout,
            encoding="utf-8", errors="replace")
        status, text = process.returncode, process.stdout
    except subprocess.TimeoutExpired:
        status, text = "timeout", ""
    warnings = set(re.findall(r"^\S+Warning: .*", text, re.MULTILINE))
    return Run(status, outcomes(junit), warnings)


def reason(module, test, mode, traced=None):
    """Why this cannot be otherwise, or None."""
    if traced == "skipped":
        return "skips itself where it sees a tracer"
    for name, pattern, modes, why in INHERENT:
        if name == module and mode[:2] in modes and re.fullmatch(
                pattern, test):
            return why
    return None


def differences(module, plain, traced, mode):
    """(what differs, why it must or None)."""
    before, after = plain.tests or {}, traced.tests or {}
    found = [("%s: %s, traced %s" % (test, before.get(test, "missing"),
                                     after.get(test, "missing")),
              reason(module, test, mode, after.get(test)))
             for test in sorted(set(before) | set(after))
             if before.get(test) != after.get(test)]
    if plain.status != traced.status and all(why is None for _, why in found):
        found.append(("exit status %s, traced %s" % (
            plain.status, traced.status), reason(module, "", mode)))
    found += [("new: " + text, reason(module, "", mode))
              for text in sorted(traced.warnings - plain.warnings)]
    return found


def compare(python, module, modes, timeout=300):
    """Yield (mode, number of tests, differences) of each mode."""
    with tempfile.TemporaryDirectory(prefix="pmt-cpython-") as directory:
        plain = run([python], module, directory, timeout)
        for mode in modes:
            logs = os.path.join(directory, "logs")
            os.mkdir(logs)
            traced = run(["pmt-run"] + mode.split()
                         + ["-q", "-o", logs, "--python", python],
                         module, directory, timeout)
            shutil.rmtree(logs)
            yield mode, len(plain.tests or ()), differences(
                module, plain, traced, mode)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--modes", default="-p;-t",
                        help="as for pmt-run, separated by semicolons")
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("module", nargs="+")
    options = parser.parse_args()
    failed = False
    for module in options.module:
        for mode, count, found in compare(options.python, module,
                                          options.modes.split(";"),
                                          options.timeout):
            ours = sum(why is None for _, why in found)
            failed |= ours > 0
            print("%-24s %-12s %5d tests, %d differ, %d of them unexpected" % (
                module, mode, count, len(found), ours), flush=True)
            for text, why in found:
                print("    %s%s" % (text, " (%s)" % why if why else ""),
                      flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
