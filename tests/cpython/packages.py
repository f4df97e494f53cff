# SPDX-License-Identifier: MIT
"""Run a package's tests, by pytest, untraced and traced; compare each test.

    python3 packages.py [--python INTERPRETER] [--modes="-p;-t"]
        [--directory DIRECTORY] ARGUMENT...

The arguments are pytest's, after "--" where they begin with a dash; pmt-run is
found in PATH.  If anything differs, the tests run untraced once more: those
that do not come to the same both times are only counted, and so are those that
see a tracer and skip themselves.  Others are printed and make the status 1.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import compare

SETTINGS = ["-q", "-o", "junit_family=xunit1",
            "--continue-on-collection-errors"]


def run(argv, arguments, directory, timeout):
    """The package's tests, begun by argv."""
    with tempfile.TemporaryDirectory(prefix="pmt-packages-") as scratch:
        junit = os.path.join(scratch, "junit.xml")
        try:
            process = subprocess.run(
                argv + ["-m", "pytest", "--junit-xml", junit,
                        "-o", "cache_dir=" + scratch] + SETTINGS + arguments,
                cwd=directory, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=timeout, encoding="utf-8", errors="replace")
            status, text = process.returncode, process.stdout
        except subprocess.TimeoutExpired as error:
            status, text = "timeout", str(error.stdout)
        return compare.Run(status, compare.outcomes(junit), set()), text


def compare_modes(options):
    """Yield (mode, tests, those unsteady, what else differs, output)."""
    def turn(argv):
        return run(argv, options.arguments, options.directory,
                   options.timeout)

    plain, text = turn([options.python])
    if plain.tests is None:
        raise SystemExit("%s\nno tests ran, status %s" % (text, plain.status))
    again = None
    for mode in options.modes.split(";"):
        with tempfile.TemporaryDirectory(prefix="pmt-packages-") as logs:
            traced, text = turn(["pmt-run"] + mode.split() + [
                "-q", "-o", logs, "--python", options.python])
        found = compare.differences("", plain, traced, mode)
        if found and again is None:
            again, _ = turn([options.python])
        unsteady = {line.rsplit(": ", 1)[0] for line, _ in
                    compare.differences("", plain, again, mode)
                    } if again else set()
        yield mode, plain.tests, unsteady, [
            (line, why) for line, why in found
            if line.rsplit(": ", 1)[0] not in unsteady], text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--modes", default="-p;-t",
                        help="as for pmt-run, separated by semicolons")
    parser.add_argument("--directory", default=".")
    parser.add_argument("--timeout", type=int, default=1200)
    parser.add_argument("--keep", metavar="FILE",
                        help="what the last traced run printed")
    parser.add_argument("arguments", nargs="+")
    options = parser.parse_args()
    failed = False
    for mode, tests, unsteady, found, text in compare_modes(options):
        ours = [line for line, why in found if why is None]
        failed |= bool(ours)
        print("%-14s %5d tests (%d not completed), %d unsteady, %d skip "
              "themselves, %d differ" % (
                  mode or "(default)", len(tests),
                  sum(outcome != "completed" for outcome in tests.values()),
                  len(unsteady), len(found) - len(ours), len(ours)),
              *ours, sep="\n    ", flush=True)
        if options.keep and ours:
            with open(options.keep, "w", encoding="utf-8") as kept:
                kept.write(text)
    return failed


if __name__ == "__main__":
    sys.exit(main())
