# SPDX-License-Identifier: MIT
"""Why does my Python process grow?

The tracers are context managers, each with a log of its own:

    with pmt.ReferenceTracing(message="nightly import"):
        load("today.csv")

and decorators: @pmt.reference_tracing(message="nightly import").  What the
logs say is told by the command pmt-analyse; see pmt(3).
"""
from ._pmt import (
    Holder,
    Profile,
    ReferenceTracing,
    ReferenceTracingSimple,
    Trace,
    __version__,
    heap_snapshot,
    holders,
    profile_log_path,
    profile_wrapper_depth,
    profile_write_message_to_log,
    reference_tracing_live_object_counts,
    reference_tracing_log_path,
    reference_tracing_simple_wrapper_depth,
    reference_tracing_wrapper_depth,
    reference_tracing_write_message_to_log,
    rss,
    rss_peak,
    trace_log_path,
    trace_wrapper_depth,
    trace_write_message_to_log,
)
from .decorators import (
    profile,
    reference_tracing,
    trace,
)


def load_ipython_extension(ipython):
    """What %load_ext pmt calls: the magic %%pmt is there, see pmt(3)."""
    from ._notebook import PmtMagics
    ipython.register_magics(PmtMagics)
