# SPDX-License-Identifier: MIT
"""An object with two names and a number, to make and to look for in logs."""


class Custom:
    """Custom(first="", last="", number=0)"""

    def __init__(self, first="", last="", number=0):
        self.first = first
        self.last = last
        self.number = number

    def name(self):
        """Both names."""
        return "%s %s" % (self.first, self.last)
