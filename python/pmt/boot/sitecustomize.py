# SPDX-License-Identifier: MIT
"""Start tracing for pmt-run, and leave the program as it would have been.

pmt-run puts this directory first on PYTHONPATH and shares a file, "the board",
through the descriptor that PMT_RUN names: settings come in by it, results go
out.  site imports this module before the program begins; after it, the
environment, sys.path, sys.modules and the real sitecustomize are as without
pmt-run, and tracing begins with the program's first line.

Any Python must be able to read this file, if only to say that it is too old.
"""
import os
import sys

FIRST_PYTHON = (3, 8)
# Whose holders are told: so many types, of so many objects.
HELD_TYPES = 5
HELD_OBJECTS = 10
FIRST_PYTHON_FOR = {"reference": (3, 13)}


class Unfit(Exception):
    """What this interpreter lacks."""


class NotPreloaded(Exception):
    """The program can run, but nothing will be noted."""


class Board(object):
    """The file shared with pmt-run: NUL-terminated entries, KEY=VALUE."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.identity = os.fstat(descriptor)[1:3]

    def settings(self):
        os.lseek(self.descriptor, 0, 0)
        text = os.read(self.descriptor, os.fstat(self.descriptor).st_size)
        settings = {}
        for entry in text.split(b"\0")[:-1]:
            key, _, value = entry.partition(b"=")
            settings.setdefault(key.decode("ascii"), []).append(value)
        return settings

    def append(self, key, value):
        """Add a result; each names its process, for forks write too."""
        entry = ("%d %s=" % (os.getpid(), key)).encode("ascii")
        value = value if isinstance(value, bytes) else str(value).encode(
            "utf-8", "backslashreplace")
        try:
            os.write(self.descriptor, entry + value + b"\0")
        except OSError:
            pass

    def write(self, key, value):
        """The same once the program runs."""
        try:
            # It may close descriptors that it never opened.
            ours = os.fstat(self.descriptor)[1:3] == self.identity
        except OSError:
            ours = False
        if ours:
            self.append(key, value)


def leave_path():
    """Be found no more; returns the directory of the package."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)
    return os.path.dirname(here)


def restore_environment(pythonpath):
    """Undo what pmt-run did to the environment."""
    del os.environ["PMT_RUN"]
    if pythonpath is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = os.fsdecode(pythonpath)


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
    for argument, key in lists:
        if key in settings:
            arguments[argument] = texts(settings, key)
    return arguments


def reference_tracing(package, settings):
    """A ReferenceTracing, not yet entered."""
    extension = load_extension(package)
    tell_holders.find = extension._type_holders
    return extension.ReferenceTracing(
        include_builtins="no-builtins" not in settings,
        type_names=texts(settings, "type-names")[-1],
        gc_collect_on_exit=int(settings["gc-collect"][-1]),
        columns=texts(settings, "column") + ["Size", "Own"],
        interval=seconds(settings, "summary"),
        **common_arguments(settings, (("include_tp_names", "include-type"),
                                      ("exclude_tp_names", "exclude-type"))))


def profile_arguments(settings):
    arguments = common_arguments(settings, (
        ("include_files", "include-file"),
        ("exclude_files", "exclude-file"),
        ("include_functions", "include-function")))
    # This file is no part of the program.
    arguments.setdefault("exclude_files", []).append(
        begin.__code__.co_filename)
    for argument in "rss", "threads":
        if argument in settings:
            arguments[argument] = texts(settings, argument)[-1]
    arguments.setdefault("threads", "all")
    if "trigger" in settings:
        arguments["d_rss_trigger"] = int(settings["trigger"][-1])
    return arguments


def profile(package, settings):
    """A Profile, not yet entered."""
    return load_extension(package).Profile(**profile_arguments(settings))


def trace(package, settings):
    """A Trace, not yet entered."""
    return load_extension(package).Trace(opcodes="opcodes" in settings,
                                         **profile_arguments(settings))


def program_top(package, settings):
    """pmt.top for a whole program; it writes to standard error, no log."""
    # Here the package itself is needed; the program may find another.
    sys.path.insert(0, os.path.dirname(package))
    try:
        from pmt.top import ProgramTop
    finally:
        del sys.path[0]
    return ProgramTop(seconds(settings, "seconds"))


class Allocations:
    """The library that pmt-run preloaded, as a session.

    It writes its log by itself and tells pmt-run of it; here it learns when
    the program begins and ends.
    """

    BEGIN, END, SUMMARY = 1, 2, 3

    def __init__(self, package):
        try:
            self.mark = load_extension(package)._allocation_mark
        except Unfit:
            # An interpreter that it does not know has no extension either.
            from ctypes import PyDLL
            function = getattr(PyDLL(None), "pmt_alloc_mark", None)
            self.mark = lambda mark: function and not function(mark)

    def __enter__(self):
        # If it is there and notes nothing, it has told why.
        if self.begin() is None:
            raise NotPreloaded("the library for -a was not loaded")

    def begin(self):
        """Forget what was allocated up to here."""
        return self.mark(self.BEGIN)

    def __exit__(self, *_):
        self.mark(self.END)

    def write_summary(self):
        self.mark(self.SUMMARY)

    def log_file_path(self):
        """None: it is on the board already."""


