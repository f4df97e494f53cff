# SPDX-License-Identifier: MIT
"""What the settings ask of any tracer, and the extension that has them."""
import os
import sys

from .board import Unfit


def load_extension(package):
    """pmt._pmt, whatever the program may call pmt.

    The package itself is not imported: should the program import it, from
    wherever it finds it, that one gets this same extension.
    """
    suffix = sys.modules["_imp"].extension_suffixes()[0]
    if "pmt._pmt" in sys.modules:
        return sys.modules["pmt._pmt"]
    path = os.path.join(package, "_pmt" + suffix)
    if not os.path.exists(path):
        raise Unfit("this build has no extension for it (_pmt%s)" % suffix)
    spec = sys.modules["_frozen_importlib_external"].spec_from_file_location(
        "pmt._pmt", path)
    return sys.modules["_frozen_importlib"]._load(spec)


def texts(settings, key):
    # Logs are UTF-8, whatever the terminal speaks.
    return [text.decode("utf-8", "backslashreplace")
            for text in settings.get(key, ())]


def seconds(settings, key):
    value = settings.get(key, [b""])[-1]
    return float(value) if value else None


def log_format(settings):
    """People who name a file .log or .txt want to read it as it is."""
    output = settings.get("output", [b""])[-1]
    if "summary" in settings:
        return "summary"
    if "text" in settings or output.endswith((b".log", b".txt")):
        return "text"
    return "compact"


def stack(settings, default):
    """How many callers a row tells of, or whether it does."""
    if "stack" not in settings:
        return default
    count = texts(settings, "stack")[-1]
    return int(count) if count else True


def common_arguments(settings, lists):
    """What every tracer takes; lists names its arguments that are lists."""
    arguments = {"format": log_format(settings), "memory": True}
    if "message" in settings:
        arguments["message"] = texts(settings, "message")[-1]
    if "output" in settings:
        arguments["filepath"] = os.fsdecode(settings["output"][-1])
    for argument, key in (("max_size", "max-size"), ("ring", "ring")):
        if key in settings:
            arguments[argument] = int(settings[key][-1])
    if "mode" in settings:
        arguments["mode"] = int(settings["mode"][-1], 8)
    for argument, key in lists:
        if key in settings:
            arguments[argument] = texts(settings, key)
    return arguments
