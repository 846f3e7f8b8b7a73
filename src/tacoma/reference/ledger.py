"""The only functions that move money or positions, always from one account to another.

What an account is worth is balance + wallet - the cost of its positions. Transfers and trades leave
the sum of that over everybody as it is, and the sum of lots of each market at zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.state import PERPETUAL
from tacoma.rules.liquidations.sizing import closed_share_quanta
from tacoma.world.limits import BALANCE_QUANTA_MAX, OPEN_LOTS_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Account, Market, Position


def may_trade(account: Account) -> bool:
    """Say whether a balance is within its stated maximum; nobody else trades."""
    return abs(account.balance) <= BALANCE_QUANTA_MAX


def room_to_open(market: Market) -> int:
    """Return the lots that may still be opened in all markets of the same place together."""
    return max(OPEN_LOTS_MAX - sum(other.open_lots() for other in market.listed), 0)


def transfer(source: Account, target: Account, quanta: int) -> None:
    """Move money from one balance to another; negative quanta move it back."""
    source.balance -= quanta
    target.balance += quanta


def withdraw_from_wallet(account: Account, quanta: int) -> int:
    """Bring money of the owner to the venue; return what the wallet could give."""
    moved = min(quanta, account.wallet)
    account.wallet -= moved
    account.balance += moved
    return moved


def fill(position: Position, lots: int, price: int) -> None:
    """
    Add signed lots at a price to one position.

    A spot asset or an option is paid in full. A perpetual is owed for: opening adds to its cost,
    closing releases the closed share of the cost, rounded down, and pays the difference to the
    price as profit or loss.
    """
    account = position.account
    if position.market.kind != PERPETUAL:
        account.balance -= lots * price
        position.lots += lots
        return
    closed = 0
    if position.lots * lots < 0:
        closed = min(abs(lots), abs(position.lots))
        share = closed_share_quanta(position.entry, closed, abs(position.lots))
        signed = closed if position.lots > 0 else -closed
        account.balance += signed * price - share
        position.entry -= share
    opened = lots + closed if lots < 0 else lots - closed
    position.entry += opened * price
    position.lots += lots


def trade(buyer: Position, seller: Position, lots: int, price: int) -> None:
    """Let the buyer take lots (positive) from the seller at a price."""
    fill(buyer, lots, price)
    fill(seller, -lots, price)
