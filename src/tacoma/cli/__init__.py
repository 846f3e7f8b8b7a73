"""
The command line: one module per command, and the one place that turns errors into exit codes.

0 fine, 1 what was checked does not hold, 2 bad input, 3 a broken promise of the engine,
130 interrupted, 141 nobody reads the output. Nothing here imports numba, polars or plotly before a
run needs them, so that `--help`, `scenarios` and `check` answer at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from tacoma import __version__
from tacoma.cli.command_bench import bench
from tacoma.cli.command_check import check
from tacoma.cli.command_conform import conform
from tacoma.cli.command_doctor import doctor
from tacoma.cli.command_replay import replay
from tacoma.cli.command_rulebooks import rulebook, rulebooks
from tacoma.cli.command_run import run
from tacoma.cli.command_same_shock import same_shock
from tacoma.cli.command_scenarios import scenarios
from tacoma.cli.command_show import show
from tacoma.cli.command_sweep import sweep
from tacoma.cli.command_verify import verify
from tacoma.cli.command_verify_run import verify_run
from tacoma.errors import (
    InputError,
    InterruptedRunError,
    InterruptedSweepError,
    InvariantError,
    TacomaError,
)

INTERRUPTED = 130
UNREAD = 141  # what a shell reports of a program that a closed pipe stopped
REPORT_IT = "This is a defect of Tacoma: please report it, with the command and this text."


class _InterruptedError(Exception):
    """Ctrl-C."""


class _UnreadError(Exception):
    """The reader of standard output has gone."""


class _Commands(click.Group):
    """The group of all commands, in the order in which a newcomer meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        with _past_click():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        with _past_click():
            return super().invoke(ctx)


@contextmanager
def _past_click() -> Iterator[None]:
    """Carry two errors past click, which would give them codes and empty lines of its own."""
    try:
        yield
    except KeyboardInterrupt:
        raise _InterruptedError from None
    except BrokenPipeError:
        raise _UnreadError from None


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    epilog="Example: tacoma run oct-2025 --accounts 20000",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def commands(context: click.Context) -> None:
    """Tacoma: a deterministic wind tunnel for derivatives venues."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (
    run, replay, verify_run, sweep, same_shock, scenarios, show, rulebooks, rulebook, check,
    conform, verify, bench, doctor,
):  # fmt: skip
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (that of the process by default) and return its exit code."""
    try:
        code = _code_of(arguments)
        sys.stdout.flush()
    except (_UnreadError, BrokenPipeError):
        # Whatever is still buffered goes nowhere, or the interpreter would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    return code


def _code_of(arguments: Sequence[str] | None) -> int:
    """Run one command line; every failure becomes a message and a code."""
    try:
        given = None if arguments is None else list(arguments)
        result = commands.main(given, prog_name="tacoma", standalone_mode=False)
    except TacomaError as error:
        stopped = isinstance(error, InterruptedRunError | InterruptedSweepError)
        _complain(str(error), "" if stopped else "error: ")
        if isinstance(error, InvariantError):
            _complain(REPORT_IT, "")
        return error.exit_code
    except click.ClickException as error:
        _complain(_usage(error))
        return InputError.exit_code
    except (_InterruptedError, KeyboardInterrupt, click.Abort):
        _complain("interrupted.", "")
        return INTERRUPTED
    except MemoryError:
        _complain("this machine has too little memory for it; choose fewer with --accounts.")
        return InputError.exit_code
    except (_UnreadError, BrokenPipeError):
        raise
    except OSError as error:
        _complain(f"{error.filename or 'output'}: {error.strerror or error}.")
        return InputError.exit_code
    except Exception:  # noqa: BLE001 - the last resort, which hides nothing
        _complain(traceback.format_exc() + REPORT_IT, "")
        return InvariantError.exit_code
    return result if isinstance(result, int) else 0


def _usage(error: click.ClickException) -> str:
    """Return what is wrong with a command line, and where its options are explained."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{message}; see {context.command_path if context else 'tacoma'} --help."


def _complain(message: str, prefix: str = "error: ") -> None:
    """Write a message to standard error, even when nobody reads standard output any more."""
    click.echo(prefix + message, err=True)
