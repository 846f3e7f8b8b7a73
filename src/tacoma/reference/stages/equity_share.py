"""How an account's equity divides over its positions, and the bankruptcy price that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.margin import requirement
from tacoma.rules.liquidations.takeover import bankruptcy_price
from tacoma.world.limits import PRICE_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Position


def equity_share(position: Position, equity: int, whole: int) -> int:
    """
    Return the part of its account's equity that stands behind one position, in quanta.

    In proportion to what the position asks for alone, of the `whole` that all of them ask for,
    rounded toward zero; with one position it is all of it.
    """
    own = requirement(position)
    if whole <= 0 or own >= whole:
        return equity
    share = abs(equity) * own // whole
    return share if equity >= 0 else -share


def position_bankruptcy_price(position: Position, share: int) -> int:
    """Return the price at which closing the position uses up exactly its share of the equity."""
    notional = position.lots * position.market.margin_price
    price = bankruptcy_price(position.lots, notional, share)
    return min(max(price, 1), PRICE_QUANTA_MAX)
