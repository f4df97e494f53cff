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

import pmtboot
from pmtboot.board import Unfit, open_board, refuse, sentence

FIRST_PYTHON = (3, 8)


def restore_environment(pythonpath):
    """Undo what pmt-run did to the environment."""
    del os.environ["PMT_RUN"]
    if pythonpath is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = os.fsdecode(pythonpath)


def prepare(board):
    """Clean up, and make the job that pmt-run asked for."""
    settings = board.settings()
    follow = "follow" in settings
    if follow:
        board.look()
    board.write("python", sys.version.split()[0])
    if sys.version_info < FIRST_PYTHON:
        raise Unfit("pmt needs Python 3.8 or newer")
    os.set_inheritable(board.descriptor, False)
    if follow:
        # Its own children find us as it did.
        settings = pmtboot.settings_beside(board, settings)
    else:
        restore_environment(settings.get("pythonpath", [None])[-1])
    job = pmtboot.make_job(board, settings)
    job.parts = pmtboot.leave()
    return job


def begin(board, job):
    try:
        job.begin()
    except Exception as error:
        give_up(board, error)


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


def import_real_one():
    """Ours was found first; now the one that would have been."""
    del sys.modules["sitecustomize"]
    import sitecustomize  # noqa: F401


def give_up(board, error):
    """Who was only followed runs on without a log."""
    if not board.follows:
        refuse(board, error)
    board.write("unfollowed", sentence(error))
    pmtboot.leave()


def start():
    board = open_board(os.environ["PMT_RUN"])
    job = None
    if board is not None:
        try:
            job = prepare(board)
        except Exception as error:
            give_up(board, error)
    if job is None:
        pmtboot.leave()
    try:
        import_real_one()
    finally:
        if job is not None:
            begin_with_program(board, job)


if "PMT_RUN" in os.environ:
    start()
else:
    # Another interpreter of the process, which got a copy of our sys.path.
    pmtboot.leave()
    import_real_one()
