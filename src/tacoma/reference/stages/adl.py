"""Stage adl: auto-deleveraging. The bankrupt's positions are closed against the opposite side.

Matched in size, never more than anybody holds, best-ranked winner first, at the venue's price. All
demand of a step in one side of a market shares one queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.events import Deleveraging
from tacoma.reference.ledger import trade
from tacoma.reference.margin import margin_of, needed, requirement_alone
from tacoma.reference.stages.adl_queue import build_queue
from tacoma.reference.stages.equity_share import equity_share, position_bankruptcy_price
from tacoma.reference.stages.funds import is_drawn, owes_too_much
from tacoma.reference.state import PERPETUAL, Status

if TYPE_CHECKING:
    from tacoma.reference.stages.adl_queue import Place
    from tacoma.reference.state import Account, Market, Position, State, Venue

FUND_KINDS = ("backstop", "insurance")


def deleverage_venue(state: State, venue: Venue, waiting: list[Account]) -> None:
    """Run the stage for one venue: market by market, first the bankrupt longs, then the shorts."""
    if state.step % venue.rules.adl_interval != 0:
        return
    bankrupt = find_bankrupt(venue, waiting)
    if not bankrupt:
        return
    for market in venue.markets:
        if market.kind == PERPETUAL:
            for is_long in (True, False):
                deleverage_side(state, market, bankrupt, is_long)
    for account in bankrupt:
        if account.status != Status.EXEMPT:
            account.is_refused = False


def find_bankrupt(venue: Venue, waiting: list[Account]) -> list[Account]:
    """Return whose positions are to be closed: those who wait, then funds in order of market."""
    bankrupt = [account for account in waiting if is_deleveraged(account)]
    for market in venue.markets:
        fund = market.fund
        if fund is not None and fund not in bankrupt and is_deleveraged(fund):
            bankrupt.append(fund)
    return bankrupt


def is_deleveraged(account: Account) -> bool:
    """Say whether the rulebook closes this account's positions by deleveraging now."""
    trigger = account.rules.adl_trigger
    equity, maintenance, _ = margin_of(account)
    if trigger == "never" or maintenance <= 0:
        return False
    if account.kind in FUND_KINDS:
        if trigger == "fund_drawdown":
            return equity < 0 or is_drawn(account)
        if trigger == "pool_profit":
            return owes_too_much(account, equity)
        return equity < 0
    if trigger in ("negative_equity", "pool_profit"):
        return equity < 0
    return equity < needed(account, maintenance) and account.is_refused


def deleverage_side(state: State, market: Market, bankrupt: list[Account], is_long: bool) -> None:
    """Close what the bankrupt hold on one side of a market against the queue of the other side."""
    demand = [
        position
        for account in bankrupt
        if (position := account.position_in(market)) is not None
        and position.lots != 0
        and (position.lots > 0) == is_long
    ]
    if not demand:
        return
    needed_lots = sum(abs(position.lots) for position in demand)
    queue = build_queue(state, market, not is_long, needed_lots)
    for position in demand:
        held = position.lots
        price, share = closing_price(position)
        close_against_queue(state, position, price, queue)
        closed = held - position.lots
        if closed != 0:
            state.note_liquidation(
                position.account, market, "adl", lots=closed, price=price, equity=share
            )


def closing_price(position: Position) -> tuple[int, int]:
    """Return the price at which a position is closed by the rulebook, and its share of the equity.

    A fund that can still pay gives nothing away: instead of its bankruptcy price it gets the mark.
    """
    account, market = position.account, position.market
    equity, maintenance, _ = margin_of(account)
    share = equity_share(position, equity, requirement_alone(account, maintenance))
    kind = account.rules.adl_price
    if kind == "previous_mark":
        return market.previous_mark, share
    if kind == "mark" or (account.kind in FUND_KINDS and equity > 0):
        return market.mark, share
    return position_bankruptcy_price(position, share), share


def close_against_queue(state: State, position: Position, price: int, queue: list[Place]) -> None:
    """Close one position against the queue, as far as the limits of those in it reach."""
    account, market = position.account, position.market
    assert account.venue is not None
    for rank, place in enumerate(queue):
        if position.lots == 0:
            return
        winner = place.position
        lots = min(abs(position.lots), abs(winner.lots), place.limit)
        if lots == 0:
            continue
        place.limit -= lots
        held, before = winner.lots, winner.account.balance
        buyer, seller = (winner, position) if position.lots > 0 else (position, winner)
        trade(buyer, seller, lots, price)
        state.events.deleveragings.append(
            Deleveraging(
                state.step,
                market.number,
                winner.account.number,
                account.number,
                lots if held > 0 else -lots,
                price,
                winner.account.balance - before,
                place.score,
                rank,
                place.leverage_ppm,
                held,
            )
        )
        market.flow.adl += lots * price
        account.venue.flow.adl += lots * price
