# SPDX-License-Identifier: MIT
"""Programs that leak, or seem to, as people report it: what does pmt say?

Those in tests/data/field have `leak` and `control` as their argument; the
min_ ones have one fault each that a report once had.
"""
import json
import re
import sys

import pmttest

MIB = 2 ** 20


@pmttest.needs_reference_tracing
class Objects(pmttest.TestCase):

    def run_traced(self, name, *arguments):
        """The log of one run; the program itself must not notice."""
        program = pmttest.data("field", name + ".py")
        plain = pmttest.run_program([sys.executable, program, *arguments])
        traced = pmttest.run_program(
            ["pmt-run", "-r", "-q", "--builtins", "--column", "Size",
             "--python", sys.executable, "-o", self.path("log.pmt"), program,
             *arguments])
        self.assert_success(traced)
        self.assertEqual(traced.stdout, plain.stdout)
        return self.path("log.pmt")

    def analyse(self, *arguments):
        process = pmttest.run_program(["pmt-analyse", *arguments])
        self.assert_success(process)
        return process.stdout

    def report(self, log, *arguments):
        return json.loads(self.analyse("--json", *arguments, log))[0]

    def growing(self, report):
        """(type, file:line) of the groups that grow, in their order."""
        return [(group["type"], "%s:%s" % (group["file"].split("/")[-1],
                                           group["line"]))
                for group in report["groups"] if group["growing"]]

    def first_rows(self, name, argument="leak"):
        """(type, place, own place, holder) of the first three groups."""
        def place(of):
            return of and "%s:%s" % (of["file"].split("/")[-1], of["line"])
        report = self.report(self.run_traced(name, argument))
        return [(group["type"], place(group), place(group.get("own")),
                 group.get("held", {}).get("by"))
                for group in report["groups"][:3] if group["growing"]]

    def test_culprits_come_first(self):
        """Type, line, own line and holder, before what they consist of."""
        for name, type_, line, own, holder in (
                ("lru_method", "__main__.Report", "lru_method.py:19",
                 "lru_method.py:19", r"Report\.total<.*lru_cache"),
                ("null_handler", "logging.NullHandler", "null_handler.py:10",
                 "null_handler.py:10", r"loggerDict\{\*\}\.handlers\[\*\]"),
                ("logger_child", "logging.Logger", r"__init__.py:\d+",
                 "logger_child.py:9", r"manager\.loggerDict\{\*\}"),
                ("stored_exc", "ValueError", "stored_exc.py:11",
                 "stored_exc.py:11", r"__main__\.FAILED\[\*\]"),
                ("futures_kept", "concurrent.futures._base.Future",
                 r"thread.py:\d+", "futures_kept.py:15",
                 r"__main__\.keep\[\*\]")):
            with self.subTest(name):
                first = self.first_rows(name)[0]
                self.assertEqual((first[0], first[2]), (type_, own))
                self.assertRegex(first[1], line)
                self.assertRegex(first[3], holder)

    def test_what_they_hold_comes_next(self):
        self.assertIn(("__main__.Result", "futures_kept.py:12",
                       "futures_kept.py:12",
                       "__main__.keep[*]._result; its list grew from 0 to "
                       "4000"),
                      self.first_rows("futures_kept"))

    def test_parts_are_counted_with_their_owner(self):
        text = self.analyse("--brief", self.run_traced("lru_method", "leak"))
        # With a collection at the end it may seem to have stopped growing.
        self.assertRegex(text, r"  __main__\.Report(?:  \(growing\))?\n"
                         r" {12}\w+/lru_method.py:19 handle\n"
                         r" {12}held: 6000 by .*;\n"
                         r" {18}its dict grew from 0 to 6000\n"
                         r" {12}with: [\d.]+ MiB of 240,000 tuple, "
                         r"240,000 float, 6,000 list")

    def test_all_that_is_owned_counts_with_the_first(self):
        text = self.analyse("--brief", self.run_traced("futures_kept", "leak"))
        self.assertRegex(text, r"  concurrent.futures._base.Future  .*\n"
                         r"(?: {12}.*\n)+?"
                         r" {12}with: 3\d MiB of 7\d\d,\d{3} int, ")

    def test_controls_do_not_grow(self):
        for name, type_ in (("lru_method", "__main__.Report"),
                            ("null_handler", "logging.NullHandler"),
                            ("logger_child", "logging.Logger")):
            with self.subTest(name):
                grown = self.growing(self.report(
                    self.run_traced(name, "control")))
                self.assertNotIn(type_, [group[0] for group in grown])

    def test_what_a_loop_held_until_it_closed(self):
        """After the end nothing is left: the peak tells."""
        log = self.run_traced("timer_context", "leak")
        groups = self.report(log, "--at", "peak")["groups"]
        self.assertIn("__main__.RunState",
                      [group["type"] for group in groups[:20]])
        text = self.analyse("--brief", log)
        self.assertLess(text.index("\nAlive at the peak, "),
                        text.index("\nAlive at the end: "))

    @pmttest.not_sanitized
    def test_what_atexit_takes_away(self):
        log = self.run_traced("min_end")
        peak = {group["type"]: group["alive"]
                for group in self.report(log, "--at", "peak")["groups"]}
        self.assertGreater(peak["__main__.Item"], 2900)
        self.assertIn("held: 3000 by __main__.keep[*]; its list grew from "
                      "0 to 3000\n",
                      self.analyse("--brief", log))

    @pmttest.not_sanitized
    def test_free_memory_is_no_leak(self):
        for name, who in (("pymalloc_frag", "pymalloc"),
                          ("glibc_arenas", "malloc")):
            with self.subTest(name):
                report = self.report(self.run_traced(name, "leak"))
                self.assertEqual(report["verdict"]["finding"], "free")
                end = report["memory"]["end"]
                self.assertGreater(end[who + "_free"], 40 * MIB)
                self.assertGreater(2 * report["verdict"]["free"],
                                   report["verdict"]["growth"])

    def test_a_cache_that_is_full_does_not_grow(self):
        for name in "min_lru", "min_grow":
            with self.subTest(name):
                grown = self.growing(self.report(self.run_traced(name)))
                self.assertNotIn("__main__.Item",
                                 [group[0] for group in grown])

    @pmttest.not_sanitized
    def test_memory_of_a_full_cache_does_not_grow(self):
        verdict = self.report(self.run_traced("full_cache"))["verdict"]
        self.assertGreater(verdict["growth"], 7 * MIB)
        self.assertFalse(verdict["still_growing"])

    @pmttest.not_sanitized
    def test_what_only_the_collection_at_exit_freed(self):
        log = self.run_traced("gc_off", "leak")
        verdict = self.report(log)["verdict"]
        self.assertEqual(verdict["finding"], "collected at exit")
        self.assertGreater(verdict["collected"], 8 * MIB)
        self.assertTrue(verdict["still_growing"])
        text = self.analyse("--brief", log)
        self.assertIn("Only the collection at exit freed",
                      " ".join(text.split()))
        self.assertRegex(text, r"\nAlive at the peak, 0\.0*[1-9]")
        verdict = self.report(self.run_traced("gc_off", "control"))["verdict"]
        self.assertNotEqual(verdict["finding"], "collected at exit")

    @pmttest.not_sanitized
    def test_a_type_grows_though_no_place_does(self):
        """Each object is made at a place of its own."""
        text = self.analyse("--brief", self.run_traced("rules"))
        self.assertRegex(text, r"; no group grows\n(.*\n)+"
                         r"Types that grow, made at more and more places:\n"
                         r" +3,000 .*  __main__\.Item  \(growing\)\n")
        self.assertNotIn("Next: nothing grows", text)

    def test_one_object_that_becomes_larger(self):
        """Its number stays, so that nothing would seem to grow."""
        log = self.run_traced("one_buffer", "leak")
        group, = [group for group in self.report(log)["groups"]
                  if group["type"] == "bytearray"]
        self.assertGreater(group["bytes"], 22 * MIB)
        self.assertEqual(group["held"]["by"], "__main__.STREAM")
        text = self.analyse("--brief", log)
        self.assertRegex(text, r"; no group grows\n(.*\n)+"
                         r" +1 .*  bytearray\n")
        self.assertNotIn("Next: nothing grows", text)
        text = self.analyse("--brief", self.run_traced("one_buffer",
                                                       "control"))
        self.assertNotRegex(text, r"\d MiB .* bytearray")

    def test_what_was_made_large_is_not_said_to_have_grown(self):
        """An object is measured at the end; it is new before it has items."""
        log = self.run_traced("one_buffer", "whole")
        text = " ".join(self.analyse("--brief", log).split())
        self.assertRegex(text, r"\b1 30 MiB .* bytearray ")
        self.assertNotRegex(text, r"grown from|\bit grew\b")

    def test_a_leak_among_temporaries_grows(self):
        for name in "min_tmp", "min_one":
            with self.subTest(name):
                grown = self.growing(self.report(self.run_traced(name)))
                self.assertEqual(grown[0][0], "__main__.Item")

    def test_rss_is_that_of_the_process(self):
        """Few objects, much memory: rows alone would not see it."""
        for name in "min_last", "min_rss":
            with self.subTest(name):
                report = self.report(self.run_traced(name))
                rss = report["rss"]
                self.assertGreater(rss["last"] - rss["first"], 45 * MIB)
                self.assertGreater(rss["peak"], 55 * MIB)

    def test_shares_add_up(self):
        memory = self.report(self.run_traced("min_rss"))["memory"]
        for moment in memory.values():
            shares = sum(value for key, value in moment.items()
                         if key not in ("clock", "rss"))
            self.assertEqual(shares, moment["rss"])

    def test_the_first_screen(self):
        """It fits, says what grows, and ends with what to try next."""
        text = self.analyse("--brief", "--top", "3",
                            self.run_traced("lru_method", "leak"))
        lines = text.splitlines()
        self.assertLessEqual(len(lines), 40)
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertRegex(text, r"\n  all of it: RSS +[\d.]+ +[\d.]+ +[\d.]+\n")
        self.assertRegex(text, r"\nVerdict: Memory grew by \d+ MiB")
        self.assertTrue(re.match(r"Next: |      ", lines[-1]), lines[-1])


if __name__ == "__main__":
    pmttest.main()
