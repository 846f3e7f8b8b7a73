"""The progress of a run on a terminal; silent when nobody watches."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Display:
    """
    A line on standard error: how far a run is, the simulated time, and what it is doing.

    The object is called with the fraction done (0..1), the simulated second, and a text. It also
    remembers the last second, for the message of an interrupted run.
    """

    def __init__(self, start: datetime | None = None, *, quiet: bool = False) -> None:
        """Take the moment of second 0; without it no simulated time is shown."""
        self.start = start
        self.second = 0
        self._shown = not quiet and sys.stderr.isatty()
        self._stack = ExitStack()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._shown:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

            self._bar = Progress(
                SpinnerColumn(),
                BarColumn(bar_width=24),
                TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[clock]}", style="bold"),
                TextColumn("{task.description}", markup=False),
                console=Console(stderr=True),
                transient=True,
            )
            self._stack.enter_context(self._bar)
            self._task = self._bar.add_task("starting", total=1.0, clock="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def __call__(self, fraction: float, second: int, text: str) -> None:
        """Show where the run is."""
        self.second = max(self.second, int(second))
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task,
                completed=min(max(fraction, 0.0), 1.0),
                description=text,
                clock=self._clock(second),
            )

    def _clock(self, second: int) -> str:
        """Return the simulated time of day."""
        if self.start is None:
            return ""
        return f"{self.start + timedelta(seconds=int(second)):%H:%M:%S}"
