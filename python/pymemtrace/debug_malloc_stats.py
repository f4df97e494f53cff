# SPDX-License-Identifier: MIT
"""How full Python's own allocator is: see pmt.debug_malloc_stats."""
from pymemtrace._forward import forward

__getattr__, __dir__ = forward("pmt.debug_malloc_stats")
