"""How the funds stand: what they lost of their peak, and what they owe to winners."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.losses.fund_drawdown import is_deleveraging
from tacoma.rules.numbers.arithmetic import mul_div_floor
from tacoma.systems.margin import account_margin, slot_value
from tacoma.systems.waterfall.share_equity import is_perpetual
from tacoma.world.codes import PERPETUAL
from tacoma.world.limits import PPM

TRIGGER_FUND_DRAWDOWN = 3


@kernel
def peak_of(record, fund, step, window):
    """Highest equity of a fund in its window, and the step of it; the window ends a step ago."""
    first = max(step - window, 0)
    peak, at = record.fund[first, fund, 0], first
    for past in range(first, step):
        if record.fund[past, fund, 0] >= peak:
            peak, at = record.fund[past, fund, 0], past
    return peak, at


@kernel
def update_peak(record, peaks, fund, equity, step, window):
    """Keep the highest equity written down in the window; look it up again only when it has left.

    Nothing is written down before the first step: its equity is that of the start.
    """
    if step <= 1:
        peaks.equity[fund], peaks.step[fund] = equity, 0
    elif record.fund[step - 1, fund, 0] >= peaks.equity[fund]:
        peaks.equity[fund], peaks.step[fund] = record.fund[step - 1, fund, 0], step - 1
    elif peaks.step[fund] < step - window:
        peaks.equity[fund], peaks.step[fund] = peak_of(record, fund, step, window)


@kernel
def watch_funds(accounts, positions, markets, tiers, rules, record, peaks, step):
    """Note for every market whether its fund has lost more of its peak than the rulebook allows."""
    for fund in range(record.fund_account.shape[0]):
        account = record.fund_account[fund]
        venue = np.int64(accounts.venue[account])
        if rules.adl_trigger[venue] != TRIGGER_FUND_DRAWDOWN:
            continue
        equity, _, _ = account_margin(markets, tiers, accounts, positions, account)
        update_peak(record, peaks, fund, equity, step, rules.drawdown_steps[venue])
        peak = peaks.equity[fund]
        drawn = is_deleveraging(equity, peak, peak, equity, 0, -rules.drawdown_ppm[venue], False)
        first = rules.market_first[venue]
        for market in range(first, first + rules.market_count[venue]):
            if markets.fund[market] == account:
                markets.fund_drawn[market] = 1 if drawn else 0


@kernel
def is_drawn(accounts, markets, positions, fund):
    """Whether a fund has lost more of its peak than its rulebook allows."""
    for slot in range(np.int64(accounts.slot_first[fund]), np.int64(accounts.slot_last[fund])):
        market = np.int64(positions.market[slot])
        if markets.fund[market] == fund and markets.fund_drawn[market] != 0:
            return True
    return False


@kernel
def owes_too_much(rules, markets, accounts, positions, venue, fund, equity):
    """Whether one side's profit in a fund's markets exceeds the rulebook's part of its equity."""
    first = rules.market_first[venue]
    limit = mul_div_floor(max(equity, 0), rules.drawdown_ppm[venue], PPM)
    for market in range(first, first + rules.market_count[venue]):
        if markets.fund[market] != fund or markets.kind[market] != PERPETUAL:
            continue
        longs, shorts = np.int64(0), np.int64(0)
        for place in range(markets.slot_first[market], markets.slot_last[market]):
            slot = np.int64(positions.by_market[place])
            if not is_perpetual(markets, positions, slot):
                continue
            if np.int64(positions.account[slot]) == fund:
                continue
            if positions.lots[slot] > 0:
                longs += slot_value(markets, positions, slot)
            else:
                shorts += slot_value(markets, positions, slot)
        if longs > limit or shorts > limit:
            return True
    return False
