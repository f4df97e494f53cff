# SPDX-License-Identifier: MIT
"""Who holds what a session of -r counts, as messages of its log."""
from .job import unseen


class Holders(object):
    """A child of the process looks, while the program goes on."""

    # Whose holders are told: so many types, of so many objects.  Those of
    # imports are the most frequent, and what grows may come far behind them.
    CLASSES = 240
    BUILTINS = 12
    OBJECTS = 10

    def __init__(self, extension):
        self.begin_child = extension._holders_begin
        self.wait = extension._holders_wait
        self.take = extension._holders_take
        self.start_timer = extension._heap_timer

    def tell(self, session):
        """Begin, wait for the end, and tell."""
        self.wait(True)
        unseen(session, self.take)
        unseen(session, self.begin, session)
        self.wait(True)
        unseen(session, self.write, session)

    def begin(self, session):
        """Of the most frequent types; False: a child is at it already."""
        counts = session.live_object_counts()
        frequent = [name for name in sorted(counts, key=counts.get,
                                            reverse=True)
                    if counts[name] >= self.OBJECTS]
        # Builtins are many, and held by the objects of classes.
        return self.begin_child(
            [name for name in frequent if "." in name][:self.CLASSES]
            + [name for name in frequent if "." not in name][:self.BUILTINS])

    def write(self, session):
        """What was found, as pmt-log(5) has it."""
        message = session.write_message_to_log
        message("Who holds what is alive:")
        for name, count, _, path, length, chains in self.take():
            message("held: %s: %d by %s%s" % (
                name, count, path, " (of %d)" % length if length else ""))
            while chains:
                end = (chains.rindex(" ", 0, 1000) if len(chains) > 1000
                       else len(chains))
                message("held so:" + chains[:end])
                chains = chains[end:]
