# SPDX-License-Identifier: MIT
"""Where the programs are that came with this package."""
import errno
import os
import shutil

# From the package's directory: in the build tree, and below a prefix, where
# it is lib/pmt/python/pmt or lib/pythonX.Y/site-packages/pmt.
_BESIDE = ("../../src", "../../../../bin")


def find_program(name):
    """The path of a program of the suite.  FileNotFoundError: it is not here.

    That of the same build or installation, or else of PATH.
    """
    package = os.path.dirname(os.path.abspath(__file__))
    for directory in _BESIDE:
        path = os.path.normpath(os.path.join(package, directory, name))
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    return path
