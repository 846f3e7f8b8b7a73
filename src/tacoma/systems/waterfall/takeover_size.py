"""How many lots of a position are taken over at once: the rulebook's sizing."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.liquidations.liquidation_share import share_steps_to_heal
from tacoma.rules.liquidations.sizing import lots_to_health
from tacoma.rules.liquidations.window_cap import liquidatable_now
from tacoma.rules.numbers.arithmetic import mul_div_ceil, mul_div_floor
from tacoma.rules.numbers.wide_product import mul_div_any_floor
from tacoma.systems.margin import account_margin, slot_maintenance
from tacoma.systems.trigger_index import excess
from tacoma.systems.waterfall.share_equity import is_perpetual
from tacoma.world.codes import OPTION
from tacoma.world.limits import PPM

SIZING_ALL = 0
SIZING_PORTION = 1
SIZING_SHARE_STEPS = 2
SIZING_TO_HEALTH = 3
SIZING_WINDOW_CAP = 4
TRANSFER_LESS_FEE = 2
RATIO_SCALE = 100  # targets of share steps are whole percents
PENALTY_MAX = 2**21


@kernel
def steps_of_account(markets, positions, accounts, rules, venue, account, equity, maintenance):
    """Multiples of the portion that heal the whole account; 0 where that is not its sizing."""
    if rules.takeover_sizing[venue] != SIZING_SHARE_STEPS:
        return np.int64(0)
    notional = np.int64(0)
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        if is_perpetual(markets, positions, slot):
            market = np.int64(positions.market[slot])
            notional += abs(positions.lots[slot]) * markets.margin_price[market]
    fee = mul_div_ceil(notional, rules.takeover_fee_ppm[venue], PPM)
    paid, whole = min(fee, maintenance), max(maintenance, 1)
    penalty = min(-mul_div_any_floor(-paid, PPM, whole), PENALTY_MAX)
    return share_steps_to_heal(
        equity, maintenance, PPM // rules.portion_ppm[venue],
        rules.target_ppm[venue] * RATIO_SCALE // PPM, RATIO_SCALE, penalty, PPM, True,
    )  # fmt: skip


@kernel
def window_left(markets, rules, venue, market, wanted, step):
    """Lots that the market's window still lets be taken over."""
    if step >= markets.window_until[market]:
        markets.window_until[market] = step + rules.window_steps[venue]
        markets.window_lots[market] = 0
    cap = max(mul_div_floor(markets.open_lots[market], rules.portion_ppm[venue], PPM), 1)
    allowed = liquidatable_now(wanted, cap, markets.window_lots[market], False, 0, 1, 0, PPM)
    markets.window_lots[market] += allowed
    return allowed


@kernel
def give_back(markets, rules, venue, market, lots):
    """Leave lots that nobody took to others in the market's window."""
    if rules.takeover_sizing[venue] == SIZING_WINDOW_CAP:
        markets.window_lots[market] -= lots


@kernel
def lots_taken(markets, tiers, rules, accounts, positions, slot, account, steps, share, step):
    """Lots of one position to take over now, unsigned."""
    venue = np.int64(accounts.venue[account])
    market = np.int64(positions.market[slot])
    held = abs(positions.lots[slot])
    sizing = rules.takeover_sizing[venue]
    if sizing == SIZING_ALL or markets.kind[market] == OPTION:  # nothing else closes an option
        return held
    if sizing == SIZING_PORTION:
        return max(mul_div_floor(held, rules.portion_ppm[venue], PPM), 1)
    if sizing == SIZING_SHARE_STEPS:
        return min(mul_div_ceil(held * steps, rules.portion_ppm[venue], PPM), held)
    if sizing == SIZING_TO_HEALTH:
        equity, maintenance, _ = account_margin(markets, tiers, accounts, positions, account)
        equity -= excess(rules, accounts, account, maintenance)
        own = slot_maintenance(markets, tiers, positions, slot)
        cost = share
        if rules.transfer_kind[venue] == TRANSFER_LESS_FEE:
            notional = held * markets.margin_price[market]
            cost = mul_div_ceil(notional, rules.takeover_fee_ppm[venue], PPM)
        return lots_to_health(held, equity, maintenance, own, max(cost, 0), rules.target_ppm[venue])
    return window_left(markets, rules, venue, market, held, step)
