"""The door: what enters from outside, one record at a time.

A record that names what does not exist, or a quantity beyond the stated limits, changes nothing;
nor does an order that its account may not send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tacoma.reference.book import accept_quote, cancel_orders, rest_order, send_order
from tacoma.reference.ledger import withdraw_from_wallet
from tacoma.reference.state import OPTION, SPOT, Status
from tacoma.world.codes import (
    CANCEL,
    FAULT,
    FAULT_DEPTH,
    FAULT_GATEWAY,
    FAULT_SOURCE,
    LIMIT,
    ORDER,
    PARAMETER,
    QUOTE,
    SOURCE,
    SOURCE_DEAD,
    TRANSFER,
    WRITTEN_OFF,
)
from tacoma.world.limits import (
    LAG_SECONDS_MAX,
    LOTS_MAX,
    MONEY_QUANTA_MAX,
    PPM,
    PRICE_QUANTA_MAX,
)

if TYPE_CHECKING:
    from tacoma.reference.state import Account, Market, State

FACTOR_MAX = 1000 * PPM  # of a depth or of a lying source


class Record(NamedTuple):
    """One input record; `codes.py` says what the numbers mean for each kind."""

    kind: int
    account: int
    market: int
    first: int
    second: int
    third: int
    fourth: int


def take_in(state: State, records: list[Record]) -> None:
    """Let the records of this step enter, in their order."""
    for record in records:
        if record.kind == FAULT:
            change_component(state, record)
        elif record.kind == SOURCE:
            hear_source(state, record)
        elif 0 <= record.market < len(state.markets):
            reach_market(state, state.markets[record.market], record)


def change_component(state: State, record: Record) -> None:
    """Change the state of a gateway, a book's makers or a price source; its number is `account`."""
    number, what = record.account, record.market
    if what == FAULT_GATEWAY and 0 <= number < len(state.gateways):
        if 0 <= record.first <= PPM:
            state.gateways[number] = record.first
    elif what == FAULT_DEPTH and 0 <= number < len(state.markets):
        if 0 <= record.first <= FACTOR_MAX:
            state.markets[number].book.depth_factor_ppm = record.first
    elif what == FAULT_SOURCE:
        sources = [source for of_asset in state.sources for source in of_asset]
        if (
            0 <= number < len(sources)
            and 0 <= record.first <= SOURCE_DEAD
            and 0 <= record.second < LAG_SECONDS_MAX
            and 0 <= record.third <= FACTOR_MAX
        ):
            source = sources[number]
            source.mode, source.lag, source.factor_ppm = record.first, record.second, record.third


def hear_source(state: State, record: Record) -> None:
    """Note what a source says an asset is worth."""
    asset, place = record.account, record.market
    if not 0 <= asset < len(state.sources) or not 0 <= place < len(state.sources[asset]):
        return
    if 1 <= record.first <= PRICE_QUANTA_MAX:
        source = state.sources[asset][place]
        source.price, source.heard = record.first, state.step


def reach_market(state: State, market: Market, record: Record) -> None:
    """Handle whatever concerns one market. Options are valued, not traded."""
    if market.kind == OPTION and record.kind not in (TRANSFER, CANCEL):
        return
    if record.kind == PARAMETER:
        is_collateral = market.kind == SPOT and market.venue is not None
        if is_collateral and 0 <= record.first <= PPM:
            market.weight_ppm = record.first
        return
    if not 0 <= record.account < len(state.accounts):
        return
    account = state.accounts[record.account]
    if record.kind == CANCEL:
        cancel_orders(market, account)
    elif record.kind == TRANSFER:
        top_up(state, account, record.first)
    elif account.position_in(market) is not None and account.since != WRITTEN_OFF:
        if record.kind == QUOTE:
            quote(state, market, account, record)
        elif record.kind == LIMIT:
            rest(state, market, account, record)
        elif record.kind == ORDER:
            order(state, market, account, record)


def is_stopped(state: State, account: Account) -> bool:
    """Say whether the account's venue has halted."""
    return account.venue is not None and account.venue.is_halted(state.step)


def top_up(state: State, account: Account, quanta: int) -> None:
    """Move the owner's money to the venue; negative quanta move back what the balance holds."""
    if abs(quanta) > MONEY_QUANTA_MAX or is_stopped(state, account):
        return
    if quanta < 0:
        quanta = max(quanta, -max(account.balance, 0))
    moved = withdraw_from_wallet(account, quanta)
    if moved != 0:
        if account.venue is not None:
            account.venue.flow.top_up += max(moved, 0)
        state.note_move(account, "top_up", moved)


def quote(state: State, market: Market, account: Account, record: Record) -> None:
    """Let a maker replace its curve; a halt does not keep it from quoting."""
    prices_are_sound = 1 <= record.first <= PRICE_QUANTA_MAX and (
        0 <= record.second <= PRICE_QUANTA_MAX
    )
    if prices_are_sound and 0 <= record.third <= LOTS_MAX and 0 <= record.fourth <= LOTS_MAX:
        accept_quote(
            market, account, record.first, record.second, (record.third, record.fourth), state.step
        )


def rest(state: State, market: Market, account: Account, record: Record) -> None:
    """Let an explicit order rest in the book."""
    lots, price = record.first, record.second
    if 0 < abs(lots) <= LOTS_MAX and 1 <= price <= PRICE_QUANTA_MAX:
        if not is_stopped(state, account):
            rest_order(market, account, lots, price)


def order(state: State, market: Market, account: Account, record: Record) -> None:
    """
    Send an order into the book, unless its account is in the hands of the venue.

    A reduce-only order shrinks to what it can close.
    """
    lots, limit, reason, reduce_only = record.first, record.second, record.third, record.fourth
    if not 0 < abs(lots) <= LOTS_MAX or not 0 <= limit <= PRICE_QUANTA_MAX:
        return
    if is_stopped(state, account):
        return
    if account.status == Status.LIQUIDATING and account.since != 0:
        return
    position = account.position_in(market)
    assert position is not None
    if reduce_only != 0:
        if position.lots * lots >= 0:
            return
        lots = min(lots, -position.lots) if lots > 0 else max(lots, -position.lots)
    send_order(position, lots, limit, reason, state.step)
