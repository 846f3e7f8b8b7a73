"""Which open orders of an account below its initial margin are cancelled."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute


@rule
def mark_orders_to_cancel(
    position_lots: int,
    sides: NDArray[np.int64],
    order_lots: NDArray[np.int64],
    prices: NDArray[np.int64],
    count: int,
    out: NDArray[np.int64],
) -> int:
    """
    Write 1 for each order of a market that is cancelled, 0 for the others; return how many are.

    Every order that does not offset the position goes. Of those that do, the most passive go (the
    highest offer, the lowest bid; of equal prices the later) until the rest is no larger than the
    position. `sides` holds +1 for buys and -1 for sales, the arrays are in order of arrival.
    Domain: order_lots >= 0 with a sum within int64, count <= length of the arrays.
    Source: Paradex docs, deleveraging. It does not order equal prices; the later first is Tacoma's.
    """
    offsetting = 0
    cancelled = 0
    for place in range(count):
        out[place] = 0
        if sides[place] * position_lots < 0:
            offsetting += order_lots[place]
        else:
            out[place] = 1
            cancelled += 1
    while offsetting > absolute(position_lots):
        worst = -1
        for place in range(count):
            if out[place] == 0:
                if worst < 0:
                    worst = place
                elif sides[place] * (prices[worst] - prices[place]) >= 0:
                    worst = place
        if worst < 0:
            break
        out[worst] = 1
        cancelled += 1
        offsetting -= order_lots[worst]
    return cancelled
