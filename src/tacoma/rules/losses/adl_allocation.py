"""Deleveraging many winners at once: each gives lots by weight, none more than it holds."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.losses.sharing import allocate_pro_rata
from tacoma.rules.numbers.arithmetic import mul_div_wide_floor


@rule
def allocate_capped(
    lots: int,
    weights: NDArray[np.int64],
    lots_max: NDArray[np.int64],
    count: int,
    out: NDArray[np.int64],
) -> int:
    """
    Write how many lots each one gives by weight, capped at what it holds; return the sum.

    Water-filling: whoever's share reaches its cap gives exactly that, and what it could not give is
    shared by the others in proportion to their weights, until nobody is above a cap. The rest is
    rounded by largest remainder, the lower position first among equals. So the sum is the smaller
    of `lots` and of all caps with a weight above 0; a weight of 0 gives nothing.
    Equal weights share evenly; weights equal to the caps are plain pro rata by size.
    Domain: 0 <= lots < 2**62, weights >= 0 with a sum below 2**62, caps >= 0 with a sum below
    2**62, count <= length of every array. Two temporary arrays of `count` integers per call;
    passes over the arrays: at most count + 1, usually two or three.
    Source: pro-rata and capped pro-rata deleveraging as in arXiv 2512.01112; elementary
    (water-filling, largest remainder).
    """
    open_weights = np.empty(count, dtype=np.int64)
    for position in range(count):
        out[position] = 0
        open_weights[position] = weights[position] if lots_max[position] > 0 else 0
    rest = lots
    is_open = rest > 0
    while is_open:
        is_open = False
        total = 0
        for position in range(count):
            total += open_weights[position]
        if total == 0:
            return lots - rest
        given = 0
        for position in range(count):
            weight = open_weights[position]
            if weight > 0 and mul_div_wide_floor(rest, weight, total) >= lots_max[position]:
                out[position] = lots_max[position]
                given += lots_max[position]
                open_weights[position] = 0
                is_open = True
        rest -= given
        if rest == 0:
            return lots
    if rest > 0:
        shares = np.empty(count, dtype=np.int64)
        allocate_pro_rata(rest, open_weights, count, shares)
        for position in range(count):
            out[position] += shares[position]
    return lots


@rule
def allocate_in_order(
    lots: int, lots_max: NDArray[np.int64], count: int, out: NDArray[np.int64]
) -> int:
    """
    Write how many lots each one gives along a queue, the last in part; return the sum.

    Domain: lots >= 0, caps >= 0, count <= length of both arrays. Exact.
    Source: BitMEX "Auto-Deleveraging Examples" (greedy along the queue).
    """
    rest = lots
    for position in range(count):
        given = min(rest, lots_max[position])
        out[position] = given
        rest -= given
    return lots - rest
