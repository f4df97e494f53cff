# SPDX-License-Identifier: MIT
"""Memory of each kind, made and freed step by step, for a tool to watch."""
import os
import sys

from pymemtrace import cMemLeak

MAKERS = (("malloc()", cMemLeak.CMalloc), ("PyMem_RawMalloc()",
          cMemLeak.PyRawMalloc), ("PyMem_Malloc()", cMemLeak.PyMalloc),
          ("bytes", bytes), ("list", lambda size: [None] * (size // 8)))


def main(size=1 << 20):
    """Wait for a line of standard input, if it has any, at each step."""
    for name, make in MAKERS:
        for what in ("about to make", "made", "freed"):
            block = make(size) if what == "made" else None
            print("%d: %s %d bytes by %s" % (os.getpid(), what, size, name),
                  flush=True)
            sys.stdin.readline()
            del block
    return 0


if __name__ == "__main__":
    sys.exit(main())
