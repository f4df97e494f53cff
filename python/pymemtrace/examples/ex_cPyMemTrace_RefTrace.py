# SPDX-License-Identifier: MIT
"""Which objects are made and stay: ReferenceTracing (Python 3.13)."""
import sys

from pymemtrace import cPyMemTrace


class Visit:
    """What a visitor leaves behind."""

    def __init__(self, name):
        self.name = name


def main():
    if not hasattr(cPyMemTrace, "ReferenceTracing"):
        print("There is no reference tracing before Python 3.13.")
        return 0
    with cPyMemTrace.ReferenceTracing(message="8 visits") as tracing:
        visits = [Visit("visitor %d" % number) for number in range(8)]
        del visits[2:]
        print("Alive: %s" % {name: count for name, count in
                             tracing.live_object_counts().items() if count})
    print("Log: %s" % tracing.log_file_path())
    return 0


if __name__ == "__main__":
    sys.exit(main())
