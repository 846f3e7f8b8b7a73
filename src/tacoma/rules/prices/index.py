"""Index prices: one price out of several sources' prices and weights."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, absolute, clamp, mul_div_ceil, mul_div_floor


@rule
def order_by_price(
    prices: NDArray[np.int64],
    weights: NDArray[np.int64],
    count: int,
    scratch_order: NDArray[np.int64],
) -> int:
    """
    Write the positions of sources with a weight, cheapest first, and return how many there are.

    Insertion sort; equal prices keep their order. `scratch_order` holds at least `count` items.
    Domain: 0 <= count <= 16.
    Source: elementary.
    """
    live = 0
    for source in range(count):
        if weights[source] <= 0:
            continue
        place = live
        while place > 0 and prices[scratch_order[place - 1]] > prices[source]:
            scratch_order[place] = scratch_order[place - 1]
            place -= 1
        scratch_order[place] = source
        live += 1
    return live


@rule
def weighted_median(
    prices: NDArray[np.int64],
    weights: NDArray[np.int64],
    count: int,
    scratch_order: NDArray[np.int64],
) -> int:
    """
    Return the lower weighted median in quanta per lot: always one of the prices, no rounding.

    The first price, in ascending order, at which twice the cumulative weight reaches the total.
    Sources of weight 0 do not exist; without any source it returns 0 (the caller keeps its last
    index). `scratch_order` is overwritten.
    Domain: 0 <= count <= 16, 0 <= weight < 2**28.
    Source: Hyperliquid docs, hypercore/oracle.
    """
    live = order_by_price(prices, weights, count, scratch_order)
    total = 0
    for place in range(live):
        total += weights[scratch_order[place]]
    cumulative = 0
    for place in range(live):
        source = scratch_order[place]
        cumulative += weights[source]
        if 2 * cumulative >= total:
            price: int = prices[source]
            return price
    return 0


@rule
def plain_median(
    prices: NDArray[np.int64],
    weights: NDArray[np.int64],
    count: int,
    scratch_order: NDArray[np.int64],
) -> int:
    """
    Return the median in quanta per lot of the sources that have a weight, each counted once.

    With an even number of sources, the mean of the middle two, rounded down. Without any source it
    returns 0. `scratch_order` is overwritten.
    Domain: 0 <= count <= 16.
    Source: elementary; the reference of Binance's index protections.
    """
    live = order_by_price(prices, weights, count, scratch_order)
    if live == 0:
        return 0
    lower: int = prices[scratch_order[(live - 1) // 2]]
    upper: int = prices[scratch_order[live // 2]]
    return (lower + upper) // 2


@rule
def weighted_mean_capped(
    prices: NDArray[np.int64],
    weights: NDArray[np.int64],
    count: int,
    cap_ppm: int,
    scratch_order: NDArray[np.int64],
) -> int:
    """
    Return the weighted mean in quanta per lot of prices limited to a band around their median.

    The band is median * (1 +- cap), rounded inward (lower end up, upper end down); the mean is
    rounded down. The median counts each source once: the documents do not mention weights there.
    Without any source it returns 0. `scratch_order` is overwritten.
    Domain: 0 <= count <= 16, 0 <= weight < 2**28, 0 <= cap_ppm <= 1e6.
    Source: Binance USD-M "Price Index", protections (3 %; 1 % for BTC and ETH).
    """
    median = plain_median(prices, weights, count, scratch_order)
    low = mul_div_ceil(median, PPM - cap_ppm, PPM)
    high = mul_div_floor(median, PPM + cap_ppm, PPM)
    total = 0
    total_price = 0
    for source in range(count):
        weight = weights[source]
        if weight > 0:
            total += weight
            total_price += weight * clamp(prices[source], low, high)
    if total == 0:
        return 0
    return total_price // total


@rule
def weighted_mean_or_median(
    prices: NDArray[np.int64],
    weights: NDArray[np.int64],
    count: int,
    deviation_ppm: int,
    scratch_order: NDArray[np.int64],
) -> int:
    """
    Return the weighted mean in quanta per lot, without one stray source, or else the median.

    A source strays when it is strictly further than `deviation_ppm` from the median. None strays:
    the weighted mean of all, rounded down. One strays: the mean of the others. Two or more: the
    median. The median counts each source once. Without any source it returns 0. `scratch_order`
    is overwritten.
    Domain: 0 <= count <= 16, 0 <= weight < 2**28, 0 <= deviation_ppm <= 1e6.
    Source: Binance USD-M "Price Index" as of 29 October 2020 (5 %).
    """
    median = plain_median(prices, weights, count, scratch_order)
    strays = 0
    total = 0
    total_price = 0
    for source in range(count):
        weight = weights[source]
        if weight > 0:
            if absolute(prices[source] - median) * PPM > median * deviation_ppm:
                strays += 1
            else:
                total += weight
                total_price += weight * prices[source]
    if strays > 1 or total == 0:
        return median
    return total_price // total
