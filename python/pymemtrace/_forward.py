# SPDX-License-Identifier: MIT
"""A module that has the names of another one."""
import importlib


def forward(target):
    """The __getattr__ and __dir__ of such a module; see PEP 562.

    The other module is imported when a name of it is asked for.
    """
    def module_getattr(name):
        module = importlib.import_module(target)
        if name == "__all__":
            return public_names()
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(module, name)

    def public_names():
        module = importlib.import_module(target)
        return getattr(module, "__all__", None) or [
            name for name in dir(module) if not name.startswith("_")]

    return module_getattr, public_names
