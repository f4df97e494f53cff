# SPDX-License-Identifier: MIT
"""A cache of 8 MiB, full after a tenth of the run."""
import random
from collections import OrderedDict

CACHE = OrderedDict()
size = 0


def put(key):
    global size
    CACHE[key] = bytes(random.randrange(100, 8000))
    size += len(CACHE[key])
    while size > 8 << 20:
        size -= len(CACHE.popitem(last=False)[1])


random.seed(1)
for number in range(20000):
    put(number)
print(size <= 8 << 20)
