"""What a perpetual position is worth, owes at worst, and how much of its profit counts."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, trunc_div


@rule
def position_value(base: int, price: int, base_unit: int) -> int:
    """
    Return the signed value of a position, base * price / unit, rounded toward zero.

    A price below 0 counts as 0. Domain: |base * price| < 2**63, base_unit > 0.
    Source: Drift v2 math/position.rs, calculate_base_asset_value_and_pnl_with_oracle_price.
    """
    return trunc_div(base * max(0, price), base_unit)


@rule
def liability_value(base: int, price: int, highest_price: int, base_unit: int) -> int:
    """
    Return what a position may owe, for which margin is asked, rounded down; never below 0.

    |base| * price / unit. With a highest price (a contract that settles between 0 and that price)
    a short owes |base| * (highest - price) / unit instead; `highest_price` = 0 means none.
    Domain: |base| * max(price, highest_price) < 2**63, base_unit > 0.
    Source: Drift v2 math/position.rs, calculate_perp_liability_value (prediction markets: 1 USD).
    """
    if highest_price > 0:
        price = absolute(price)
        if base < 0:
            price = highest_price - price
    return absolute(base) * max(0, price) // base_unit


@rule
def worst_base(base: int, bids: int, asks: int, price: int, highest_price: int, unit: int) -> int:
    """
    Return the signed size with all bids or all asks filled, whichever owes more.

    `asks` is negative. Of two equal values the asks count. Domain: as `liability_value`.
    Source: Drift v2 state/user.rs, worst_case_liability_value.
    """
    after_bids = base + bids
    after_asks = base + asks
    if liability_value(after_asks, price, highest_price, unit) >= liability_value(
        after_bids, price, highest_price, unit
    ):
        return after_asks
    return after_bids


@rule
def weighted_profit(
    profit: int, weight: int, weight_unit: int, quote_price: int, quote_unit: int
) -> int:
    """
    Return what an unrealised profit or loss counts for: profit * weight * quote price.

    Two steps, each rounded toward zero; a weight or price of one changes nothing.
    Domain: |profit| * weight, |profit| * quote_price < 2**63, units > 0.
    Source: Drift v2 math/margin.rs, calculate_perp_position_value_and_pnl.
    """
    return trunc_div(trunc_div(profit * weight, weight_unit) * quote_price, quote_unit)


@rule
def funding_from_index(base: int, index: int, last_index: int, scale: int) -> int:
    """
    Return the funding that a position has received since its last index, negative if it paid.

    |index - last| * |base| / scale, rounded toward zero; a long pays a rise of the index, a short
    receives it. Domain: |index - last_index| * |base| < 2**63, scale > 0.
    Source: Drift v2 math/funding.rs, calculate_funding_payment (scale 1e12).
    """
    return -trunc_div((index - last_index) * base, scale)
