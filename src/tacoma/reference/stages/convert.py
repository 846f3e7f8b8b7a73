"""Stage convert: turn an account's collateral assets into money, at their price and weight.

The fund that stands behind the venue buys them, and then carries the risk of their price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.ledger import trade, transfer
from tacoma.reference.margin import margin_of, needed, value_of
from tacoma.reference.state import SPOT

if TYPE_CHECKING:
    from tacoma.reference.state import Account, State


def convert_collateral(state: State, account: Account) -> None:
    """Sell all collateral of an account that has too little, or a negative balance."""
    equity, maintenance, _ = margin_of(account)
    if equity >= needed(account, maintenance) and account.balance >= 0:
        return
    for position in account.positions:
        market, lots = position.market, position.lots
        fund = market.fund
        if market.kind != SPOT or lots <= 0 or fund is None:
            continue
        value = value_of(position)
        target = fund.position_in(market)
        assert target is not None
        trade(target, position, lots, 0)
        transfer(fund, account, value)
        price = market.margin_price
        state.note_liquidation(
            account, market, "convert", lots=lots, price=price, equity=equity, fund=fund
        )
