"""
Every error that a caller can meet, and the exit code that the command line gives it.

* TacomaError
  x InputError               2  something that was handed in is wrong; mend it and run again
    + ScenarioError             a scenario has wrong, missing or contradictory fields
      - RulebookError           the wrong fields are a venue's rules
    + UnitError                 a quantity is not written with the unit that it needs
    + UnknownScenarioError      no scenario or rulebook has this name or path
    + UnknownFieldError         an override names a field that does not exist
    + OutputError               the results cannot be written where they should go
  x CheckFailedError         1  the run is sound, but what was checked does not hold
  x InvariantError           3  the engine broke a promise of its own: a defect of Tacoma
    + ConservationError         money or positions appeared or vanished
    + ReplayError               the same inputs did not give the same bytes
  x InterruptedRunError    130  the user stopped the run
  x InterruptedSweepError  130  the user stopped the sweep, which can go on

Each error carries its parts as attributes, so that a program need not read the message.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import ClassVar, Final, NamedTuple

SHOWN_CHARACTERS_MAX = 80
SHOWN_PROBLEMS_MAX = 20
SHOWN_BITS_MAX = 200


class Missing(Enum):
    """The value of a field that is not there at all."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


def show(value: object) -> str:
    """Return a value as a scenario file would write it, cut to 80 characters."""
    text = _written(value)
    if len(text) > SHOWN_CHARACTERS_MAX:
        text = text[: SHOWN_CHARACTERS_MAX - 3] + "..."
    return text


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and value.bit_length() > SHOWN_BITS_MAX:
        return f"(a number of {value.bit_length()} bits)"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        if not value:
            return "{}"
        return "{ " + ", ".join(f"{key} = {_written(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    return str(value)


class Problem(NamedTuple):
    """One wrong field: where it is, what it holds and what it must hold instead."""

    file: str
    field: str
    value: object
    requirement: str

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.file, self.field) if part)
        if self.value is not MISSING:
            where += f" = {show(self.value)}"
        return f"{where}: {self.requirement}."


class TacomaError(Exception):
    """The root of the tree: catch it to catch whatever Tacoma raises on purpose."""

    exit_code: ClassVar[int] = 1


class InputError(TacomaError):
    """Something that was handed in is wrong; nothing has run yet."""

    exit_code: ClassVar[int] = 2


class ScenarioError(InputError):
    """
    A scenario has wrong, missing or contradictory fields; `problems` lists all that were found.

    You meet it when a scenario is loaded. `file`, `field`, `value` and `requirement` are those
    of the first problem.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        assert problems, "an error needs at least one problem"
        lines = [str(problem) for problem in problems[:SHOWN_PROBLEMS_MAX]]
        if len(problems) > SHOWN_PROBLEMS_MAX:
            lines.append(f"... and {len(problems) - SHOWN_PROBLEMS_MAX} problems more.")
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)
        self.file, self.field, self.value, self.requirement = problems[0]


class RulebookError(ScenarioError):
    """A venue's rules are wrong or contradict the scenario; you meet it when either is loaded."""


class UnitError(InputError, ValueError):
    """
    A quantity lacks its unit, has a wrong one, or is no quantity at all.

    You meet it when you call the parsers of `tacoma.units`; inside a scenario the same text
    becomes a ScenarioError that also names the file and the field.
    """

    def __init__(self, value: object, requirement: str) -> None:
        super().__init__(f"{show(value)}: {requirement}.")
        self.value, self.requirement = value, requirement


class UnknownScenarioError(InputError):
    """No file and no bundled scenario (or rulebook) has this name; `known` lists the bundled."""

    def __init__(
        self, name: str, known: Sequence[str], near: Sequence[str] = (), noun: str = "scenario"
    ) -> None:
        hint = f" Did you mean {listed(near)}?" if near else ""
        super().__init__(
            f"{name}: no such {noun}.{hint} Give the path of a .toml file, or one of the bundled "
            f"{noun}s: {', '.join(known) or 'none'}."
        )
        self.name, self.known, self.near, self.noun = name, tuple(known), tuple(near), noun


class UnknownFieldError(InputError):
    """An override (`--set field=value`) names a field that does not exist, or is not one."""

    def __init__(self, field: str, reason: str, near: Sequence[str] = ()) -> None:
        hint = f" Did you mean {listed(near)}?" if near else ""
        super().__init__(f"--set {field}: {reason}.{hint}")
        self.field, self.reason, self.near = field, reason, tuple(near)


class OutputError(InputError):
    """Results cannot be written: the directory exists, is not writable, or the disk is full."""

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}; {remedy}.")
        self.path, self.reason, self.remedy = path, reason, remedy


class CheckFailedError(TacomaError):
    """The run is sound, but what was checked (a bound, a published fact) does not hold."""

    exit_code: ClassVar[int] = 1

    def __init__(self, failures: Sequence[str]) -> None:
        super().__init__("\n".join(failures))
        self.failures = tuple(failures)


class InvariantError(TacomaError):
    """The engine broke a promise of its own: report it together with the message."""

    exit_code: ClassVar[int] = 3


class ConservationError(InvariantError):
    """Money or positions appeared or vanished; `seed` and `step` make the same state again."""

    def __init__(self, seed: int, step: int, detail: str) -> None:
        super().__init__(
            f"conservation broke at step {step} with seed {seed}: {detail}. "
            f"The same scenario with --seed {seed} stops at the same step."
        )
        self.seed, self.step, self.detail = seed, step, detail


class ReplayError(InvariantError):
    """A run that was made again differs from the one on disk, in version or in bytes."""

    def __init__(self, run: str, detail: str) -> None:
        super().__init__(f"{run}: the run cannot be made again: {detail}.")
        self.run, self.detail = run, detail


class InterruptedRunError(TacomaError):
    """The user stopped the run after `step` of `steps` steps; nothing of it was kept."""

    exit_code: ClassVar[int] = 130

    def __init__(self, step: int, steps: int) -> None:
        super().__init__(f"stopped after step {step} of {steps}; no results were written.")
        self.step, self.steps = step, steps


class InterruptedSweepError(TacomaError):
    """The user stopped the sweep in `directory` after `finished` of `points` points."""

    exit_code: ClassVar[int] = 130

    def __init__(self, directory: str, finished: int, points: int) -> None:
        super().__init__(
            f"stopped after {finished} of {points} points, which are kept in {directory}; "
            "the same command continues with the others."
        )
        self.directory, self.finished, self.points = directory, finished, points


def listed(names: Sequence[str], conjunction: str = "or") -> str:
    """Return names as a sentence lists them: a, b or c."""
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"
