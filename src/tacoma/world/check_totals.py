"""Whether a world that was built stays within the stated maxima: what no field alone can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tacoma.errors import Problem, ScenarioError
from tacoma.units import format_money
from tacoma.world.codes import (
    ARBITRAGEUR,
    BACKSTOP,
    DESK,
    INSURANCE,
    INVESTOR,
    MAKER,
    RETAIL,
)
from tacoma.world.limits import BALANCE_QUANTA_MAX, OPEN_LOTS_MAX, TOTAL_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.scenario.schema import Scenario
    from tacoma.world.directory import Directory
    from tacoma.world.layout import Table, World

ROWS = 1 << 20  # looked at together, so that little memory is needed

# Whose money is set by which field.
FIELDS = {
    RETAIL: "population.groups.*.leverage",
    DESK: "desks.leverage",
    MAKER: "makers.capital",
    ARBITRAGEUR: "arbitrage.capital",
    INVESTOR: "investors.capital",
    INSURANCE: "venues.*.insurance.*.capital",
    BACKSTOP: "venues.*.backstop.*.capital",
}


def require_room(scenario: Scenario, directory: Directory, world: World) -> None:
    """Raise ScenarioError where money or lots of a world leave no room for what a run does."""
    _require_balances(scenario, world.accounts)
    _require_total(scenario, world)
    _require_lots(scenario, directory, world)


def _refuse(scenario: Scenario, field: str, value: object, requirement: str) -> None:
    raise ScenarioError([Problem(scenario.name, field, value, requirement)])


def _parts(table: Table) -> list[Table]:
    return [table[first : first + ROWS] for first in range(0, len(table), ROWS)]


def _require_balances(scenario: Scenario, accounts: Table) -> None:
    """Refuse an account with more money than one may have."""
    for part in _parts(accounts):
        wrong = (part.balance > BALANCE_QUANTA_MAX) | (part.balance < -BALANCE_QUANTA_MAX)
        wrong |= (part.wallet < 0) | (part.wallet > BALANCE_QUANTA_MAX)
        if wrong.any():
            place = int(np.argmax(wrong))
            _refuse(
                scenario,
                FIELDS.get(int(part.kind[place]), "venues"),
                format_money(int(part.balance[place])),
                f"gives one account a balance or wallet beyond {format_money(BALANCE_QUANTA_MAX)}: "
                "raise leverage, or lower capital, wallets or open interest",
            )


def _require_total(scenario: Scenario, world: World) -> None:
    """Refuse a world whose money does not fit together, signs ignored, with room for a run."""
    total = 0.0
    for part in _parts(world.accounts):
        total += float(np.abs(part.balance.astype(np.float64)).sum())
        total += float(part.wallet.astype(np.float64).sum())
    for part in _parts(world.positions):
        total += float(np.abs(part.entry.astype(np.float64)).sum())
    if total > TOTAL_QUANTA_MAX:
        _refuse(
            scenario, "venues.*.markets.*.open_interest", format_money(int(total)),
            f"makes balances, wallets and costs of positions more than "
            f"{format_money(TOTAL_QUANTA_MAX)} together: lower open interest or capital",
        )  # fmt: skip


def _require_lots(scenario: Scenario, directory: Directory, world: World) -> None:
    """Refuse a venue on which more lots are held, collateral assets among them, than may be."""
    held = np.zeros(len(world.markets), dtype=np.float64)
    for part in _parts(world.positions):
        long_lots = np.maximum(part.lots, 0)
        held += np.bincount(part.market, weights=long_lots, minlength=len(held))
    for venue, name in enumerate(directory.venues):
        lots = int(held[world.markets.venue == venue].sum())
        if lots > OPEN_LOTS_MAX:
            _refuse(
                scenario,
                f"venues.{name}.markets",
                f"{lots:_} lots",
                f"must hold at most {OPEN_LOTS_MAX:_} lots, collateral among them: choose larger "
                "lots of its assets, or lower open interest",
            )
