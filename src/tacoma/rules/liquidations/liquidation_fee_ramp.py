"""
What a liquidation costs and how fast it may go: fees that rise with time, the insurance's part.

Rates and fees share one unit (a million, unless a parameter says otherwise).
"""

from tacoma.compile import rule


@rule
def fee_after_idle_time(base_fee: int, max_fee: int, idle: int, grace: int, step: int) -> int:
    """
    Return a liquidator's fee: the base, and after a grace period step * idle time more, capped.

    The whole idle time counts once the grace has passed, so the fee jumps by step * grace there.
    Within the grace the cap does not apply.
    Domain: all >= 0, idle * step + base_fee < 2**63.
    Source: Drift v2 math/liquidation.rs, get_liquidation_fee (grace 1500 slots, 1 ppm per slot).
    """
    if idle < grace:
        return base_fee
    return min(max_fee, base_fee + idle * step)


@rule
def largest_fee(base_fee: int, multiple: int, maintenance_ratio: int) -> int:
    """
    Return the cap of a fee that rises: a multiple of the base, at most the maintenance ratio.

    Domain: all >= 0, base_fee * multiple < 2**63.
    Source: Drift v2 state/perp_market.rs, get_max_liquidation_fee (three times).
    """
    return min(base_fee * multiple, maintenance_ratio)


@rule
def fee_within_margin(fee: int, maintenance_ratio: int) -> int:
    """
    Return a fee that is at most four fifths of a maintenance ratio, a fifth rounded down.

    Domain: all >= 0.
    Source: Drift v2 state/perp_market.rs, get_base_liquidator_fee (high leverage mode).
    """
    return min(fee, maintenance_ratio - maintenance_ratio // 5)


@rule
def insurance_fee_from_margin(
    shortage: int,
    base: int,
    margin_ratio: int,
    liquidator_fee: int,
    price: int,
    quote_price: int,
    quote_unit: int,
    base_unit: int,
    price_unit: int,
    max_fee: int,
) -> int:
    """
    Return the insurance fund's fee on closing a position: 95 % of what the margin leaves, capped.

    ratio - liquidator's fee - shortage / (base * price), never below 0, then * 19 / 20; each step
    rounded down, the division in the order shortage * base unit / base * price unit / price.
    Without a price, a size or a margin above the liquidator's fee it is 0. Ratio and fees are in
    the price's unit.
    Domain: shortage * base_unit, the first quotient * price_unit and price * quote_price < 2**63.
    Source: Drift v2 math/liquidation.rs, calculate_perp_if_fee.
    """
    if price == 0 or quote_price == 0 or base == 0 or margin_ratio <= liquidator_fee:
        return 0
    value = price * quote_price // quote_unit
    if value <= 0:
        return 0
    used = shortage * base_unit // base * price_unit // value
    left = max(0, margin_ratio - liquidator_fee - used)
    return min(max_fee, left * 19 // 20)


@rule
def insurance_fee_from_weights(
    shortage: int,
    tokens: int,
    asset_weight: int,
    asset_multiplier: int,
    debt_weight: int,
    debt_multiplier: int,
    rate_unit: int,
    token_unit: int,
    debt_price: int,
    max_fee: int,
) -> int:
    """
    Return the insurance fund's fee on repaying a debt from an asset: what weights leave, capped.

    (debt weight - asset weight * asset multiplier / debt multiplier - shortage / value of the
    tokens) / debt weight, each difference never below 0, each division rounded down. 0 where the
    asset weighs as much as the debt or there is no price, amount or multiplier. Weights are in
    `rate_unit`.
    Domain: shortage * rate_unit * token_unit < 2**63, weights * multipliers < 2**63.
    Source: Drift v2 math/liquidation.rs, calculate_spot_if_fee.
    """
    if asset_weight >= debt_weight or debt_price == 0 or tokens == 0 or debt_multiplier == 0:
        return 0
    left = max(0, debt_weight - asset_weight * asset_multiplier // debt_multiplier)
    left = max(0, left - shortage * rate_unit * token_unit // tokens // debt_price)
    return min(max_fee, left * rate_unit // debt_weight)


@rule
def share_liquidatable(
    shortage: int,
    freed: int,
    elapsed: int,
    duration: int,
    initial_share: int,
    share_unit: int,
    small_shortage: int,
) -> int:
    """
    Return which share of a shortage may be covered now, in the share's unit, rounded down.

    The allowance grows from the initial share by elapsed / duration up to the whole, counts from
    the shortage before anything was freed, and what was freed already is spent. The whole at once
    for a shortage below the small one; a duration of 0 allows the whole.
    Domain: all >= 0, (shortage + freed) * share_unit and elapsed * share_unit < 2**63,
    small_shortage > 0.
    Source: Drift v2 math/liquidation.rs, calculate_max_pct_to_liquidate (50 USD; 150 slots).
    """
    if shortage < small_shortage:
        return share_unit
    allowed = share_unit
    if duration > 0:
        allowed = min(share_unit, elapsed * share_unit // duration + initial_share)
    freeable = max(0, (shortage + freed) * allowed // share_unit - freed)
    return freeable * share_unit // shortage
