#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program that logs its own memory, and says what it was at.

    python3 labels.py 2>labels.log
    pmt-process labels.log
    pmt-process labels.log plots

Needs psutil.  The argument is how many seconds to rest after each step.
"""
import logging
import sys
import time

from pmt import process


@process.log_process_dec(interval=0.1)
def quiet(pause):
    """Nothing but a record at the start, at each tick and at the end."""
    time.sleep(pause)


def main():
    pause = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
    logging.basicConfig(level=logging.INFO, format=(
        "%(asctime)s - %(filename)s#%(lineno)d - %(process)5d"
        " - (%(threadName)-10s) - %(levelname)-8s - %(message)s"))
    with process.log_process(interval=0.1) as logged:
        logged.add_message_to_queue("read the file")
        lines = ["line %d of the file\n" % number for number in range(200000)]
        time.sleep(pause)
        logged.add_message_to_queue("parse it")
        words = [line.split() for line in lines]
        time.sleep(pause)
        logged.add_message_to_queue("throw the text away")
        del lines, words
        time.sleep(pause)
    quiet(pause)


if __name__ == "__main__":
    main()
