"""Surcharges of portfolio margin on what the price scenarios do not see."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, ceil_div


@rule
def short_option_contingency(
    call_contracts: int, put_contracts: int, charge_numerator: int, charge_denominator: int
) -> int:
    """
    Return the surcharge on the options of one strike that are short on balance, rounded up.

    max(0, -(calls + puts)) * charge; contracts are signed. Calls and puts of a strike net.
    Domain: |calls + puts| * numerator < 2**62, numerator >= 0, denominator > 0.
    Source: Deribit, portfolio margin (2017 document: 0.01 per net short option of a strike).
    """
    short = max(0, -(call_contracts + put_contracts))
    return ceil_div(short * charge_numerator, charge_denominator)


@rule
def futures_spread_contingency(
    long_contracts: int, short_contracts: int, rate_numerator: int, rate_denominator: int
) -> int:
    """
    Return the surcharge on futures that offset each other across expiries, rounded up.

    min(longs, shorts) * rate; signs are ignored.
    Domain: |contracts| * numerator < 2**62, numerator >= 0, denominator > 0.
    Source: Deribit, portfolio margin (1 % of offsetting futures positions).
    """
    paired = min(absolute(long_contracts), absolute(short_contracts))
    return ceil_div(paired * rate_numerator, rate_denominator)
