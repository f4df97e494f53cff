# SPDX-License-Identifier: MIT
"""The tracers as decorators: see pmt(3)."""
from pymemtrace._forward import forward

__getattr__, __dir__ = forward("pmt.decorators")
