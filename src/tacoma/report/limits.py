"""What a run says about itself in words: what it cannot tell, and that it balanced."""

from collections.abc import Mapping
from typing import Any

from tacoma.report import data
from tacoma.report.data import RunLike


def statements(run: RunLike) -> list[str]:
    """Return the limits of a run, one sentence or two each, for people who quote its numbers."""
    venues = data.venues(run)
    count = f"these {len(venues)} venues" if len(venues) != 1 else "one venue"
    draw = (
        f"It is one draw, seed {run.seed}. Differences smaller than those between seeds mean "
        "nothing: run several before you quote a number."
    )
    prices = (
        "Prices are made by the model: an assumed outside path plus the impact of forced orders. "
        "It shows how these rules behave on such a day, not what happened on a real one."
    )
    people = (
        "Nobody outside a venue sees its accounts. Positions, leverage and the habits of makers "
        "and desks are assumptions, marked below, and the results follow them."
    )
    scope = (
        f"Only {count} {'and their' if len(venues) != 1 else 'and its'} markets exist here. Totals "
        "are not those of a whole market, and "
        "private agreements or manual intervention are absent."
    )
    lines = [draw, prices, people, scope]
    if run.macro is not None:
        lines.append(
            "The amplification compares two runs of this model. It is evidence about the "
            "mechanism, not proof of a cause in history."
        )
    return lines


def halt(totals: Mapping[str, Any]) -> str:
    """Return the line that says when and why a venue halted; empty if it did not."""
    if not totals.get("halted_at"):
        return ""
    return f"halted at {totals['halted_at']}: collateral left a pool before insurance paid"


def conservation(run: RunLike) -> str:
    """Return the line that says in how many steps money and positions were conserved."""
    if run.conserved:
        return f"Money and positions conserved in {run.steps:,} of {run.steps:,} steps"
    return "Money or positions were NOT conserved: do not use this run, and report it"
