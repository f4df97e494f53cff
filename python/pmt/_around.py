# SPDX-License-Identifier: MIT
"""Decorators out of context managers: every call of a function is a block."""
import functools
import inspect


def around(block):
    """Return a decorator that runs each call inside block(function).

    block makes a new context manager for each call.  The body of a generator
    or of a coroutine is what is run inside, not the making of it.
    """
    def decorate(function):
        if inspect.isasyncgenfunction(function):
            raise TypeError("%r is an asynchronous generator; decorate the "
                            "coroutine that uses it" % function.__name__)
        if inspect.iscoroutinefunction(function):
            @functools.wraps(function)
            async def wrapper(*args, **kwargs):
                with block(function):
                    return await function(*args, **kwargs)
        elif inspect.isgeneratorfunction(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                with block(function):
                    return (yield from function(*args, **kwargs))
        else:
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                with block(function):
                    return function(*args, **kwargs)
        return wrapper
    return decorate
