# SPDX-License-Identifier: MIT
"""Objects in circles, and nobody collects them before the end."""
import gc
import sys


class Node:
    def __init__(self, keep):
        self.me = self if keep else None
        self.block = bytearray(4096)


def serve(leak):
    Node(leak)


gc.disable()
for _ in range(3000):
    serve(sys.argv[1] == "leak")
print("served")
