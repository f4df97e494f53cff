# SPDX-License-Identifier: MIT
"""Decorators out of context managers: every call of a function is a block.

Of a generator or a coroutine it is the body that runs inside the block, from
its first step to its end, not the making of it.
"""
# Of inspect, whose import would cost more than that of the whole package.
_CO_GENERATOR = 0x20
_CO_COROUTINE = 0x80
_CO_ASYNC_GENERATOR = 0x200


def _around_function(function, block):
    def wrapper(*args, **kwargs):
        with block(function):
            return function(*args, **kwargs)
    return wrapper


def _around_generator(function, block):
    def wrapper(*args, **kwargs):
        with block(function):
            return (yield from function(*args, **kwargs))
    return wrapper


def _around_coroutine(function, block):
    async def wrapper(*args, **kwargs):
        with block(function):
            return await function(*args, **kwargs)
    return wrapper


def _around_async_generator(function, block):
    async def wrapper(*args, **kwargs):
        with block(function):
            generator = function(*args, **kwargs)
            step = generator.__anext__()
            # There is no "async yield from": this is what it would do.
            while True:
                try:
                    value = await step
                except StopAsyncIteration:
                    return
                try:
                    sent = yield value
                except GeneratorExit:
                    await generator.aclose()
                    raise
                except BaseException as error:
                    step = generator.athrow(error)
                else:
                    step = generator.asend(sent)
    return wrapper


_AROUND = {
    _CO_GENERATOR: _around_generator,
    _CO_COROUTINE: _around_coroutine,
    _CO_ASYNC_GENERATOR: _around_async_generator,
}


def around(block):
    """Return a decorator that runs each call inside block(function).

    block makes a new context manager for each call.
    """
    def decorate(function):
        if isinstance(function, (staticmethod, classmethod)):
            return type(function)(decorate(function.__func__))
        if not callable(function):
            raise TypeError("only functions can be decorated, not %r" % (
                function,))
        # With all that it imports it is more than the whole package.
        import functools
        target = function
        while isinstance(target, functools.partial):
            target = target.func
        flags = getattr(getattr(target, "__code__", None), "co_flags", 0)
        kind = flags & (_CO_GENERATOR | _CO_COROUTINE | _CO_ASYNC_GENERATOR)
        wrapper = _AROUND.get(kind, _around_function)(function, block)
        return functools.update_wrapper(wrapper, function)
    return decorate
