"""The deleveraging queue of one market side: who is closed first, by the venue's rank.

Only as much of the queue as is needed is ever sorted: scores fall into a histogram, the part of it
that holds the needed lots is sorted, the rest is not looked at again.
"""

import numpy as np

from tacoma.compile import allocating_kernel, kernel
from tacoma.rules.losses.adl import (
    ratio_ppm_capped,
    score_price_gain_times_leverage,
    score_profit_times_leverage,
)
from tacoma.rules.losses.adl_allocation import allocate_capped
from tacoma.rules.losses.adl_random import first_position
from tacoma.rules.losses.adl_risk import (
    score_effective_leverage,
    score_pool_profit,
    weight_by_leverage,
)
from tacoma.rules.numbers.arithmetic import mul_div_floor
from tacoma.systems.margin import account_margin
from tacoma.world.codes import EXEMPT, LIQUIDATING
from tacoma.world.limits import HISTOGRAM, PPM, SCORE_MANTISSA_BITS

RANK_PROFIT_TIMES_LEVERAGE = 0
RANK_PRICE_GAIN_TIMES_LEVERAGE = 1
RANK_LEVERAGE = 2
RANK_PROFIT = 3
RANK_PSEUDO_RANDOM = 4
ALLOCATION_GREEDY = 0
ALLOCATION_CAPPED = 2
ALLOCATION_RISK_WEIGHTED = 3
WEIGHTS_MAX = 2**61  # of all together


@kernel
def score_bucket(score):
    """Monotone bucket of a score: 0 for losers, then bit length and the next bits."""
    if score <= 0:
        return 0
    bits = 0
    value = score
    while value > 0:
        value >>= 1
        bits += 1
    shift = bits - SCORE_MANTISSA_BITS - 1
    mantissa = score >> shift if shift > 0 else score << -shift
    return (bits << SCORE_MANTISSA_BITS) + (mantissa - (1 << SCORE_MANTISSA_BITS))


@kernel
def score_slot(markets, tiers, rules, accounts, positions, slot):
    """Score and leverage (ppm) of one position by its venue's rank."""
    account, market = np.int64(positions.account[slot]), np.int64(positions.market[slot])
    equity, _, gross = account_margin(markets, tiers, accounts, positions, account)
    lots, entry, mark = positions.lots[slot], positions.entry[slot], markets.margin_price[market]
    leverage_ppm = ratio_ppm_capped(gross, equity)
    rank = rules.adl_rank[np.int64(accounts.venue[account])]
    if rank == RANK_PROFIT_TIMES_LEVERAGE:
        score = score_profit_times_leverage(lots * mark - entry, abs(entry), gross, equity)
    elif rank == RANK_PRICE_GAIN_TIMES_LEVERAGE:
        side = 1 if lots > 0 else -1
        score = score_price_gain_times_leverage(mark, abs(entry), abs(lots), gross, equity, side)
    elif rank == RANK_LEVERAGE:
        score = score_effective_leverage(gross, equity)
    elif rank == RANK_PROFIT:
        score = score_pool_profit(lots * mark - entry)
    else:
        score = np.int64(1)  # nobody is ranked: see rank_by_place
    return score, leverage_ppm


@kernel
def rank_by_place(deleverage, count, market, step):
    """Rank by place in the list from a pseudo-random first one on, as a walk that wraps around."""
    if count == 0:
        return
    deleverage.histogram[:] = 0
    first = first_position(step, market, count)
    for place in range(count):
        score = count - (place - first) % count
        deleverage.queue.score[place] = score
        deleverage.histogram[score_bucket(score)] += deleverage.queue.limit[place]


@kernel
def gather(markets, tiers, rules, accounts, positions, deleverage, market, winners_long):
    """Score every position of one side; return how many. Funds and the bankrupt do not queue."""
    count = 0
    for place in range(markets.slot_first[market], markets.slot_last[market]):
        slot = np.int64(positions.by_market[place])
        lots = positions.lots[slot]
        if lots == 0 or (lots > 0) != winners_long:
            continue
        status = accounts.status[np.int64(positions.account[slot])]
        if status in (EXEMPT, LIQUIDATING):
            continue
        score, leverage_ppm = score_slot(markets, tiers, rules, accounts, positions, slot)
        deleverage.queue.slot[count] = slot
        deleverage.queue.score[count] = score
        deleverage.queue.leverage_ppm[count] = leverage_ppm
        deleverage.queue.limit[count] = abs(lots)
        deleverage.histogram[score_bucket(score)] += abs(lots)
        count += 1
    return count


@kernel
def histogram_cutoff(deleverage, needed_lots):
    """Lowest score bucket that is still needed to cover the lots."""
    cutoff, covered = HISTOGRAM, np.int64(0)
    while cutoff > 0 and covered < needed_lots:
        cutoff -= 1
        covered += deleverage.histogram[cutoff]
    return cutoff


@allocating_kernel
def build_queue(
    markets, tiers, rules, accounts, positions, deleverage, market, winners_long, needed_lots, step
):
    """Write the head of the queue that covers the needed lots into `deleverage`; return its length.

    Order: score descending, then account ascending. Where the rulebook shares the need out over
    all, everybody with a score is in the queue, with a limit on what they lose.
    """
    deleverage.histogram[:] = 0
    count = gather(markets, tiers, rules, accounts, positions, deleverage, market, winners_long)
    venue = markets.venue[market]
    if rules.adl_rank[venue] == RANK_PSEUDO_RANDOM:
        rank_by_place(deleverage, count, market, step)
    shared = rules.adl_allocation[venue] != ALLOCATION_GREEDY
    cutoff = 1 if shared else histogram_cutoff(deleverage, needed_lots)
    queue, kept = deleverage.queue, 0
    for place in range(count):
        if score_bucket(queue.score[place]) >= cutoff:
            queue[kept] = queue[place]
            kept += 1
    order = np.argsort(-queue.score[:kept], kind="mergesort")
    queue[:kept] = queue[:kept][order]
    if shared:
        limit_shares(
            markets, tiers, rules, accounts, positions, deleverage, venue, kept, needed_lots
        )
    return kept


@allocating_kernel
def limit_shares(markets, tiers, rules, accounts, positions, deleverage, venue, count, needed_lots):
    """Share the needed lots over the queue by weight, nobody above what the rulebook lets it lose.

    The weight is what each holds, or, in a risk-aware allocation, notional times leverage.
    """
    lots_max, share, weight = deleverage.limits[0], deleverage.limits[1], deleverage.limits[2]
    allocation = rules.adl_allocation[venue]
    for place in range(count):
        held = deleverage.queue.limit[place]
        if allocation == ALLOCATION_CAPPED:
            held = mul_div_floor(held, rules.adl_cap_ppm[venue], PPM)
        lots_max[place], weight[place] = held, held
        if allocation == ALLOCATION_RISK_WEIGHTED:
            account = np.int64(positions.account[deleverage.queue.slot[place]])
            equity, _, gross = account_margin(markets, tiers, accounts, positions, account)
            weight[place] = min(weight_by_leverage(gross, equity, 1), WEIGHTS_MAX // count)
    allocate_capped(needed_lots, weight, lots_max, count, share)
    for place in range(count):
        deleverage.queue.limit[place] = share[place]
