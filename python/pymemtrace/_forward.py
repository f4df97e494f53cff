# SPDX-License-Identifier: MIT
"""A module that has the names of another one."""
import sys

_OWN_NAMES = ["__doc__", "__file__", "__loader__", "__name__", "__package__",
              "__spec__"]


def public_dir(namespace):
    """The __dir__ of a module that shows its public names alone."""
    return lambda: _OWN_NAMES + [name for name in namespace
                                 if not name.startswith("_")]


def _import(name):
    """importlib.import_module(), which would be imported itself for that."""
    __import__(name)
    return sys.modules[name]


def forward(target, names=None):
    """The __getattr__ and __dir__ of such a module; see PEP 562.

    The other module is imported when a name of it is asked for.  With names
    it has no others: hasattr() tells what there is.
    """
    def module_getattr(name):
        if name == "__all__":
            return public_names()
        if name.startswith("__") or names is not None and name not in names:
            raise AttributeError(name)
        return getattr(_import(target), name)

    def public_names():
        if names is not None:
            return list(names)
        module = _import(target)
        return getattr(module, "__all__", None) or [
            name for name in dir(module) if not name.startswith("_")]

    def module_dir():
        return _OWN_NAMES + public_names()

    return module_getattr, module_dir
