# SPDX-License-Identifier: MIT
"""python -m pmt [TOOL [ARGUMENT...]]: the command pmt."""
import os
import sys

from pmt._programs import find_program

if __name__ == "__main__":
    try:
        os.execv(find_program("pmt"), ["pmt"] + sys.argv[1:])
    except OSError as error:
        sys.exit("pmt: cannot run 'pmt': %s" % error.strerror)
