# SPDX-License-Identifier: MIT
"""How pmt-run and its tracer talk: by a file that both hold open.

Any Python must be able to read this file, if only to say that it is too old.
"""
import os


class Unfit(Exception):
    """What this interpreter lacks."""


class Board(object):
    """The file shared with pmt-run: NUL-terminated entries, KEY=VALUE."""

    follows = False

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.identity = os.fstat(descriptor)[1:3]

    def entries(self):
        os.lseek(self.descriptor, 0, 0)
        text = os.read(self.descriptor, os.fstat(self.descriptor).st_size)
        return [entry.partition(b"=") for entry in text.split(b"\0")[:-1]]

    def settings(self):
        settings = {}
        for key, _, value in self.entries():
            settings.setdefault(key.decode("ascii"), []).append(value)
        return settings

    def look(self):
        """Who was here before?  With --follow others come, too."""
        begun = [int(key.split()[0]) for key, _, _ in self.entries()
                 if key.endswith((b" python", b" forked"))]
        self.follows = bool(begun)
        # It may have a log already, and become another program by exec.
        self.again = os.getpid() in begun

    def path_beside(self, path):
        """The log of a child, beside the first one."""
        suffix = b".%d" % os.getpid()
        path += suffix
        while self.again and os.path.exists(path):
            path += suffix
        return path

    def append(self, key, value):
        """Add a result; each names its process, for forks write too."""
        entry = ("%d %s=" % (os.getpid(), key)).encode("ascii")
        value = value if isinstance(value, bytes) else str(value).encode(
            "utf-8", "backslashreplace")
        try:
            os.write(self.descriptor, entry + value + b"\0")
        except OSError:
            pass

    def write(self, key, value):
        """The same once the program runs."""
        try:
            # It may close descriptors that it never opened.
            ours = os.fstat(self.descriptor)[1:3] == self.identity
        except OSError:
            ours = False
        if ours:
            self.append(key, value)


# Out of the way: the program's first files get the numbers they always get.
LOWEST = 500


def is_helper():
    """The tracker of multiprocessing, which holds nothing of the program."""
    with open("/proc/self/cmdline", "rb") as file:
        return b"multiprocessing.resource_tracker" in file.read()


def open_board(name):
    """The board, or None for a process that is not to be traced.

    A number is a descriptor; by a path others come, with --follow.
    """
    if not name.startswith("/"):
        return Board(int(name))
    try:
        if is_helper():
            return None
        descriptor = os.open(name, os.O_RDWR | os.O_APPEND)
    except OSError:
        # That pmt-run has ended, or is not to be seen from here.
        return None
    for number in range(LOWEST, LOWEST + 20):
        try:
            os.fstat(number)
        except OSError:
            break
    try:
        os.dup2(descriptor, number)
    except OSError:
        return Board(descriptor)
    os.close(descriptor)
    return Board(number)


def sentence(error):
    if isinstance(error, EnvironmentError) and error.filename is not None:
        return "'%s': %s" % (error.filename, error.strerror)
    return str(error) or type(error).__name__


def refuse(board, error):
    """End the interpreter before it ran anything of the program."""
    board.write("unfit" if isinstance(error, Unfit) else "refused",
                sentence(error))
    os._exit(125)
