#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A thread for each client, of which some wait for ever.

    pmt-tree -t -i 0.5 -- python3 examples/threads.py

What a thread's function holds stays until the thread ends.  The arguments are
the number of clients and the seconds between two of them.
"""
import sys
import threading
import time

answered = threading.Event()  # nobody ever sets it


class Upload:
    """What a client sends."""

    def __init__(self):
        self.body = bytearray(1 << 20)


def serve(client):
    upload = Upload()
    if client % 2 == 1:
        answered.wait()
    return upload


def main():
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 0.05
    for client in range(clients):
        threading.Thread(target=serve, args=(client,), daemon=True).start()
        time.sleep(pause)
    print("%d clients, %d threads" % (clients, threading.active_count()))


if __name__ == "__main__":
    main()
