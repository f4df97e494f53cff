# SPDX-License-Identifier: MIT
"""How much memory a block added: see pmt.trace_malloc.

What differs here is the first argument's name, that diff is a number where
nothing is known, and that the decorator logs to the root logger.
"""
import logging
import sys

from pmt import trace_malloc
from pmt.trace_malloc import trace_malloc_report  # noqa: F401


def trace_malloc_log(log_level):
    """Decorator: log at this level how many bytes each call added."""
    return trace_malloc.log_to(logging.getLogger(), log_level)


class TraceMalloc(trace_malloc.TraceMalloc):
    """TraceMalloc(statistics_granularity="lineno")"""

    def __init__(self, statistics_granularity="lineno"):
        super().__init__(statistics_granularity)
        self.statistics_granularity = statistics_granularity

    @property
    def diff(self):
        """Bytes that the block added; -sys.maxsize - 1 if unknown."""
        diff = super().diff
        return -sys.maxsize - 1 if diff is None else diff
