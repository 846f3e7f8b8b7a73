"""What must hold of auto-deleveraging, and of what the events say happened to positions."""

from simulation.moment import EQUITY
from tacoma.world.codes import (
    ADL_TRIGGERS,
    BACKSTOP,
    CAPACITY_KINDS,
    DESK,
    EXEMPT,
    INSURANCE,
    LIQUIDATING,
    OPTION,
    STAGE_ADL,
    STAGE_MARKET,
    STAGE_TAKEOVER,
)

FUND_KINDS = (BACKSTOP, INSURANCE)
MOVING = (STAGE_MARKET, STAGE_TAKEOVER, STAGE_ADL)
REFUSED = ADL_TRIGGERS.index("takeover_refused")
BY_DEBT = (ADL_TRIGGERS.index("negative_equity"), ADL_TRIGGERS.index("pool_profit"))
NOT_NEGATIVE = CAPACITY_KINDS.index("fund_not_negative")
UNLIMITED = CAPACITY_KINDS.index("unlimited")


def _side(lots):
    return (lots > 0) - (lots < 0)


def only_the_opposite_side(moment):
    """A winner's position is on the other side of the bankrupt's, and both close equally much."""
    closed = {}
    for row in moment.liquidations:
        if row.stage == STAGE_ADL:
            key = row.account, row.market
            closed[key] = closed.get(key, 0) + row.lots
    taken = {}
    for row in moment.deleveragings:
        key = row.bankrupt, row.market
        taken[key] = taken.get(key, 0) + row.lots
        if _side(row.lots) == _side(closed.get(key, 0)):
            return f"winner {row.winner} and bankrupt {row.bankrupt} are on the same side"
    if any(closed.get(key, 0) + lots for key, lots in taken.items()) or closed.keys() - taken:
        return f"bankrupt close {closed}, winners {taken}"
    return None


def never_more_than_the_position(moment):
    """A winner loses no more lots than it holds, and stays on its side or out."""
    for row in moment.deleveragings:
        if not 0 < abs(row.lots) <= abs(row.held) or _side(row.lots) != _side(row.held):
            return f"winner {row.winner} holds {row.held} lots and loses {row.lots}"
    return None


def funds_and_bankrupts_do_not_win(moment):
    """Nobody exempt, in liquidation or of another venue is deleveraged as a winner.

    Who recovered before the venue looked is not in liquidation any more.
    """
    for row in moment.deleveragings:
        before = int(moment.before.status[row.winner])
        begun = before == LIQUIDATING and int(moment.before.since[row.winner]) != 0
        if before == EXEMPT or begun:
            return f"winner {row.winner} is exempt or in liquidation"
        if moment.before.slack[row.winner] < 0:
            return f"winner {row.winner} has too little itself"
        if moment.accounts.venue[row.winner] != moment.accounts.venue[row.bankrupt]:
            return f"winner {row.winner} is of another venue"
    return None


def events_tell_all(moment):
    """
    What the events of a step say of positions is what became of them, and none is overrun.

    Of customers and funds without an order in the book: perpetuals and options held before the
    waterfalls, less every lot that an event takes away, are those held after them; and no event
    takes more than was there.
    """
    if not moment.liquidations and (moment.before.lots == moment.settled.lots).all():
        return None
    resting = moment.resting() | moment.rested
    kinds = moment.accounts.kind.tolist()
    quiet = [
        (kind <= DESK or kind in FUND_KINDS) and account not in resting
        for account, kind in enumerate(kinds)
    ]
    held = {}
    followed = moment.is_held & (moment.before.lots | moment.settled.lots != 0)
    for slot in followed.nonzero()[0].tolist():
        key = int(moment.slot_account[slot]), int(moment.slot_market[slot])
        held[key] = [int(moment.before.lots[slot]), int(moment.settled.lots[slot])]
    for row in moment.liquidations:
        if row.stage not in MOVING:
            continue
        pair = held.setdefault((row.account, row.market), [0, 0])
        if quiet[row.account] and (
            _side(row.lots) != _side(pair[0]) or abs(row.lots) > abs(pair[0])
        ):
            return (
                f"account {row.account} holds {pair[0]} in {row.market}, an event takes {row.lots}"
            )
        pair[0] -= row.lots
        if row.stage == STAGE_TAKEOVER:
            held.setdefault((row.fund, row.market), [0, 0])[0] += row.lots
    for row in moment.deleveragings:
        held.setdefault((row.winner, row.market), [0, 0])[0] -= row.lots
    for (account, market), (told, found) in held.items():
        if told != found and quiet[account]:
            return f"account {account} holds {found} in {market}, the events say {told}"
    return None


