# SPDX-License-Identifier: MIT
"""Blocks that end otherwise: by exceptions, in children, without memory."""
import sys

import misuse
import pmttest

CASES = {
    "left by exceptions in generators": """
def trace():
    while True:
        try:
            with new():
                yield work()
        except ValueError:
            pass
again = trace()
for _ in range(5):
    next(again)
    again.throw(ValueError)
for error in GeneratorExit, KeyError, KeyboardInterrupt, StopIteration:
    other = trace()
    next(other)
    try:
        other.throw(error)
    except (error, RuntimeError):
        pass
other.close()
again.close()
""",
    "left by cancelled tasks": """
async def once(seconds):
    with new():
        work()
        await asyncio.sleep(seconds)
async def ticks():
    with new():
        while True:
            await asyncio.sleep(0)
            yield work()
async def program():
    # Else -X dev tells of a step that the machine had no time for.
    asyncio.get_running_loop().slow_callback_duration = 1e9
    async for _ in ticks():
        break
    tasks = [asyncio.ensure_future(once(n % 2 * 99)) for n in range(6)]
    await asyncio.wait(tasks, timeout=0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
import asyncio
asyncio.run(program())
around()
""",
    "left by children": """
with new():
    for end in sys.exit, os._exit, sys.exit:
        child = os.fork()
        if child == 0:
            work()
            around()
            end(3)
        assert os.waitpid(child, 0)[1] == 3 << 8
        work()
around()
""",
    "begun without memory": """
import resource
with open("/proc/self/statm") as statm:
    pages = int(statm.read().split()[0])
all = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + (20 << 20), all[1]))
filler, size, begun = [], 1 << 20, []
while size >= 1 << 12:
    try:
        filler.append(bytearray(size))
    except MemoryError:
        size >>= 4
for _ in range(20):
    try:
        tracer = new()
        tracer.__enter__()
        begun.append(tracer)
    except (MemoryError, OSError, RuntimeError):
        pass
filler.clear()
for tracer in reversed(begun):
    leave(tracer)
resource.setrlimit(resource.RLIMIT_AS, all)
around()
""",
    # No functions are made there: 3.13.0 drops the code object of a function
    # that it has no memory for once too often, traced or not.
    "without memory while it traces": """
import resource
class Thing:
    pass
tracer = enter(new())
with open("/proc/self/statm") as statm:
    pages = int(statm.read().split()[0])
all = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + (20 << 20), all[1]))
for _ in range(2):
    kept = []
    try:
        while True:
            kept.append([Thing(), *map(str, range(50))])
    except MemoryError:
        kept.clear()
leave(tracer)
resource.setrlimit(resource.RLIMIT_AS, all)
around()
""",
    "replaced by another program": """
tracer = enter(new())
work()
os.execv(sys.executable, [sys.executable, "-c", "pass"])
""",
}


# It ends a program for which there is no memory.
if pmttest.sanitized:
    del CASES["begun without memory"]
    del CASES["without memory while it traces"]

# There a child of any program dies as it ends, under -X dev.
if sys.version_info < (3, 9):
    del CASES["left by children"]


class MisuseEndsTest(misuse.Misuse, pmttest.TestCase):

    CASES = CASES


if __name__ == "__main__":
    pmttest.main()
