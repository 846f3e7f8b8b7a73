"""
Quantities as people write them, and the exact integers and fractions that the engine keeps.

Money is whole quanta (1e-6 USD), durations are whole milliseconds, ratios are fractions. Every
parser is exact: what cannot be expressed without rounding is an error, never rounded.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from tacoma.errors import UnitError

QUANTA_PER_USD = 1_000_000

MONEY_SCALES = {"B": 10**9, "M": 10**6, "k": 10**3, "": 1}
RATIO_UNITS = {"%": Fraction(1, 100), "bps": Fraction(1, 10_000), "": Fraction(1)}
DURATION_UNITS_MS = {"h": 3_600_000, "min": 60_000, "s": 1_000, "ms": 1}
# Longer numbers are mistakes, and exact arithmetic with them could take minutes.
DIGITS_MAX = 30
CHARACTERS_MAX = 40
QUOTIENT_CHARACTERS_MAX = 120

MONEY_REQUIREMENT = (
    "must be an amount of money: a number, k, M or B if it is large, and USD; "
    'write it like "60 M USD"'
)
RATIO_REQUIREMENT = 'must be a ratio; write it like "2 %", "5 bps" or 0.5'
RATE_REQUIREMENT = 'must be a ratio with its unit, % or bps; write it like "2 %" or "5 bps"'
DURATION_REQUIREMENT = (
    'must be a duration in h, min, s or ms; write it like "90 s", "9 min" or "500 ms"'
)

_NUMBER = r"([+-]?\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?)"
_MONEY = re.compile(rf"\s*{_NUMBER}\s*([kMB]?)\s*USD\s*", re.ASCII)
_RATIO = re.compile(rf"\s*{_NUMBER}\s*(%|bps|)\s*", re.ASCII)
_QUOTIENT = re.compile(r"\s*([+-]?\d+)\s*/\s*(\d*[1-9]\d*)\s*", re.ASCII)
_DURATION = re.compile(rf"\s*{_NUMBER}\s*(h|min|s|ms)\s*", re.ASCII)


def parse_money(text: object) -> int:
    """
    Return the quanta of an amount such as "60 M USD", "599_992 USD" or "0.5 k USD".

    Raises UnitError without the unit, or when the amount is finer than one quantum.
    """
    _require_unit(text, MONEY_REQUIREMENT, 'write it like "60 M USD"')
    match = _match(_MONEY, text, MONEY_REQUIREMENT)
    quanta = Fraction(match[1].replace("_", "")) * MONEY_SCALES[match[2]] * QUANTA_PER_USD
    if quanta.denominator != 1:
        raise UnitError(text, "must be a whole number of quanta (0.000001 USD)")
    return quanta.numerator


def parse_ratio(value: object) -> Fraction:
    """
    Return the exact ratio of "5 bps", "2 %", "2/3", "0.5" or a plain number.

    A float counts as the decimal number that it is printed as: 0.1 is 1/10. Raises UnitError for
    anything else, and for numbers that are not finite.
    """
    if isinstance(value, bool):
        raise UnitError(value, RATIO_REQUIREMENT)
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite() or not _is_short(value):
            raise UnitError(value, RATIO_REQUIREMENT)
        return Fraction(value)
    if isinstance(value, str) and "/" in value:
        quotient = _match(_QUOTIENT, value, RATIO_REQUIREMENT, QUOTIENT_CHARACTERS_MAX)
        return Fraction(int(quotient[1]), int(quotient[2]))
    match = _match(_RATIO, value, RATIO_REQUIREMENT)
    return Fraction(match[1].replace("_", "")) * RATIO_UNITS[match[2]]


def parse_rate(value: object) -> Fraction:
    """Return the exact ratio of "5 bps" or "2 %"; a number without its unit raises UnitError."""
    _require_unit(value, RATE_REQUIREMENT, 'write it like "2 %" or "5 bps"')
    if isinstance(value, str) and not value.rstrip().endswith(("%", "bps")):
        raise UnitError(value, RATE_REQUIREMENT)
    return parse_ratio(value)


def parse_duration(text: object) -> int:
    """
    Return the milliseconds of a duration such as "90 s", "9 min", "1 h" or "500 ms".

    Raises UnitError without the unit, or when the duration is finer than one millisecond.
    """
    _require_unit(text, DURATION_REQUIREMENT, 'write it like "90 s"')
    match = _match(_DURATION, text, DURATION_REQUIREMENT)
    duration_ms = Fraction(match[1].replace("_", "")) * DURATION_UNITS_MS[match[2]]
    if duration_ms.denominator != 1:
        raise UnitError(text, "must be a whole number of milliseconds")
    return duration_ms.numerator


def _require_unit(value: object, requirement: str, remedy: str) -> None:
    """Tell a number that lacks its unit from what is no quantity at all."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal, Fraction)):
        raise UnitError(value, requirement)
    if not isinstance(value, str) or re.fullmatch(rf"\s*{_NUMBER}\s*", value, re.ASCII):
        raise UnitError(value, f"needs a unit; {remedy}")


def _is_short(number: Decimal) -> bool:
    return abs(number.adjusted()) <= DIGITS_MAX and len(number.as_tuple().digits) <= DIGITS_MAX


def _match(
    pattern: re.Pattern[str], text: object, requirement: str, characters: int = CHARACTERS_MAX
) -> re.Match[str]:
    if not isinstance(text, str) or len(text) > characters:
        raise UnitError(text, requirement)
    match = pattern.fullmatch(text)
    if match is None:
        raise UnitError(text, requirement)
    return match


def format_money(quanta: int, digits: int = 3) -> str:
    """
    Return an amount for people, such as "1.23 B USD".

    Rounds to `digits` significant digits, half away from zero.
    """
    rounded = Fraction(Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(quanta))
    amount = rounded / QUANTA_PER_USD
    return _in_scale(amount, next(u for u, scale in MONEY_SCALES.items() if _fits(amount, scale)))


def money_text(quanta: int) -> str:
    """Return an amount exactly, in the largest scale that needs at most three decimals."""
    amount = Fraction(quanta, QUANTA_PER_USD)
    for unit, scale in MONEY_SCALES.items():
        if _fits(amount, scale) and (amount / scale * 1000).denominator == 1:
            return _in_scale(amount, unit)
    return _in_scale(amount, "")


def _fits(amount: Fraction, scale: int) -> bool:
    return scale == 1 or abs(amount) >= scale


def _in_scale(amount: Fraction, unit: str) -> str:
    number = ratio_text(amount / MONEY_SCALES[unit])
    return f"{number} {unit} USD" if unit else f"{number} USD"


def ratio_text(ratio: Fraction) -> str:
    """Return a ratio exactly: as a decimal number where one exists, else as a quotient."""
    rest, places = ratio.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 5 == 0:
        rest, places = rest // 5, places + 1
    while rest % 2 == 0:
        rest, places = rest // 2, places + 1
    if rest != 1 or places > DIGITS_MAX:
        return f"{ratio.numerator}/{ratio.denominator}"
    digits = str(abs(ratio.numerator) * 10**places // ratio.denominator).rjust(places + 1, "0")
    sign = "-" if ratio < 0 else ""
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def duration_text(duration_ms: int) -> str:
    """Return a duration exactly, in the largest unit that divides it."""
    for unit, unit_ms in DURATION_UNITS_MS.items():
        if duration_ms and duration_ms % unit_ms == 0:
            return f"{duration_ms // unit_ms} {unit}"
    return f"{duration_ms // 1000} s"
