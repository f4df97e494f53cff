# SPDX-License-Identifier: MIT
"""Names that would steer a terminal, and what must not be left of them."""
import os
import re

import pmttest

# Clears the screen, rings, 8-bit and UTF-8 CSI, turns the text around, ends
# the line, hides itself: as a log of a stranger has them, raw and escaped.
EVIL = b"\x1b[2J\x07\x9b31m\xc2\x9b1m\xe2\x80\xae\xe2\x81\xa6\x7f\xe2\x80\x8b"
ESCAPED = "".join("\\%03o" % byte for byte in EVIL + b"\nEOF\n").encode()

HEADER = b"HDR: Clock Address LiveCnt Type File Line Function RSS dRSS"
PROFILE = b"""SOF
HEDR: Event        dEvent  Clock        What     File    Line  Function  RSS  dRSS
NEXT: 0     +0     0.100000 CALL   %(n)s        1 %(n)s      4096  4096
NEXT: 1     +1     0.200000 RETURN %(n)s        1 %(n)s   9000000  8995904
MSG:  2     +1     0.300000 # %(n)s %(n)s
bad %(n)s
ERR:  3     +1     0.300000 # %(n)s
EOF
"""

class TestCase(pmttest.TestCase):

    UNSAFE = re.compile(
        "[\x00-\x08\x0b-\x1f\x80-\x9f\u00ad\u061c\u200b-\u200f"
        "\u2028-\u202e\u2060-\u206f\ufeff\udc80-\udc9f]")

    def assert_text_safe(self, what, text):
        found = self.UNSAFE.search(text)
        if found:
            self.fail("%s: %a in %a" % (
                what, found[0], text[max(found.start() - 80, 0):][:160]))

    def assert_safe(self, process):
        self.assert_text_safe(process.args, process.stdout)
        self.assert_text_safe(process.args, process.stderr)

    def evil_logs(self):
        """Paths of one log after the other, in the same place."""
        for names in EVIL, ESCAPED:
            n = {b"n": names}
            reference = (
                b"%(n)s\nSOF\n" + HEADER + b"\n"
                b"MSG: 0.1 # pmt 0.1.0 %(n)s\nMSG: 0.1 # Detaching this. "
                b"New file: %(n)s\n"
                b"NEW: 0.5 0x10 1 %(n)s %(n)s 7 %(n)s 4096 0\n"
                b"NEW: 0.6 0x10 1 %(n)s %(n)s 7 %(n)s 4096 0\n"
                b"DEL: 0.7 0x20 1 %(n)s %(n)s 7 %(n)s 4096 0\n"
                b"bad %(n)s\nERR: 0.8 # %(n)s\nEOF\n") % n
            for text in reference, b"%(n)s\n" % n + PROFILE % n:
                # The log's own name is evil, too.
                path = os.path.join(self.directory.encode(),
                                    EVIL + b"\n.log")
                with open(path, "wb") as file:
                    file.write(text)
                yield path
