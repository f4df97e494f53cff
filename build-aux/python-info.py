# SPDX-License-Identifier: MIT
"""Tell configure about one interpreter: version, suffix, headers, site.

Prints "VERSION EXT_SUFFIX INCLUDE SITE".  SITE is the directory from which
this interpreter imports, relative to the prefix given as the argument, or "-"
where it imports nothing from that prefix.
Exits with 1 and a reason on stderr when no extension can be built for it.
"""
import os
import sys

if sys.version_info < (3, 8):
    sys.exit("%s is Python %d.%d; 3.8 is the oldest that is served"
             % ((sys.executable,) + sys.version_info[:2]))
if sys.implementation.name != "cpython":
    sys.exit("%s is %s; the tracers need CPython"
             % (sys.executable, sys.implementation.name))

import site
import sysconfig

include = sysconfig.get_path("include")
if not os.path.exists(os.path.join(include, "Python.h")):
    sys.exit("%s has no headers: no Python.h in %s" % (sys.executable, include))

prefix = sys.argv[1] if len(sys.argv) > 1 else ""
prefix = os.path.realpath("/usr/local" if prefix in ("", "NONE") else prefix)
prefix = os.path.join(prefix, "")
below = [os.path.realpath(d)[len(prefix):] for d in site.getsitepackages()
         if os.path.realpath(d).startswith(prefix)]
# Below /usr Debian's Python has dist-packages in local/, for others to use.
below.sort(key=lambda d: d.startswith("local"))
print("%d.%d.%d" % sys.version_info[:3], sysconfig.get_config_var("EXT_SUFFIX"),
      include, below[0] if below else "-")
