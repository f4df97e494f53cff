# SPDX-License-Identifier: MIT
"""Profile, Trace and ReferenceTracing, and what goes with them: see pmt(3)."""
from pymemtrace._forward import forward

__getattr__, __dir__ = forward("pmt._pmt")
