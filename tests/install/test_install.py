# SPDX-License-Identifier: MIT
"""What `make install` puts where, and that others can use it."""
import glob
import os
import re
import shlex
import subprocess
import sys

import pmttest


def make(*arguments):
    """Run make in the build folder, apart from the make that runs the tests."""
    return pmttest.run_program(["make", "-s"] + list(arguments),
                               cwd=pmttest.builddir, timeout=200,
                               env={"MAKEFLAGS": None, "MFLAGS": None,
                                    "MAKELEVEL": None, "LD_PRELOAD": None})


def files_below(directory):
    return sorted(os.path.relpath(os.path.join(base, name), directory)
                  for base, _, names in os.walk(directory) for name in names)


def example_of(page):
    """The first literal block in the EXAMPLES of a man page."""
    with open(os.path.join(pmttest.srcdir, "man", page)) as file:
        text = file.read().partition("\n.Sh EXAMPLES\n")[2]
    block = re.search(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.S | re.M)
    return block.group(1).replace("\\e", "\\")


class InstallTest(pmttest.TestCase):

    def setUp(self):
        self.root = self.path("root")
        self.assert_success(make("install", "DESTDIR=" + self.root,
                                 "PYTHON_SITES=lib/some-site"))

    def installed(self, pattern):
        """The one installed file that matches."""
        found = glob.glob(os.path.join(self.root, "**", pattern),
                          recursive=True)
        self.assertEqual(len(found), 1, (pattern, found))
        return found[0]

    def test_package_can_be_imported_through_its_pth_file(self):
        pth = self.installed("some-site/pmt.pth")
        with open(pth) as file:
            directory = self.root + file.read().rstrip("\n")
        self.assertTrue(os.path.isdir(directory), directory)
        process = self.assert_success(pmttest.run_python(
            "import pmt._pmt; print(pmt.__file__)",
            env={"PYTHONPATH": directory}))
        self.assertEqual(process.stdout.strip(),
                         os.path.join(directory, "pmt", "__init__.py"))

    def test_pymemtrace_is_there(self):
        """For those who ask for it by its name, and its commands."""
        if not os.path.exists(os.path.join(pmttest.builddir, "python",
                                           "pymemtrace")):
            self.skipTest("configured with --disable-pymemtrace")
        info = self.installed("pymemtrace-*.dist-info/METADATA")
        directory = os.path.dirname(os.path.dirname(info))
        self.assert_success(pmttest.run_python(
            "import importlib.metadata as m, pymemtrace\n"
            "assert m.version('pymemtrace') == pymemtrace.__version__",
            env={"PYTHONPATH": directory}))
        process = self.assert_success(pmttest.run_program(
            [sys.executable, self.installed("pymemtrace_ref_trace_analyse"),
             "--help"], env={"PYTHONPATH": directory}))
        self.assertIn("--include-historical", process.stdout)
        process = self.assert_success(pmttest.run_program(
            [sys.executable, self.installed("pymemtrace_dtrace_log_analyse"),
             os.path.join(pmttest.srcdir, "tests", "data", "dtrace",
                          "malloc-flow.out")], env={"PYTHONPATH": directory}))
        self.assertRegex(process.stdout,
                         r"Total bytes outstanding: +1,486\n")

    def test_a_program_builds_with_pkg_config_and_runs(self):
        source = self.write_file("rss.c", example_of("libpmt.3"))
        pc = self.installed("libpmt.pc")
        flags = self.assert_success(pmttest.run_program(
            ["pkg-config", "--cflags", "--libs", "libpmt"],
            env={"PKG_CONFIG_PATH": os.path.dirname(pc),
                 "PKG_CONFIG_SYSROOT_DIR": self.root}))
        self.assert_success(pmttest.run_program(
            shlex.split(os.environ["CC"]) + ["-Wall", "-Wextra", "-Werror",
            "-o", self.path("rss"), source] + shlex.split(flags.stdout)))
        process = self.assert_success(pmttest.run_program(
            [self.path("rss"), str(os.getpid())],
            env={"LD_LIBRARY_PATH": os.path.dirname(os.path.dirname(pc))}))
        with open("/proc/self/statm") as file:
            rss = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        self.assertAlmostEqual(int(process.stdout), rss, delta=8 << 20)
        process = pmttest.run_program(
            [self.path("rss"), "4194305"],
            env={"LD_LIBRARY_PATH": os.path.dirname(os.path.dirname(pc))})
        self.assert_status(process, 1)
        self.assertEqual(process.stderr, "No such process\n")

    def test_library_exports_what_its_map_lists(self):
        process = self.assert_success(pmttest.run_program(
            ["nm", "-D", "--defined-only", self.installed("libpmt.so")]))
        with open(os.path.join(pmttest.srcdir, "lib", "libpmt.map")) as file:
            listed = set(re.findall(r"^\t(pmt_\w+);$", file.read(), re.M))
        exported = {line.split()[2].partition("@")[0]
                    for line in process.stdout.splitlines()
                    if line.split()[1] == "T"}
        self.assertEqual(exported, listed)
        self.assertIn("pmt_rss_read", listed)

    def test_uninstall_leaves_no_file(self):
        package = os.path.dirname(self.installed("pmt/__init__.py"))
        # What a root's Python leaves behind.
        os.mkdir(os.path.join(package, "__pycache__"))
        open(os.path.join(package, "__pycache__", "x.pyc"), "w").close()
        self.assertIn("pmt.pth", " ".join(files_below(self.root)))
        self.assert_success(make("uninstall", "DESTDIR=" + self.root,
                                 "PYTHON_SITES=lib/some-site"))
        self.assertEqual(files_below(self.root), [])


class PythonInfoTest(pmttest.TestCase):

    script = os.path.join(pmttest.srcdir, "build-aux", "python-info.py")

    def test_site_directory_of_a_virtual_environment(self):
        # realpath: some systems make lib64 a link.
        prefix = self.path("venv")
        subprocess.check_call([sys.executable, "-m", "venv", "--without-pip",
                               prefix])
        process = self.assert_success(pmttest.run_program(
            [os.path.join(prefix, "bin", "python"), self.script, prefix]))
        version, suffix, include, site = process.stdout.split()
        self.assertEqual(version, "%d.%d.%d" % sys.version_info[:3])
        self.assertTrue(os.path.exists(os.path.join(include, "Python.h")))
        self.assertEqual(site, "lib/python%d.%d%s/site-packages" % (
            sys.version_info[:2] + ("t" * pmttest.free_threaded,)))
        self.assertTrue(suffix.endswith(".so"))

    def test_no_site_directory_below_a_foreign_prefix(self):
        process = self.assert_success(pmttest.run_program(
            [sys.executable, self.script, self.path("nowhere")]))
        self.assertEqual(process.stdout.split()[3], "-")


if __name__ == "__main__":
    pmttest.main()
