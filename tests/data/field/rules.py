# SPDX-License-Identifier: MIT
"""Text that is run keeps an object each time, at a place of its own."""
KEPT = []


class Item(bytearray):
    pass


def run(number):
    exec(compile("KEPT.append(Item(3000))", "rule %d" % number, "exec"))


for number in range(3000):
    run(number)
print(len(KEPT))
