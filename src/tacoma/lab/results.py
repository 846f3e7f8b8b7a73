"""A finished run: tables, summary, figures, and how it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tacoma import __version__
from tacoma.store.ledger import JOURNAL, ledger_tables
from tacoma.store.rundir import write_run

if TYPE_CHECKING:
    import polars as pl
    from plotly.graph_objects import Figure

    from tacoma.scenario.schema import Scenario
    from tacoma.world.layout import Ints


@dataclass
class Run:
    """
    What `tacoma.run` returns.

    `tables` are polars data frames (docs/python.md lists their columns), `summary` a dictionary
    that JSON can hold; `control` and `macro` are the summaries of the run without the shock and of
    the run in which forced flow leaves prices alone, where they were asked for. `ledger` says who
    owns what at the end: `balance` and `wallet` in quanta, per account; `lots` and `entry` (what
    they cost, in quanta) per position slot.
    """

    scenario: Scenario
    seed: int
    hash: str
    steps: int
    accounts: int
    conserved: bool
    tables: dict[str, pl.DataFrame]
    summary: dict[str, Any]
    control: dict[str, Any] | None
    macro: dict[str, Any] | None
    journal: pl.DataFrame
    ledger: dict[str, Ints]
    wall_s: float
    compile_s: float

    def figures(self) -> dict[str, Figure]:
        """Return all figures of the report by name."""
        from tacoma.report.figures import figures

        return figures(self)

    def report_html(self) -> str:
        """Return the report: one page that opens offline."""
        from tacoma.report.page import render

        return render(self)

    def _repr_html_(self) -> str:
        """Show the summary in a notebook."""
        from html import escape

        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
            for name, value in self.summary.items()
            if isinstance(value, (str, int, float, bool))
        )
        return f"<table><caption>{escape(self.scenario.title)}</caption>{rows}</table>"

    def save(self, directory: str | Path, *, overwrite: bool = False, report: bool = True) -> Path:
        """
        Write the run directory, all or nothing: manifest, Parquet tables, journal, final
        ledger, report.

        Raises OutputError when the place is taken or full.
        """
        path = Path(directory)
        self.summary["run_dir"] = str(path)
        self.summary["report"] = str(path / "report.html") if report else None
        manifest = {
            "version": __version__,
            "scenario": self.scenario.resolved(),
            "seed": self.seed,
            "hash": self.hash,
            "steps": self.steps,
            "summary": self.summary,
            "control": self.control,
            "macro": self.macro,
        }
        files = {"report.html": self.report_html()} if report else {}
        tables = {**self.tables, JOURNAL: self.journal, **ledger_tables(self.ledger)}
        return write_run(path, manifest, tables, files, overwrite=overwrite)