def _lowest_fund(moment, fund):
    """Return the least equity that a fund can have had while the waterfalls ran."""
    low = min(int(moment.before.scan[EQUITY, fund]), int(moment.settled.scan[EQUITY, fund]))
    taken = sum(
        min(0, row.equity) for row in moment.liquidations
        if row.stage == STAGE_TAKEOVER and row.fund == fund
    )  # fmt: skip
    return low + taken


def note_refusals(moment):
    """Keep since when each account could have been refused; the invariant below reads it."""
    could = moment.could_refuse
    sold = {row.account for row in moment.liquidations if row.stage == STAGE_MARKET}
    funds = {e.account: _lowest_fund(moment, e.account) for e in moment.built.directory.funds}
    moved = {row.bankrupt for row in moment.deleveragings}
    for account in moment.batch_before | {row.account for row in moment.liquidations}:
        equity = min(0, int(moment.before.scan[EQUITY, account]))
        lows = [low for fund, low in funds.items()
                if moment.accounts.venue[fund] == moment.accounts.venue[account]]  # fmt: skip
        if account in sold or not lows or moved & funds.keys():
            could.add(account)
        elif min(lows) <= 0 or min(lows) + equity < 0 or moment.markets.fund_drawn.any():
            could.add(account)


def only_when_the_rulebook_says_so(moment):
    """
    An account is deleveraged only when its rulebook's trigger holds.

    "negative_equity" and "pool_profit": it owes more than it has. "takeover_refused": since it went
    into liquidation its fund was, at some moment, unable to take it; where the fund's capacity is
    unlimited that never happens. A capacity by the fund's maintenance is left to the reference. A
    fund is deleveraged only below zero, unless it is by its drawdown or by the winners' profit.
    """
    note_refusals(moment)
    seen = set()
    for row in moment.liquidations:
        if row.stage != STAGE_ADL or row.account in seen:
            continue
        seen.add(row.account)
        venue = int(moment.accounts.venue[row.account])
        trigger = int(moment.rules.adl_trigger[venue])
        capacity = int(moment.rules.capacity_kind[venue])
        is_fund = int(moment.accounts.kind[row.account]) in FUND_KINDS
        by_debt = trigger in BY_DEBT if not is_fund else trigger in (REFUSED, BY_DEBT[0])
        if by_debt and row.equity > 0:
            return f"account {row.account} is deleveraged with {row.equity} behind the position"
        if is_fund or trigger != REFUSED or moment.markets.fund[row.market] < 0:
            continue
        limited = capacity == NOT_NEGATIVE and row.account not in moment.could_refuse
        if capacity == UNLIMITED or limited:
            return f"account {row.account} is deleveraged though no fund can have refused it"
    moment.could_refuse &= moment.liquidating()
    return None


def options_are_not_deleveraged(moment):
    """Auto-deleveraging closes perpetuals alone."""
    for row in moment.deleveragings:
        if moment.markets.kind[row.market] == OPTION:
            return f"winner {row.winner} loses an option"
    return None


ADL = (
    only_the_opposite_side, never_more_than_the_position, funds_and_bankrupts_do_not_win,
    events_tell_all, only_when_the_rulebook_says_so, options_are_not_deleveraged,
)  # fmt: skip
