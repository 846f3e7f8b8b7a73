"""How an account's equity divides over its positions, and the bankruptcy price that follows."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.liquidations.takeover import bankruptcy_price
from tacoma.rules.numbers.arithmetic import mul_div_wide_floor
from tacoma.systems.margin import slot_requirement
from tacoma.world.codes import OPTION, PERPETUAL
from tacoma.world.limits import PRICE_QUANTA_MAX


@kernel
def is_perpetual(markets, positions, slot):
    """Whether the slot holds a perpetual position."""
    market = np.int64(positions.market[slot])
    return positions.lots[slot] != 0 and markets.kind[market] == PERPETUAL


@kernel
def is_blocked(markets, positions, slot):
    """Whether liquidations in the slot's market wait, since its mark is far from its average."""
    return markets.is_blocked[np.int64(positions.market[slot])] != 0


@kernel
def is_option(markets, positions, slot):
    """Whether the slot holds an option position."""
    market = np.int64(positions.market[slot])
    return positions.lots[slot] != 0 and markets.kind[market] == OPTION


@kernel
def equity_share(markets, tiers, positions, slot, equity, maintenance):
    """Part of the equity that stands behind one position, by its part of the maintenance.

    `maintenance` is that of all positions, each held alone. Rounded toward zero; with one position
    it is the whole.
    """
    own = slot_requirement(markets, tiers, positions, slot)
    if maintenance <= 0 or own >= maintenance:
        return equity
    share = mul_div_wide_floor(abs(equity), own, maintenance)
    return share if equity >= 0 else -share


@kernel
def position_bankruptcy_price(markets, positions, slot, share):
    """Price at which closing the position uses up exactly its share of the equity."""
    lots = positions.lots[slot]
    mark = markets.margin_price[np.int64(positions.market[slot])]
    price = bankruptcy_price(lots, lots * mark, share)
    return min(max(price, 1), PRICE_QUANTA_MAX)
