# SPDX-License-Identifier: MIT
"""What tracing knows besides events: whose memory, whose block, whose type."""
import gc
import signal
import sys
import unittest

import pmttest
import reflog

import pmt

OWN_GROWTH = """
import sys, pmt
class Thing: pass
with pmt.ReferenceTracing(filepath=sys.argv[1]):
    first, second = Thing(), Thing()
"""


class Thing:
    pass


@pmttest.needs_reference_tracing
class EdgesTest(pmttest.TestCase):

    def tracing(self, name="log", **kwargs):
        return pmt.ReferenceTracing(filepath=self.path(name),
                                    gc_collect_on_exit=-1, **kwargs)

    def log(self, name="log"):
        return reflog.Log(self.path(name))

    @pmttest.not_sanitized
    def test_own_memory_is_not_the_programs(self):
        """The first object costs us leaves and branches: no change of it."""
        self.assert_success(pmttest.run_python(OWN_GROWTH, self.path("log")))
        first, second = self.log().of("Thing", "NEW")
        self.assertLess(abs(first.d_rss), 128 << 10)
        self.assertLess(abs(second.d_rss), 128 << 10)

    def test_ignored_within_ignored(self):
        """The end of the inner one is not that of the outer one."""
        with self.tracing() as tracing:
            outer = tracing._ignore_thread(True)
            inner = tracing._ignore_thread(True)
            tracing._ignore_thread(inner)
            unseen = Thing()
            tracing._ignore_thread(outer)
            seen = Thing()
        self.assertEqual((outer, inner), (False, True))
        row, = self.log().of("Thing", "NEW")
        self.assertEqual(row.address, id(seen), unseen)

    @unittest.skipUnless(getattr(sys, "_is_gil_enabled", bool)(),
                         "without a GIL nobody asks")
    def test_what_is_raised_while_we_look(self):
        """A failure of ours is nobody's; what a signal raises is not."""
        theirs = {}
        exec("def handler(*args): raise TimeoutError", theirs)
        before = signal.signal(signal.SIGUSR1, theirs["handler"])
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        looks = []

        def look():
            looks.append(len(looks))
            if len(looks) == 1:
                raise OSError
            signal.raise_signal(signal.SIGUSR1)

        def work():
            for _ in range(30000):
                Thing()

        with self.tracing() as tracing:
            tracing._ask_after(1000, look)
            for _ in range(2):
                self.assertRaises(TimeoutError, work)
            tracing._ask_after(0, None)
        self.assertEqual(looks, [0, 1, 2])

    def test_neighbour_of_a_freed_block(self):
        """A block that is freed 16 bytes before an object is not its own."""
        def alive():
            return tracing.live_object_counts()["object"]

        fillers = [object() for _ in range(4000)]
        with self.tracing(include_builtins=True) as tracing:
            del fillers[::2]
            made = [object() for _ in range(2000)]
            addresses = {id(each) for each in made}
            if not any(id(each) + 16 in addresses for each in fillers):
                self.skipTest("no two objects lie side by side")
            before = alive()
            del fillers[:]
            self.assertEqual(alive(), before)
        del made

    def test_leaving_an_outer_block_first(self):
        """Nothing changes for the inner one."""
        outer, inner = self.tracing("outer"), self.tracing("inner")
        outer.__enter__()
        inner.__enter__()
        outer.__exit__(None, None, None)
        Thing()
        inner.__exit__(None, None, None)
        self.assertNotIn("Re-attaching", self.log("inner").text)
        self.assertEqual(len(self.log("inner").of("Thing", "NEW")), 1)

    def test_detached_block_knows_who_died(self):
        with self.tracing("outer") as outer:
            thing, other = Thing(), Thing()
            with self.tracing("inner"):
                del thing
                self.assertEqual(outer.live_object_counts()["Thing"], 1)
            del other
        self.assertEqual([row.live for row in self.log("outer").of("Thing")],
                         [1, 2, 0])

    def test_types_that_go_leave_the_others(self):
        """Each type is found again, wherever it stands in a full table."""
        with self.tracing():
            for turn in range(5):
                types = [type("T%d_%d" % (turn, i), (), {})
                         for i in range(110)]
                kept = [cls() for cls in types]
                del types[::2], kept[::2]
                gc.collect()
                again = [cls() for cls in types]
        log = self.log()
        for cls in types:
            self.assertEqual([row.live for row in
                              log.of(cls.__name__, "NEW")], [1, 2],
                             cls.__name__)
        del kept, again


if __name__ == "__main__":
    pmttest.main()
