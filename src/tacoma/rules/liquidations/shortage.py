"""
How much must change hands to cover a margin shortage, and at what exchange rate.

Ratios, fees and multipliers are numerators over a unit. Where a price is small, its products with
them lose digits as they do in the source: scale the price and the size's unit by the same factor.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, ceil_div


@rule
def base_to_cover_shortage(
    shortage: int,
    margin_ratio: int,
    liquidator_fee: int,
    insurance_fee: int,
    rate_unit: int,
    price: int,
    quote_price: int,
    quote_unit: int,
    base_unit: int,
    unlimited: int,
) -> int:
    """
    Return how much of a position must be closed for its margin to be sufficient, rounded down.

    shortage / (price * quote price * (ratio - liquidator's fee) - price * insurance fee): what
    each unit frees, less the fees it pays. Every product is rounded down; the insurance fee is
    taken at the price without the quote price. `unlimited` is returned where no size suffices.
    Domain: price * quote_price, price * rates * quote_price / quote_unit and shortage * base_unit
    below 2**63; the rest >= 0, units > 0.
    Source: Drift v2 math/liquidation.rs, calculate_base_asset_amount_to_cover_margin_shortage.
    """
    if price == 0 or margin_ratio <= liquidator_fee:
        return unlimited
    value = price * quote_price // quote_unit
    freed = value * (margin_ratio - liquidator_fee) // rate_unit
    freed -= price * insurance_fee // rate_unit
    if freed <= 0:
        return unlimited
    return shortage * base_unit // freed


@rule
def debt_to_cover_shortage(
    shortage: int,
    asset_weight: int,
    asset_multiplier: int,
    debt_weight: int,
    debt_multiplier: int,
    weight_unit: int,
    debt_price: int,
    insurance_fee: int,
    fee_unit: int,
    token_unit: int,
    unlimited: int,
) -> int:
    """
    Return how many tokens of a debt must be repaid from an asset to cover a shortage.

    shortage / (price * (debt weight - asset weight * asset multiplier / debt multiplier) - price *
    insurance fee * debt weight). Weights carry one digit more than their unit; every division is
    rounded down. `unlimited` is returned where repaying frees no margin.
    Domain: shortage * token_unit * weight_unit * 10 and debt_price * debt_weight * 10 below 2**63;
    all >= 0, multipliers and units > 0.
    Source: Drift v2 math/liquidation.rs, calculate_liability_transfer_to_cover_margin_shortage.
    """
    fine_debt_weight = debt_weight * 10
    fine_asset_weight = asset_weight * 10 * asset_multiplier // debt_multiplier
    if fine_asset_weight >= fine_debt_weight:
        return unlimited
    freed = debt_price * (fine_debt_weight - fine_asset_weight)
    freed -= debt_price * insurance_fee // fee_unit * fine_debt_weight
    if freed <= 0:
        return unlimited
    return shortage * token_unit * weight_unit * 10 // freed


@rule
def debt_paid_by_asset(
    asset: int,
    asset_multiplier: int,
    asset_unit: int,
    asset_price: int,
    debt_multiplier: int,
    debt_unit: int,
    debt_price: int,
) -> int:
    """
    Return how many tokens of a debt an amount of an asset repays, rounded up.

    asset * asset price / asset multiplier, over debt price / debt multiplier.
    Domain: asset * debt_unit * asset_price * debt_multiplier < 2**63, prices and multipliers > 0.
    Source: Drift v2 math/liquidation.rs, calculate_liability_transfer_implied_by_asset_amount.
    """
    return ceil_div(
        asset * debt_unit * asset_price * debt_multiplier,
        debt_price * asset_multiplier * asset_unit,
    )


@rule
def asset_for_debt(
    debt: int,
    asset_multiplier: int,
    asset_unit: int,
    asset_price: int,
    debt_multiplier: int,
    debt_unit: int,
    debt_price: int,
) -> int:
    """
    Return how many tokens of an asset pay for an amount of a debt, rounded down, at least 1.

    Domain: debt * asset_unit * debt_price * asset_multiplier < 2**63, prices and multipliers > 0.
    Source: Drift v2 math/liquidation.rs, calculate_asset_transfer_for_liability_transfer.
    """
    paid = (debt * asset_unit * debt_price * asset_multiplier) // (
        asset_price * debt_multiplier * debt_unit
    )
    return max(1, paid)


@rule
def whole_if_dust_remains(
    amount: int,
    whole: int,
    price: int,
    price_unit: int,
    scale_up: int,
    scale_down: int,
    dust: int,
) -> int:
    """
    Return the whole where an amount differs from it by less than dust, else the amount.

    The difference is valued in three steps, each rounded down: * price / price unit, * scale up,
    / scale down. An amount above the whole counts by its distance too.
    Domain: the difference * price and its value * scale_up < 2**63, units > 0.
    Source: Drift v2 math/liquidation.rs, calculate_asset_transfer_for_liability_transfer (dust
    1 USD).
    """
    difference = absolute(whole - amount)
    value = difference * price // price_unit * scale_up // scale_down
    if value < dust:
        return whole
    return amount


@rule
def exchange_price(
    given: int, given_unit: int, received: int, received_unit: int, price_unit: int
) -> int:
    """
    Return how much was given per whole unit received, in the price's unit, rounded down twice.

    given * price unit / given unit, rounded down, then * received unit / received.
    Domain: given * price_unit and the first quotient * received_unit < 2**63, received > 0.
    Source: Drift v2 math/spot_swap.rs, calculate_swap_price.
    """
    return given * price_unit // given_unit * received_unit // received


@rule
def worst_exchange_price(
    asset_price: int,
    asset_multiplier: int,
    debt_price: int,
    debt_multiplier: int,
    price_unit: int,
) -> int:
    """
    Return the least debt that must be repaid per whole unit of asset sold, rounded down twice.

    asset price * debt multiplier / debt price / asset multiplier, in the price's unit.
    Domain: asset_price * price_unit * debt_multiplier < 2**63, divisors > 0.
    Source: Drift v2 math/liquidation.rs, validate_swap_within_liquidation_boundaries.
    """
    return asset_price * price_unit * debt_multiplier // debt_price // asset_multiplier
