"""What must hold of insurance funds and backstop vaults: what the stages may do to them."""

from simulation.moment import EQUITY
from tacoma.world.codes import (
    CAPACITY_KINDS,
    DESK,
    STAGE_INSURANCE,
    STAGE_SHARE,
    STAGE_TAKEOVER,
)

UNLIMITED = CAPACITY_KINDS.index("unlimited")


def _losses_by_price(moment, fund):
    """Return what a fund lost on its own inventory when that was deleveraged away from the mark."""
    lost = 0
    for row in moment.deleveragings:
        if row.bankrupt == fund:
            lost += min(0, -row.lots * (row.price - int(moment.markets.margin_price[row.market])))
    return lost


def _takes_anything(moment, venue):
    """Say whether a rulebook's fund takes positions over whatever it has."""
    takes = STAGE_TAKEOVER in moment.world.waterfall[venue]
    return takes and int(moment.rules.capacity_kind[venue]) == UNLIMITED


def no_stage_overdraws_a_fund(moment):
    """
    The waterfalls take from a fund no more than it has.

    At the prices of the step a fund's equity is no less than before the waterfalls or, where it
    was positive, than zero. Two things may lower it further, both in the rulebook's words: its own
    inventory deleveraged at another price than the mark, and take-overs whose `capacity` is
    "unlimited", of which nothing is said here. A fund below zero by price alone is no violation.
    """
    resting = None
    for entry in moment.built.directory.funds:
        fund = entry.account
        before = int(moment.before.scan[EQUITY, fund])
        now = int(moment.settled.scan[EQUITY, fund])
        if now >= min(before, 0) or _takes_anything(moment, int(moment.accounts.venue[fund])):
            continue
        resting = moment.resting() if resting is None else resting
        if fund in resting or fund in moment.rested:
            continue  # it trades in the book like anybody else
        allowed = _losses_by_price(moment, fund)
        if now < min(before, 0) + allowed:
            return f"fund {fund} had {before} and has {now}, {allowed} of it allowed"
    return None


def debts_are_not_overpaid(moment):
    """
    Insurance and the sharing of losses bring an account to zero, never above it.

    Said of customers without an order in the book: a maker may trade on after it was paid.
    """
    paid = {r.account for r in moment.liquidations if r.stage in (STAGE_INSURANCE, STAGE_SHARE)}
    for account in paid:
        if moment.accounts.kind[account] > DESK or account in moment.rested:
            continue
        equity = int(moment.settled.scan[EQUITY, account])
        if equity > 0:
            return f"account {account} has {equity} after its debt was paid"
    return None


FUNDS = (no_stage_overdraws_a_fund, debts_are_not_overpaid)
