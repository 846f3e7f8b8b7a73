"""Stage cancel: withdraw the account's resting orders, so that nothing grows while it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.book import cancel_orders, withdraw_quotes

if TYPE_CHECKING:
    from tacoma.reference.state import Account, State


def cancel(_state: State, account: Account) -> None:
    """Cancel every resting order of the account."""
    for position in account.positions:
        cancel_orders(position.market, account)


def withdraw(account: Account) -> None:
    """Withdraw an account's resting orders and, if it is a maker, its curves."""
    for position in account.positions:
        cancel_orders(position.market, account)
        withdraw_quotes(position.market, account)
