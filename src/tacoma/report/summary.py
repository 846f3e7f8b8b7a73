"""The end of a run on a terminal: what happened, on one screen of 80 columns."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.text import Text

from tacoma.report import data, limits
from tacoma.report.data import RunLike
from tacoma.report.numbers import money, price

LINES_MAX = 25
WIDTH = 80
VENUES_MAX = 4
ROWS = (
    ("liquidated", "liquidated_usd"),
    ("  -> book", "market_usd"),
    ("  -> backstop", "backstop_usd"),
    ("  -> insurance", "insurance_takeover_usd"),
    ("  -> ADL", "adl_usd"),
    ("insurance paid", "insurance_paid_usd"),
    ("shared", "shared_usd"),
    ("bad debt", "bad_debt_usd"),
)


def lines(run: RunLike) -> list[str]:
    """Return the summary as at most 25 plain lines of at most 80 characters."""
    return [line.plain for line in _texts(run)]


def renderable(run: RunLike) -> Group:
    """Return the summary for a rich console, with a little colour."""
    return Group(*_texts(run))


def _texts(run: RunLike) -> list[Text]:
    """Return the lines, styled."""
    name, title = data.scenario_name(run), data.scenario_title(run)
    head = f"{name}: {title}" if title != name else name
    texts = [
        Text(_cut(head), style="bold"),
        Text(
            f"seed {run.seed}, {run.accounts:,} accounts, {run.steps:,} steps, "
            f"hash {run.hash[:12]}",
            style="dim",
        ),
        Text(""),
        *_waterfall(run),
        Text(""),
        Text(limits.conservation(run), style="green" if run.conserved else "bold red"),
    ]
    texts += [Text(line) for line in _findings(run)]
    texts.append(Text(""))
    texts += [Text(line) for line in _places(run)]  # a path that is cut would be useless
    texts.append(Text(f"try next: {_next(run)}", style="bold"))
    return texts


def _cut(line: str) -> str:
    """Return a line of text within the width."""
    return line if len(line) <= WIDTH else line[: WIDTH - 1].rstrip() + "…"


def _waterfall(run: RunLike) -> list[Text]:
    """Return the table of stages, one column for each venue and one for all."""
    venues: Mapping[str, Mapping[str, Any]] = run.summary.get("venues", {})
    columns = [(name, venues[name]) for name in list(venues)[:VENUES_MAX]]
    if len(venues) != 1:
        columns.append(("all", run.summary))
    width = 12
    head = f"{'USD':<16}" + "".join(f"{name[: width - 1]:>{width}}" for name, _ in columns)
    texts = [Text(head, style="dim")]
    for label, key in ROWS:
        cells = (float(totals.get(key) or 0.0) for _, totals in columns)
        texts.append(Text(f"{label:<16}" + "".join(f"{money(usd):>{width}}" for usd in cells)))
    accounts = (int(totals.get("liquidated_accounts") or 0) for _, totals in columns)
    texts.insert(
        2, Text(f"{'  accounts':<16}" + "".join(f"{count:>{width},}" for count in accounts))
    )
    return texts


def _findings(run: RunLike) -> list[str]:
    """Return the lines that put the totals into proportion, a halt first."""
    found = [
        f"{name} {limits.halt(totals)}"
        for name, totals in run.summary.get("venues", {}).items()
        if limits.halt(totals)
    ]
    for name, totals in run.summary.get("venues", {}).items():
        if totals.get("layers"):
            used = ", ".join(f"{row['name']} {money(row['used_usd'])}" for row in totals["layers"])
            found.append(_cut(f"{name} layers used: {used}"))
    if run.control is not None:
        parts = (
            (key, float(run.control.get(f"{key}_usd") or 0.0)) for key in ("liquidated", "adl")
        )
        totals = ", ".join(f"{money(usd)} USD {CONTROL_WORDS[key]}" for key, usd in parts)
        found.append(f"without the shock: {totals}")
    amplification = run.summary.get("amplification")
    if amplification is not None:
        found.append(
            f"amplification: {amplification:.2f} (liquidated with the feedback of forced sales, "
            "over without)"
        )
    lows = [row for row in data.falls(run).rows(named=True) if row["venue"] != data.SPOT]
    main = data.main_asset(run)
    if lows:
        by_fall = sorted(lows, key=lambda row: (row["fall"], row["asset"], row["venue"]))
        chosen = [next((row for row in by_fall if row["asset"] == main), None)]
        chosen.append(next((row for row in by_fall if row["asset"] != main), None))
        shown = [
            f"{row['asset']} {price(row['low'])} ({row['fall']:+.1f} %, {row['venue']})"
            for row in chosen
            if row
        ]
        found.append(_cut(f"lowest marks: {', '.join(shown)}"))
    return found


CONTROL_WORDS = {"liquidated": "liquidated", "adl": "deleveraged"}


def _places(run: RunLike) -> list[str]:
    """Return how long it took and where the results are."""
    places = []
    wall = run.summary.get("wall_s")
    if wall is not None:
        compile_s = float(run.summary.get("compile_s") or 0.0)
        compiled = f", and {compile_s:.1f} s to compile" if compile_s >= 0.05 else ""
        places.append(f"took {float(wall):.1f} s{compiled}")
    report = run.summary.get("report") or run.summary.get("run_dir")
    if report:
        places.append(f"{'report' if run.summary.get('report') else 'results'}: {report}")
    return places


def _next(run: RunLike) -> str:
    """Return a command that is worth running next: the same with another seed."""
    return data.command(run, seed=run.seed + 1)
