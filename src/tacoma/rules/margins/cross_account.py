"""
A cross-margined account over several markets: its funding settled, changed, and put to risk.

Plain functions over tuples, exact for integers of any size: a settled account is a list of
positions, and each formula in here is a rule of another file.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tacoma.rules.fundings.premium_funding import settled_quanta, settlement_ppm
from tacoma.rules.margins.fraction_margin import initial_quanta, maintenance_quanta
from tacoma.rules.margins.open_interest_scaled import effective_initial_ppm, scaled_initial_ppm
from tacoma.rules.numbers.notional import notional_truncated


class Market(NamedTuple):
    """A market's price and margin; its scale turns size * price into money."""

    price: int
    scale_numerator: int
    scale_denominator: int
    initial_ppm: int
    fraction_ppm: int
    open_interest_lower: int = 0
    open_interest_upper: int = 0
    open_interest: int = 0  # units of size
    funding_index: int = 0
    chosen_initial_ppm: int = 0


class Position(NamedTuple):
    """A position in one market; its quote balance is money that is booked with it."""

    market: int
    size: int
    funding_index: int = 0
    quote_balance: int = 0


class Account(NamedTuple):
    """Money and positions, at most one of a market."""

    cash: int
    positions: tuple[Position, ...] = ()


class Risk(NamedTuple):
    """Equity and the two margins, of a position or of an account."""

    equity: int
    initial: int
    maintenance: int


Markets = Mapping[int, Market]


def size_in(account: Account, market: int) -> int:
    """
    Return an account's size in a market, 0 where it has none.

    Source: dYdX v4-chain protocol/x/subaccounts/types/subaccount.go, GetPerpetualPositionForId.
    """
    return sum(position.size for position in account.positions if position.market == market)


def notional(market: Market, size: int) -> int:
    """
    Return the signed notional of a size, truncated.

    Source: dYdX v4-chain protocol/x/perpetuals/lib/lib.go, GetNetNotionalInQuoteQuantums.
    """
    return int(
        notional_truncated(size, market.price, market.scale_numerator, market.scale_denominator)
    )


def position_risk(market: Market, size: int) -> Risk:
    """
    Return the notional of a size and the margins that it needs.

    Source: dYdX v4-chain protocol/x/perpetuals/lib/lib.go,
    GetPositionNetNotionalValueAndMarginRequirements.
    """
    magnitude = notional(market, abs(size))
    scaled = scaled_initial_ppm(
        market.initial_ppm,
        notional(market, market.open_interest),
        market.open_interest_lower,
        market.open_interest_upper,
    )
    rate = effective_initial_ppm(scaled, market.chosen_initial_ppm)
    return Risk(
        notional(market, size),
        int(initial_quanta(magnitude, rate)),
        int(maintenance_quanta(magnitude, market.initial_ppm, market.fraction_ppm)),
    )


def settled(account: Account, markets: Markets) -> Account:
    """
    Return the account with its funding paid: one rounding for all positions together.

    Source: dYdX v4-chain protocol/x/subaccounts/lib/updates.go,
    GetSettledSubaccountWithPerpetuals.
    """
    owed = 0
    positions = []
    for position in account.positions:
        index = markets[position.market].funding_index
        owed += settlement_ppm(index, position.funding_index, position.size)
        positions.append(position._replace(funding_index=index))
    return Account(account.cash + settled_quanta(owed), tuple(positions))


def updated(
    account: Account, cash_delta: int, deltas: Iterable[Position], markets: Markets
) -> Account:
    """
    Return a settled account after changes, its positions in the order of their markets.

    A position without size and quote balance is closed; a new one starts at the market's index.
    Source: dYdX v4-chain protocol/x/subaccounts/lib/updates.go, CalculateUpdatedSubaccount.
    """
    positions = {position.market: position for position in account.positions}
    for delta in deltas:
        old = positions.get(delta.market)
        if old is None:
            index = markets[delta.market].funding_index
            positions[delta.market] = delta._replace(funding_index=index)
            continue
        new = old._replace(
            size=old.size + delta.size, quote_balance=old.quote_balance + delta.quote_balance
        )
        if new.size == 0 and new.quote_balance == 0:
            del positions[delta.market]
        else:
            positions[delta.market] = new
    return Account(
        account.cash + cash_delta, tuple(positions[market] for market in sorted(positions))
    )


def account_risk(account: Account, markets: Markets) -> Risk:
    """
    Return equity and margins of a settled account: the sums over its money and positions.

    Source: dYdX v4-chain protocol/x/subaccounts/lib/updates.go, GetRiskForSubaccount.
    """
    equity, initial, maintenance = account.cash, 0, 0
    for position in account.positions:
        risk = position_risk(markets[position.market], position.size)
        equity += risk.equity + position.quote_balance
        initial += risk.initial
        maintenance += risk.maintenance
    return Risk(equity, initial, maintenance)
