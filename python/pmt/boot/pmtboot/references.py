# SPDX-License-Identifier: MIT
"""The job of -r: objects, and who holds those alive at the end."""
from .job import Job, unseen
from .settings import common_arguments, load_extension, seconds, texts

# Whose holders are told: so many types, of so many objects.
HELD_TYPES = 12
HELD_OBJECTS = 10


def tell_holders(session, find):
    """Who keeps the most frequent types alive, while their holders live.

    The log has it as messages, see pmt-log(5).
    """
    counts = session.live_object_counts()
    frequent = [name for name in sorted(counts, key=counts.get, reverse=True)
                if counts[name] >= HELD_OBJECTS]
    # Builtins are many, and held by the objects of classes.
    names = ([name for name in frequent if "." in name][:HELD_TYPES]
             + [name for name in frequent if "." not in name][:HELD_TYPES])
    tell = session.write_message_to_log
    tell("Who holds what is alive:")
    for name, count, _, path, length, chains in find(names):
        tell("held: %s: %d by %s%s" % (
            name, count, path, " (of %d)" % length if length else ""))
        while chains:
            end = chains.rindex(" ", 0, 1000) if len(chains) > 1000 else None
            tell("held so:" + chains[:end])
            chains = chains[end:] if end else ""


class References(Job):

    FIRST_PYTHON = 3, 13

    def make_session(self, package, settings):
        extension = load_extension(package)
        self.find_holders = extension._type_holders
        return extension.ReferenceTracing(
            include_builtins="no-builtins" not in settings,
            type_names=texts(settings, "type-names")[-1],
            gc_collect_on_exit=int(settings["gc-collect"][-1]),
            columns=texts(settings, "column") + ["Size", "Own"],
            interval=seconds(settings, "summary"),
            **common_arguments(settings, (
                ("include_tp_names", "include-type"),
                ("exclude_tp_names", "exclude-type"))))

    def ending(self):
        self.session._note_exit()
        unseen(self.session, tell_holders, self.session, self.find_holders)

    def report(self):
        self.report_limit()
        self.board.write("made", self.session.count_new())
        self.board.write("destroyed", self.session.count_del())
        self.board.write("alive", self.session.live_count())
