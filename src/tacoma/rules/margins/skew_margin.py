"""
Margin that grows with a position's share of the market's skew scale.

Sizes, prices and ratios are over one unit (10**18 at the source). For the engine the unit is 10**6:
ratios in ppm, money in quanta; where price is quanta per lot, notional is their plain product.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.wide_product import mul_div_any_floor


@rule
def initial_ratio(
    size_abs: int, skew_scale: int, initial_fraction: int, minimum_ratio: int, unit: int
) -> int:
    """
    Return |size| / skew scale * fraction + minimum ratio over `unit`; products rounded down.

    Without a skew scale (0) only the minimum counts; no position has ratio 0.
    Domain: all >= 0 and below 2**62, quotients within int64.
    Source: synthetix-v3 23585f73, markets/perps-market/contracts/storage/
    PerpsMarketConfiguration.sol (calculateRequiredMargins).
    """
    if size_abs == 0:
        return 0
    share = 0
    if skew_scale != 0:
        share = mul_div_any_floor(size_abs, unit, skew_scale)
    return mul_div_any_floor(share, initial_fraction, unit) + minimum_ratio


@rule
def maintenance_ratio(initial_ratio: int, maintenance_scalar: int, unit: int) -> int:
    """
    Return initial ratio * maintenance scalar over `unit`, rounded down.

    Domain: all >= 0 and below 2**62, quotient within int64.
    Source: synthetix-v3 23585f73, PerpsMarketConfiguration.sol (calculateRequiredMargins).
    """
    return mul_div_any_floor(initial_ratio, maintenance_scalar, unit)


@rule
def required_margin(notional: int, ratio: int, fixed_part: int, unit: int) -> int:
    """
    Return notional * ratio (rounded down) + fixed part, in the unit of the notional.

    The fixed part is a minimum per position, not scaled; a notional of 0 that stems from no
    position asks for nothing, which is the caller's to see.
    Domain: all >= 0 and below 2**62, result within int64.
    Source: synthetix-v3 23585f73, PerpsMarketConfiguration.sol (calculateRequiredMargins).
    """
    return mul_div_any_floor(notional, ratio, unit) + fixed_part


@rule
def is_eligible_for_liquidation(available: int, maintenance: int, liquidation_reward: int) -> bool:
    """
    Say whether an account may be liquidated: it could not pay both margin and reward.

    maintenance + reward > available, strictly: a higher price of execution moves the threshold.
    Source: synthetix-v3 23585f73, PerpsAccount.sol (isEligibleForLiquidation).
    """
    return maintenance + liquidation_reward > available


@rule
def withdrawable_margin(available: int, initial: int, liquidation_reward: int) -> int:
    """
    Return what an account with positions may withdraw; negative where it lacks margin. Exact.

    Source: synthetix-v3 23585f73, PerpsAccount.sol (getWithdrawableMargin).
    """
    return available - initial - liquidation_reward
