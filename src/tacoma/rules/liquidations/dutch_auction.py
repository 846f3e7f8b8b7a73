"""
Liquidation by falling price: shares of an account are sold for ever less of its value.

A solvent account's price falls from near its value, fast and then slowly, to 0; an insolvent one's
goes below 0, so that a fund pays whoever takes it over. Amounts and shares are integers over one
`unit` (10**18 of a venue, 10**6 for ppm); a share of 1 is `unit`. Times are in one unit.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import trunc_div


@rule
def solvent_price_share(
    elapsed: int, start: int, cutoff: int, fast_length: int, slow_length: int
) -> int:
    """
    Return which share of an account's value buys it, so long after the start of its auction.

    From start to cutoff in the fast stage, from cutoff to 0 in the slow one, 0 from its end on;
    the fall is rounded down. A time before the start counts as the start.
    Domain: 0 <= cutoff <= start, lengths >= 0, start * length < 2**63.
    Source: derivexyz/v2-core src/liquidation/DutchAuction.sol (_getDiscountPercentage).
    """
    elapsed = max(0, elapsed)
    if elapsed < fast_length:
        return start - (start - cutoff) * elapsed // fast_length
    into_slow = elapsed - fast_length
    if into_slow >= slow_length:
        return 0
    return cutoff - cutoff * into_slow // slow_length


@rule
def buffer_margin(value: int, maintenance: int, buffer: int, unit: int) -> int:
    """
    Return the margin that a liquidation restores to 0: maintenance margin with a buffer.

    maintenance - (value - maintenance) * buffer, the product truncated; both are those of the
    whole account, so that below 0 it lacks margin.
    Domain: |value - maintenance| * buffer < 2**63, buffer >= 0, unit > 0.
    Source: derivexyz/v2-core src/liquidation/DutchAuction.sol (_getMarginAndMarkToMarket).
    """
    return maintenance + trunc_div((maintenance - value) * buffer, unit)


@rule
def most_proportion(
    buffer_margin: int, value: int, price_share: int, reserved: int, unit: int
) -> int:
    """
    Return the largest share of an account that one may buy: what brings its margin back to 0.

    margin / (margin - value * price - reserved * (1 - price)), rounded down; 0 where the margin is
    not negative. The reserved cash, paid by earlier buyers, is not for sale.
    Domain: value, reserved >= 0, 0 <= price <= unit, value * unit and |margin| * unit < 2**63.
    Source: derivexyz/v2-core src/liquidation/DutchAuction.sol (_getMaxProportion).
    """
    if buffer_margin >= 0:
        return 0
    sold = trunc_div(value * price_share, unit) + reserved * (unit - price_share) // unit
    return trunc_div(buffer_margin * unit, buffer_margin - sold)


@rule
def solvent_price(value: int, reserved: int, price_share: int, unit: int) -> int:
    """
    Return the price of all that is left of a solvent account, never below 0.

    (value - reserved cash) * share, rounded down; an account without value has no solvent price.
    Domain: reserved >= 0, 0 <= share <= unit, |value - reserved| * unit < 2**63.
    Source: derivexyz/v2-core src/liquidation/DutchAuction.sol (_getSolventAuctionBidPrice).
    """
    return max(0, value - reserved) * price_share // unit


@rule
def insolvent_price(value: int, maintenance: int, elapsed: int, length: int) -> int:
    """
    Return the price of all that is left of an insolvent account, 0 or less: a fund pays it.

    From its value, 0 if positive, down to its maintenance margin over the length of the auction,
    truncated; 0 where the maintenance margin is not negative.
    Domain: elapsed, length >= 0, |maintenance - value| * length < 2**63.
    Source: derivexyz/v2-core src/liquidation/DutchAuction.sol (_getInsolventAuctionBidPrice).
    """
    if maintenance >= 0:
        return 0
    if elapsed >= length:
        return maintenance
    value = min(value, 0)
    return trunc_div((maintenance - value) * elapsed, length) + value


@rule
def share_of_remainder(share_of_original: int, remaining: int, unit: int) -> int:
    """
    Return a share of the original account as a share of what is left of it, rounded down.

    Domain: 0 <= share <= remaining, 0 < remaining <= unit, share * unit < 2**63.
    Source: derivexyz/v2-core src/liquidation/DutchAuction.sol (bid).
    """
    return share_of_original * unit // remaining


@rule
def bid_payment(price: int, share: int, unit: int) -> int:
    """
    Return what a bid on a share pays, rounded down; negative if the bidder is paid, toward zero.

    Domain: 0 <= share <= unit, |price| * unit < 2**63.
    Source: derivexyz/v2-core src/liquidation/DutchAuction.sol (bid).
    """
    return trunc_div(price * share, unit)
