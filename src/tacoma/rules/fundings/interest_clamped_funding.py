"""Funding rates that an interest rate pulls within a clamp, with every bound a parameter."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import clamp, mul_div_floor


@rule
def interval_rate(premium: int, interest: int, clamp_low: int, clamp_high: int) -> int:
    """
    Return premium + clamp(interest - premium, low .. high), in the unit of its arguments, exact.

    Where the premium is within the clamp of the interest rate, that is the interest rate.
    Domain: all below 2**60 in absolute value, clamp_low <= clamp_high.
    Source: Hyperliquid docs, trading/funding; Binance USD-M "Funding Rates"; Paradex docs,
    funding-mechanism (clamp rate).
    """
    return premium + clamp(interest - premium, clamp_low, clamp_high)


@rule
def scaled_rate(rate: int, numerator: int, denominator: int) -> int:
    """
    Return rate * numerator / denominator, rounded down (toward minus infinity).

    1 / 8 makes an hour's share of an eight-hour rate; a funding multiplier is numerator 1/2.
    Domain: |rate| < 2**60, 0 <= numerator, 0 < denominator, numerator * denominator < 2**62,
    result within int64.
    Source: Hyperliquid docs, trading/funding (one eighth per hour); Paradex docs,
    funding-mechanism (funding multiplier, period scaling).
    """
    return mul_div_floor(rate, numerator, denominator)


@rule
def capped_rate(rate: int, cap: int) -> int:
    """
    Return the rate limited to +-cap, in the unit of its arguments, exact.

    Domain: cap >= 0.
    Source: Hyperliquid docs, trading/funding (4 % per hour); Paradex docs,
    funding-mechanism (maximum funding rate).
    """
    return clamp(rate, -cap, cap)
