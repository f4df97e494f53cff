# SPDX-License-Identifier: MIT
"""The tracers as decorators: see pmt(3)."""
import sys

from pymemtrace._forward import forward

__getattr__, __dir__ = forward(
    "pmt.decorators", ["profile", "trace"] +
    (["reference_tracing"] if sys.version_info >= (3, 13) else []))
