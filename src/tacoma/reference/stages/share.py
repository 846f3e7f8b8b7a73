"""Stage share, the last resort: who pays what nobody has covered, and in which ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tacoma.reference.ledger import transfer, withdraw_from_wallet
from tacoma.reference.margin import equity_of, margin_of, value_of
from tacoma.reference.state import PERPETUAL, Status
from tacoma.rules.losses.sharing import allocate_pro_rata
from tacoma.world.limits import TOTAL_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Account, State, Venue


def share_loss(state: State, account: Account) -> None:
    """
    Spread the debt of an account without positions over the venue, by the rulebook's weight.

    To the quantum, and never more than all weights together: profits, deposits or equity are what
    can be taken. Payment by open interest can exceed what somebody has.
    """
    venue = account.venue
    assert venue is not None
    debt, kind = -equity_of(account), venue.rules.share_kind
    if kind == "none" or debt <= 0 or account.holds_positions():
        return
    if kind == "token_print":
        shared = withdraw_from_wallet(venue.fees, debt)
        transfer(venue.fees, account, shared)
    else:
        payers = find_payers(state, venue, account)
        weights: Any = [weight for _, weight in payers]
        shared = min(debt, sum(weights))
        parts: Any = [0] * len(payers)
        allocate_pro_rata(shared, weights, len(payers), parts)
        for (payer, _), part in zip(payers, parts, strict=True):
            transfer(payer, account, int(part))
    if shared > 0:
        venue.flow.shared += shared
        # A shared loss belongs to no market; the event names the world's first.
        state.note_liquidation(account, state.markets[0], "share", equity=shared)


def find_payers(state: State, venue: Venue, payee: Account) -> list[tuple[Account, int]]:
    """
    Return who shares a loss, in order of account, each with the weight of its part.

    All weights together stop at the stated maximum; whoever comes after that weighs nothing.
    """
    payers, room = [], TOTAL_QUANTA_MAX
    for account in state.accounts:
        if account.status == Status.EXEMPT or account.venue is not venue or account is payee:
            continue
        weight = min(weight_of(account, venue.rules.share_kind), room)
        if weight > 0:
            payers.append((account, weight))
            room -= weight
    return payers


def weight_of(account: Account, kind: str) -> int:
    """Return what an account's part is proportional to, and can be at most, in quanta."""
    if kind == "profit_pro_rata":
        return sum(
            value_of(position)
            for position in account.positions
            if position.lots != 0 and position.market.kind == PERPETUAL
        )
    if kind == "open_interest":
        return margin_of(account).notional
    if kind == "deposits":
        return account.balance
    return equity_of(account)
