# SPDX-License-Identifier: MIT
"""The manual shows the arguments that the package takes, and their defaults."""
import inspect
import os
import re
import sys

import pmt
import pmt.debug_malloc_stats
import pmt.redirect_stdout
import pmt.top
import pmt.trace_malloc
import pmttest

WRAPPERS = (pmt.trace_malloc, pmt.debug_malloc_stats, pmt.redirect_stdout)


def page(name):
    path = os.path.join(pmttest.srcdir, "man", name)
    with open(path, encoding="utf-8") as file:
        return file.read()


def canonical(signature):
    """One spelling of a signature, whatever its blanks and quotes."""
    signature = " ".join(signature.split()).replace('"', "'")
    return signature.replace("( ", "(").replace(" )", ")")


def documented(text):
    """Name: arguments, of what the SYNOPSIS of pmt(3) shows."""
    synopsis = re.search(r"^\.Sh SYNOPSIS\n(.*?)^\.Sh", text, re.S | re.M)[1]
    found = {name: canonical(arguments) for name, arguments in
             re.findall(r"^@?pmt\.(\w+)(\([^()]*(?:\(\))?[^()]*\))$",
                        synopsis, re.M)}
    for name, arguments in found.items():
        like = re.match(r"\(\.\.\.as (\w+)", arguments)
        if like:
            found[name] = arguments.replace(like[0],
                                            found[like[1]][:-1])
    return found


class Signatures(pmttest.TestCase):

    def test_extension(self):
        """pmt(3): the first lines of the docstrings."""
        shown = documented(page("pmt.3"))
        for name, value in vars(pmt).items():
            text = getattr(value, "__doc__", None) or ""
            if name.startswith("_") or not text.startswith(name + "("):
                continue
            signature = text.split("\n\n")[0][len(name):].split(" -> ")[0]
            with self.subTest(name):
                self.assertEqual(shown.pop(name, "nothing"),
                                 canonical(signature))
        for name in list(shown):
            # A decorator takes what its class takes, and says so.
            if hasattr(pmt, name) and inspect.isfunction(getattr(pmt, name)):
                del shown[name]
        if sys.version_info >= (3, 13):
            self.assertEqual(shown, {}, "shown, but not there")

    def test_names(self):
        """pmt(3) names each function, class and method."""
        text = page("pmt.3")
        names = set()
        for name, value in vars(pmt).items():
            if callable(value) and name[0] != "_":
                names.add(name)
                names.update(getattr(value, "__dict__", ()))
        # A struct sequence says how many fields it has.
        names = {name for name in names
                 if name[0] != "_" and not re.match("n_.*fields$", name)}
        # "for Trace those that begin with trace"
        names = {re.sub("^trace_(?!file)", "profile_", name)
                 for name in names}
        for name in sorted(names):
            with self.subTest(name):
                self.assertRegex(text, r"\b%s\b" % name)

    def check_functions(self, text, modules):
        """Each ".It Fn NAME ARGUMENT..." of a page that modules have."""
        found = 0
        for name, arguments in re.findall(r"^\.It Fn (\w+)\b(?!\.)(.*)$",
                                          text, re.M):
            for module in modules:
                if hasattr(module, name):
                    break
            else:
                continue
            shown = [argument.strip('"') for argument in
                     re.findall(r'"[^"]*"|\S+', arguments)]
            parameters = inspect.signature(getattr(module, name)).parameters
            with self.subTest(name):
                found += 1
                self.assertEqual(shown, [
                    parameter.name if parameter.default is parameter.empty
                    else "%s=%r" % (parameter.name, parameter.default)
                    for parameter in parameters.values()])
        self.assertGreater(found, 5)

    def test_top(self):
        self.check_functions(page("pmt-top.3"), [pmt.top])

    def test_wrappers(self):
        self.check_functions(page("pmt-wrappers.3"), WRAPPERS)


if __name__ == "__main__":
    pmttest.main()
