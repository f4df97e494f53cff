# SPDX-License-Identifier: MIT
"""Profile, Trace and ReferenceTracing, and what goes with them: see pmt(3).

Before Python 3.13, which has no reference tracing, there are no names of it.
"""
import sys

from pymemtrace._forward import forward

_names = ["Profile", "Trace", "rss", "rss_peak"]
for _kind in ("profile", "trace"):
    _names += [_kind + "_log_path", _kind + "_wrapper_depth",
               _kind + "_write_message_to_log"]
if sys.version_info >= (3, 13):
    _names += ["ReferenceTracing", "ReferenceTracingSimple",
               "reference_tracing_live_object_counts",
               "reference_tracing_log_path",
               "reference_tracing_simple_wrapper_depth",
               "reference_tracing_wrapper_depth",
               "reference_tracing_write_message_to_log"]

__getattr__, __dir__ = forward("pmt._pmt", _names)
