# SPDX-License-Identifier: MIT
"""Where memory grows: Profile and Trace, each with a log of its own."""
import sys

from pymemtrace import cPyMemTrace


def grow(count):
    """A list of count strings of a MiB."""
    return [" " * (1 << 20) for _ in range(count)]


def main():
    for tracer in (cPyMemTrace.Profile, cPyMemTrace.Trace):
        with tracer(message="8 strings of a MiB") as traced:
            traced.write_message_to_log("before")
            kept = grow(8)
            traced.write_message_to_log("%d are there" % len(kept))
            del kept
            print("%s: %s" % (tracer.__name__, traced.log_file_path()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
