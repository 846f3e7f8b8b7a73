"""Margin for open orders, and what an account may still order."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, mul_div_ceil


@rule
def open_lots(position_lots: int, side: int, order_lots: int) -> int:
    """
    Return how large the position of one side becomes if all its orders fill, never below 0.

    Orders of the side + the position, counted negative where it is on the other side.
    Domain: order_lots >= 0, sums within int64. `side` is +1 for buys, -1 for sales.
    Source: Paradex docs, cross-margin-requirement (open size).
    """
    return max(0, order_lots + side * position_lots)


@rule
def worst_open_lots(
    position_lots: int, buy_lots: int, sell_lots: int, is_offset_netted: bool
) -> int:
    """
    Return the larger open size of the two sides.

    With `is_offset_netted` orders against the position first reduce it, as the formula of the
    source says. Without, they count in full beside it: the source's worked example says that a
    long of 10 with sales of 5 and 8 has an open size of 13, where the formula gives 10.
    Domain: buy_lots, sell_lots >= 0, sums within int64.
    Source: Paradex docs, cross-margin-requirement (formula), paradex-risk-checks (example).
    """
    buy = open_lots(position_lots, 1, buy_lots)
    sell = open_lots(position_lots, -1, sell_lots)
    if not is_offset_netted:
        buy = max(buy, buy_lots)
        sell = max(sell, sell_lots)
    return max(buy, sell)


@rule
def open_margin_quanta(lots: int, mark: int, rate_numerator: int, rate_denominator: int) -> int:
    """
    Return the initial margin of an open size in quanta, rounded up: |lots| * mark * rate.

    Domain: |lots| * mark < 2**53, 0 <= rate_numerator <= rate_denominator < 2**31,
    rate_denominator > 0.
    Source: Paradex docs, cross-margin-requirement (net IMR).
    """
    return mul_div_ceil(absolute(lots) * mark, rate_numerator, rate_denominator)


@rule
def is_order_accepted(
    equity_quanta: int, requirement_before_quanta: int, requirement_after_quanta: int
) -> bool:
    """
    Say whether an order is accepted: the account can carry it, or it asks for no more margin.

    Equity equal to the requirement carries it.
    Domain: any.
    Source: Paradex docs, paradex-risk-checks (order risk check).
    """
    if equity_quanta >= requirement_after_quanta:
        return True
    return requirement_after_quanta <= requirement_before_quanta


@rule
def order_room_lots(limit_lots: int, position_lots: int, side: int, order_lots: int) -> int:
    """
    Return the largest further order that a position limit allows on one side, never below 0.

    limit - open orders of the side - side * position.
    Domain: limit_lots, order_lots >= 0, sums within int64.
    Source: Paradex docs, position-limit.
    """
    return max(0, limit_lots - order_lots - side * position_lots)


@rule
def is_beyond_band(side: int, limit_price: int, band_low: int, band_high: int) -> bool:
    """
    Say whether an order's price is rejected: a sale below the band, or a purchase above it.

    Passive prices are free: a low bid or a high offer is never rejected. The edges belong to the
    band; `takeover.price_bound_from_mark` gives them.
    Domain: any.
    Source: Paradex docs, price-bands.
    """
    if side > 0:
        return limit_price > band_high
    return limit_price < band_low
