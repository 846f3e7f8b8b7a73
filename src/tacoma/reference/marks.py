"""The mark of each perpetual: the price at which its venue values positions, by its own rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.state import PERPETUAL
from tacoma.rules.numbers.arithmetic import PPM, median3
from tacoma.rules.prices.mark import (
    ema_push,
    ema_value,
    index_with_banded_basis,
    index_with_funding,
    median_with_last,
    median_with_perpetuals,
)
from tacoma.rules.prices.oracle_guard import is_price_off_average
from tacoma.world.limits import BASIS_SAMPLES, PRICE_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Market, State


def update_marks(state: State) -> None:
    """Mark every perpetual whose venue marks now, and keep the mark before."""
    for market in state.markets:
        if market.kind == PERPETUAL and state.step % market.rules.mark_interval == 0:
            market.previous_mark = market.mark
            market.mark = market.margin_price = min(
                max(mark_price(state, market), 1), PRICE_QUANTA_MAX
            )
            watch_distance(state, market)


def mark_price(state: State, market: Market) -> int:
    """Return the mark by the venue's rule."""
    kind = market.rules.mark_kind
    if kind == "median_with_last":
        return mark_with_last(state, market)
    if kind == "median_with_perpetuals":
        return mark_with_perpetuals(state, market)
    if kind == "fair_basis":
        return index_with_funding(
            market.index, market.last_funding_ppb, *funding_clock(state, market)
        )
    if kind == "banded_basis":
        basis = push_basis(state, market)
        return index_with_banded_basis(market.index, basis, market.rules.basis_band_ppm)
    return market.index


def funding_clock(state: State, market: Market) -> tuple[int, int]:
    """Return the seconds to the next funding, which falls on multiples of the interval; and it."""
    interval = market.rules.funding_interval_steps * state.step_seconds
    return interval - state.second_of_day() % interval, interval


def mark_with_last(state: State, market: Market) -> int:
    """Return the median of index with funding, index with average basis, and the last trade."""
    samples = market.basis_samples
    if state.step % market.rules.basis_interval == 0:
        samples.append(market.middle - market.index)
        market.basis_count += 1
        del samples[:-BASIS_SAMPLES]
    basis = sum(samples) // len(samples) if samples else 0
    left, interval = funding_clock(state, market)
    return median_with_last(
        market.index, market.last_funding_ppb, left, interval, basis, market.last_price
    )


def mark_with_perpetuals(state: State, market: Market) -> int:
    """Return the median of the index with its basis, the local book, and another perpetual."""
    basis = push_basis(state, market)
    last = market.last_price
    bid, ask = market.best_bid or last, market.best_ask or last
    market.local_numerator, market.local_denominator = ema_push(
        market.local_numerator, market.local_denominator, median3(bid, ask, last),
        elapsed_ms(state, market), market.rules.local_decay_ppb,
    )  # fmt: skip
    other = market.external.middle if market.external is not None else 0
    return median_with_perpetuals(
        market.index, basis, bid, ask, last, other,
        ema_value(market.local_numerator, market.local_denominator), 1 if other > 0 else 0,
    )  # fmt: skip


def push_basis(state: State, market: Market) -> int:
    """Add middle - index to its exponential average; return the average."""
    market.basis_numerator, market.basis_denominator = ema_push(
        market.basis_numerator, market.basis_denominator, market.middle - market.index,
        elapsed_ms(state, market), market.rules.basis_decay_ppb,
    )  # fmt: skip
    return ema_value(market.basis_numerator, market.basis_denominator)


def elapsed_ms(state: State, market: Market) -> int:
    """Return the time between two marks."""
    return market.rules.mark_interval * state.step_seconds * 1000


def watch_distance(state: State, market: Market) -> None:
    """Note whether the mark is too far from its average for liquidations; then average it in."""
    rules = market.rules
    if rules.blocked_ppm == 0:
        return
    average = ema_value(market.average_numerator, market.average_denominator)
    market.is_blocked = average > 0 and is_price_off_average(
        market.mark, average, PPM, rules.blocked_ppm, 0
    )
    market.average_numerator, market.average_denominator = ema_push(
        market.average_numerator, market.average_denominator, market.mark,
        elapsed_ms(state, market), rules.average_decay_ppb,
    )  # fmt: skip
