"""Conservation: money and positions come from somewhere and go somewhere, in every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.errors import ConservationError

if TYPE_CHECKING:
    from tacoma.reference.state import State


def all_money(state: State) -> int:
    """Return all money: balances and wallets less what positions cost, in quanta."""
    return sum(
        account.balance + account.wallet - sum(position.entry for position in account.positions)
        for account in state.accounts
    )


def check_conservation(state: State) -> None:
    """Raise ConservationError if money has come or gone, or a market's positions do not cancel."""
    difference = all_money(state) - state.total_quanta
    if difference != 0:
        raise ConservationError(
            state.seed, state.step, f"in the reference, money changed by {difference:+d} quanta"
        )
    for market in state.markets:
        lots = sum(position.lots for position in market.positions)
        if lots != 0:
            raise ConservationError(
                state.seed, state.step,
                f"in the reference, positions in market {market.number} add up to {lots:+d} lots",
            )  # fmt: skip
