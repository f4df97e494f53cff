# SPDX-License-Identifier: MIT
"""The smaller modules of pymemtrace: names and what they do."""
import io
import json
import logging
import os
import re
import subprocess
import sys
import unittest.mock

import psutil

import pmttest


class SmallModules(pmttest.TestCase):

    def test_custom(self):
        from pymemtrace.custom import Custom
        custom = Custom("a", last="b", number=3)
        self.assertEqual((custom.first, custom.last, custom.number,
                          custom.name()), ("a", "b", 3, "a b"))
        self.assertEqual(Custom().name(), " ")

    @pmttest.needs_reference_tracing
    def test_reference_count_example(self):
        from pymemtrace.cPyRefTraceExample import RefTraceCount
        counter = RefTraceCount()
        kept = [object() for _ in range(100)]
        new = counter.count_new()
        self.assertIn(new, range(101, 130))
        del kept
        self.assertIn(counter.count_del(), range(101, 130))
        del counter
        self.assertLess(RefTraceCount().count_new(), 20)

    @unittest.skipIf(sys.version_info >= (3, 13), "there is tracing")
    def test_no_reference_count_example(self):
        with self.assertRaises(ImportError):
            from pymemtrace import cPyRefTraceExample  # noqa: F401

    def test_gnuplot_table(self):
        from pymemtrace.util import gnuplot
        self.assertEqual(gnuplot.create_gnuplot_dat([("#t", "RSS"), (1, 20)]),
                         "#t   RSS  \n1    20   ")
        with self.assertRaises(ValueError):
            gnuplot.create_gnuplot_dat([(1, 2), (3,)])
        for text in (gnuplot.PLOT.format(title="x"),
                     gnuplot.X_LOG.format(label="x"),
                     gnuplot.Y2_LOG.format(label="x")):
            self.assertIn('"x"', text)

    def test_gnuplot(self):
        """A gnuplot of ours: it notes what it is told."""
        from pymemtrace.util import gnuplot
        program = self.write_file("bin/gnuplot", "#!/bin/sh\ntest $# = 1 && "
                                  "echo gnuplot 9 || cat >told\n")
        os.chmod(program, 0o755)
        with unittest.mock.patch.dict(os.environ, PATH="%s:%s" % (
                self.path("bin"), os.environ["PATH"])):
            self.assertEqual(gnuplot.version(), b"gnuplot 9")
            for arguments, data in (
                    (([(1, 2)], "plot"), "1   2  "),
                    ((["# by x"], [(1, 2)], "plot"), "# by x\n1   2  ")):
                self.assertEqual(0, gnuplot.invoke_gnuplot(
                    self.path("to"), "n", *arguments))
                self.assertEqual(self.read_file("to/n.dat"), data)
                self.assertEqual(self.read_file("to/n.plt"), "plot")
                self.assertEqual(self.read_file("to/told"), "plot")
            self.assertEqual(0, gnuplot.write_test_file(self.directory, "svg"))
            self.assertIn('"test.svg"', self.read_file("told"))
        with unittest.mock.patch.dict(os.environ, PATH=self.directory):
            self.assertEqual(gnuplot.version(), b"")
            with self.assertRaises(ValueError):
                gnuplot.add_gnuplot_to_argument_parser(None)

    def test_process(self):
        from pymemtrace import process
        for line, groups in (
                ("12:00 ProcessLoggingThread-JSON {1}", (None, "{1}")),
                ("x ProcessLoggingThread-JSON-STOP {}", ("-STOP", "{}"))):
            self.assertEqual(process.RE_LOG_LINE.match(line).groups(), groups)
        self.assertIsNone(process.RE_LOG_LINE.match(
            "ProcessLoggingThread-JSON {1}"))
        self.assertEqual((process.KEY_LABEL, process.KEY_PROCESS_ID),
                         ("label", "pid"))
        self.assertIn("memory_info", process.PSUTIL_PROCESS_AS_DICT_KEYS)
        self.assertIn('"a.svg"', process.GNUPLOT_PLT.format(
            name="a", extension="svg", labels=""))
        thread = process.ProcessLoggingThread(None, None, "n", True, 2.5,
                                              logging.DEBUG, os.getpid())
        self.assertEqual((thread.name, thread._interval), ("n", 2.5))
        self.assertEqual(process.ProcessLoggingThread(0.5)._interval, 0.5)

    def test_trace_malloc_logs_to_the_root(self):
        from pymemtrace import trace_malloc
        with self.assertLogs(level=logging.INFO) as logged:
            trace_malloc.trace_malloc_log(logging.INFO)(bytearray)(1000)
        self.assertEqual([record.name for record in logged.records], ["root"])

    def test_examples(self):
        import pymemtrace.examples
        directory = os.path.dirname(pymemtrace.examples.__file__)
        names = [name[:-3] for name in sorted(os.listdir(directory))
                 if name.endswith(".py") and name != "__init__.py"]
        self.assertIn("ex_process", names)
        for name in names:
            process = self.assert_success(pmttest.run_program(
                [sys.executable, "-m", "pymemtrace.examples." + name] +
                ["0.1"] * (name == "ex_process_tree"), cwd=self.directory))
            self.assertEqual(process.stderr, "", name)
            self.assertNotEqual(process.stdout, "", name)


