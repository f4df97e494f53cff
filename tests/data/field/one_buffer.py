"""One bytearray, which ever more is appended to.

control: it is emptied; whole: it is made at once.
"""
import sys

STREAM = bytearray()


def append(number):
    STREAM.extend(b"%08d" % number * 50)
    if "control" in sys.argv and len(STREAM) > 100000:
        STREAM.clear()


if "whole" in sys.argv:
    STREAM = bytearray(30 << 20)
else:
    for n in range(60000):
        append(n)
print(len(STREAM))
