# SPDX-License-Identifier: MIT
"""Processes that run one variant of a benchmark each, as often as asked.

What is measured side by side takes turns, round and round, and the least CPU
time of each counts: other load on the machine only ever adds.
"""
import gc
import json
import os
import subprocess
import sys
import sysconfig
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def cpu_time(work):
    """CPU nanoseconds of this process that work takes."""
    gc.collect()
    start = time.process_time_ns()
    work()
    return time.process_time_ns() - start


def build_extension(name, directory):
    """Compile bench/NAME.c for this interpreter into the directory."""
    subprocess.run(
        [os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC",
         "-isystem", sysconfig.get_path("include"),
         os.path.join(HERE, name + ".c"), "-o",
         os.path.join(directory, name + sysconfig.get_config_var(
             "EXT_SUFFIX"))], check=True)


def python_path(variant, site, directory):
    """PYTHONPATH of a variant that runs in the directory."""
    # It runs elsewhere: no relative path holds there.
    path = [directory] + [os.path.abspath(p) for p in sys.path if p]
    if variant.startswith(("pymemtrace", "memray")):
        # pmt has a package pymemtrace, too.
        path.insert(0, os.path.abspath(site))
    return os.pathsep.join(path)


class Worker:
    """A process that runs a script as "--serve VARIANT ARGUMENT...", and the
    least of what it told of each work.

    The script reads the name of a work, runs it, and answers with a line of
    JSON, numbers by their names.
    """

    def __init__(self, script, variant, site, directory, *arguments):
        self.script = script
        self.best = {}
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(script), "--serve", variant]
            + list(arguments), cwd=directory, text=True,
            env=dict(os.environ, PYTHONHASHSEED="0",
                     PYTHONPATH=python_path(variant, site, directory)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, name):
        """Run the work of that name once more."""
        print(name, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit("%s: a worker died of status %d"
                     % (self.script, self.process.wait()))
        best = self.best.setdefault(name, {})
        for key, value in json.loads(line).items():
            best[key] = min(value, best.get(key, value))

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