class ProcessTree(pmttest.TestCase):
    """process_tree as a library: what it writes is what pmt-tree writes."""

    def columns(self, *names):
        from pymemtrace.process_tree import (
            ColumnWidthFormat, ProcessTree, WriteSummaryColumn)
        table = {
            "RSS": ("get_memory_rss", 1 / 1024 ** 2, "MB", 8, "8,.1f"),
            "Thrds": ("get_num_threads", 1, "", 6, "6,d"),
            "Status": ("get_status", 1, "", 10, ">10s")}
        made = []
        for name in names:
            getter, factor, unit, width, form = table[name]
            change = form if name == "Status" else "+" + form
            made.append(WriteSummaryColumn(
                name, getattr(ProcessTree, getter), factor, unit,
                ColumnWidthFormat(width, form),
                ColumnWidthFormat(width, change)))
        return made

    def test_as_pmt_tree(self):
        from pymemtrace import process_tree
        path = self.path("json")
        with subprocess.Popen(["sleep", "60"]) as sleeper:
            try:
                pmttest.wait_for_waiting(psutil.Process(sleeper.pid))
                theirs = self.assert_success(pmttest.run_program(
                    ["pmt-tree", "--classic", "-ts", "--sep=|", "--count=1",
                     "-p", str(sleeper.pid)])).stdout.splitlines()[1:3]
                config = process_tree.WriteSummaryConfig(
                    self.columns("RSS", "Thrds", "Status"), path)
                out = io.StringIO()
                tree = process_tree.ProcessTree(sleeper.pid)
                tree.write_header(config, "|", out)
                tree.update_children()
                for record in (0, 1):
                    tree.write_summary(0, record, config, "|", out)
            finally:
                sleeper.kill()
        titles, first, second = out.getvalue().splitlines()
        for ours, his in ((titles, theirs[0]), (first, theirs[1])):
            his = re.sub(r"\|[^|]*\|[^|]*(?=\|[^|]*\|[^|]*\|[^|]*\|[^|]*$)",
                         "", his)      # CPU use is always in it
            self.assertEqual(ours.split("|")[1:], his.split("|")[1:])
        self.assertEqual(second.split("|")[-5:],
                         ["+0.0", "1", "+0", "sleeping", ""])
        self.assertEqual([data["Thrds"] for data in json.loads(
            "[%s]" % self.read_file("json"))], [1, 1])

    def test_children(self):
        from pymemtrace import process_tree
        config = process_tree.WriteSummaryConfig(self.columns("RSS"))
        with pmttest.waiting("import subprocess as s, sys\n"
                             "c = s.Popen(['cat'], stdin=s.PIPE)\n"
                             "print('ready', flush=True)\n"
                             "sys.stdin.readline()\nc.communicate()"
                             ) as process:
            (child,) = process.children()
            out = io.StringIO()
            tree = process_tree.ProcessTree(psutil.Process(process.pid))
            tree.update_children()
            tree.load_previous(config)
            tree.write_summary(0, 0, config, "", out)
            kept = tree.children[0]
            tree.update_children()
            self.assertIs(tree.children[0], kept)
        rows = out.getvalue().splitlines()
        self.assertRegex(rows[1], r'^ {12}%5d "cat" {19} +\d+\.\d +\+0\.0$'
                         % child.pid)

    def test_log_process(self):
        from pymemtrace import process_tree
        path = self.path("json")
        config = process_tree.WriteSummaryConfig(self.columns("RSS"), path)
        out = io.StringIO()
        with subprocess.Popen(["sleep", "60"]) as sleeper, \
                unittest.mock.patch("sys.stdout", out):
            naps = []

            def end_the_third_time(seconds):
                naps.append(seconds)
                if len(naps) == 3:
                    sleeper.kill()
                    sleeper.wait()
            with unittest.mock.patch("pymemtrace._tree.time.sleep",
                                     end_the_third_time):
                self.assertEqual(0, process_tree.log_process(
                    sleeper.pid, 0.0, True, config, ""))
                self.assertEqual(-1, process_tree.log_process(
                    sleeper.pid, 0.0, False, config, ""))
        self.assertIn("CMD: sleep 60\n", out.getvalue())
        self.assertIn("is not running.\n", out.getvalue())
        self.assertGreater(len(json.loads(self.read_file("json"))), 0)


