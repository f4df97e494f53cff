# SPDX-License-Identifier: MIT
"""When a function grows: log_process_dec() on it."""
import logging
import sys
import time

from pymemtrace import process


@process.log_process_dec(interval=0.1, log_level=logging.INFO)
def grow(size):
    """Hold so many MiB for a while."""
    block = bytearray(size << 20)
    time.sleep(0.3)
    return len(block)


def main():
    logging.basicConfig(level=logging.INFO, stream=sys.stdout,
                        format="%(asctime)s %(levelname)s %(message)s")
    print("%d bytes" % grow(32))
    return 0


if __name__ == "__main__":
    sys.exit(main())
