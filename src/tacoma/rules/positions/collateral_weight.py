"""What a holding counts for: weights by purpose and by size, prices that lean to the safe side."""

from tacoma.compile import rule

STAGE_INITIAL = 0  # for opening risk
STAGE_FILL = 1  # for a fill of an order already accepted
STAGE_MAINTENANCE = 2  # for keeping what is open


@rule
def ratio_at_stage(stage: int, initial: int, maintenance: int) -> int:
    """
    Return the ratio or weight of a stage: initial, maintenance, or their mean for a fill.

    The mean is rounded down. Domain: 0 <= stage <= 2, 0 <= initial, maintenance < 2**62.
    Source: Drift v2 state/perp_market.rs, get_margin_ratio; state/spot_market.rs,
    get_asset_weight and get_liability_weight.
    """
    if stage == STAGE_INITIAL:
        return initial
    if stage == STAGE_MAINTENANCE:
        return maintenance
    return (initial + maintenance) // 2


@rule
def weight_scaled_above(weight: int, amount: int, start: int) -> int:
    """
    Return a weight that shrinks in proportion once an amount exceeds a start, rounded down.

    weight * start / amount above the start, the weight itself up to it; a start of 0 means never.
    Domain: weight, start >= 0, weight * start < 2**63.
    Source: Drift v2 state/spot_market.rs, get_scaled_initial_asset_weight (value of all deposits);
    state/perp_market.rs, get_unrealized_asset_weight (imbalance of unsettled profit).
    """
    if start == 0 or amount <= start:
        return weight
    return weight * start // amount


@rule
def debt_weight_with_custom(weight: int, custom_ratio: int, weight_unit: int) -> int:
    """
    Return a debt's weight, at least 1 + the margin ratio that the account chose for itself.

    A ratio of 0 means none chosen. Domain: all >= 0, below 2**61.
    Source: Drift v2 state/user.rs, apply_user_custom_margin_ratio.
    """
    if custom_ratio == 0:
        return weight
    return max(weight, weight_unit + custom_ratio)


@rule
def asset_weight_with_custom(weight: int, custom_ratio: int, weight_unit: int) -> int:
    """
    Return an asset's weight, at most 1 - the margin ratio that the account chose, never below 0.

    A ratio of 0 means none chosen. Domain: all >= 0, below 2**61.
    Source: Drift v2 state/user.rs, apply_user_custom_margin_ratio.
    """
    if custom_ratio == 0:
        return weight
    return min(weight, max(0, weight_unit - custom_ratio))


@rule
def price_for_asset(price: int, average_price: int, is_strict: bool) -> int:
    """
    Return the price that values an asset: strictly the lower of price and average.

    Not strictly: the price.
    Source: Drift v2 state/oracle.rs, StrictOraclePrice (five-minute average).
    """
    return min(price, average_price) if is_strict else price


@rule
def price_for_debt(price: int, average_price: int, is_strict: bool) -> int:
    """
    Return the price that values a debt: strictly the higher of price and average.

    Not strictly: the price.
    Source: Drift v2 state/oracle.rs, StrictOraclePrice (five-minute average).
    """
    return max(price, average_price) if is_strict else price
