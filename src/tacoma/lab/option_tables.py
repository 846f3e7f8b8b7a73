"""What tables say of options: who holds which sensitivities, and one row per option.

Nothing here is called for a run without options, whose tables have none of these columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tacoma.units import QUANTA_PER_USD
from tacoma.world.codes import DESK, OPTION, PERPETUAL
from tacoma.world.layout import MARKET_COLUMNS, SENSITIVITIES

if TYPE_CHECKING:
    from tacoma.lab.drive import Driven
    from tacoma.scenario.schema import OptionMarket, Scenario
    from tacoma.world.directory import Directory, Market
    from tacoma.world.layout import Floats, Ints

HOUR_MS = 3_600_000
MARK, OPEN_LOTS = MARKET_COLUMNS.index("mark"), MARKET_COLUMNS.index("open_lots")


def _usd(quanta: Floats | Ints) -> Floats:
    return np.asarray(quanta, dtype=np.float64) / QUANTA_PER_USD


def option_name(scenario: Scenario, market: Market) -> str:
    """Return the name of an option such as "BTC 95000 put 168 h"; other markets have none."""
    if market.kind != OPTION:
        return ""
    option: OptionMarket = market.entry  # type: ignore[assignment]
    strike = float(option.strike * scenario.first_price(option.asset))
    return f"{option.asset} {strike:.10g} {option.kind} {option.expiry / HOUR_MS:.10g} h"


def open_interest(directory: Directory, record: Ints, interest: Ints) -> Ints:
    """Return open interest in quanta (T, M), that of options as the notional of their underlying.

    `interest` is that at each market's own mark.
    """
    found = interest.copy()
    for market in directory.markets:
        if market.kind == OPTION:
            underlying = directory.market(market.venue_name, market.symbol, PERPETUAL).row
            found[:, market.row] = record[:, market.row, OPEN_LOTS] * record[:, underlying, MARK]
    return found


def customers_with_options(driven: Driven) -> Ints:
    """Return the accounts of the crowd and of desks that have a slot in an option."""
    accounts = driven.built.world.accounts
    return np.flatnonzero((accounts.has_options != 0) & (accounts.kind <= DESK))


def account_greeks(driven: Driven, rows: Ints) -> dict[str, Floats]:
    """Return the sensitivities of accounts at the end, each slot's rounded to a quantum."""
    world = driven.built.world
    accounts, positions = world.accounts, world.positions
    market = positions.market.astype(np.int64)
    columns: dict[str, Floats] = {}
    for place, name in enumerate(SENSITIVITIES):
        each = np.rint(positions.lots * world.record.sensitivity[market, place]).astype(np.int64)
        summed = np.concatenate([[0], np.cumsum(each)])
        total = summed[accounts.slot_last[rows]] - summed[accounts.slot_first[rows]]
        columns[name] = _usd(total)
    return columns


def venue_greeks(driven: Driven) -> dict[str, Floats]:
    """Return the sensitivities of each venue's customers, step by step."""
    record = driven.built.world.record.greeks[1 : driven.steps + 1]
    return {name: _usd(record[:, :, place].ravel()) for place, name in enumerate(SENSITIVITIES)}


def options_table(scenario: Scenario, driven: Driven) -> pl.DataFrame:
    """One row per option; marks and sensitivities are of one unit of the underlying."""
    directory, world = driven.built.directory, driven.built.world
    data: dict[str, list[object]] = {}
    for market in directory.markets:
        if market.kind != OPTION:
            continue
        option: OptionMarket = market.entry  # type: ignore[assignment]
        underlying = directory.market(market.venue_name, market.symbol, PERPETUAL).row
        last = world.record.market[driven.steps]
        unit = float(directory.lots[market.asset]) * QUANTA_PER_USD
        row: dict[str, object] = {
            "venue": market.venue_name,
            "option": option_name(scenario, market),
            "asset": option.asset,
            "kind": option.kind,
            "strike_usd": float(option.strike * scenario.first_price(option.asset)),
            "expiry_h": option.expiry / HOUR_MS,
            "first_mark_usd": market.price_quanta / unit,
            "last_mark_usd": int(last[market.row, MARK]) / unit,
            "open_interest_usd": int(last[market.row, OPEN_LOTS] * last[underlying, MARK])
            / QUANTA_PER_USD,
        }
        for place, name in enumerate(SENSITIVITIES):
            row[name] = float(world.record.sensitivity[market.row, place]) / unit
        for name, value in row.items():
            data.setdefault(name, []).append(value)
    return pl.DataFrame(data)
