"""
What the figures read of a run: tables with known columns, times for a date axis, thinned lines.

A run is anything with the attributes of `RunLike`; nothing here imports the lab.
"""

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
SPOT = "spot"  # the name of the spot market between the venues
POINTS = 420  # per line: about one per three pixels of a wide screen

TEXT = pl.String
COLUMNS: dict[str, dict[str, type[pl.DataType]]] = {
    "steps": dict.fromkeys(("venue", "asset", "kind"), TEXT)
    | {"second": pl.Int32}
    | dict.fromkeys(
        (
            *("mark_usd", "index_usd", "bid_usd", "ask_usd", "last_usd"),
            *("depth_bid_usd", "depth_ask_usd", "traded_usd", "forced_usd", "withdrawal"),
            *("open_interest_usd",),
        ),
        pl.Float64,
    ),
    "venues": {"second": pl.Int32, "venue": TEXT}
    | dict.fromkeys(("liquidated_usd", "market_usd", "takeover_usd", "adl_usd"), pl.Float64),
    "funds": {"second": pl.Int32, "venue": TEXT, "fund": TEXT, "kind": TEXT}
    | dict.fromkeys(("equity_usd", "inventory_usd"), pl.Float64),
    "liquidations": {"second": pl.Int32, "account": pl.Int64, "notional_usd": pl.Float64}
    | dict.fromkeys(("venue", "asset", "stage", "side"), TEXT),
    "adl": {"second": pl.Int32, "account": pl.Int64, "rank": pl.Int32}
    | {"bankrupt_is_fund": pl.Boolean}
    | dict.fromkeys(("venue", "asset", "side"), TEXT)
    | dict.fromkeys(("notional_usd", "pnl_usd", "leverage"), pl.Float64),
    "faults": {"second": pl.Int32, "value": pl.Float64}
    | dict.fromkeys(("kind", "target", "label"), TEXT),
    "accounts": {"account": pl.Int64, "venue": TEXT}
    | dict.fromkeys(
        ("initial_equity_usd", "final_equity_usd", "liquidated_usd", "adl_usd"), pl.Float64
    ),
}


class RunLike(Protocol):
    """What the report needs of a run; see `tacoma.lab` for the meaning of each."""

    @property
    def scenario(self) -> object:
        """The scenario as resolved."""

    @property
    def seed(self) -> int:
        """The seed of every random stream."""

    @property
    def hash(self) -> str:
        """The sha256 of inputs and results, in hex."""

    @property
    def steps(self) -> int:
        """The number of steps."""

    @property
    def accounts(self) -> int:
        """The number of accounts."""

    @property
    def conserved(self) -> bool:
        """Whether money and positions balanced after every step."""

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """The result tables by name."""

    @property
    def summary(self) -> Mapping[str, Any]:
        """The totals, overall and by venue."""

    @property
    def control(self) -> Mapping[str, Any] | None:
        """The summary of the run without the shock."""

    @property
    def macro(self) -> Mapping[str, Any] | None:
        """The summary of the run without feedback."""


def table(run: RunLike, name: str) -> pl.DataFrame:
    """Return the columns of a table that the report reads, with plain types; empty if missing."""
    columns = COLUMNS[name]
    found = run.tables.get(name)
    if found is None:
        return pl.DataFrame(schema=columns)
    return found.select(pl.col(column).cast(kind) for column, kind in columns.items())


class Origin(NamedTuple):
    """Where some inputs come from: whether it is a fact, which fields, and the source or reason."""

    fact: bool
    paths: tuple[str, ...]
    source: str


def scenario_name(run: RunLike) -> str:
    """Return the name of the scenario, as the command line takes it."""
    return str(getattr(run.scenario, "name", ""))


def scenario_title(run: RunLike) -> str:
    """Return the title of the scenario, or its name."""
    return str(getattr(run.scenario, "title", "")) or scenario_name(run)


def origins(run: RunLike) -> list[Origin]:
    """Return where the scenario says its numbers come from."""
    return [
        Origin(entry.kind == "fact", tuple(map(str, entry.paths)), str(entry.source))
        for entry in getattr(run.scenario, "provenance", ())
    ]


def venues(run: RunLike) -> list[str]:
    """Return the venues in the order of the summary."""
    return list(run.summary.get("venues", {}))


