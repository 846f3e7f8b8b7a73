"""Funding: longs and shorts pay each other so that the perpetual follows the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.state import PERPETUAL
from tacoma.rules.fundings.adaptive_funding import next_saved_rate
from tacoma.rules.fundings.funding import (
    payment_paid_quanta,
    payment_received_quanta,
    premium_ppb,
    rate_interest_clamped_eighth_ppb,
    rate_interest_clamped_ppb,
)
from tacoma.rules.fundings.velocity_funding import rate_after, velocity
from tacoma.rules.numbers.arithmetic import PPM, clamp, mul_div_floor, sign
from tacoma.rules.prices.premium import middle_premium_ppb
from tacoma.world.limits import PREMIUM_PPB_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Market, State

SAMPLE_INTERVAL = 5  # steps between samples of the premium


def fund_positions(state: State) -> None:
    """Sample premiums, and settle every perpetual whose funding time has come."""
    for market in state.markets:
        if market.kind != PERPETUAL or market.venue is None or market.venue.is_halted(state.step):
            continue
        if state.step % SAMPLE_INTERVAL == 0:
            sample_premium(market)
        interval = market.rules.funding_interval_steps * state.step_seconds
        if state.second_of_day() % interval < state.step_seconds:
            pay_funding(state, market)


def sample_premium(market: Market) -> None:
    """Add one sample of the premium, while there is a book and an index."""
    bid, ask, index = market.best_bid, market.best_ask, market.index
    if bid > 0 and ask > 0 and index > 0:
        is_of_middle = market.rules.premium_kind == "middle"
        sample = middle_premium_ppb if is_of_middle else premium_ppb
        premium = clamp(sample(bid, ask, index), -PREMIUM_PPB_MAX, PREMIUM_PPB_MAX)
        market.premium_sum_ppb += premium
        market.premium_count += 1


def pay_funding(state: State, market: Market) -> None:
    """Settle one market: payers round up, receivers down, and the fee account keeps the dust."""
    assert market.venue is not None
    rate = funding_rate(market)
    price = market.index if market.rules.funding_price == "index" else market.mark
    paid_in_all = received_in_all = 0
    for position in market.positions:
        if position.lots * rate > 0:
            paid = payment_paid_quanta(abs(position.lots), price, rate)
            position.account.balance -= paid
            paid_in_all += paid
        elif position.lots * rate < 0:
            received = payment_received_quanta(abs(position.lots), price, rate)
            position.account.balance += received
            received_in_all += received
    fees = market.venue.fees
    fees.balance += paid_in_all - received_in_all
    state.note_move(fees, "funding", paid_in_all)
    market.last_funding_ppb = rate
    market.premium_sum_ppb = market.premium_count = 0


def funding_rate(market: Market) -> int:
    """Return the rate in ppb of the interval that ends now, by the venue's rule."""
    rules = market.rules
    premium = market.premium_sum_ppb // max(market.premium_count, 1)
    interest, bound = rules.funding_interest_ppb, rules.funding_clamp_ppb
    cap, kind = rules.funding_cap_ppb, rules.funding_kind
    if kind == "interest_clamped_eighth":
        return rate_interest_clamped_eighth_ppb(premium, interest, bound, cap)
    if kind == "interest_clamped":
        return rate_interest_clamped_ppb(premium, interest, bound, cap)
    if kind == "premium":
        part = premium * rules.funding_interval_steps // rules.premium_period_steps
        return clamp(part + interest, -cap, cap)
    if kind == "deadband":
        return clamp(premium - clamp(premium, -bound, bound), -cap, cap)
    if kind == "none":
        return 0
    return rate_of_skew(market)


def rate_of_skew(market: Market) -> int:
    """Return the rate that moves with the skew of those who trade against the makers."""
    rules, rate, cap = market.rules, market.last_funding_ppb, market.rules.funding_cap_ppb
    crowd = [
        position.lots
        for position in market.positions
        if position.account.kind in ("retail", "desk")
    ]
    net, gross = sum(crowd), sum(map(abs, crowd))
    if gross == 0:
        return rate
    if rules.funding_kind == "velocity":
        scale = market.schedule.skew_lots or gross
        a_day = velocity(net, scale, rules.funding_clamp_ppb, PPM)
        return clamp(rate_after(rate, a_day, PPM, PPM), -cap, cap)
    share = mul_div_floor(abs(net), PPM, gross)
    return next_saved_rate(
        rate, sign(net), share, 1, rules.funding_clamp_ppb, rules.funding_decrease_ppb,
        rules.stable_threshold_ppm, rules.decrease_threshold_ppm, cap, PPM,
    )  # fmt: skip
