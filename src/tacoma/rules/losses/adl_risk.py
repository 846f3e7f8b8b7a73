"""Ranks and weights of deleveraging that look at risk: leverage, or the pool's exposure."""

from tacoma.compile import rule
from tacoma.rules.losses.adl import SCORE_MAX, ratio_ppm_capped
from tacoma.rules.numbers.arithmetic import PPM, absolute, clamp, mul_div_wide_capped


@rule
def score_effective_leverage(notional_quanta: int, equity_quanta: int) -> int:
    """
    Return a deleveraging score: effective leverage in ppm, the bigger, the earlier.

    |notional| / equity, rounded down, at most SCORE_MAX (2**50), which equity of zero or less has.
    Domain: both below 2**62 in absolute value.
    Source: arXiv 2512.01112 (risk-aware queue, by leverage).
    """
    return ratio_ppm_capped(absolute(notional_quanta), equity_quanta)


@rule
def score_pool_profit(pnl_quanta: int) -> int:
    """
    Return a deleveraging score: what the pool owes a position, the bigger, the earlier.

    A losing position relieves no pool and scores -1; a profit is limited to SCORE_MAX (2**50).
    Source: gmx-io/gmx-synthetics contracts/adl/AdlUtils.sol (keepers reduce profitable positions,
    the choice is theirs; Tacoma's keeper takes the largest profit).
    """
    if pnl_quanta <= 0:
        return -1
    return clamp(pnl_quanta, 1, SCORE_MAX)


@rule
def weight_by_leverage(notional_quanta: int, equity_quanta: int, power: int) -> int:
    """
    Return a winner's weight in a shared deleveraging: notional * leverage ** power.

    With power -1 it is the equity (plain pro rata of wealth), 0 the notional, 1 linear in leverage,
    2 quadratic. Rounded down after each factor, at most SCORE_MAX (2**50). An account without
    equity weighs 0 with power -1, SCORE_MAX with powers of 1 and more.
    Domain: |notional|, |equity| < 2**62, -1 <= power <= 4.
    Source: arXiv 2512.01112 (risk-aware pro rata; its worked example is the test).
    """
    notional = absolute(notional_quanta)
    if power < 0:
        return clamp(equity_quanta, 0, SCORE_MAX)
    leverage_ppm = ratio_ppm_capped(notional, equity_quanta)
    weight = min(notional, SCORE_MAX)
    if power > 0 and weight > 0 and equity_quanta <= 0:
        return SCORE_MAX
    for _ in range(power):
        weight = mul_div_wide_capped(weight, leverage_ppm, PPM, SCORE_MAX)
    return weight
