# SPDX-License-Identifier: MIT
"""One process, logged at intervals: see pmt.process."""
import sys

from pymemtrace._forward import forward

__getattr__, __dir__ = forward("pmt.process")

if __name__ == "__main__":
    sys.exit(__getattr__("main")())