class Nothing:
    """The session of heap snapshots alone."""

    def __init__(self, package, settings):
        pass

    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass

    def log_file_path(self):
        """None."""


def allocations(package, settings):
    """The preloaded library, not yet told to begin."""
    return Allocations(package)


def report_limit(board, session):
    if session.rows_left_out():
        board.write("left-out", session.rows_left_out())


def report_references(board, session):
    report_limit(board, session)
    board.write("made", session.count_new())
    board.write("destroyed", session.count_del())
    board.write("alive", session.live_count())


def tell_holders(board, session):
    """Who keeps the most frequent types alive, while their holders live.

    The log has it as messages: "held: TYPE: COUNT by PATH (of LENGTH)".
    """
    counts = session.live_object_counts()
    frequent = [name for name in sorted(counts, key=counts.get, reverse=True)
                if counts[name] >= HELD_OBJECTS]
    # Builtins are many, and held by the objects of classes.
    names = ([name for name in frequent if "." in name][:HELD_TYPES]
             + [name for name in frequent if "." not in name][:HELD_TYPES])
    told = set()
    for name, count, kind, path, length in tell_holders.find(names):
        held = "%d by %s" % (count, path)
        if length:
            held += " (of %d)" % length
        session.write_message_to_log("held: %s: %s" % (name, held))
        if name not in told:
            board.write("held " + name, held)
            told.add(name)


def unseen(session, work, *arguments):
    """What we make meanwhile is not the program's; what it made stays."""
    import gc
    session.suspend()
    collects = gc.isenabled()
    gc.disable()
    try:
        work(*arguments)
    finally:
        session.resume()
        if collects:
            gc.enable()


def report_changes(board, session):
    report_limit(board, session)
    board.write("events", session.event_count())
    board.write("growth", session.rss_growth())


def report_nothing(board, session):
    """What there is to say was shown."""


# What makes a session, and what writes its outcome on the board.
TRACERS = {
    "reference": (reference_tracing, report_references),
    "profile": (profile, report_changes),
    "trace": (trace, report_changes),
    "top": (program_top, report_nothing),
    "allocations": (allocations, report_nothing),
    "nothing": (Nothing, report_nothing),
}


def keep_report(path):
    """Give it a second name, for the next report takes its place."""
    number = 1
    while os.path.isfile(path):
        try:
            os.link(path, "%s.%d" % (path, number))
        except FileExistsError:
            number += 1
        else:
            break


def write_on_signal(board, session):
    """SIGUSR1 writes the summary, unless the program takes that signal.

    Through CPython's own handler: the report is written between two
    instructions of the main thread, and a wait that was interrupted goes on.
    """
    from _signal import SIGUSR1, signal

    def write(number, frame):
        try:
            session.write_summary()
            keep_report(session.log_file_path())
        except OSError as error:
            board.write("incomplete", sentence(error))
        except RuntimeError:
            pass  # Tracing has ended; the report is there.

    signal(SIGUSR1, write)


class Snapshots:
    """The heap, in a file: at the end, on SIGUSR2 and every so often."""

    def __init__(self, package, settings):
        from _signal import SIGRTMAX, SIGUSR2
        extension = load_extension(package)
        if not isinstance(extension.Holder, type):
            raise Unfit("the heap is walked on CPython 3.8 to 3.13 with its "
                        "GIL")
        self.write_file = extension.heap_snapshot
        self.start_timer = extension._heap_timer
        self.seconds = seconds(settings, "heap-snapshot")
        self.output = os.fsdecode(settings.get("output", [b"."])[-1])
        self.asked, self.timer = SIGUSR2, SIGRTMAX
        self.count = 0

    def begin(self, board, session, log):
        """Take the signals that nobody has, and see to the end."""
        from _signal import SIG_DFL, SIG_IGN, SIG_UNBLOCK
        from _signal import getsignal, pthread_sigmask, signal
        import atexit
        self.board, self.session, self.pid = board, session, os.getpid()
        self.base = self.beside(log)
        self.handler = self.write_now
        for number in self.asked, self.timer:
            if getsignal(number) in (SIG_DFL, SIG_IGN) and (
                    number == self.asked or self.seconds):
                signal(number, self.handler)
                if number == self.timer:
                    self.start_timer(number, self.seconds)
        # It may have come while the interpreter started.
        pthread_sigmask(SIG_UNBLOCK, [self.asked])
        atexit.register(self.end)

    def beside(self, log):
        """What our files' names begin with."""
        if log is not None:
            return os.path.abspath(os.path.splitext(log)[0])
        path = os.path.abspath(self.output)
        if os.path.isdir(path):
            from time import gmtime, strftime
            return "%s/%s_%d_H_PY%s" % (
                path, strftime("%Y%m%d_%H%M%S", gmtime()), os.getpid(),
                sys.version.split()[0])
        return path[:-8] if path.endswith(".pmtheap") else path

    def write_now(self, number, frame):
        self.write(False)

    def write(self, wait):
        path = self.base
        if os.getpid() != self.pid:
            path += ".%d" % os.getpid()
        if self.count > 0:
            path += "-%d" % (self.count + 1)
        path += ".pmtheap"
        try:
            self.write_unseen(path, wait)
        except Exception as error:
            self.board.write("no-snapshot", sentence(error))
        else:
            self.count += 1
            self.board.write("snapshot", path)

    def write_unseen(self, path, wait):
        try:
            unseen(self.session, self.write_file, path, wait)
        except (AttributeError, RuntimeError):
            # Nobody traces objects, or a block of the program's own does.
            self.write_file(path, wait)

    def end(self):
        from _signal import SIG_IGN, getsignal, signal
        if os.getpid() != self.pid:
            return
        self.start_timer(self.timer, 0)
        for number in self.asked, self.timer:
            if getsignal(number) is self.handler:
                signal(number, SIG_IGN)
            elif number == self.asked:
                self.board.write("signal-taken", "")
        self.write(True)


