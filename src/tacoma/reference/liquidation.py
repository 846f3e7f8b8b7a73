"""Liquidation: who has too little, and the venue's waterfall in the order of its rulebook.

Each stage runs over everybody who waits at a venue before the next stage begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.margin import equity_of, is_below, margin_of
from tacoma.reference.pseudo_random import uniform
from tacoma.reference.stages.adl import deleverage_venue
from tacoma.reference.stages.cancel import cancel, withdraw
from tacoma.reference.stages.convert import convert_collateral
from tacoma.reference.stages.funds import watch_funds
from tacoma.reference.stages.insurance import pay_debt
from tacoma.reference.stages.market import close_in_market
from tacoma.reference.stages.share import share_loss
from tacoma.reference.stages.takeover import take_over
from tacoma.reference.state import SPOT, Status
from tacoma.world.codes import WRITTEN_OFF

if TYPE_CHECKING:
    from tacoma.reference.state import Account, State, Venue

ACCOUNT_STAGES = {
    "cancel": cancel,
    "market": close_in_market,
    "convert": convert_collateral,
    "takeover": take_over,
    "insurance": pay_debt,
    "share": share_loss,
}
STREAM_QUEUE = 5  # of the pseudo-random numbers


def liquidate(state: State) -> None:
    """Find who is below maintenance, and run every venue's waterfall once."""
    drop_recovered(state)
    find_liquidatable(state)
    note_triggered(state)
    put_in_order(state)
    watch_funds(state)
    for venue in state.venues:
        if venue.is_looking(state.step):
            run_waterfall(state, venue)
    release(state)


def drop_recovered(state: State) -> None:
    """Let go of whoever recovered while waiting for a venue that looks at them only now."""
    for account in state.waiting:
        assert account.venue is not None
        looked_at = account.since == 0 and account.venue.is_looking(state.step)
        if looked_at and not is_below(account):
            account.status = Status.FREE
    state.waiting = [one for one in state.waiting if one.status == Status.LIQUIDATING]


def find_liquidatable(state: State) -> None:
    """Look at everybody; whoever has too little waits from now on, after those who wait already."""
    for account in state.accounts:
        if account.status == Status.FREE and is_below(account):
            account.status = Status.LIQUIDATING
            state.waiting.append(account)


def note_triggered(state: State) -> None:
    """Write down each account that its venue sees below maintenance for the first time.

    In the order of waiting: those who waited for their venue to look come before the new ones.
    """
    for account in state.waiting:
        venue = account.venue
        assert venue is not None
        if account.since != 0 or not venue.is_looking(state.step):
            continue
        account.since = state.step
        account.is_sliced = account.is_refused = False
        equity, _, notional = margin_of(account)
        if notional == 0:  # it closed its positions itself and owes more than it has
            continue
        venue.flow.liquidated += notional
        venue.flow.liquidated_accounts += 1
        for position in account.positions:
            market, lots = position.market, position.lots
            if lots == 0 or market.kind == SPOT:
                continue
            price = market.margin_price
            venue.flow.long_liquidated += max(lots, 0) * price
            state.note_liquidation(
                account, market, "trigger", lots=lots, price=price, equity=equity
            )


def put_in_order(state: State) -> None:
    """Sort those who wait by account; a pseudo-random venue begins somewhere in its list.

    From there it goes on to the end and around to where it began. Venues keep each other's places.
    """
    state.waiting.sort(key=lambda account: account.number)
    for venue in state.venues:
        places = [place for place, one in enumerate(state.waiting) if one.venue is venue]
        if venue.rules.liquidation_order != "pseudo_random" or len(places) < 2:
            continue
        first = int(uniform(state.step, STREAM_QUEUE, venue.number, 0) * float(len(places)))
        line = [state.waiting[place] for place in places]
        for place, account in zip(places, line[first:] + line[:first], strict=True):
            state.waiting[place] = account


def run_waterfall(state: State, venue: Venue) -> None:
    """Run a venue's stages over everybody who waits there; a halt ends them at once."""
    mine = [account for account in state.waiting if account.venue is venue]
    for stage in venue.stages:
        if venue.is_halted(state.step):
            return
        if stage == "adl":
            deleverage_venue(state, venue, mine)
            continue
        for account in mine:
            if not venue.is_halted(state.step):
                ACCOUNT_STAGES[stage](state, account)


def release(state: State) -> None:
    """Let go of whoever is healthy again or has nothing left, and write debts off that stay."""
    state.waiting = [account for account in state.waiting if still_waits(state, account)]


def still_waits(state: State, account: Account) -> bool:
    """
    Say whether an account stays in liquidation; if not, let it go.

    A debt that nothing is left to close for waits until its venue's stages have run: for the
    interval, or for the restart after a halt. Then it is written off, once and for all.
    """
    venue = account.venue
    assert venue is not None
    if venue.is_halted(state.step):
        return True
    debt = 0 if account.holds_positions() else -equity_of(account)
    if debt > 0:
        if not venue.is_looking(state.step):
            return True
        write_off(state, venue, account, debt)
        return False
    if is_below(account):
        return True
    account.status, account.since = Status.FREE, 0
    return False


def write_off(state: State, venue: Venue, account: Account, debt: int) -> None:
    """Take an account's debt as lost, and the account out of trading for ever."""
    account.status, account.since = Status.EXEMPT, WRITTEN_OFF
    withdraw(account)
    venue.flow.bad_debt += debt
    state.note_liquidation(account, account.positions[0].market, "bad_debt", equity=-debt)
