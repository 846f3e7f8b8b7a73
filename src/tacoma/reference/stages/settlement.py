"""Settlement between pools of collateral: whether a liquidation's payments can be made in order.

Isolated positions of a pooled market have a pool of their own. When a liquidation leaves a debt,
insurance owes it to the pool, and the counterparty's collateral leaves the pool. Where the money
leaves first, what the others in the pool own must cover it; if it does not, the venue halts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.margin import equity_of
from tacoma.rules.losses.isolated_pool import is_transfer_covered
from tacoma.world.limits import BALANCE_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Position, State


def settle(state: State, position: Position, collateral: int) -> None:
    """
    Check that a liquidation which left a debt can be settled; if not, halt the venue.

    `collateral` is what the counterparty takes out of the pool, in quanta. A venue that has halted
    once restarts with the order mended.
    """
    account, market = position.account, position.market
    venue = account.venue
    assert venue is not None
    if not market.is_pooled or not account.is_isolated:
        return
    equity = equity_of(account)
    if equity >= 0:
        return
    others = sum(
        max(equity_of(other.account), 0)
        for other in market.positions
        if other.account is not account and other.account.is_isolated
    )
    others = min(others, BALANCE_QUANTA_MAX)
    pool = others + equity + collateral
    insurance_pays_first = venue.rules.settlement_order == "insurance_first" or venue.halts > 0
    if is_transfer_covered(pool, collateral, equity, insurance_pays_first):
        return
    venue.halted_until = state.step + venue.rules.halt_steps
    venue.halts += 1
    venue.missing = collateral - pool
    state.note_liquidation(account, market, "halt", equity=pool - collateral)
