# SPDX-License-Identifier: MIT
"""The names of the package pymemtrace, for programs written for it.

Everything here is pmt's under another name; new programs import pmt.
"""
from pmt import __version__ as _pmt_version

#: The version of pymemtrace whose names these are, then that of pmt.
__version__ = "0.6.3+pmt." + _pmt_version
#: Who designed and wrote that pymemtrace.
__author__ = "Paul Ross"
__email__ = "apaulross@gmail.com"