class MallocStats(pmttest.TestCase):

    ARENAS = (b"# arenas allocated total           =                2,033\n"
              b"# arenas reclaimed                 =                2,015\n"
              b"# arenas highwater mark            =                   20\n"
              b"# arenas allocated current         =                   18\n"
              b"18 arenas * 262144 bytes/arena     =            4,718,592")
    POOLS = (b"# bytes in allocated blocks        =            4,195,888\n"
             b"# bytes in available blocks        =               75,136\n"
             b"19 unused pools * 4096 bytes       =               77,824\n"
             b"# bytes lost to pool headers       =               51,312\n"
             b"# bytes lost to quantization       =               56,288\n"
             b"# bytes lost to arena alignment    =                    0\n"
             b"Total                              =            4,456,448")

    def test_parts_print_as_their_text(self):
        from pymemtrace import debug_malloc_stats as stats
        for cls, text in ((stats.DebugMallocArenas, self.ARENAS),
                          (stats.DebugMallocPoolsBlocks, self.POOLS)):
            self.assertEqual(repr(cls(text)).encode(), text)
        self.assertEqual(stats.DebugMallocArenas(self.ARENAS).narenas, 18)
        self.assertEqual(stats.DebugMallocPoolsBlocks(
            self.POOLS).pool_overhead(1069), 48)
        self.assertEqual(
            str(stats.DebugMallocStat(0, 16, 2, 297, 209)),
            "    0     16           2             297           209")
        self.assertEqual(
            str(stats.DebugTypeStat(52, "2-sized PyTupleObjects", 40, 2080)),
            "  52 free 2-sized PyTupleObjects * 40 bytes each ="
            "                2,080")

    def test_differences(self):
        from pymemtrace import debug_malloc_stats as stats
        a = stats.DebugMallocStat(0, 16, 2, 297, 209)
        self.assertEqual(
            stats.diff_debug_malloc_stat(a, a._replace(num_pools=3)),
            "    0     16          +1              +0            +0")
        b = stats.DebugTypeStat(52, "x", 40, 2080)
        self.assertRegex(stats.diff_debug_type_stat(
            b, b._replace(free_count=51, bytes_total=2040)),
            r"^ +-1 free x \* 40 bytes each = +-40$")
        for function, one, change in (
                (stats.diff_debug_malloc_stat, a, {"size": 32}),
                (stats.diff_debug_type_stat, b, {"object_type": "y"})):
            with self.assertRaisesRegex(ValueError, "%s != b" % (
                    list(change)[0])):
                function(one, one._replace(**change))
        self.assertEqual(stats.last_value_as_int(b"x = 2,033"), 2033)
        self.assertEqual((stats.POOL_SIZE, stats.POOL_OVERHEAD), (4096, 48))

    @unittest.skipIf(pmttest.free_threaded, "pymalloc needs the GIL")
    def test_types_are_bytes(self):
        from pymemtrace import debug_malloc_stats as stats
        with stats.DiffSysDebugMallocStats() as block:
            pass
        for each in (stats.SysDebugMallocStats(), block.after):
            names = list(each.object_types())
            self.assertTrue(names)
            for name in names:
                self.assertIsInstance(name, bytes)
                self.assertTrue(each.has_object_type(name))
                self.assertGreaterEqual(each.type_stat(name).free_count, 0)

    @unittest.skipIf(pmttest.free_threaded, "pymalloc needs the GIL")
    def test_as_a_program(self):
        process = self.assert_success(pmttest.run_program(
            [sys.executable, "-m", "pymemtrace.debug_malloc_stats"]))
        self.assertIn("class   size   num pools", process.stdout)


if __name__ == "__main__":
    pmttest.main()
