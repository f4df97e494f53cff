# SPDX-License-Identifier: MIT
"""The package that the build makes can be imported, by every Python served."""
import os
import sysconfig

import pmttest


class ImportTest(pmttest.TestCase):

    def test_package_is_the_one_of_this_build(self):
        import pmt
        self.assertEqual(os.path.dirname(os.path.abspath(pmt.__file__)),
                         os.path.join(pmttest.builddir, "python", "pmt"))

    def test_extension_is_the_one_of_this_interpreter(self):
        import pmt._pmt
        self.assertTrue(pmt._pmt.__file__.endswith(
            sysconfig.get_config_var("EXT_SUFFIX")), pmt._pmt.__file__)

    def test_every_interpreter_served(self):
        pythons = os.environ["PMT_PYTHONS"].split()
        self.assertIn(os.environ["PYTHON"], pythons)
        for python in pythons:
            with self.subTest(python):
                process = self.assert_success(pmttest.run_program(
                    [python, "-c", "import pmt._pmt; print(pmt._pmt.__file__)"]))
                self.assertIn(pmttest.builddir, process.stdout)
                self.assertEqual(process.stderr, "")


if __name__ == "__main__":
    pmttest.main()
