"""Funding: longs and shorts pay each other so that the perpetual follows the index."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.fundings.adaptive_funding import next_saved_rate
from tacoma.rules.fundings.funding import (
    payment_paid_quanta,
    payment_received_quanta,
    premium_ppb,
    rate_interest_clamped_eighth_ppb,
    rate_interest_clamped_ppb,
)
from tacoma.rules.fundings.velocity_funding import rate_after, velocity
from tacoma.rules.numbers.arithmetic import clamp, mul_div_floor
from tacoma.rules.prices.premium import middle_premium_ppb
from tacoma.systems.ledger import touch
from tacoma.systems.record import note_move
from tacoma.systems.waterfall.settlement import is_halted
from tacoma.world.codes import DESK, MOVE_FUNDING, PERPETUAL, RETAIL
from tacoma.world.limits import PPM, PREMIUM_PPB_MAX

KIND_INTEREST_CLAMPED_EIGHTH = 0
KIND_INTEREST_CLAMPED = 1
KIND_PREMIUM = 2
KIND_DEADBAND = 3
KIND_VELOCITY = 4
KIND_NONE = 6
PREMIUM_MIDDLE = 1
PRICE_INDEX = 1
SAMPLE_INTERVAL = 5  # steps between premium samples


@kernel
def sample_premium(markets, rules, market):
    """Add one premium sample, while both sides of the book and an index exist.

    A sample beyond a thousand times the index counts as that, so that sums stay small.
    """
    bid = markets.best_bid[market]
    ask = markets.best_ask[market]
    if bid > 0 and ask > 0 and markets.index[market] > 0:
        if rules.premium_kind[markets.venue[market]] == PREMIUM_MIDDLE:
            sample = middle_premium_ppb(bid, ask, markets.index[market])
        else:
            sample = premium_ppb(bid, ask, markets.index[market])
        markets.premium_sum_ppb[market] += clamp(sample, -PREMIUM_PPB_MAX, PREMIUM_PPB_MAX)
        markets.premium_count[market] += 1


@kernel
def crowd_skew(accounts, positions, markets, market):
    """Long lots less short lots of those who trade against the makers; and both together."""
    net, gross = np.int64(0), np.int64(0)
    for place in range(markets.slot_first[market], markets.slot_last[market]):
        slot = np.int64(positions.by_market[place])
        if np.int64(accounts.kind[np.int64(positions.account[slot])]) in (RETAIL, DESK):
            net += positions.lots[slot]
            gross += abs(positions.lots[slot])
    return net, gross


@kernel
def skew_rate(accounts, positions, markets, rules, market):
    """Rate that the skew moves: by a velocity, or adapting with thresholds."""
    venue = markets.venue[market]
    rate, cap = markets.last_funding_ppb[market], rules.funding_cap_ppb[venue]
    net, gross = crowd_skew(accounts, positions, markets, market)
    if gross == 0:
        return rate
    step_ppb = rules.funding_clamp_ppb[venue]
    if rules.funding_kind[venue] == KIND_VELOCITY:
        scale = markets.skew_lots[market] if markets.skew_lots[market] > 0 else gross
        moved = rate_after(rate, velocity(net, scale, step_ppb, PPM), PPM, PPM)
        return clamp(moved, -cap, cap)
    share = mul_div_floor(abs(net), PPM, gross)
    sign = 1 if net > 0 else -1 if net < 0 else 0
    return next_saved_rate(
        rate, sign, share, 1, step_ppb, rules.funding_decrease_ppb[venue],
        rules.stable_threshold_ppm[venue], rules.decrease_threshold_ppm[venue], cap, PPM,
    )  # fmt: skip


@kernel
def funding_rate(accounts, positions, markets, rules, market):
    """Rate of the interval that ends now: of the mean premium since the last, or of the skew."""
    venue = markets.venue[market]
    premium = markets.premium_sum_ppb[market] // max(markets.premium_count[market], 1)
    interest, bound = rules.funding_interest_ppb[venue], rules.funding_clamp_ppb[venue]
    cap, kind = rules.funding_cap_ppb[venue], rules.funding_kind[venue]
    if kind == KIND_INTEREST_CLAMPED_EIGHTH:
        return rate_interest_clamped_eighth_ppb(premium, interest, bound, cap)
    if kind == KIND_INTEREST_CLAMPED:
        return rate_interest_clamped_ppb(premium, interest, bound, cap)
    if kind == KIND_PREMIUM:
        interval, period = rules.funding_interval_steps[venue], rules.premium_period_steps[venue]
        return clamp(premium * interval // period + interest, -cap, cap)
    if kind == KIND_DEADBAND:
        return clamp(premium - clamp(premium, -bound, bound), -cap, cap)
    if kind == KIND_NONE:
        return np.int64(0)
    return skew_rate(accounts, positions, markets, rules, market)


@kernel
def pay_funding(accounts, positions, markets, rules, audit, events, market, step):
    """Settle one market; payers round up, receivers down, the dust goes to the fee account."""
    venue = markets.venue[market]
    rate = funding_rate(accounts, positions, markets, rules, market)
    price = markets.mark[market]
    if rules.funding_price[venue] == PRICE_INDEX:
        price = markets.index[market]
    kept, paid_in_all = np.int64(0), np.int64(0)
    for place in range(markets.slot_first[market], markets.slot_last[market]):
        slot = np.int64(positions.by_market[place])
        lots = positions.lots[slot]
        if lots == 0 or rate == 0:
            continue
        account = np.int64(positions.account[slot])
        if (lots > 0) == (rate > 0):
            paid = payment_paid_quanta(abs(lots), price, rate)
            accounts.balance[account] -= paid
            kept += paid
            paid_in_all += paid
        else:
            received = payment_received_quanta(abs(lots), price, rate)
            accounts.balance[account] += received
            kept -= received
        touch(accounts, audit, account)
    fees = rules.fees_account[venue]
    accounts.balance[fees] += kept
    touch(accounts, audit, fees)
    note_move(events, step, fees, MOVE_FUNDING, paid_in_all)
    markets.last_funding_ppb[market] = rate
    markets.premium_sum_ppb[market] = 0
    markets.premium_count[market] = 0


@kernel
def fund_positions(clock, accounts, positions, markets, rules, venues, audit, events, step):
    """Sample premiums, and settle every market whose funding time has come."""
    now = clock.start_second_of_day[0] + step * clock.step_seconds[0]
    for market in range(markets.kind.shape[0]):
        if markets.kind[market] != PERPETUAL or is_halted(venues, markets.venue[market], step):
            continue
        if step % SAMPLE_INTERVAL == 0:
            sample_premium(markets, rules, market)
        interval = rules.funding_interval_steps[markets.venue[market]] * clock.step_seconds[0]
        if now % interval < clock.step_seconds[0]:
            pay_funding(accounts, positions, markets, rules, audit, events, market, step)
