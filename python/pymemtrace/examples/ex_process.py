# SPDX-License-Identifier: MIT
"""When a process grows: log_process() around a block."""
import logging
import sys
import time

from pymemtrace import process


def main():
    logging.basicConfig(level=logging.INFO, stream=sys.stdout,
                        format="%(asctime)s %(levelname)s %(message)s")
    with process.log_process(interval=0.1, log_level=logging.INFO) as thread:
        for size in (8, 32, 16):
            thread.add_message_to_queue("%d MiB" % size)
            block = bytearray(size << 20)
            time.sleep(0.2)
            del block
    return 0


if __name__ == "__main__":
    sys.exit(main())
