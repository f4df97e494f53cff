# SPDX-License-Identifier: MIT
"""%load_ext pmt: cells of a notebook, and who holds what they made."""
import importlib.util
import sys
import unittest

import pmttest

# A shell without a terminal; each cell's outputs end in a line of "=".
SHELL = r"""
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
shell.colors = "NoColor"
for cell in ["%load_ext pmt"] + json.load(sys.stdin):
    with capture_output() as captured:
        result = shell.run_cell(cell, store_history=True)
    shown = [output.data for output in captured.outputs]
    print(json.dumps({
        "text": [data["text/plain"] for data in shown],
        "html": [data.get("text/html") for data in shown],
        "result": repr(result.result),
        "printed": captured.stdout + captured.stderr}))
"""


@unittest.skipIf(importlib.util.find_spec("IPython") is None,
                 "this Python has no IPython")
@pmttest.not_sanitized
class Notebook(pmttest.TestCase):

    def run_cells(self, *cells):
        import json
        process = pmttest.run_program(
            [sys.executable, "-c", SHELL], input=json.dumps(cells),
            env={"IPYTHONDIR": self.directory}, cwd=self.directory)
        self.assert_success(process)
        return [json.loads(line) for line in
                process.stdout.splitlines()[1:]]

    @unittest.skipIf(sys.version_info < (3, 13),
                     "objects are traced on Python 3.13 and later")
    def test_objects(self):
        made, kept, raised = self.run_cells(
            "%%pmt -r\nclass Row: pass\nrows = [Row() for _ in range(300)]\n"
            "len(rows)",
            "%%pmt\n[Row() for _ in range(200)]",
            "%%pmt\ndef fail():\n    mine = [Row() for _ in range(100)]\n"
            "    1 / 0\nfail()")
        self.assertEqual(made["result"], "300")
        text, = made["text"]
        self.assertTrue(text.startswith("Tracer: "))
        self.assertIn("\nVerdict: ", text)
        self.assertRegex(text, r" 300 .* __main__\.Row\n +In\[2\]:3 <module>\n"
                               r" +held: 300 by __main__\.rows\[\*\]")
        self.assertIn("<b>Verdict: ", made["html"][0])
        self.assertIn("&lt;module&gt;", made["html"][0])
        self.assertRegex(kept["text"][0], r"held: 200 by Out\[\] of this cell")
        self.assertRegex(raised["text"][0],
                         r"held: 100 by the traceback of this cell local mine")
        self.assertIn("ZeroDivisionError", raised["printed"])
        for cell in made, kept, raised:
            self.assertNotIn("_notebook.py", cell["text"][0])

    def test_growth(self):
        for option, site in ("-p", r"In\[2\]:\d"), ("-t", r"In\[2\]:3 "):
            with self.subTest(option):
                cell, = self.run_cells(
                    "%%pmt " + option + " --top=3 -o kept.pmt\n"
                    "def take():\n    return bytes(range(256)) * (40 << 12)\n"
                    "mine = take()")
                self.assertRegex(cell["text"][0], r"(?m)^ +\+4\d MiB .*" + site)
                self.assertTrue(cell["text"][0].startswith("File path: "))
                self.read_file("kept.pmt")

    def test_mistakes(self):
        cells = self.run_cells("%%pmt -a\n1", "%%pmt -r\n1 +", "%%pmt -z\n1")
        for cell, message in zip(cells, ("start the kernel by 'pmt-run -a'",
                                         "SyntaxError", "unrecognized")):
            self.assertIn(message, cell["printed"])
            self.assertEqual(cell["text"], [])

    @unittest.skipUnless(isinstance(__import__("pmt").Holder, type),
                         "the heap of this CPython is not walked")
    def test_holders(self):
        cells = self.run_cells(
            "class Kept: pass\nclass Last: pass\nclass Lost: pass",
            "[Kept() for _ in range(50)]", "'else'", "'and'", "'more'",
            "def fail():\n    lost = [Lost() for _ in range(30)]\n    1 / 0\n"
            "fail()",
            "%pmt_holders Kept", "%pmt_holders Lost", "%pmt_holders set")
        self.assertEqual(cells[6]["text"], ["      50  Out[*][*]"])
        self.assertRegex(cells[7]["text"][0], "^ +30  the last traceback")
        self.assertRegex(cells[8]["text"][0], r"^ +\d+  ")


if __name__ == "__main__":
    pmttest.main()
