"""
Every figure of a report, in the order in which it tells the story.

Each is one function from a run to a plotly figure. `FIGURES` is the list that the page, the
notebook and `Run.figures()` share; a new figure is one more line in it.
"""

from collections.abc import Callable
from typing import NamedTuple

import plotly.graph_objects as go

from tacoma.report.data import RunLike
from tacoma.report.figures_feedback import feedback, forced_flow
from tacoma.report.figures_flow import control, timeline, waterfall
from tacoma.report.figures_funds import funds
from tacoma.report.figures_markets import collateral, depth, lows, prices
from tacoma.report.figures_people import adl, losses

__all__ = [
    "FIGURES",
    "Entry",
    "adl",
    "collateral",
    "control",
    "depth",
    "feedback",
    "figures",
    "forced_flow",
    "funds",
    "losses",
    "lows",
    "prices",
    "timeline",
    "waterfall",
]


class Entry(NamedTuple):
    """A figure of the report: its key, its name in the navigation, and what draws it."""

    key: str
    name: str
    draw: Callable[[RunLike], go.Figure]


FIGURES = (
    Entry("timeline", "Timeline", timeline),
    Entry("waterfall", "Waterfall", waterfall),
    Entry("prices", "Prices", prices),
    Entry("lows", "Lows", lows),
    Entry("depth", "Depth", depth),
    Entry("funds", "Funds", funds),
    Entry("adl", "Deleveraging", adl),
    Entry("losses", "Losses", losses),
    Entry("feedback", "Feedback", feedback),
    Entry("forced_flow", "Forced flow", forced_flow),
    Entry("collateral", "Collateral", collateral),
    Entry("control", "Control", control),
)


def figures(run: RunLike) -> dict[str, go.Figure]:
    """Return every figure of a run by its key."""
    return {entry.key: entry.draw(run) for entry in FIGURES}
