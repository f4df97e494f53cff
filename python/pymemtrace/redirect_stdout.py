# SPDX-License-Identifier: MIT
"""What a block prints, from Python and C: see pmt.redirect_stdout."""
from pymemtrace._forward import forward

__getattr__, __dir__ = forward("pmt.redirect_stdout")
