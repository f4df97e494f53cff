# SPDX-License-Identifier: MIT
"""One process, logged at intervals: see pmt.process."""
from pymemtrace._forward import forward

__getattr__, __dir__ = forward("pmt.process")
