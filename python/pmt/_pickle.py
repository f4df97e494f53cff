# SPDX-License-Identifier: MIT
"""Pickles of tracemalloc snapshots, by whomever, read without harm.

Nothing in them is executed, and neither memory nor time grows beyond what the
pickle's own size explains.
"""
import io
import pickle

LIMIT = 1 << 30

_NO_ARGUMENT = b"(.012NRabe]s)utl}\x81\x85\x86\x87\x88\x89\x93\x94"
_FIXED = {b"Khq\x80": 1, b"M": 2, b"Jj": 4, b"G\x95": 8}
_COUNTED = {b"UC\x8a\x8c": 1, b"TBX": 4, b"\x8d": 8}

_GLOBAL, _LONG1, _LONG_BINPUT, _STOP = b"c\x8ar."


def _steps():
    """For each opcode how far the next one is; 0: ask _next()."""
    steps = [0] * 256
    for code in _NO_ARGUMENT:
        steps[code] = 1
    for codes, size in _FIXED.items():
        for code in codes:
            steps[code] = 1 + size
    return steps


_STEPS = _steps()
_COUNTS = {code: size for codes, size in _COUNTED.items() for code in codes}


def _next(data, code, at):
    """Where the opcode behind this one is.  KeyError: it is none of ours."""
    if code == _GLOBAL:
        module = data.find(b"\n", at)
        name = data.find(b"\n", module + 1)
        if module < 0 or name < 0:
            raise IndexError
        return name + 1
    if code == _LONG_BINPUT:
        # CPython makes room for all the numbers below, at once.
        if int.from_bytes(data[at + 1:at + 5], "little") > len(data):
            raise ValueError("a damaged pickle: more memos than bytes")
        return at + 5
    size = _COUNTS[code]
    count = int.from_bytes(data[at + 1:at + 1 + size], "little")
    if code == _LONG1 and count > 8:
        raise ValueError("a damaged pickle: a number beyond 64 bits")
    return at + 1 + size + count


def check(data):
    """ValueError: it has what no snapshot has, or ends too early."""
    at, code, steps = 0, None, _STEPS
    try:
        while code != _STOP:
            code = data[at]
            at += steps[code] or _next(data, code, at) - at
    except IndexError:
        raise ValueError("a damaged pickle: it is cut short") from None
    except KeyError:
        raise ValueError("a damaged pickle, or not of a tracemalloc.Snapshot "
                         "(opcode %#x)" % code) from None


class _Unpickler(pickle.Unpickler):
    """Knows the two classes of a tracemalloc.Snapshot, by inert stand-ins.

    The stand-in is new for every file, for a pickle can change it.
    """

    def __init__(self, file):
        # Python 2 pickled names of files as bytes.
        super().__init__(file, encoding="utf-8", errors="surrogateescape")
        self.inert = type("Inert", (), {})

    def find_class(self, module, name):
        if module == "tracemalloc" and name in ("Snapshot", "_Traces"):
            return self.inert
        raise ValueError(ascii("a pickle that asks for %s.%s, not of a "
                               "tracemalloc.Snapshot" % (module, name))[1:-1])


def load(file):
    """The traces of a pickled tracemalloc.Snapshot, an iterable of anything.

    By rights a trace is a tuple of domain, size and frames, the most recent
    one first; since Python 3.9 the number of all frames follows.  Of a
    snapshot of pytracemalloc it is the dict that this has pickled.
    """
    data = bytearray()
    # A read of more would make room for it, whatever there is.
    for block in iter(lambda: file.read(1 << 20), b""):
        data += block
        if len(data) > LIMIT:
            raise ValueError("a pickle of more than %d MiB" % (LIMIT >> 20))
    check(data)
    snapshot = _Unpickler(io.BytesIO(data)).load()
    if type(snapshot) is dict:
        return snapshot
    return vars(vars(snapshot)["traces"])["_traces"]
