# SPDX-License-Identifier: MIT
"""What pip and build ask for, made by configure and make: PEP 517.

A wheel is `make install` of a build for the Python that asks, rearranged:
packages to site-packages, programs to the environment's bin.  Settings whose
names begin with -- are given to configure:

    pip install . --config-settings=--disable-pymemtrace=
"""
import base64
import csv
import glob
import gzip
import hashlib
import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile

NAME = "pmt"
# Below DESTDIR; nothing is ever put there.
PREFIX = "/prefix"

METADATA = """\
Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: Why does my Python process grow?
License: MIT
Requires-Python: >=3.8
Requires-Dist: psutil
Classifier: Environment :: Console
Classifier: Intended Audience :: Developers
Classifier: License :: OSI Approved :: MIT License
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: C
Classifier: Programming Language :: Python :: Implementation :: CPython
Classifier: Topic :: Software Development :: Debuggers
Description-Content-Type: text/markdown

{readme}"""

ENTRY_POINTS = """\
[pytest11]
pmt = pmt.pytest
[console_scripts]
"""

source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def metadata():
    with open(os.path.join(source, "configure.ac"), encoding="utf-8") as file:
        version = re.search(r"^AC_INIT\(\[pmt\], \[(.*?)\]", file.read(),
                            re.M).group(1)
    with open(os.path.join(source, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    return version, METADATA.format(name=NAME, version=version, readme=readme)


def run(*command, **options):
    """Run a part of the build; its output goes to standard error."""
    print("+", *command, file=sys.stderr, flush=True)
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    try:
        subprocess.run(command, check=True, stdout=2, env=environment,
                       **options)
    except FileNotFoundError:
        sys.exit("%s: not found; README.md tells what the build needs"
                 % command[0])
    except subprocess.CalledProcessError as error:
        sys.exit("%s failed with status %d" % (command[0], error.returncode))


def configure(build, settings):
    """Configure for the running Python in the directory build."""
    if os.path.exists(os.path.join(source, "config.status")):
        sys.exit("%s is configured already; run 'make distclean' there"
                 % source)
    if not os.path.exists(os.path.join(source, "configure")):
        run("autoreconf", "-i", cwd=source)
    options = [name + ("=" + value if value else "")
               for name, value in (settings or {}).items()
               if name.startswith("--")]
    run(os.path.join(source, "configure"), "PYTHON=" + sys.executable,
        "--prefix=" + PREFIX, *options, cwd=build)


def installed(build, settings):
    """The prefix of a finished installation below the directory build."""
    configure(build, settings)
    root = os.path.join(build, "root")
    run("make", "-j%d" % (os.cpu_count() or 1), cwd=build)
    run("make", "install-strip", "DESTDIR=" + root, "PYTHON_SITES=",
        cwd=build)
    return root + PREFIX


class Wheel:
    """A wheel being written; leaving the block completes it."""

    def __init__(self, path, info):
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.info = info
        self.record = []

    def __enter__(self):
        return self

    def __exit__(self, exc_type, *_):
        if exc_type is None:
            name = self.info + "/RECORD"
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(
                self.record + [(name, "", "")])
            self.store(name, text.getvalue().encode())
        self.zip.close()

    def store(self, name, content, mode=0o644):
        # The same from the same, whenever it is built.
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = (0o100000 | mode) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(entry, content)

    def add(self, name, content, mode=0o644):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
        self.record.append((name, "sha256=" + digest.decode().rstrip("="),
                            len(content)))
        self.store(name, content, mode)

    def add_tree(self, directory, name):
        """Add the files below a directory; links become files."""
        for base, _, files in sorted(os.walk(directory)):
            for file in sorted(files):
                path = os.path.join(base, file)
                with open(path, "rb") as stream:
                    content = stream.read()
                executable = os.stat(path).st_mode & 0o111
                self.add("/".join((name, os.path.relpath(path, directory))),
                         content, 0o755 if executable else 0o644)


def tag():
    # EXT_SUFFIX begins with ".cpython-313t-", of which abi is "cp313t".
    abi = "cp" + sysconfig.get_config_var("EXT_SUFFIX").split("-")[1]
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return "cp%d%d-%s-%s" % (sys.version_info[:2] + (abi, platform))


def console_scripts(prefix):
    """Take the commands of pymemtrace away, for installers to make them."""
    lines = []
    for path in sorted(glob.glob(os.path.join(prefix, "bin", "pymemtrace_*"))):
        os.unlink(path)
        name = os.path.basename(path)
        lines.append("%s = pymemtrace.util.%s:main\n" % (
            name, name[len("pymemtrace_"):]))
    return "".join(lines)


def build_wheel(wheel_directory, config_settings=None,
                metadata_directory=None):
    version, text = metadata()
    base = "%s-%s" % (NAME, version)
    name = "%s-%s.whl" % (base, tag())
    with tempfile.TemporaryDirectory() as build:
        prefix = installed(build, config_settings)
        with Wheel(os.path.join(wheel_directory, name),
                   base + ".dist-info") as wheel:
            for package in sorted(glob.glob(
                    os.path.join(prefix, "lib", NAME, "python", "*"))):
                name_in_wheel = os.path.basename(package)
                if package.endswith(".dist-info"):
                    # Installers want one of their own alone at the top.
                    name_in_wheel = base + ".data/purelib/" + name_in_wheel
                wheel.add_tree(package, name_in_wheel)
            entry_points = ENTRY_POINTS + console_scripts(prefix)
            wheel.add_tree(os.path.join(prefix, "bin"),
                           base + ".data/scripts")
            wheel.add_tree(os.path.join(prefix, "share"),
                           base + ".data/data/share")
            wheel.add(wheel.info + "/METADATA", text.encode())
            wheel.add(wheel.info + "/entry_points.txt", entry_points.encode())
            wheel.add(wheel.info + "/WHEEL", (
                "Wheel-Version: 1.0\nGenerator: pmt\nRoot-Is-Purelib: false\n"
                "Tag: %s\n" % tag()).encode())
    return name


def build_sdist(sdist_directory, config_settings=None):
    version, text = metadata()
    base = "%s-%s" % (NAME, version)
    with tempfile.TemporaryDirectory() as build:
        configure(build, config_settings)
        run("make", "dist-gzip", cwd=build)
        name = base + ".tar.gz"
        with tarfile.open(os.path.join(build, name)) as made:
            made.extractall(build)
        with open(os.path.join(build, base, "PKG-INFO"), "w",
                  encoding="utf-8") as file:
            file.write(text)
        pack(build, base, os.path.join(sdist_directory, name))
    return name


def pack(directory, base, path):
    """A tar.gz that is the same whenever and by whomever it is packed."""
    when = int(os.environ.get("SOURCE_DATE_EPOCH", "315532800"))

    def anybody(entry):
        entry.mtime = when
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry

    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file,
                                                 when) as packed, \
            tarfile.open(fileobj=packed, mode="w",
                         format=tarfile.PAX_FORMAT) as tar:
        tar.add(os.path.join(directory, base), base, filter=anybody)
