"""The command line inside the test's process, with what it printed."""

import contextlib
import io
import os
from typing import NamedTuple

from tacoma.cli import main


class Result(NamedTuple):
    """Exit code, standard output and standard error of a command."""

    code: int
    out: str
    err: str


def tacoma(*arguments: str, directory: object = None) -> Result:
    """Run `tacoma` with these arguments, in a directory if one is given."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        if directory is not None:
            stack.enter_context(contextlib.chdir(os.fspath(directory)))
        code = main(arguments)
    return Result(code, out.getvalue(), err.getvalue())
