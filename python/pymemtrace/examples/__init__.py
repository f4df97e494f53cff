# SPDX-License-Identifier: MIT
"""Programs to try the tools on: python3 -m pymemtrace.examples.NAME."""
