# SPDX-License-Identifier: MIT
"""The names of the package pymemtrace, for programs written for it.

Everything here is pmt's under another name; new programs import pmt.
"""
from pmt import __version__  # noqa: F401
