# SPDX-License-Identifier: MIT
"""pmt-analyse --format: lines for editors, and other names of formats."""
import pmttest

REFERENCES = "SOF\nHDR: Clock Address LiveCnt Type File Line Function RSS " \
             "dRSS Size\n"


class Format(pmttest.TestCase):
    def analyse(self, *arguments, status=0):
        process = pmttest.run_program(["pmt-analyse", *arguments])
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def references(self):
        """1,000 that come all the time, and three that came at once."""
        rows = ["NEW: 1.0 0x%x 1 Few /app/b.py 7 start 1000000 0 50"
                % (16 * i) for i in range(1, 4)]
        rows += ["NEW: %.3f 0x%x 1 Many /app/a\\033[31m.py 9 grow 1000000 0 100"
                 % (1 + i / 100, 0x10000 + 16 * i) for i in range(1000)]
        return self.write_file("r.log", REFERENCES + "\n".join(rows) +
                               "\nEOF\n")

    def test_what_grows_is_a_warning(self):
        self.assertEqual(
            self.analyse("--format=gcc", self.references()),
            "/app/a\\033[31m.py:9: warning: 1,000 Many of 98 KiB grow\n"
            "/app/b.py:7: note: 3 Few of 150 B alive\n")

    def test_as_many_as_are_asked_for(self):
        text = self.analyse("--format=gcc", "--top=1", self.references())
        self.assertEqual(text.count("\n"), 1)

    @pmttest.not_sanitized
    def test_allocations(self):
        script = self.write_file("grow.py", "kept = []\nfor i in range(500):\n"
                                            "    kept.append(bytearray(20000))"
                                            "\n")
        pmttest.run_program(["pmt-run", "-a", "-o", self.path("a.log2"),
                             script])
        self.assertRegex(self.analyse("--format=gcc", self.path("a.log2")),
                         r"(?m)^%s:3: (warning|note): 9\.\d MiB in 5\d\d "
                         r"blocks (grow|left)$" % script)

    def test_names_of_other_formats(self):
        path = self.references()
        for name in "json", "csv":
            self.assertEqual(self.analyse("--format=" + name, path),
                             self.analyse("--" + name, path))
        self.assertEqual(self.analyse("--format=text", path),
                         self.analyse(path))
        self.assertIn("'xml' is not text, json", self.analyse(
            "--format=xml", path, status=2))


if __name__ == "__main__":
    pmttest.main()
