"""Partial liquidation of a whole account: the least share of all positions that heals it."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import ceil_div, mul_div_ceil
from tacoma.rules.numbers.wide_product import compare_products


@rule
def share_penalty_quanta(
    maintenance_quanta: int,
    share_steps: int,
    steps: int,
    penalty_numerator: int,
    penalty_denominator: int,
) -> int:
    """
    Return what an account pays for having a share of its positions taken, in quanta, rounded up.

    share * penalty rate * maintenance margin, the share being share_steps / steps.
    Domain: 0 <= maintenance_quanta < 2**60, 0 <= share_steps <= steps <= 2**10, steps >= 1,
    0 <= penalty_numerator <= 2**20, 0 < penalty_denominator <= 2**20, result within int64.
    Source: Paradex docs, risk-system/liquidations (liquidation penalty). The text states a rate of
    70 %, its table is computed with 50 %: the rate is a parameter.
    """
    return mul_div_ceil(
        maintenance_quanta, share_steps * penalty_numerator, steps * penalty_denominator
    )


@rule
def share_maintenance_quanta(maintenance_quanta: int, share_steps: int, steps: int) -> int:
    """
    Return the maintenance margin of what a share of all positions leaves, in quanta, rounded up.

    Domain: 0 <= maintenance_quanta < 2**60, 0 <= share_steps <= steps <= 2**10, steps >= 1.
    Source: Paradex docs, risk-system/liquidations.
    """
    return mul_div_ceil(maintenance_quanta, steps - share_steps, steps)


@rule
def is_ratio_healed(
    equity_quanta: int,
    maintenance_quanta: int,
    target_numerator: int,
    target_denominator: int,
    is_strict: bool,
) -> bool:
    """
    Say whether maintenance / equity is below a target; `is_strict` decides equality.

    An account without equity is healed only where it needs no margin either and owes nothing.
    Domain: amounts below 2**62, 0 <= target_numerator, 0 < target_denominator.
    Source: Paradex docs, risk-system/liquidations (margin ratio reduced below 90 %).
    """
    if equity_quanta < 0 or (equity_quanta == 0 and maintenance_quanta > 0):
        return False
    if maintenance_quanta == 0:
        return True
    # A requirement may be ten times the notional: its product with a target is wider than 64 bits.
    required = compare_products(
        maintenance_quanta, target_denominator, equity_quanta, target_numerator
    )
    return required < 0 if is_strict else required <= 0


@rule
def share_steps_to_heal(
    equity_quanta: int,
    maintenance_quanta: int,
    steps: int,
    target_numerator: int,
    target_denominator: int,
    penalty_numerator: int,
    penalty_denominator: int,
    is_strict: bool,
) -> int:
    """
    Return the least number of steps of 1 / steps that brings the margin ratio below the target.

    After k steps the margin is `share_maintenance_quanta`, equity is less by
    `share_penalty_quanta`. All steps where none suffices: the whole account is liquidated.
    Domain: as the rules it is made of; |equity_quanta| < 2**60.
    Source: Paradex docs, risk-system/liquidations (multiples of 20 %, ratio below 90 %).
    """
    for taken in range(1, steps):
        margin = share_maintenance_quanta(maintenance_quanta, taken, steps)
        penalty = share_penalty_quanta(
            maintenance_quanta, taken, steps, penalty_numerator, penalty_denominator
        )
        if is_ratio_healed(
            equity_quanta - penalty, margin, target_numerator, target_denominator, is_strict
        ):
            return taken
    return steps


@rule
def margin_ratio(equity_quanta: int, maintenance_quanta: int, unit: int) -> int:
    """
    Return maintenance / equity in 1 / unit, rounded up, or -1 where equity is 0 or less.

    Domain: 0 <= maintenance_quanta, maintenance_quanta * unit < 2**62.
    Source: Paradex docs, risk-system/margin-term-reference (margin ratio).
    """
    if equity_quanta <= 0:
        return -1
    return ceil_div(maintenance_quanta * unit, equity_quanta)
