"""Walking down one side of a book: how much an order gets, and what it costs."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule


@rule
def walked_lots(level_lots: NDArray[np.int64], first: int, count: int, lots: int) -> int:
    """
    Return how many of the wanted lots the levels hold: all, or what there is.

    Domain: lots >= 0, level_lots >= 0, their sum within int64. Exact.
    Source: Hyperliquid docs, info endpoint (l2Book); elementary.
    """
    held = 0
    for place in range(first, first + count):
        held += level_lots[place]
        if held >= lots:
            return lots
    return held


@rule
def walked_quanta(
    prices: NDArray[np.int64],
    level_lots: NDArray[np.int64],
    first: int,
    count: int,
    lots: int,
) -> int:
    """
    Return what the wanted lots cost along the levels, best first, in quanta; as far as they reach.

    The average price is this over `walked_lots`. Exact.
    Domain: lots >= 0, level_lots >= 0, prices * lots with a sum within int64.
    Source: elementary.
    """
    paid = 0
    rest = lots
    for place in range(first, first + count):
        if rest <= 0:
            break
        taken = min(rest, level_lots[place])
        paid += taken * prices[place]
        rest -= taken
    return paid


@rule
def affordable_lots(
    prices: NDArray[np.int64],
    level_lots: NDArray[np.int64],
    first: int,
    count: int,
    budget_quanta: int,
    lot_step: int,
) -> int:
    """
    Return how many lots a budget buys along the levels, best first.

    Whole levels as long as the budget covers them; of the one after these as much as it covers,
    rounded down to a multiple of the step, and there the walk ends.
    Domain: budget_quanta >= 0, prices > 0, lot_step > 0, level_lots * prices within int64.
    Source: elementary; the rounding spends no more than was asked for.
    """
    bought = 0
    rest = budget_quanta
    for place in range(first, first + count):
        cost = level_lots[place] * prices[place]
        if cost > rest:
            steps: int = rest // prices[place] // lot_step
            return bought + steps * lot_step
        bought += level_lots[place]
        rest -= cost
    return bought
