# SPDX-License-Identifier: MIT
"""How pmt-run and its tracer talk: by a file that both hold open.

Any Python must be able to read this file, if only to say that it is too old.
"""
import os


class Unfit(Exception):
    """What this interpreter lacks."""


class Board(object):
    """The file shared with pmt-run: NUL-terminated entries, KEY=VALUE."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.identity = os.fstat(descriptor)[1:3]

    def settings(self):
        os.lseek(self.descriptor, 0, 0)
        text = os.read(self.descriptor, os.fstat(self.descriptor).st_size)
        settings = {}
        for entry in text.split(b"\0")[:-1]:
            key, _, value = entry.partition(b"=")
            settings.setdefault(key.decode("ascii"), []).append(value)
        return settings

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


def sentence(error):
    if isinstance(error, EnvironmentError) and error.filename is not None:
        return "'%s': %s" % (error.filename, error.strerror)
    return str(error)


def refuse(board, error):
    """End the interpreter before it ran anything of the program."""
    board.write("unfit" if isinstance(error, Unfit) else "refused",
                sentence(error))
    os._exit(125)
