# SPDX-License-Identifier: MIT
"""The parts of the start-up module; nobody finds them once it has run."""
import os
import sys

# What makes the job of a tracer.
JOBS = {
    "reference": ("references", "References"),
    "profile": ("changes", "Profile"),
    "trace": ("changes", "Trace"),
    "light": ("light", "Light"),
    "allocations": ("allocations", "Allocations"),
    "top": ("logless", "Top"),
    "nothing": ("logless", "Nothing"),
    "probes": ("probes", "Probes"),
}
PARTS = os.path.dirname(os.path.abspath(__file__))
BOOT = os.path.dirname(PARTS)
PACKAGE = os.path.dirname(BOOT)


def make_job(board, settings):
    """The job that pmt-run asked for, not yet begun."""
    module, name = JOBS[os.fsdecode(settings["tracer"][-1])]
    make = getattr(__import__(module, globals(), None, [name], 1), name)
    return make(board, PACKAGE, settings)


def settings_beside(board, settings):
    """The settings of a child, whose log stands beside the first one."""
    output = settings.get("output", [b"."])[-1]
    if not board.follows or os.path.isdir(output):
        return settings
    settings = dict(settings)
    if output.endswith((b".log", b".txt")):
        settings.setdefault("text", [b""])
    if output.endswith(b".pmtheap"):
        output = output[:-8]
    settings["output"] = [board.path_beside(output)]
    return settings


def leave():
    """Be found no more; returns the parts.

    Whoever keeps them spares the log their end.
    """
    sys.path[:] = [entry for entry in sys.path if entry != BOOT]
    for entry in list(sys.path_importer_cache):
        if os.path.abspath(entry) in (BOOT, PARTS):
            del sys.path_importer_cache[entry]
    return [sys.modules.pop(name) for name in list(sys.modules)
            if name.split(".")[0] == __name__]
