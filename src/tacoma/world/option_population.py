"""Who of a venue's population holds which option: a model, like the rest of the population.

A holder has one option position beside its perpetuals. It chooses the option by open interest, its
side by a coin, and its size in proportion to its perpetuals; per option and side all holders
together have a fixed part of the open interest, and desks the rest. Options are paid in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tacoma.world.codes import OPTION
from tacoma.world.fitting import fit_lots
from tacoma.world.market_table import option_lots
from tacoma.world.streams import stream

if TYPE_CHECKING:
    from tacoma.scenario.schema import Scenario
    from tacoma.world.directory import Directory
    from tacoma.world.layout import Floats, Ints
    from tacoma.world.population import Block

POPULATION_PART = 0.5  # of each side of an option's open interest


class OptionHoldings(NamedTuple):
    """One option position per account (n,): market row or -1, signed lots, value in quanta."""

    market: Ints
    lots: Ints
    value: Ints


def draw_options(
    scenario: Scenario,
    directory: Directory,
    row: int,
    block: Block,
    weight: Floats,
    seed: int,
) -> OptionHoldings:
    """Draw the options of a block of venue `row`; `weight` (n,) says how large each account is."""
    count = len(weight)
    options = [market for market in directory.of_venue(row) if market.kind == OPTION]
    market, lots = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.int64)
    share = float(scenario.population.option_share)
    if not options or share == 0.0:
        return OptionHoldings(market, lots, lots)
    random = stream(seed, "population/options", block.name(scenario.venues[row].name))
    holds = random.random(count) < share
    interest = np.array([option_lots(directory, o) for o in options], dtype=np.float64)
    interest *= [float(scenario.first_price(o.symbol)) for o in options]
    interest *= [float(scenario.asset(o.symbol).lot) for o in options]
    chosen = random.choice(len(options), count, p=interest / interest.sum())
    side = np.where(random.random(count) < 0.5, 1, -1).astype(np.int64)
    for place, option in enumerate(options):
        target = block.part(int(option_lots(directory, option) * POPULATION_PART))
        for way in (1, -1):
            mine = holds & (chosen == place) & (side == way)
            fitted = fit_lots(weight[mine], target, block.largest_share(scenario.population))
            lots[mine] = way * fitted
    rows = np.array([option.row for option in options], dtype=np.int64)[chosen]
    price = np.array([option.price_quanta for option in options], dtype=np.int64)[chosen]
    return OptionHoldings(np.where(lots != 0, rows, -1), lots, lots * price)
