"""What must hold of money and positions after every step, whatever happened in it."""

import numpy as np

from tacoma.bounds import PRICE_QUANTA_MAX
from tacoma.world.codes import PERPETUAL


def money_is_conserved(moment):
    """The sum of balances and wallets less the cost of positions is that of the first moment."""
    now = moment.money()
    if now != moment.total:
        return f"money changed by {now - moment.total:+d} quanta"
    return None


def positions_cancel(moment):
    """In every market the positions of all accounts, issuers included, add up to zero."""
    lots = moment.positions.lots[moment.by_market]
    sums = np.add.reduceat(lots, moment.market_starts)
    if sums.any():
        market = int(np.flatnonzero(sums)[0])
        return f"positions in market {market} add up to {int(sums[market]):+d} lots"
    return None


def what_is_closed_owes_nothing(moment):
    """A position of no lots has no cost left, and only perpetuals have a cost at all."""
    bare = moment.positions.lots == 0
    bare |= moment.markets.kind[moment.slot_market] != PERPETUAL
    bare &= moment.positions.entry != 0
    if bare.any():
        slot = int(np.flatnonzero(bare)[0])
        return f"slot {slot} owes {int(moment.positions.entry[slot])} for nothing"
    return None


def counters_follow(moment):
    """Open interest as each market counts it is the sum of the long positions in it."""
    lots = np.maximum(moment.positions.lots, 0)[moment.by_market]
    sums = np.add.reduceat(lots, moment.market_starts)
    wrong = moment.has_interest & (sums != moment.markets.open_lots)
    if wrong.any():
        market = int(np.flatnonzero(wrong)[0])
        return f"market {market} counts {int(moment.markets.open_lots[market])} open lots, \
but longs hold {int(sums[market])}"
    return None


def wallets_are_not_overdrawn(moment):
    """Nobody brings money to a venue that is not in the own wallet."""
    if (moment.accounts.wallet < 0).any():
        return f"wallet of {int(np.flatnonzero(moment.accounts.wallet < 0)[0])} below zero"
    return None


def the_engines_audit_agrees(moment):
    """The engine's own check of conservation found nothing either."""
    state = moment.world.audit.state
    if int(state["failed_step"][0]) >= 0:
        return f"the engine reports {int(state['difference'][0])} at market \
{int(state['failed_market'][0])}"
    return None


def prices_stay_in_bounds(moment):
    """No price of any market is above the stated maximum, on which every product rests."""
    names = "mark", "margin_price", "index", "last_price", "best_bid", "best_ask", "middle"
    for name in names:
        if int(getattr(moment.markets, name).max()) > PRICE_QUANTA_MAX:
            return f"{name} is {int(getattr(moment.markets, name).max())}"
    return None


LEDGER = (
    money_is_conserved, positions_cancel, what_is_closed_owes_nothing, counters_follow,
    wallets_are_not_overdrawn, prices_stay_in_bounds, the_engines_audit_agrees,
)  # fmt: skip