class Job:
    """What pmt-run asked for: a session not yet entered, and its report."""

    def __init__(self, package, settings):
        make, self.report = TRACERS[os.fsdecode(settings["tracer"][-1])]
        self.session = make(package, settings)
        self.summarizes = "summary" in settings
        self.snapshots = None
        if "heap-snapshot" in settings:
            self.snapshots = Snapshots(package, settings)


def begin(board, job):
    """Start tracing, and see to its end."""
    session = job.session

    # What our log lacks is not for the program to say: pmt-run does.
    raised = ("error", None, RuntimeWarning, None, 0)

    def finish():
        filters = sys.modules.get("warnings",
                                  sys.modules["_warnings"]).filters
        filters.insert(0, raised)
        try:
            if job.report is report_references:
                session._note_exit()
                unseen(session, tell_holders, board, session)
            session.__exit__(None, None, None)
        except Exception as error:
            board.write("incomplete", sentence(error))
        finally:
            filters.remove(raised)
        job.report(board, session)

    try:
        session.__enter__()
    except NotPreloaded as error:
        board.append("shown", "")
        board.append("incomplete", sentence(error))
        return
    except Exception as error:
        refuse(board, error)
    # No write(), whose stat_result would be the first object of the log.
    path = session.log_file_path()
    if path is None:
        board.append("shown", "")
    else:
        board.append("summary" if job.summarizes else "log",
                     os.fsencode(path))
    if job.summarizes:
        write_on_signal(board, session)
    os.register_at_fork(after_in_child=lambda: board.write("forked", ""))
    # After __enter__(), for this must run before the extension's own handler.
    import atexit
    atexit.register(finish)
    if isinstance(session, Allocations):
        session.begin()
    if job.snapshots:
        job.snapshots.begin(board, session, path)


def begin_with_program(board, job):
    """Wait for the program's first line, so that site is not traced.

    With -m, and for directories and archives, the modules that runpy imports
    on the way to __main__ are the program's too.
    """
    main = vars(sys.modules["__main__"])

    def watch(frame, event, argument):
        if event == "call" and (
                frame.f_globals is main
                or frame.f_code.co_name == "_run_module_as_main"):
            sys.setprofile(None)
            begin(board, job)

    if sys.getprofile() is None:
        sys.setprofile(watch)
    else:
        begin(board, job)


def sentence(error):
    if isinstance(error, EnvironmentError) and error.filename is not None:
        return "'%s': %s" % (error.filename, error.strerror)
    return str(error)


def refuse(board, error):
    """End the interpreter before it ran anything of the program."""
    board.write("unfit" if isinstance(error, Unfit) else "refused",
                sentence(error))
    os._exit(125)


def prepare(board):
    """Clean up, and make the job that pmt-run asked for."""
    board.write("python", sys.version.split()[0])
    if sys.version_info < FIRST_PYTHON:
        raise Unfit("pmt needs Python 3.8 or newer")
    settings = board.settings()
    os.set_inheritable(board.descriptor, False)
    restore_environment(settings.get("pythonpath", [None])[-1])
    package = leave_path()
    tracer = os.fsdecode(settings["tracer"][-1])
    needed = FIRST_PYTHON_FOR.get(tracer, FIRST_PYTHON)
    board.write("oldest", needed[1])
    if sys.version_info < needed:
        raise Unfit("%s tracing needs Python %d.%d or newer" % (
            (tracer,) + needed))
    return Job(package, settings)


def import_real_one():
    """Ours was found first; now the one that would have been."""
    del sys.modules["sitecustomize"]
    import sitecustomize  # noqa: F401


def start():
    board = Board(int(os.environ["PMT_RUN"]))
    try:
        job = prepare(board)
    except Exception as error:
        refuse(board, error)
    try:
        import_real_one()
    finally:
        begin_with_program(board, job)


if "PMT_RUN" in os.environ:
    start()
else:
    # Another interpreter of the process, which got a copy of our sys.path.
    leave_path()
    import_real_one()