def start(run: RunLike) -> datetime:
    """Return the moment of second 0, in UTC; a scenario's clock without a zone is in UTC."""
    moment = getattr(getattr(run.scenario, "clock", None), "start", None)
    if not isinstance(moment, datetime):
        return datetime(1970, 1, 1, tzinfo=UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def events(run: RunLike) -> list[tuple[int, str]]:
    """Return second and label of each event of the timeline, once, where it begins."""
    seen: dict[str, int] = {}
    for second, kind, label in table(run, "faults").select("second", "kind", "label").rows():
        text = str(label or kind or "")
        if second is not None and text:
            seen[text] = min(int(second), seen.get(text, int(second)))
    return sorted(((second, text) for text, second in seen.items()))


def escape(text: str) -> str:
    """Return text in which plotly, which reads a little HTML, finds no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clock_text(run: RunLike, second: int) -> str:
    """Return the time of day of a second, as `21:15:04`."""
    return (start(run) + timedelta(seconds=int(second))).strftime("%H:%M:%S")


def times(run: RunLike, seconds: npt.ArrayLike) -> Floats:
    """Return seconds since the start as milliseconds since 1970, which a date axis reads."""
    first = start(run).timestamp() * 1000.0
    return first + np.asarray(seconds, dtype=np.float64) * 1000.0


def main_asset(run: RunLike) -> str | None:
    """Return BTC where it is traded, else the perpetual with the largest open interest."""
    perpetuals = table(run, "steps").filter(pl.col("kind") == "perpetual", pl.col("venue") != SPOT)
    if perpetuals.is_empty():
        return None
    largest = (
        perpetuals.group_by("asset")
        .agg(pl.col("open_interest_usd").max())
        .sort(["open_interest_usd", "asset"], descending=[True, False], nulls_last=True)
    )
    assets = largest["asset"].to_list()
    return "BTC" if "BTC" in assets else str(assets[0])


def in_order(frame: pl.DataFrame, column: str) -> list[str]:
    """Return the different values of a column in the order in which they first appear."""
    return [str(value) for value in frame.get_column(column).unique(maintain_order=True)]


def thin(
    x: npt.ArrayLike, y: npt.ArrayLike, points: int = POINTS
) -> tuple[Floats, npt.NDArray[np.float32]]:
    """
    Return at most about `points` of a line, so that no spike is lost.

    The line is cut into equal bins; of each bin the lowest and the highest point stay, in their
    order, and the first and the last point of all. A bin without any value leaves one NaN, which
    breaks the line there.
    """
    horizontal = np.asarray(x, dtype=np.float64)
    vertical = np.asarray(y, dtype=np.float64)
    count = vertical.shape[0]
    if count > points:
        edges = np.linspace(0, count, max(points // 2, 1) + 1).astype(np.int64)
        kept = {0, count - 1}
        for first, last in pairwise(edges):
            part = vertical[first:last]
            if np.isnan(part).all():
                kept.add(int(first))
            else:
                kept.add(int(first + np.nanargmin(part)))
                kept.add(int(first + np.nanargmax(part)))
        rows = np.array(sorted(kept))
        horizontal, vertical = horizontal[rows], vertical[rows]
    return horizontal, vertical.astype(np.float32)


def column(frame: pl.DataFrame, name: str) -> Floats:
    """Return a column as floats, with NaN where it is null."""
    return frame.get_column(name).cast(pl.Float64).fill_null(float("nan")).to_numpy()


def by_minute(frame: pl.DataFrame, value: str, minutes: int) -> Floats:
    """Return the sums of a column over whole minutes since the start, `minutes` of them."""
    sums = np.zeros(minutes)
    if not frame.is_empty():
        slots = np.minimum(column(frame, "second").astype(np.int64) // 60, minutes - 1)
        np.add.at(sums, slots, np.nan_to_num(column(frame, value)))
    return sums


def minutes_of(run: RunLike) -> int:
    """Return how many minutes the run's tables cover, at least one."""
    last = [table(run, name)["second"].max() for name in ("steps", "venues", "liquidations")]
    seconds = [int(str(second)) for second in last if second is not None]
    return max(-(-max(seconds, default=0) // 60), 1)


def lorenz(amounts: npt.ArrayLike, points: int = 200) -> tuple[Floats, Floats]:
    """
    Return the share of the largest holders (0..1) and what they hold together (0..1).

    Both start at 0 and end at 1. The places are denser among the largest, where the curve bends.
    """
    ordered = np.sort(np.asarray(amounts, dtype=np.float64))[::-1]
    ordered = ordered[ordered > 0]
    if not ordered.shape[0]:
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    held = np.concatenate([[0.0], np.cumsum(ordered)]) / ordered.sum()
    count = ordered.shape[0]
    places = np.unique(np.round(np.geomspace(1, count, points)).astype(np.int64))
    places = np.concatenate([[0], places])
    return places / count, held[places]


def falls(run: RunLike) -> pl.DataFrame:
    """
    Return how far each asset fell on each venue: from its first price to its lowest.

    Columns: asset, venue, first, low (USD), second (of the low), fall (percent, negative). The
    price is the mark of a perpetual and the last price on the spot market.
    """
    level = pl.coalesce("mark_usd", "last_usd")
    return (
        table(run, "steps")
        .filter((pl.col("kind") == "perpetual") | (pl.col("venue") == SPOT))
        .sort("second", maintain_order=True)
        .group_by("asset", "venue", maintain_order=True)
        .agg(
            level.drop_nulls().first().alias("first"),
            level.min().alias("low"),
            pl.col("second").sort_by(level, nulls_last=True, maintain_order=True).first(),
        )
        .filter(pl.col("first") > 0)
        .with_columns(((pl.col("low") / pl.col("first") - 1) * 100).alias("fall"))
    )


def command(run: RunLike, seed: int | None = None) -> str:
    """Return the command that makes the run again, or one with another seed."""
    name = shlex.quote(scenario_name(run))
    chosen = run.summary.get("rulebook")
    rulebook = f" --rulebook {shlex.quote(chosen)}" if chosen else ""
    number = run.seed if seed is None else seed
    return f"tacoma run {name} --seed {number} --accounts {run.accounts}{rulebook}"
