"""
How the source's own table of expected numbers was computed: in doubles, in a certain order.

The contracts count in integers of 10**-18; the numbers beside their tests come from doubles. Where
two large values cancel, what is left of a double is its last digits, and only the same evaluation
has the same. So a result is given as those doubles print, after the rules have confirmed it.

Source: derivexyz/v2-core test/risk-managers/unit-tests/PMRM_2/portfolio_cases (results with 18
decimals) and test/integration-tests/liquidation/liquidationTests.json; the error function is that
of Cephes, by Moshier.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

DECIMALS: Final = 18

# erf(x) / x for |x| < 1, in x**2
ERF_ABOVE: Final = (
    9.60497373987051638749e0,
    9.00260197203842689217e1,
    2.23200534594684319226e3,
    7.00332514112805075473e3,
    5.55923013010394962768e4,
)
ERF_BELOW: Final = (
    1.0,
    3.35617141647503099647e1,
    5.21357949780152679795e2,
    4.59432382970980127987e3,
    2.26290000613890934246e4,
    4.92673942608635921086e4,
)
# erfc(x) * exp(x**2) for 1 <= x < 8
NEAR_ABOVE: Final = (
    2.46196981473530512524e-10,
    5.64189564831068821977e-1,
    7.46321056442269912687e0,
    4.86371970985681366614e1,
    1.96520832956077098242e2,
    5.26445194995477358631e2,
    9.34528527171957607540e2,
    1.02755188689515710272e3,
    5.57535335369399327526e2,
)
NEAR_BELOW: Final = (
    1.0,
    1.32281951154744992508e1,
    8.67072140885989742329e1,
    3.54937778887819891062e2,
    9.75708501743205489753e2,
    1.82390916687909736289e3,
    2.24633760818710981792e3,
    1.65666309194161350182e3,
    5.57535340817727675546e2,
)
# the same for x >= 8
FAR_ABOVE: Final = (
    5.64189583547755073984e-1,
    1.27536670759978104416e0,
    5.01905042251180477414e0,
    6.16021097993053585195e0,
    7.40974269950448939160e0,
    2.97886665372100240670e0,
)
FAR_BELOW: Final = (
    1.0,
    2.26052863220117276590e0,
    9.39603524938001434673e0,
    1.20489539808096656605e1,
    1.70814450747565897222e1,
    9.60896809063285878198e0,
    3.36907645100081516050e0,
)


def _polynomial(x: float, coefficients: Sequence[float]) -> float:
    """Return a polynomial, highest power first."""
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


def normal_cdf(x: float) -> float:
    """Return the probability that a standard normal variable is at most x."""
    y = x * math.sqrt(0.5)
    size = abs(y)
    if size < 1.0:
        square = size * size
        ratio = _polynomial(square, ERF_ABOVE) / _polynomial(square, ERF_BELOW)
        return 0.5 + 0.5 * math.copysign(size * ratio, y)
    if size > 27.0:  # beyond all doubles
        return 1.0 if y > 0.0 else 0.0
    above, below = (NEAR_ABOVE, NEAR_BELOW) if size < 8.0 else (FAR_ABOVE, FAR_BELOW)
    tail = math.exp(-size * size) * _polynomial(size, above) / _polynomial(size, below)
    return 1.0 - 0.5 * tail if y > 0.0 else 0.5 * tail


def option_value(
    forward: float, strike: float, years: float, volatility: float, discount: float, is_call: bool
) -> float:
    """
    Return the value of an option: Black's for a call, and of a put by parity with it.

    By parity, boxes and synthetic forwards do not move with volatility, but for rounding.
    """
    deviation = volatility * math.sqrt(max(0.0, years))
    if min(forward, strike, deviation) <= 0.0:
        return discount * max(0.0, forward - strike if is_call else strike - forward)
    distance = math.log(strike / forward)
    d1 = -distance / deviation + deviation / 2.0
    d2 = -distance / deviation - deviation / 2.0
    call = discount * (forward * normal_cdf(d1) - strike * normal_cdf(d2))
    return call if is_call else call - discount * (forward - strike)


def printed(value: float) -> Fraction:
    """Return a double as the source prints it: its shortest decimals."""
    return Fraction(repr(float(value)))


def printed_18(value: float) -> Fraction:
    """Return a double as the source prints a scenario's result: exactly, cut to 18 decimals."""
    return round(Fraction(float(value)), DECIMALS)
