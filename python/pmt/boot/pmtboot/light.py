# SPDX-License-Identifier: MIT
"""The job of a run for which no tracer was named: a profile, and objects."""
import sys

from .changes import Profile
from .holders import Holders
from .settings import load_extension


class FirstObject(object):
    pass


class Light(Profile):
    """-p; from 3.13 on the books of -r too, told in its log.

    And the heap at the end is compared with that at the start.

    Objects of builtin types are left out: most objects are, and to follow them
    would cost some three times what all the rest does.
    """

    books = None

    # Bytes of growth from which on the heap is walked at the end.
    MUCH = 2 ** 20

    def make_session(self, package, settings):
        extension = load_extension(package)
        self.looking = Holders(extension)
        if sys.version_info >= (3, 13):
            self.books = extension.ReferenceTracing(
                format="books", filepath="/dev/null", memory=True,
                type_names="qualified", columns=["Size", "Own"],
                gc_collect_on_exit=int(settings["gc-collect"][-1]))
        return Profile.make_session(self, package, settings)

    def enter(self):
        if not self.books:
            return Profile.enter(self)
        # What the books take at once is no growth of the program's first line.
        self.books.__enter__()
        FirstObject()
        self.books.suspend()
        path = Profile.enter(self)
        self.leave_profile, self.leave = self.leave, self.leave_both
        self.books.resume()
        return path

    def begun(self):
        self.looking.note(True)
        if self.books:
            self.looking.watch(self.books)

    def ended(self):
        self.session._note_exit()
        if self.books:
            try:
                self.books._collect()
                grows = self.session.rss_growth() >= self.MUCH
                self.looking.tell(self.books, self.session if grows else None)
                self.books._note_atexit()
            except RuntimeError:
                pass  # A block of the program's traces: the objects are its.
            self.session._note_atexit()
        else:
            self.looking.tell_grown(self.session)

    def ending(self):
        if self.books:
            try:
                self.tell()
            except RuntimeError:
                pass

    def tell(self):
        for message in self.books._tell():
            self.session.write_message_to_log(message)

    def leave_both(self, *error):
        # What the books took is not given back before the profile has ended.
        self.leave_profile(*error)
        self.books.__exit__(*error)
