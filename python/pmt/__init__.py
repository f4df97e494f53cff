# SPDX-License-Identifier: MIT
"""Why does my Python process grow?"""
