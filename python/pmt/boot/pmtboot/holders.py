# SPDX-License-Identifier: MIT
"""Who holds what a session of -r counts, as messages of its log."""
import os
import time

from .job import unseen


class Holders(object):
    """A child of the process looks, while the program goes on."""

    # Whose holders are told: so many types, of so many objects.  Those of
    # imports are the most frequent, and what grows may come far behind them.
    CLASSES = 240
    BUILTINS = 24
    OBJECTS = 10
    # One of these may be the leak, and few of them are not the program's.
    CONTAINERS = ("bytearray", "collections.deque", "collections.OrderedDict",
                  "collections.defaultdict", "collections.Counter",
                  "array.array", "_io.BytesIO", "_io.StringIO")

    # While the program grows: the first look, the next ones in multiples of
    # what was alive at the last, and for how many times as long as one takes
    # there is no other.
    FIRST = 20000
    FACTOR = 1.5
    REST = 2
    # Events between two questions whether it is time, or the child is done.
    SELDOM = 10000
    OFTEN = 2000
    # Seconds that a program which goes on afterwards does not wait.
    PATIENCE = 5

    def __init__(self, extension):
        self.begin_child = extension._holders_begin
        self.begin_noting = extension._heap_note
        self.wait = extension._holders_wait
        self.take = extension._holders_take
        self.start_timer = extension._heap_timer
        # Made here: the log has what is made once tracing has begun.
        self.asked, self.pid = self.look, os.getpid()
        self.looking, self.threshold, self.pause = False, self.FIRST, 0
        self.last = self.noting = False

    def note(self, kinds):
        """How long lists are, and of which kinds there are how many objects.

        What grows from now on is told with them.
        """
        self.noting = self.begin_noting(kinds)

    def is_noting(self, wait):
        if self.noting and self.wait(wait):
            self.noting = False
            self.take()
        return self.noting

    def watch(self, session):
        """Look also while the program grows: its end may let all go."""
        self.session = session
        session._ask_after(self.FIRST, self.asked)

    def look(self):
        """Begin to look, or tell what was found; nothing of it is logged."""
        if os.getpid() != self.pid:
            return
        now = time.monotonic()
        if self.looking:
            if self.wait(False):
                self.looking = False
                self.pause = now + (now - self.since) * self.REST
                self.write_found(self.session)
        elif now >= self.pause and not self.is_noting(False):
            alive = self.session.live_count()
            if alive >= self.threshold:
                self.threshold, self.since = alive * self.FACTOR, now
                self.looking = self.begin(self.session)
        self.session._ask_after(self.OFTEN if self.looking else self.SELDOM,
                                self.asked)

    def tell(self, session, grown=None):
        """Begin, wait for the end, and tell; of what has grown to that log."""
        self.begin_last(session, grown is not None)
        self.wait(True)
        unseen(session, self.write_last, session, grown)

    def tell_grown(self, log):
        """The same where nobody counts objects."""
        self.is_noting(True)
        self.begin_child([], True)
        self.wait(True)
        self.write_grown(log, self.take()[1])

    def is_looking(self, session):
        """Begin before tell(); would that wait?  After a while it may."""
        if not self.last:
            self.begin_last(session)
            self.since = time.monotonic()
        return (not self.wait(False) and
                time.monotonic() - self.since < self.PATIENCE)

    def begin_last(self, session, grown=False):
        if not self.last:
            self.last = True
            session._ask_after(0, None)
            self.wait(True)
            unseen(session, self.take)
            unseen(session, self.begin, session, grown)

    def begin(self, session, grown=False):
        """Of the most frequent types; False: a child is at it already."""
        self.is_noting(True)
        session.write_message_to_log("Looking who holds what is alive")
        counts = session.live_object_counts()
        frequent = [name for name in sorted(counts, key=counts.get,
                                            reverse=True)
                    if counts[name] >= self.OBJECTS]
        # Builtins are many, and held by the objects of classes.
        names = ([name for name in frequent if "." in name][:self.CLASSES]
                 + [name for name in frequent if "." not in name]
                 [:self.BUILTINS])
        return self.begin_child(names + [
            name for name in self.CONTAINERS
            if name in counts and name not in names], grown)

    def write_found(self, session):
        self.write(session, self.take()[0])

    def write_last(self, session, log):
        held, grown = self.take()
        self.write(session, held)
        self.write_grown(log, grown)

    def write_grown(self, log, grown):
        for message in grown:
            log.write_message_to_log(message)

    def write(self, session, held):
        """What was found, as pmt-log(5) has it."""
        message = session.write_message_to_log
        message("Who holds what is alive:")
        for name, count, _, path, length, chains in held:
            message("held: %s: %d by %s%s" % (name, count, path, length))
            while chains:
                end = (chains.rindex(" ", 0, 1000) if len(chains) > 1000
                       else len(chains))
                message("held so:" + chains[:end])
                chains = chains[end:]
