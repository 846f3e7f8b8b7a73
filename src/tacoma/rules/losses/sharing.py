"""Sharing an amount (a loss, a payout) over many by weight, to the last quantum."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import mul_div_wide_floor, mul_mod_wide


@rule
def pro_rata_share(amount: int, weight: int, total_weight: int) -> int:
    """
    Return amount * weight / total weight in the amount's unit, rounded down.

    Shares of all weights sum to at most the amount; `allocate_pro_rata` hands out the rest.
    Domain: 0 <= amount < 2**62, 0 <= weight <= total_weight, 0 < total_weight < 2**62.
    Source: elementary; pro-rata haircut as in arXiv 2512.01112.
    """
    return mul_div_wide_floor(amount, weight, total_weight)


@rule
def remainder_threshold(remainders: NDArray[np.int64], count: int, high: int, seats: int) -> int:
    """
    Return the least remainder that at most `seats` remainders exceed.

    Bisection over 0 .. high, so that the cost is count * log2(high), without a sort.
    Domain: 0 <= remainder <= high < 2**62, seats >= 0.
    Source: elementary.
    """
    low = 0
    while low < high:
        middle = (low + high) // 2
        above = 0
        for position in range(count):
            if remainders[position] > middle:
                above += 1
        if above <= seats:
            high = middle
        else:
            low = middle + 1
    return low


@rule
def allocate_pro_rata(
    amount: int, weights: NDArray[np.int64], count: int, out: NDArray[np.int64]
) -> int:
    """
    Write each one's share of an amount by weight, and return how much was allocated.

    Shares are rounded down, then the rest goes out one unit each to the largest remainders, the
    lower position first among equals. So the shares sum to the amount exactly, none differs from
    its exact share by a whole unit, none exceeds ceil(amount * weight / total), and a weight of 0
    receives 0. Weights that are all 0 receive nothing and the function returns 0: the caller
    keeps the amount.
    A share may exceed its weight only if the amount exceeds the total weight: whoever shares out
    a loss over what people own passes at most that total.
    Domain: 0 <= amount < 2**62, weights >= 0 with a sum below 2**62, count <= length of `weights`
    and of `out`. One temporary array of `count` integers per call.
    Source: elementary (largest remainder); pro-rata haircut as in arXiv 2512.01112.
    """
    total = 0
    for position in range(count):
        total += weights[position]
    if total == 0:
        for position in range(count):
            out[position] = 0
        return 0
    remainders = np.empty(count, dtype=np.int64)
    rest = amount
    for position in range(count):
        share = mul_div_wide_floor(amount, weights[position], total)
        remainders[position] = mul_mod_wide(amount, weights[position], total)
        out[position] = share
        rest -= share
    threshold = remainder_threshold(remainders, count, total - 1, rest)
    for position in range(count):
        if remainders[position] > threshold:
            out[position] += 1
            rest -= 1
    for position in range(count):
        if rest > 0 and remainders[position] == threshold:
            out[position] += 1
            rest -= 1
    return amount
