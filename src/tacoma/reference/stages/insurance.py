"""Stage insurance: the fund pays the debt of an account that has nothing left to close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.ledger import transfer
from tacoma.reference.margin import equity_of

if TYPE_CHECKING:
    from tacoma.reference.state import Account, State


def pay_debt(state: State, account: Account) -> None:
    """Pay a negative equity as far as that of the fund of the account's first market reaches."""
    debt = -equity_of(account)  # what collateral does not cover
    if debt <= 0 or account.holds_positions():
        return
    market = account.positions[0].market
    fund = market.insurance_fund
    if fund is None:
        return
    paid = min(debt, max(equity_of(fund), 0))
    if paid == 0:
        return
    transfer(fund, account, paid)
    assert account.venue is not None
    account.venue.flow.insurance_paid += paid
    state.note_move(fund, "insurance", paid)
    state.note_liquidation(account, market, "insurance", equity=paid, fund=fund)
