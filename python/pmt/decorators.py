# SPDX-License-Identifier: MIT
"""The tracers as decorators.

    @pmt.reference_tracing(message="nightly import")
    def load(path):
        ...

Each call of the function is traced in a log of its own.  The arguments are
those of the tracer's class; without any, the parentheses may be left out.

Of a generator or a coroutine it is the body that is traced, from its first
step to its end.  A generator's user runs in between, and is traced too.
"""
from . import _pmt
from ._around import around


def _decorator(tracer, name):
    def decorator(*args, **kwargs):
        if len(args) == 1 and not kwargs and (
                callable(args[0])
                or isinstance(args[0], (staticmethod, classmethod))):
            return around(lambda function: tracer())(args[0])
        return around(lambda function: tracer(*args, **kwargs))

    decorator.__name__ = decorator.__qualname__ = name
    decorator.__doc__ = "Trace each call in a pmt.%s(...) of its own." % (
        tracer.__name__)
    return decorator


profile = _decorator(_pmt.Profile, "profile")
trace = _decorator(_pmt.Trace, "trace")
reference_tracing = _decorator(_pmt.ReferenceTracing, "reference_tracing")
