# SPDX-License-Identifier: MIT
"""The job of --dtrace and --probes: fire probes, and write nothing."""
import os
import sys
import time

from .board import Unfit
from .changes import profile_arguments
from .job import Job
from .settings import load_extension, texts

# Whoever listens to any of them wants the function that runs.
OF_FUNCTIONS = {"function__entry", "function__return", "rss__change"}
OF_OBJECTS = {"object__new", "object__del"}


def mapped_files():
    """{path: where it begins in memory} of our own libraries."""
    begins = {}
    with open("/proc/self/maps") as maps:
        for line in maps:
            fields = line.rstrip("\n").split(None, 5)
            path = fields[5] if len(fields) == 6 else ""
            name = os.path.basename(path)
            if name.startswith("_pmt.") or name == "libpmt-alloc.so":
                begins.setdefault(path, int(fields[0].split("-")[0], 16))
    return begins


def find_sites():
    """[(name, address)] of the probes, by the notes in those files.

    A note: sizes and type, "stapsdt", three addresses, then provider, name and
    arguments, each ended by a NUL.
    """
    sites = []
    for path, begin in mapped_files().items():
        with open(path, "rb") as file:
            content = file.read()
        for note in content.split(b"stapsdt\0")[1:]:
            provider, name = note[24:].split(b"\0", 2)[:2]
            if provider == b"pmt":
                sites.append((name.decode(), begin + int.from_bytes(
                    note[:8], sys.byteorder)))
    return sites


def instructions(memory, sites):
    return [os.pread(memory, 4, address) for _, address in sites]


class Listener:
    """The tool, at the other end of the socket, open as long as it runs."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        os.write(descriptor, b"%d\n" % os.getpid())
        self.pid = int(os.read(descriptor, 24) or 0)
        os.set_blocking(descriptor, False)

    def check(self):
        try:
            ended = os.read(self.descriptor, 1) == b""
        except BlockingIOError:
            ended = False
        if ended:
            raise RuntimeError("the program was not begun: nobody listens to "
                               "its probes")

    def rests(self):
        """Does it wait for events?  Attaching it would run, or be in D."""
        try:
            with open("/proc/%d/stat" % self.pid) as stat:
                return stat.read().rpartition(")")[2].split()[0] == "S"
        except OSError:
            return False

    def pause(self):
        self.check()
        time.sleep(0.005)


class Session:
    """Tracers without logs, those that the probes need."""

    BEGIN, END = 1, 2

    def __init__(self, extension, settings):
        self.extension = extension
        self.mark = extension._allocation_mark
        # With --probes nobody can know what will be wanted.
        self.wanted = set(texts(settings, "probe")) or OF_FUNCTIONS
        self.listener = int(settings.get("listener", [-1])[-1])
        self.check()
        self.blocks = []
        if self.wanted & OF_FUNCTIONS:
            self.blocks.append(extension.Profile(**dict(
                profile_arguments({}), format="none", memory=False)))
        if self.wanted & OF_OBJECTS:
            self.blocks.append(extension.ReferenceTracing(
                format="none", columns=["Size"], include_builtins=True))

    def check(self):
        heard = self.extension._probe_heard
        for name in sorted(self.wanted):
            if heard(name) is None:
                raise Unfit("there is no probe %s for it" % name)
        if self.wanted & OF_OBJECTS and not isinstance(
                self.extension.ReferenceTracing, type):
            raise Unfit("probes of objects need Python 3.13 or newer")

    def wait(self):
        """Until each probe is listened to, or nobody is left to do so.

        Semaphores may be counted up before the traps are there, and those be
        there before they lead anywhere.
        """
        heard = self.extension._probe_heard
        sites = [site for site in find_sites() if site[0] in self.wanted]
        memory = os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC)
        before = instructions(memory, sites)
        listener = Listener(self.listener)
        while not all(map(heard, self.wanted)) or any(
                map(bytes.__eq__, before, instructions(memory, sites))):
            listener.pause()
        rested = 0
        while rested < 3:
            listener.pause()
            rested += listener.rests()
        os.close(memory)
        os.close(self.listener)

    def __enter__(self):
        if self.listener != -1:
            self.wait()
        for block in self.blocks:
            block.__enter__()

    def __exit__(self, *_):
        self.mark(self.END)
        for block in reversed(self.blocks):
            block.__exit__(None, None, None)

    def log_file_path(self):
        """None: there is none."""


class Probes(Job):

    def make_session(self, package, settings):
        return Session(load_extension(package), settings)

    def begun(self):
        self.session.mark(self.session.BEGIN)
