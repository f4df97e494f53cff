# SPDX-License-Identifier: MIT
"""pmt-run --pid: what forbids it is said in one line, and what would allow it.

Yama is a file that stands in its place, in a mount namespace of our own; all
else is real.
"""
import ctypes
import os
import shutil
import signal
import struct
import subprocess
import sys

import pmttest

NOBODY = 65534
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 4, 38, 22
PR_CAPBSET_DROP, SYS_PTRACE = 24, 19
# A filter that answers EPERM to ptrace(2), which is 101 on x86-64.
FILTER = [(0x20, 0, 0, 0), (0x15, 0, 1, 101), (6, 0, 0, 0x00050001),
          (6, 0, 0, 0x7fff0000)]


def prctl(*arguments):
    if ctypes.CDLL(None).prctl(*arguments) != 0:
        raise OSError("prctl%r" % (arguments,))


def become(user):
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def forbid_ptrace():
    code = b"".join(struct.pack("HBBI", *line) for line in FILTER)
    lines = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(FILTER), ctypes.addressof(lines))
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(PR_SET_SECCOMP, 2, program, 0, 0)


def may_run(program):
    """May somebody else?"""
    try:
        return subprocess.run([program, "--version"], cwd="/",
                              stdout=subprocess.DEVNULL,
                              preexec_fn=lambda: become(NOBODY)).returncode == 0
    except (OSError, TypeError):
        return False


class Refusals(pmttest.TestCase):

    def setUp(self):
        if pmttest.sanitized:
            self.skipTest("LeakSanitizer and ptrace exclude each other")
        if not pmttest.may_attach():
            self.skipTest("the kernel lets nobody stop a process here")

    def start(self, prepare=None, command=None):
        """A program that waits, and has been prepared."""
        process = subprocess.Popen(command or ["sleep", "60"],
                                   preexec_fn=prepare, cwd="/")
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def ask(self, process, text, prepare=None, inside=()):
        """What pmt-run, prepared so, answers in a line."""
        told = subprocess.run(
            list(inside) + [shutil.which("pmt-run"), "--pid",
                            str(getattr(process, "pid", process)), "-p"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True, preexec_fn=prepare, cwd="/")
        self.assertIn(text, told.stdout)
        self.assertEqual((told.stdout.count("\n"), told.returncode), (1, 125))

    def need_root(self):
        if os.geteuid() != 0:
            self.skipTest("only root may be somebody else")
        if not may_run(shutil.which("pmt-run")):
            self.skipTest("others may not run the pmt-run of this build")

    def test_another_user(self):
        self.need_root()
        self.ask(self.start(), "belongs to user 0: be that user, or root",
                 lambda: become(NOBODY))

    def test_closed(self):
        """A program that its own user may not look at."""
        self.need_root()
        python = next(filter(may_run, [sys.executable, shutil.which(
            "python3", path=os.defpath)]), None)
        if python is None:
            self.skipTest("others may run no Python here")
        # Not prepared: execve(2) makes it dumpable again.
        process = subprocess.Popen(
            [python, "-c", "import ctypes, sys\n"
             "ctypes.CDLL(None).prctl(%d, 0, 0, 0, 0)\n"
             "print('ready', flush=True)\nsys.stdin.read()"
             % PR_SET_DUMPABLE], preexec_fn=lambda: become(NOBODY),
            cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        self.ask(process, "lets only root see its memory",
                 lambda: become(NOBODY))

    def test_set_user_id(self):
        self.need_root()
        program = self.path("sleep")
        shutil.copy(shutil.which("sleep"), program)
        os.chmod(program, 0o4755)
        os.chmod(self.directory, 0o755)
        process = self.start(lambda: become(NOBODY), [program, "60"])
        with open("/proc/%d/status" % process.pid) as status:
            if "Uid:\t%d\t0" % NOBODY not in status.read():
                self.skipTest("set-user-ID has no effect here (nosuid)")
        self.ask(process, "is set-user-ID, and runs as user 0",
                 lambda: become(NOBODY))

    def test_capability(self):
        """A root that has lost it, as in a container."""
        self.need_root()
        process = self.start(lambda: become(NOBODY))
        self.ask(process, "needs --cap-add=SYS_PTRACE",
                 lambda: prctl(PR_CAPBSET_DROP, SYS_PTRACE, 0, 0, 0))

    def test_seccomp(self):
        if os.uname().machine != "x86_64":
            self.skipTest("the filter is of x86-64")
        process = self.start(command=[sys.executable, "-c",
                                      "while True: pass"])
        self.ask(process, "a filter of system calls (seccomp) forbids it",
                 forbid_ptrace)

    def ask_under_yama(self, scope, text, prepare):
        self.need_root()
        inside = ["unshare", "-m", "sh", "-c", "mount -t tmpfs none "
                  "/proc/sys/kernel && mkdir /proc/sys/kernel/yama && echo "
                  "%d >/proc/sys/kernel/yama/ptrace_scope && exec %s -c "
                  "'import os, sys\n%s\nos.execv(sys.argv[1], sys.argv[1:])' "
                  "\"$@\"" % (scope, sys.executable, prepare), "sh"]
        if subprocess.run(["unshare", "-m", "true"],
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("no mount namespace may be made here")
        process = self.start(lambda: become(NOBODY))
        self.ask(process, text, inside=inside)

    def test_yama(self):
        drop = ("import ctypes\nctypes.CDLL(None).prctl(%d, %d, 0, 0, 0)"
                % (PR_CAPBSET_DROP, SYS_PTRACE))
        self.ask_under_yama(3, "kernel.yama.ptrace_scope is 3", drop)

    def test_zombie(self):
        process = self.start(command=["true"])
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.ask(process, "(a zombie)")

    def test_kernel(self):
        with open("/proc/2/status") as status:
            if "kthreadd" not in status.read():
                self.skipTest("no thread of the kernel is to be seen here")
        self.ask(2, "a thread of the kernel")

    def test_nobody(self):
        process = self.start()
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.ask(process, "there is no process %d" % process.pid)


if __name__ == "__main__":
    pmttest.main()
