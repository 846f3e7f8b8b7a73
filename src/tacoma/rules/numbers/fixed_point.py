"""Fixed-point numbers: integers over a unit (10**6, 10**18, ...), and how their products round."""

from tacoma.compile import rule
from tacoma.rules.numbers.wide_product import mul_div_any_floor


@rule
def multiply_truncated(a: int, b: int, unit: int) -> int:
    """
    Return a * b / unit rounded toward zero: a number times a fixed-point number.

    Domain: |a|, |b| < 2**62, 0 < unit < 2**62, result within int64.
    Source: synthetix-v3 core-contracts, utils/DecimalMath.sol (mulDecimal; signed division
    truncates).
    """
    product = mul_div_any_floor(abs(a), abs(b), unit)
    return -product if (a < 0) != (b < 0) else product


@rule
def divide_truncated(a: int, b: int, unit: int) -> int:
    """
    Return a * unit / b rounded toward zero: the fixed-point ratio of two numbers of one scale.

    Domain: |a| < 2**62, 0 < |b| < 2**62, 0 < unit < 2**62, result within int64.
    Source: synthetix-v3 core-contracts, utils/DecimalMath.sol (divDecimal; signed division
    truncates).
    """
    ratio = mul_div_any_floor(abs(a), unit, abs(b))
    return -ratio if (a < 0) != (b < 0) else ratio


@rule
def multiply_half_up(a: int, b: int, unit: int) -> int:
    """
    Return a * b / unit rounded to the nearest integer, halves up.

    Domain: a, b >= 0, unit > 0 and even, b * unit < 2**63 - unit, result within int64.
    Source: prb-math v2, contracts/PRBMath.sol (mulDivFixedPoint).
    """
    return (a // unit) * b + ((a % unit) * b + unit // 2) // unit


@rule
def bound_magnitude(value: int, low: int, high: int) -> int:
    """
    Return a value with its sign and a magnitude of low..high; zero counts as positive.

    Where low exceeds high, high decides.
    Domain: low, high >= 0, value > -2**63.
    Source: gmx-synthetics, contracts/utils/Calc.sol (boundMagnitude).
    """
    magnitude = abs(value)
    if magnitude < low:
        magnitude = low
    if magnitude > high:
        magnitude = high
    return -magnitude if value < 0 else magnitude
