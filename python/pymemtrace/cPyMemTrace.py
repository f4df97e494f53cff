# SPDX-License-Identifier: MIT
"""Profile, Trace and ReferenceTracing, and what goes with them: see pmt(3).

Before Python 3.13, which has no reference tracing, there are no names of it.
"""
import sys as _sys

from pmt._pmt import (
    Profile,
    Trace,
    profile_log_path,
    profile_wrapper_depth,
    profile_write_message_to_log,
    rss,
    rss_peak,
    trace_log_path,
    trace_wrapper_depth,
    trace_write_message_to_log,
)
from pymemtrace._forward import public_dir as _public_dir

if _sys.version_info >= (3, 13):
    from pmt._pmt import (
        ReferenceTracing,
        ReferenceTracingSimple,
        reference_tracing_live_object_counts,
        reference_tracing_log_path,
        reference_tracing_simple_wrapper_depth,
        reference_tracing_wrapper_depth,
        reference_tracing_write_message_to_log,
    )

__dir__ = _public_dir(globals())
