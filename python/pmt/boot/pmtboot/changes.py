# SPDX-License-Identifier: MIT
"""The jobs of -p and -t: what changes memory."""
import os

from .job import Job
from .settings import common_arguments, load_extension, stack, texts

# As code has it, which may not be how it is written shortest.
HERE = os.path.dirname(__file__)


def profile_arguments(settings):
    arguments = common_arguments(settings, (
        ("include_files", "include-file"),
        ("exclude_files", "exclude-file"),
        ("include_functions", "include-function")))
    # What stands beside this file is no part of the program.
    arguments.setdefault("exclude_files", []).append(
        os.path.join(os.path.dirname(HERE).replace("[", "[[]"), "*"))
    for argument in "rss", "threads":
        if argument in settings:
            arguments[argument] = texts(settings, argument)[-1]
    arguments.setdefault("threads", "all")
    trigger = int(settings.get("trigger", [b"-1"])[-1])
    return dict(arguments, d_rss_trigger=trigger, columns=["Own"],
                stack=stack(settings, trigger != 0))


class Profile(Job):

    def make_session(self, package, settings):
        return load_extension(package).Profile(**profile_arguments(settings))

    def report(self):
        self.report_limit()
        self.board.write("events", self.session.event_count())
        self.board.write("growth", self.session.rss_growth())


class Trace(Profile):

    def make_session(self, package, settings):
        return load_extension(package).Trace(opcodes="opcodes" in settings,
                                             **profile_arguments(settings))
