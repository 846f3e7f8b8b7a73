"""
Liquidation of a loan: how much debt may be repaid at once, and how much collateral that buys.

A loan's health factor is its collateral, each asset times its liquidation threshold, over its
debt; below 1 it can be liquidated. Here it stays a fraction, so no precision is lost. Values are in
one money unit, thresholds, bonuses and fees in ppm; "efficiency modes" are other numbers.

Aave rounds a percentage to the nearest, ties up (`half_up`), and every conversion down.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, mul_div_floor


@rule
def share_half_up(amount: int, numerator: int, denominator: int) -> int:
    """
    Return amount * numerator / denominator rounded to the nearest integer, ties up.

    Domain: amount, numerator >= 0, denominator > 0, (numerator + 1) * denominator < 2**63, result
    within int64.
    Source: aave-dao/aave-v3-origin src/contracts/protocol/libraries/math/PercentageMath.sol
    (percentMul, percentDiv add half the divisor).
    """
    whole = (amount // denominator) * numerator
    return whole + ((amount % denominator) * numerator + denominator // 2) // denominator


@rule
def weighted_collateral(value: int, threshold_ppm: int) -> int:
    """
    Return what collateral counts for in the health factor, rounded half up.

    Domain: 0 <= value < 2**62, 0 <= threshold_ppm <= PPM.
    Source: aave-v3-origin src/contracts/protocol/libraries/logic/GenericLogic.sol
    (calculateUserAccountData).
    """
    return share_half_up(value, threshold_ppm, PPM)


@rule
def is_health_factor_below(weighted: int, debt: int, threshold_ppm: int) -> bool:
    """
    Say whether weighted collateral / debt is strictly less than a threshold.

    With PPM as threshold: whether the loan can be liquidated. Without debt it never is. Exact.
    Domain: 0 <= weighted < 2**62, debt < 2**62, 0 <= threshold_ppm < 2**20.
    Source: aave-v3-origin src/contracts/protocol/libraries/logic/ValidationLogic.sol
    (health factor < 1e18).
    """
    if debt <= 0:
        return False
    # weighted < debt * threshold / PPM, for integers: weighted < ceil of the right side.
    return weighted < -mul_div_floor(-debt, threshold_ppm, PPM)


@rule
def is_health_factor_above(weighted: int, debt: int, threshold_ppm: int) -> bool:
    """
    Say whether weighted collateral / debt is strictly more than a threshold; so without debt.

    Domain: as `is_health_factor_below`. Exact.
    Source: aave-v3-origin LiquidationLogic.sol (health factor > CLOSE_FACTOR_HF_THRESHOLD).
    """
    if debt <= 0:
        return True
    return weighted > mul_div_floor(debt, threshold_ppm, PPM)


@rule
def max_liquidatable_debt(
    debt: int,
    total_debt: int,
    collateral: int,
    weighted: int,
    full_threshold_ppm: int,
    close_factor_ppm: int,
    full_below: int,
) -> int:
    """
    Return how much of a debt may be repaid at once, in value.

    All of it where the health factor is at or below `full_threshold_ppm`, or where this debt or
    this collateral is worth less than `full_below`; else at most the close factor of the account's
    total debt, rounded half up. (Aave v3.3: 95 %, 50 %, 2,000 dollars; v2 had no `full_below`: 0.)
    Domain: all values in 0 .. 2**62 - 1.
    Source: aave-v3-origin src/contracts/protocol/libraries/logic/LiquidationLogic.sol
    (executeLiquidationCall).
    """
    if collateral < full_below or debt < full_below:
        return debt
    if not is_health_factor_above(weighted, total_debt, full_threshold_ppm):
        return debt
    return min(debt, share_half_up(total_debt, close_factor_ppm, PPM))


@rule
def collateral_for_debt(
    repaid: int,
    debt_price: int,
    debt_unit: int,
    collateral_price: int,
    collateral_unit: int,
    bonus_ppm: int,
) -> int:
    """
    Return the collateral that a repayment is due, with the liquidation bonus.

    repaid * debt price / collateral price in the collateral's precision, rounded down, then times
    the bonus (1,050,000 is five percent more), rounded half up.
    Domain: debt_price * collateral_unit * collateral_price * debt_unit < 2**63.
    Source: aave-v3-origin LiquidationLogic.sol (_calculateAvailableCollateralToLiquidate).
    """
    base = mul_div_floor(repaid, debt_price * collateral_unit, collateral_price * debt_unit)
    return share_half_up(base, bonus_ppm, PPM)


@rule
def debt_for_collateral(
    collateral: int,
    debt_price: int,
    debt_unit: int,
    collateral_price: int,
    collateral_unit: int,
    bonus_ppm: int,
) -> int:
    """
    Return the repayment that collateral is due for when there is no more of it.

    collateral * its price / debt price, rounded down, then divided by the bonus, rounded half up.
    Domain: as `collateral_for_debt`, bonus_ppm > 0.
    Source: aave-v3-origin LiquidationLogic.sol (_calculateAvailableCollateralToLiquidate).
    """
    base = mul_div_floor(collateral, collateral_price * debt_unit, debt_price * collateral_unit)
    return share_half_up(base, PPM, bonus_ppm)


@rule
def protocol_fee(collateral: int, bonus_ppm: int, fee_ppm: int) -> int:
    """
    Return the protocol's part of seized collateral: a share of the bonus only.

    The bonus is the collateral less the collateral divided by the bonus; both rounded half up.
    Domain: 0 <= collateral < 2**53, PPM <= bonus_ppm < 2**21, 0 <= fee_ppm <= PPM.
    Source: aave-v3-origin LiquidationLogic.sol (liquidationProtocolFee).
    """
    return share_half_up(collateral - share_half_up(collateral, PPM, bonus_ppm), fee_ppm, PPM)


@rule
def leaves_dust(debt: int, repaid: int, collateral: int, seized: int, dust: int) -> bool:
    """
    Say whether a liquidation leaves less than the dust of debt or of collateral (and so may not).

    All debt repaid or all collateral seized leaves no dust. Values in one unit. Exact.
    Source: aave-v3-origin LiquidationLogic.sol (MUST_NOT_LEAVE_DUST, 1,000 dollars).
    """
    if repaid >= debt or seized >= collateral:
        return False
    return debt - repaid < dust or collateral - seized < dust
