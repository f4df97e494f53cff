# SPDX-License-Identifier: MIT
"""Tracers begun, left and dropped in any order and at any place."""
import misuse
import pmttest

CASES = {
    "not entered": """
assert not leave(new())
""",
    "entered twice": """
tracer = new()
for _ in range(3):
    enter(enter(tracer))
    work()
    assert leave(tracer)
    assert not leave(tracer)
""",
    "left in any order": """
one, two, three = enter(new()), enter(new()), enter(new())
for tracer in one, three, two:
    work()
    assert leave(tracer)
""",
    "dropped while it traces": """
enter(new())
gc.collect()
work()
""",
    "dropped in a cycle": """
for _ in range(5):
    class Holder: pass
    holder = Holder()
    holder.tracer, holder.self = enter(new()), holder
    del holder
    gc.collect()
    work()
""",
    "initialised again": """
tracer = enter(new())
for arguments in {}, {"filepath": "other.log"}:
    try:
        tracer.__init__(**arguments)
    except RuntimeError:
        pass
work()
leave(tracer)
""",
    "started and stopped in __del__": """
class Thing:
    def __del__(self):
        around()
with new():
    for i in range(20):
        thing = Thing()
        thing.self = thing if i % 2 else None
    del thing
    gc.collect()
around()
""",
    "stopped in __del__": """
class Thing:
    def __del__(self):
        leave(tracer)
tracer = enter(new())
Thing()
work()
assert not leave(tracer)
""",
    "left open in __del__": """
class Thing:
    def __del__(self):
        enter(new())
for _ in range(5):
    Thing()
    work()
""",
    "stopped in a weak reference's callback": """
class Thing:
    pass
tracer, thing = new(), Thing()
reference = weakref.ref(thing, lambda _: leave(tracer))
enter(tracer)
del thing
work()
assert not leave(tracer)
""",
    "stopped in a signal handler": """
tracer = new()
signal.signal(signal.SIGALRM, lambda *_: stopped.append(leave(tracer)))
stopped = []
enter(tracer)
signal.setitimer(signal.ITIMER_REAL, 0.001)
while not stopped:
    work()
assert stopped == [True] and not leave(tracer)
""",
    "switched in signal handlers": """
def switch(*_):
    if running and len(running) % 2:
        leave(running[-1])
    running.append(enter(new()))
running = []
signal.signal(signal.SIGALRM, switch)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
while len(running) < 30:
    work()
    gc.collect(0)
signal.setitimer(signal.ITIMER_REAL, 0)
""",
    "switched in callbacks of the collector": """
def switch(phase, info):
    if phase == "start":
        running.append(enter(new()))
    else:
        leave(running.pop())
running = []
gc.callbacks.append(switch)
with new():
    for _ in range(10):
        work()
        gc.collect()
gc.callbacks.clear()
""",
    "stopped in a callback of the collector": """
tracer = enter(new())
gc.callbacks.append(lambda phase, info: leave(tracer))
gc.collect()
work()
gc.callbacks.clear()
assert not leave(tracer)
""",
    "a storm of threads": """
def storm():
    for _ in range(20):
        leave(enter(new()))
        around()
threads = [threading.Thread(target=storm) for _ in range(5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
around()
""",
    "one for all threads": """
tracer = new()
def storm():
    for _ in range(40):
        enter(tracer)
        work()
        leave(tracer)
threads = [threading.Thread(target=storm) for _ in range(5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not leave(tracer)
""",
    "a thread that has ended": """
tracers = []
def begin():
    tracers.append(enter(new()))
for _ in range(4):
    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
for tracer in tracers:
    work()
    assert leave(tracer)
""",
    "nested without end": """
def deeper():
    with new():
        deeper()
try:
    deeper()
except (RecursionError, RuntimeError, OSError):
    pass
around()
""",
    "left open at the end": """
tracer = enter(new())
work()
""",
    "stopped at exit": """
atexit.register(lambda: leave(tracer))
tracer = enter(new())
""",
    "started at exit": """
atexit.register(lambda: tracers.append(enter(new())))
tracers = []
""",
    "switched while Python is taken down": """
class Thing:
    leave, kind, tracer = staticmethod(leave), kind, enter(new())
    def __del__(self):
        self.leave(self.tracer)
        self.kind(filepath="last.log").__enter__()
sys.last_thing = Thing()
""",
    "in daemon threads at the end": """
def storm():
    while True:
        around()
        ready.set()
ready = threading.Event()
for _ in range(3):
    threading.Thread(target=storm, daemon=True).start()
ready.wait()
""",
}


# There a thread that is ended as it stops the others makes the end of Python
# wait for ever, with sys.monitoring alone too.
if pmttest.free_threaded:
    del CASES["in daemon threads at the end"]


class MisuseTest(misuse.Misuse, pmttest.TestCase):

    CASES = CASES


if __name__ == "__main__":
    pmttest.main()
