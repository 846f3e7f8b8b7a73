"""The deleveraging queue of one market side: who is closed first, by the venue's rank.

Only as much of the queue as is needed is ever sorted: scores fall into a histogram, the part of it
that holds the needed lots is sorted, the rest is not looked at again.
"""

import numpy as np

from tacoma.compile import allocating_kernel, kernel
from tacoma.rules.adl import ratio_ppm_capped, score_hyperliquid, score_profit_times_leverage
from tacoma.systems.margin import account_margin
from tacoma.world.codes import EXEMPT, LIQUIDATING
from tacoma.world.limits import HISTOGRAM, SCORE_MANTISSA_BITS

RANK_PROFIT_TIMES_LEVERAGE = 0


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
    if rules.adl_rank[np.int64(accounts.venue[account])] == RANK_PROFIT_TIMES_LEVERAGE:
        score = score_profit_times_leverage(lots * mark - entry, abs(entry), gross, equity)
    else:
        side = 1 if lots > 0 else -1
        score = score_hyperliquid(mark, abs(entry), abs(lots), gross, equity, side)
    return score, leverage_ppm


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
        deleverage.histogram[score_bucket(score)] += abs(lots)
        count += 1
    return count


@allocating_kernel
def build_queue(
    markets, tiers, rules, accounts, positions, deleverage, market, winners_long, needed_lots
):
    """Write the head of the queue that covers the needed lots into `deleverage`; return its length.

    Order: score descending, then account ascending.
    """
    deleverage.histogram[:] = 0
    count = gather(markets, tiers, rules, accounts, positions, deleverage, market, winners_long)
    cutoff, covered = HISTOGRAM, np.int64(0)
    while cutoff > 0 and covered < needed_lots:
        cutoff -= 1
        covered += deleverage.histogram[cutoff]
    kept = 0
    for place in range(count):
        if score_bucket(deleverage.queue.score[place]) >= cutoff:
            deleverage.queue.slot[kept] = deleverage.queue.slot[place]
            deleverage.queue.score[kept] = deleverage.queue.score[place]
            deleverage.queue.leverage_ppm[kept] = deleverage.queue.leverage_ppm[place]
            kept += 1
    order = np.argsort(-deleverage.queue.score[:kept], kind="mergesort")
    deleverage.queue.slot[:kept] = deleverage.queue.slot[:kept][order]
    deleverage.queue.leverage_ppm[:kept] = deleverage.queue.leverage_ppm[:kept][order]
    deleverage.queue.score[:kept] = deleverage.queue.score[:kept][order]
    return kept
