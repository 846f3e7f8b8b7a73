"""The mark: the price at which a venue values positions, by its own rule."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.prices.mark import (
    ema_push,
    ema_value,
    index_with_banded_basis,
    index_with_funding,
    median_with_last,
    median_with_perpetuals,
)
from tacoma.rules.prices.oracle_guard import is_price_off_average
from tacoma.world.codes import PERPETUAL
from tacoma.world.limits import BASIS_SAMPLES, PPM, PRICE_QUANTA_MAX

KIND_WITH_LAST = 0
KIND_WITH_PERPETUALS = 1
KIND_FAIR_BASIS = 3
KIND_BANDED_BASIS = 4


@kernel
def push_basis_sample(markets, oracles, market, sample):
    """Add one sample to the moving average of the basis."""
    place = markets.basis_count[market] % BASIS_SAMPLES
    markets.basis_sum[market] += sample - oracles.basis_ring[market, place]
    oracles.basis_ring[market, place] = sample
    markets.basis_count[market] += 1


@kernel
def basis_average(markets, market):
    """Moving average of middle - index, rounded down; 0 before the first sample."""
    count = min(markets.basis_count[market], BASIS_SAMPLES)
    if count == 0:
        return np.int64(0)
    return markets.basis_sum[market] // count


@kernel
def seconds_to_funding(clock, rules, venue, step):
    """Seconds until the venue's next funding time (a multiple of its interval in the day)."""
    seconds = clock.step_seconds[0]
    interval = rules.funding_interval_steps[venue] * seconds
    now = clock.start_second_of_day[0] + step * seconds
    return interval - now % interval


@kernel
def mark_with_last(clock, markets, rules, oracles, books, market, step):
    """Median of the index with funding, the index plus average basis, and the last trade."""
    venue = markets.venue[market]
    index = markets.index[market]
    if step % rules.basis_interval[venue] == 0:
        push_basis_sample(markets, oracles, market, markets.middle[market] - index)
    return median_with_last(
        index,
        markets.last_funding_ppb[market],
        seconds_to_funding(clock, rules, venue, step),
        rules.funding_interval_steps[venue] * clock.step_seconds[0],
        basis_average(markets, market),
        markets.last_price[market],
    )


@kernel
def mark_with_funding(clock, markets, rules, market, step):
    """Index plus the funding still to be paid."""
    venue = markets.venue[market]
    return index_with_funding(
        markets.index[market], markets.last_funding_ppb[market],
        seconds_to_funding(clock, rules, venue, step),
        rules.funding_interval_steps[venue] * clock.step_seconds[0],
    )  # fmt: skip


@kernel
def push_basis_ema(clock, markets, rules, market):
    """Add the basis of this step to its exponential average; return the average."""
    venue = markets.venue[market]
    elapsed_ms = rules.mark_interval[venue] * clock.step_seconds[0] * 1000
    numerator, denominator = ema_push(
        markets.basis_numerator[market], markets.basis_denominator[market],
        markets.middle[market] - markets.index[market], elapsed_ms, rules.basis_decay_ppb[venue],
    )  # fmt: skip
    markets.basis_numerator[market], markets.basis_denominator[market] = numerator, denominator
    return ema_value(numerator, denominator)


@kernel
def mark_with_perpetuals(clock, markets, rules, books, market, step):
    """Median of the index plus EMA basis, the local median, and another venue's perpetual."""
    venue = markets.venue[market]
    index = markets.index[market]
    last = markets.last_price[market]
    elapsed_ms = rules.mark_interval[venue] * clock.step_seconds[0] * 1000
    basis = push_basis_ema(clock, markets, rules, market)
    bid = markets.best_bid[market]
    ask = markets.best_ask[market]
    bid = bid if bid > 0 else last
    ask = ask if ask > 0 else last
    local = max(min(bid, ask), min(max(bid, ask), last))
    local_numerator, local_denominator = ema_push(
        markets.local_numerator[market], markets.local_denominator[market],
        local, elapsed_ms, rules.local_decay_ppb[venue],
    )  # fmt: skip
    markets.local_numerator[market] = local_numerator
    markets.local_denominator[market] = local_denominator
    external = markets.external_market[market]
    external_middle = np.int64(0)
    if external >= 0:
        external_middle = markets.middle[external]
    return median_with_perpetuals(
        index, basis, bid, ask, last, external_middle,
        ema_value(local_numerator, local_denominator), 1 if external_middle > 0 else 0,
    )  # fmt: skip


@kernel
def watch_distance(clock, markets, rules, market):
    """Note whether the mark is too far from its average for liquidations."""
    venue = markets.venue[market]
    if rules.blocked_ppm[venue] == 0:
        return
    average = ema_value(markets.average_numerator[market], markets.average_denominator[market])
    mark = markets.mark[market]
    blocked = average > 0 and is_price_off_average(mark, average, PPM, rules.blocked_ppm[venue], 0)
    markets.is_blocked[market] = 1 if blocked else 0
    elapsed_ms = rules.mark_interval[venue] * clock.step_seconds[0] * 1000
    numerator, denominator = ema_push(
        markets.average_numerator[market], markets.average_denominator[market], mark, elapsed_ms,
        rules.average_decay_ppb[venue],
    )  # fmt: skip
    markets.average_numerator[market], markets.average_denominator[market] = numerator, denominator


@kernel
def update_marks(clock, markets, rules, oracles, books, step):
    """Set the mark of every perpetual whose venue marks at this step; keep the previous one."""
    for market in range(markets.kind.shape[0]):
        venue = markets.venue[market]
        if markets.kind[market] != PERPETUAL or step % rules.mark_interval[venue] != 0:
            continue
        kind = rules.mark_kind[venue]
        if kind == KIND_WITH_LAST:
            mark = mark_with_last(clock, markets, rules, oracles, books, market, step)
        elif kind == KIND_WITH_PERPETUALS:
            mark = mark_with_perpetuals(clock, markets, rules, books, market, step)
        elif kind == KIND_FAIR_BASIS:
            mark = mark_with_funding(clock, markets, rules, market, step)
        elif kind == KIND_BANDED_BASIS:
            basis = push_basis_ema(clock, markets, rules, market)
            band = rules.basis_band_ppm[venue]
            mark = index_with_banded_basis(markets.index[market], basis, band)
        else:
            mark = markets.index[market]
        markets.previous_mark[market] = markets.mark[market]
        markets.mark[market] = min(max(mark, 1), PRICE_QUANTA_MAX)
        markets.margin_price[market] = markets.mark[market]
        watch_distance(clock, markets, rules, market)
