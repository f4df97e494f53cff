# SPDX-License-Identifier: MIT
"""The wheel: `make install` rearranged; it works where pip would put it."""
import base64
import csv
import hashlib
import importlib.util
import io
import os
import sys
import sysconfig
import unittest.mock
import zipfile

import pmttest


def load_backend():
    spec = importlib.util.spec_from_file_location(
        "pip_backend", os.path.join(pmttest.srcdir, "build-aux",
                                    "pip_backend.py"))
    backend = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(backend)
    return backend


class WheelTest(pmttest.TestCase):

    def setUp(self):
        """Make a wheel of this build, as it is installed below prefix."""
        self.backend = load_backend()

        def installed(build, settings):
            root = os.path.join(build, "root")
            self.assert_success(pmttest.run_program(
                ["make", "-s", "install", "DESTDIR=" + root,
                 "prefix=/prefix", "PYTHON_SITES="],
                cwd=pmttest.builddir, timeout=200,
                env={"MAKEFLAGS": None, "MFLAGS": None, "MAKELEVEL": None,
                     "LD_PRELOAD": None}))
            return root + "/prefix"
        with unittest.mock.patch.object(self.backend, "installed", installed):
            self.name = self.backend.build_wheel(self.directory)
        self.wheel = zipfile.ZipFile(self.path(self.name))
        self.addCleanup(self.wheel.close)
        self.info = "pmt-%s.dist-info/" % self.name.split("-")[1]

    def test_name_and_metadata(self):
        abi = sysconfig.get_config_var("SOABI").split("-")[1]
        self.assertRegex(self.name, r"^pmt-[\d.]+-cp%d%d-cp%s-linux_\w+\.whl$"
                         % (sys.version_info[:2] + (abi,)))
        import pmt
        text = self.wheel.read(self.info + "METADATA").decode()
        self.assertIn("\nVersion: %s\n" % pmt.__version__, text)
        tag = self.name[len("pmt-%s-" % pmt.__version__):-len(".whl")]
        self.assertIn("\nTag: %s\n" % tag,
                      self.wheel.read(self.info + "WHEEL").decode())

    def test_record_is_right(self):
        rows = list(csv.reader(io.StringIO(
            self.wheel.read(self.info + "RECORD").decode())))
        self.assertEqual([row[0] for row in rows], self.wheel.namelist())
        for name, digest, size in rows[:-1]:
            content = self.wheel.read(name)
            self.assertEqual(len(content), int(size))
            self.assertEqual("sha256=" + base64.urlsafe_b64encode(
                hashlib.sha256(content).digest()).decode().rstrip("="),
                digest)
        self.assertEqual(rows[-1], [self.info + "RECORD", "", ""])

    def test_works_where_pip_puts_it(self):
        site = "lib/python%d.%d/site-packages" % sys.version_info[:2]
        for entry in self.wheel.infolist():
            top, _, rest = entry.filename.partition("/")
            if top.endswith(".data"):
                kind, _, rest = rest.partition("/")
                name = {"scripts": "bin/", "data": "",
                        "purelib": site + "/"}[kind] + rest
            else:
                name = site + "/" + entry.filename
            path = self.path("venv", *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(self.wheel.read(entry))
            os.chmod(path, entry.external_attr >> 16 & 0o777)
        self.assertTrue(os.path.exists(self.path(
            "venv", "share", "bash-completion", "completions", "pmt.bash")))
        environment = {"PYTHONPATH": self.path("venv", *site.split("/")),
                       "PATH": "/usr/bin:/bin"}
        process = self.assert_success(pmttest.run_python(
            "import pmt, pmt.top; print(pmt.__file__); pmt.rss()",
            env=environment))
        self.assertIn(self.directory, process.stdout)
        process = self.assert_success(pmttest.run_python(
            "import importlib.metadata as m, pymemtrace\n"
            "assert m.version('pymemtrace') == pymemtrace.__version__",
            env=environment))
        self.assertIn(b"pymemtrace_ref_trace_analyse = pymemtrace.util."
                      b"ref_trace_analyse:main\n",
                      self.wheel.read(self.info + "entry_points.txt"))
        process = self.assert_success(pmttest.run_program(
            [sys.executable, "-m", "pmt"], env=environment))
        self.assertIn("pmt tree ", process.stdout)
        for program in ("pmt", "pmt-analyse", "pmt-run", "pmt-tree"):
            process = self.assert_success(pmttest.run_program(
                [self.path("venv", "bin", program), "--version"]))
            self.assertIn("(pmt)", process.stdout)
        process = self.assert_success(pmttest.run_program(
            [self.path("venv", "bin", "pmt"), "tree", "--version"]))
        self.assertIn("pmt-tree (pmt)", process.stdout)

    def test_pmt_run_finds_the_package(self):
        self.test_works_where_pip_puts_it()
        process = pmttest.run_program(
            [self.path("venv", "bin", "pmt"), "run", "-r", "--text",
             "--output=" + self.path("log"), "-c", "import pmt\n"
             "class Kept: pass\nkept = Kept()"],
            env={"PYTHON": sys.executable, "PYTHONPATH": None})
        if sys.version_info < (3, 13):
            self.assert_status(process, 125)
            self.assertIn("3.13 or newer", process.stderr)
        else:
            self.assert_status(process, 1)
            self.assertIn("No module named 'pmt'", process.stderr)
            self.assertIn("\nEOF\n", self.read_file("log"))


class BackendTest(pmttest.TestCase):

    def test_settings_go_to_configure(self):
        backend = load_backend()
        calls = []
        with unittest.mock.patch.object(
                backend, "run", lambda *command, **_: calls.append(command)):
            backend.source = self.directory
            self.write_file("configure", "")
            backend.configure("build", {"--disable-pymemtrace": "",
                                        "--with-x": "y", "other": "z"})
            self.assertEqual(calls, [(
                self.path("configure"), "PYTHON=" + sys.executable,
                "--prefix=/prefix", "--disable-pymemtrace", "--with-x=y")])
            self.write_file("config.status", "")
            with self.assertRaises(SystemExit):
                backend.configure("build", None)

    def test_packs_the_same_again(self):
        backend = load_backend()
        packed = []
        for name, when in (("a", 1), ("b", 2)):
            path = self.write_file(name + "/x-1/file", "text")
            os.utime(path, (when, when))
            with unittest.mock.patch.dict(os.environ,
                                          SOURCE_DATE_EPOCH="1000000000"):
                backend.pack(self.path(name), "x-1", self.path("x-1.tar.gz"))
            with open(self.path("x-1.tar.gz"), "rb") as file:
                packed.append(file.read())
        self.assertEqual(packed[0], packed[1])

    def test_failures_are_told(self):
        backend = load_backend()
        for command, message in ((["sh", "-c", "exit 3"], "status 3"),
                                 (["no-such-program"], "not found")):
            with self.assertRaises(SystemExit) as raised:
                backend.run(*command)
            self.assertIn(message, str(raised.exception))


if __name__ == "__main__":
    pmttest.main()
