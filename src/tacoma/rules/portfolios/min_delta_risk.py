"""The least margin of a portfolio by its deltas, however well its scenarios offset."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, ceil_div


@rule
def hedged_delta_twice(gross_delta: int, net_delta: int) -> int:
    """
    Return twice the delta that is hedged inside a portfolio: gross - |net|, exact.

    Gross is the sum of absolute deltas. Twice, because half of it need not be an integer.
    Domain: gross_delta >= |net_delta|, below 2**62.
    Source: Paradex docs, portfolio-margin (hedged delta = (gross - |net|) / 2).
    """
    return gross_delta - absolute(net_delta)


@rule
def min_delta_margin(
    gross_delta: int,
    net_delta: int,
    spot: int,
    unhedged_numerator: int,
    hedged_numerator: int,
    denominator: int,
) -> int:
    """
    Return the margin by deltas in the unit of delta * spot, rounded up.

    (unhedged rate * |net| + hedged rate * hedged delta) * spot; both rates over one denominator.
    Domain: gross_delta >= |net_delta|, 2 * gross_delta * numerators * spot < 2**62,
    0 < denominator < 2**31.
    Source: Paradex docs, portfolio-margin (minimum delta requirement).
    """
    twice = 2 * unhedged_numerator * absolute(net_delta)
    twice += hedged_numerator * hedged_delta_twice(gross_delta, net_delta)
    return ceil_div(twice * spot, 2 * denominator)
