"""Closing a bankrupt account's position against others, one after the other, at one price."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tacoma.compile import rule
from tacoma.rules.liquidations.ratio_invariant import takeover_quanta
from tacoma.rules.margins.cross_account import (
    Account,
    Market,
    Markets,
    Position,
    account_risk,
    notional,
    position_risk,
    settled,
    size_in,
    updated,
)
from tacoma.rules.margins.risk_state import SUCCESS, transition
from tacoma.rules.numbers.arithmetic import absolute, sign

NO_DELEVERAGING: Final = 0
AT_BANKRUPTCY_PRICE: Final = 1
AT_ORACLE_PRICE: Final = 2

OFFSET_DONE: Final = 0
OFFSET_INVALID_SIZE: Final = 1
OFFSET_REFUSED: Final = 2


@rule
def deleveraging_price(equity_quanta: int, is_final_settlement: bool) -> int:
    """
    Return at which price an account may be deleveraged, if at all.

    AT_BANKRUPTCY_PRICE with strictly negative equity, otherwise AT_ORACLE_PRICE in a market that
    is being settled for good, otherwise NO_DELEVERAGING.
    Source: dYdX v4-chain protocol/x/clob/keeper/deleveraging.go, CanDeleverageSubaccount.
    """
    if equity_quanta < 0:
        return AT_BANKRUPTCY_PRICE
    return AT_ORACLE_PRICE if is_final_settlement else NO_DELEVERAGING


@rule
def is_reduction(size: int, delta: int) -> bool:
    """
    Say whether a change of a position brings it nearer to 0, or to 0, and not past it.

    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go,
    GetBankruptcyPriceInQuoteQuantums (validity of the size delta).
    """
    return sign(size) * sign(delta) == -1 and absolute(delta) <= absolute(size)


@rule
def offset_size(remaining: int, counterparty_size: int) -> int:
    """
    Return how much of what remains a counterparty takes, with the sign of `remaining`.

    `remaining` is the change that the bankrupt position still needs; a counterparty has the same
    sign as it, or takes nothing.
    Source: dYdX v4-chain protocol/x/clob/keeper/deleveraging.go, OffsetSubaccountPerpetualPosition.
    """
    if sign(remaining) != sign(counterparty_size):
        return 0
    return sign(remaining) * min(absolute(remaining), absolute(counterparty_size))


class Offset(NamedTuple):
    """What became of one offset: an OFFSET_ outcome, the accounts after it and the markets."""

    outcome: int
    liquidated: Account
    counterparty: Account
    markets: Markets


class OffsetSequence(NamedTuple):
    """Fills as (place of the account, magnitude), what remains, and the accounts after them."""

    fills: tuple[tuple[int, int], ...]
    remaining: int
    accounts: tuple[Account, ...]
    markets: Markets


def account_takeover(account: Account, markets: Markets, market: int, delta: int) -> int | None:
    """
    Return what an account receives when `delta` of its position is taken over at bankruptcy.

    None where delta is no reduction of the position. Funding counts as settled. Exact but for the
    rounding of `takeover_quanta`.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go,
    GetBankruptcyPriceInQuoteQuantums.
    """
    size = size_in(account, market)
    if not is_reduction(size, delta):
        return None
    total = account_risk(settled(account, markets), markets)
    before = position_risk(markets[market], size)
    after = position_risk(markets[market], size + delta)
    return int(
        takeover_quanta(
            after.equity - before.equity,
            total.equity,
            after.maintenance - before.maintenance,
            total.maintenance,
        )
    )


def _closed(markets: Markets, market: int, size: int) -> Mapping[int, Market]:
    """Return the markets with an open interest that is smaller by what two accounts closed."""
    open_interest = max(0, markets[market].open_interest - size)
    return {**markets, market: markets[market]._replace(open_interest=open_interest)}


def offset_pair(
    liquidated: Account,
    counterparty: Account,
    markets: Markets,
    market: int,
    delta: int,
    quote: int,
) -> Offset:
    """
    Close `delta` of the liquidated account's position against a counterparty's for `quote`.

    `quote` is what the liquidated account receives. Both accounts must be allowed the change
    (`risk_state.transition`); otherwise both stay as they are.
    Source: dYdX v4-chain protocol/x/clob/keeper/deleveraging.go, ProcessDeleveraging.
    """
    unchanged = Offset(OFFSET_INVALID_SIZE, liquidated, counterparty, markets)
    if not is_reduction(size_in(liquidated, market), delta):
        return unchanged
    if not is_reduction(size_in(counterparty, market), -delta):
        return unchanged
    markets_after = _closed(markets, market, abs(delta))
    changed = []
    for account, side in ((liquidated, 1), (counterparty, -1)):
        old = settled(account, markets)
        new = updated(old, side * quote, [Position(market, side * delta)], markets)
        old_risk, new_risk = account_risk(old, markets), account_risk(new, markets_after)
        if (
            transition(
                old_risk.equity,
                old_risk.initial,
                old_risk.maintenance,
                new_risk.equity,
                new_risk.initial,
                new_risk.maintenance,
            )
            != SUCCESS
        ):
            return unchanged._replace(outcome=OFFSET_REFUSED)
        changed.append(new)
    return Offset(OFFSET_DONE, changed[0], changed[1], markets_after)


def offset_sequence(
    accounts: Sequence[Account],
    liquidated: int,
    order: Iterable[int],
    markets: Markets,
    market: int,
    delta: int,
    is_final_settlement: bool,
) -> OffsetSequence:
    """
    Close `delta` of an account's position against others in the given order, as far as they go.

    Each takes as much as it has, at the bankruptcy price of the liquidated account as it then
    stands (at the oracle price in a final settlement). An account on the wrong side, or one that
    the trade would leave riskier than allowed, is skipped. The order is an input: the venue starts
    at a pseudo-random place in its list.
    Source: dYdX v4-chain protocol/x/clob/keeper/deleveraging.go, OffsetSubaccountPerpetualPosition.
    """
    state = list(accounts)
    remaining = delta
    fills = []
    for place in order:
        if remaining == 0:
            break
        amount = offset_size(remaining, size_in(state[place], market))
        if amount == 0 or place == liquidated:
            continue
        if is_final_settlement:
            quote: int | None = notional(markets[market], -amount)
        else:
            quote = account_takeover(state[liquidated], markets, market, amount)
        if quote is None:
            continue
        offset = offset_pair(state[liquidated], state[place], markets, market, amount, quote)
        if offset.outcome == OFFSET_DONE:
            state[liquidated], state[place] = offset.liquidated, offset.counterparty
            markets = offset.markets
            remaining -= amount
            fills.append((place, abs(amount)))
    return OffsetSequence(tuple(fills), remaining, tuple(state), markets)
