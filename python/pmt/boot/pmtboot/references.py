# SPDX-License-Identifier: MIT
"""The job of -r: objects, and who holds those alive at the end."""
from .holders import Holders
from .job import Job
from .settings import (common_arguments, load_extension, seconds, stack,
                       texts)

class References(Job):

    FIRST_PYTHON = 3, 13
    alive = 0

    def make_session(self, package, settings):
        extension = load_extension(package)
        self.holders = Holders(extension)
        self.sample = int(settings.get("sample", [b"1"])[-1])
        return extension.ReferenceTracing(
            include_builtins="no-builtins" not in settings,
            type_names=texts(settings, "type-names")[-1],
            gc_collect_on_exit=int(settings["gc-collect"][-1]),
            columns=texts(settings, "column") + ["Size", "Own"],
            interval=seconds(settings, "summary"),
            stack=stack(settings, False), sample=self.sample,
            **common_arguments(settings, (
                ("include_tp_names", "include-type"),
                ("exclude_tp_names", "exclude-type"))))

    def begun(self):
        if not self.summaries:
            self.holders.watch(self.session)

    def is_busy(self):
        return self.holders.is_looking(self.session)

    def ended(self):
        # What functions of atexit make garbage was none before.
        self.session._collect()
        self.holders.tell(self.session)
        self.session._note_atexit()
        self.alive = self.session.live_count()

    def ending(self):
        self.alive -= self.session.live_count()

    def report(self):
        self.report_limit()
        if self.alive > 0:
            self.board.write("freed-at-exit", self.alive * self.sample)
        for key, count in (("made", self.session.count_new()),
                           ("destroyed", self.session.count_del()),
                           ("alive", self.session.live_count())):
            self.board.write(key, count * self.sample)
        if self.sample > 1:
            self.board.write("sampled", self.sample)
