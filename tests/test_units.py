"""Quantities: exact parsing, exact and readable writing, and errors that name the remedy."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.errors import InputError, UnitError
from tacoma.units import (
    duration_text,
    format_money,
    money_text,
    parse_duration,
    parse_money,
    parse_rate,
    parse_ratio,
    ratio_text,
)

QUANTA = st.integers(-(2**70), 2**70)
RATIOS = st.fractions(max_denominator=10**9).filter(lambda x: abs(x) < 10**12)


@pytest.mark.parametrize(
    ("text", "quanta"),
    [
        ("60 M USD", 60 * 10**12),
        ("1.23 B USD", 1_230 * 10**12),
        ("0.5 k USD", 500 * 10**6),
        ("599_992 USD", 599_992 * 10**6),
        ("0.000001 USD", 1),
        ("-5 M USD", -5 * 10**12),
        ("+1 USD", 10**6),
        ("0 USD", 0),
        (" 7.5M USD ", 7_500_000 * 10**6),
        ("7USD", 7 * 10**6),
        ("0.1234567 M USD", 123_456_700_000),
    ],
)
def test_money(text, quanta):
    """An amount is these quanta, exactly."""
    assert quanta == parse_money(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("60", 'needs a unit; write it like "60 M USD"'),
        (60, 'needs a unit; write it like "60 M USD"'),
        (0.5, "needs a unit"),
        (Decimal(1), "needs a unit"),
        ("60 M", "must be an amount of money"),
        ("60 m USD", "must be an amount of money"),
        ("60 M EUR", "must be an amount of money"),
        ("USD", "must be an amount of money"),
        ("none", "must be an amount of money"),
        ("", "must be an amount of money"),
        (True, "must be an amount of money"),
        (None, "must be an amount of money"),
        (["1 USD"], "must be an amount of money"),
        ("1__0 USD", "must be an amount of money"),
        ("_1 USD", "must be an amount of money"),
        ("1e6 USD", "must be an amount of money"),
        (".5 USD", "must be an amount of money"),
        ("5. USD", "must be an amount of money"),
        ("\N{ARABIC-INDIC DIGIT FIVE} USD", "must be an amount of money"),
        ("1" * 50 + " USD", "must be an amount of money"),
        ("0.0000001 USD", "whole number of quanta"),
    ],
)
def test_money_is_refused(text, message):
    """What is not an exact amount with its unit is refused, with an example of one that is."""
    with pytest.raises(UnitError, match=message):
        parse_money(text)


@pytest.mark.parametrize(
    ("value", "ratio"),
    [
        ("5 bps", Fraction(5, 10_000)),
        ("0.2 bps", Fraction(2, 100_000)),
        ("2 %", Fraction(1, 50)),
        ("2%", Fraction(1, 50)),
        ("-3 %", Fraction(-3, 100)),
        ("0.5", Fraction(1, 2)),
        ("2/3", Fraction(2, 3)),
        ("-2 / 3", Fraction(-2, 3)),
        (0.1, Fraction(1, 10)),
        (Decimal("0.1"), Fraction(1, 10)),
        (3, Fraction(3)),
        (Fraction(1, 3), Fraction(1, 3)),
    ],
)
def test_ratio(value, ratio):
    """A ratio is this fraction, exactly; a float is the decimal that it is printed as."""
    assert ratio == parse_ratio(value)


@pytest.mark.parametrize(
    "value",
    [
        *("x", "", "5 percent", "5 BPS", "1/0", "1/2 %", "1 USD", "1" * 50),
        *(True, None, [1], float("nan"), float("inf"), Decimal("NaN")),
        *(Decimal("1E+999999999"), Decimal("1E-999999999")),
    ],
)
def test_ratio_is_refused(value):
    """What is no finite ratio of a sane length is refused at once."""
    with pytest.raises(UnitError, match=r'write it like "2 %", "5 bps" or 0\.5'):
        parse_ratio(value)


@pytest.mark.parametrize("value", [5, 0.5, Decimal("0.5"), "5", "0.5"])
def test_rate_needs_its_unit(value):
    """A rate without % or bps is refused: a bare 5 could be either."""
    with pytest.raises(UnitError, match="needs a unit"):
        parse_rate(value)


def test_rate():
    """A rate with its unit is a ratio; a quotient is not one."""
    assert Fraction(1, 200) == parse_rate("50 bps")
    with pytest.raises(UnitError, match="with its unit"):
        parse_rate("1/2")


@pytest.mark.parametrize(
    ("text", "duration_ms"),
    [
        ("90 s", 90_000),
        ("9 min", 540_000),
        ("1 h", 3_600_000),
        ("500 ms", 500),
        ("1.5 s", 1_500),
        ("0 s", 0),
        ("-1 s", -1_000),
        ("2h", 7_200_000),
    ],
)
def test_duration(text, duration_ms):
    """A duration is these milliseconds, exactly."""
    assert duration_ms == parse_duration(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("90", 'needs a unit; write it like "90 s"'),
        (90, "needs a unit"),
        ("90 sec", "must be a duration in h, min, s or ms"),
        ("1 d", "must be a duration"),
        ("1 m", "must be a duration"),
        (None, "must be a duration"),
        ("0.5 ms", "whole number of milliseconds"),
    ],
)
def test_duration_is_refused(text, message):
    """What is not a duration with its unit is refused."""
    with pytest.raises(UnitError, match=message):
        parse_duration(text)


def test_unit_errors_are_input_errors_and_value_errors():
    """A caller may catch the error as bad input or, as with int(), as a ValueError."""
    with pytest.raises(InputError) as caught:
        parse_money("60")
    assert isinstance(caught.value, ValueError)
    assert caught.value.value == "60"
    assert str(caught.value) == '"60": needs a unit; write it like "60 M USD".'


@pytest.mark.parametrize(
    ("quanta", "text"),
    [
        (1_230_000_000 * 10**6, "1.23 B USD"),
        (1_235_000_000 * 10**6, "1.24 B USD"),
        (-1_235_000_000 * 10**6, "-1.24 B USD"),
        (1_234_999_999 * 10**6, "1.23 B USD"),
        (599_992 * 10**6, "600 k USD"),
        (999_600_000 * 10**6, "1 B USD"),
        (999_400_000 * 10**6, "999 M USD"),
        (450 * 10**12, "450 M USD"),
        (12_345 * 10**12, "12.3 B USD"),
        (10**6, "1 USD"),
        (1, "0.000001 USD"),
        (0, "0 USD"),
    ],
)
def test_money_for_people(quanta, text):
    """An amount is shown with three significant digits, half away from zero."""
    assert text == format_money(quanta)


@pytest.mark.parametrize(
    ("quanta", "text"),
    [
        (1_230_000_000 * 10**6, "1.23 B USD"),
        (599_992 * 10**6, "599.992 k USD"),
        (599_992 * 10**6 + 1, "599992.000001 USD"),
        (0, "0 USD"),
        (-(10**6), "-1 USD"),
    ],
)
def test_exact_money(quanta, text):
    """An exact amount uses the largest scale that needs at most three decimals."""
    assert text == money_text(quanta)


@given(QUANTA)
def test_money_round_trips(quanta):
    """Every amount written exactly is read as itself."""
    assert quanta == parse_money(money_text(quanta))


@given(QUANTA)
def test_money_for_people_is_close(quanta):
    """Three digits are within half a unit of the third."""
    shown = parse_money(format_money(quanta))
    assert abs(shown - quanta) * 200 <= abs(quanta)


@given(RATIOS)
def test_ratio_round_trips(ratio):
    """Every ratio written exactly is read as itself."""
    assert ratio == parse_ratio(ratio_text(ratio))


@given(st.integers(-(10**20), 10**20), st.integers(0, 20))
def test_decimals_stay_decimals(digits, places):
    """A ratio with a decimal form is written as one, without trailing zeros."""
    text = ratio_text(Fraction(digits, 10**places))
    assert "/" not in text
    assert "." not in text or not text.endswith("0")
    assert Fraction(digits, 10**places) == Fraction(text)


@given(st.integers(0, 2**50))
def test_duration_round_trips(duration_ms):
    """Every duration written exactly is read as itself."""
    assert duration_ms == parse_duration(duration_text(duration_ms))


@given(st.text(max_size=30) | st.integers() | st.floats() | st.booleans() | st.none())
def test_parsers_never_fail_otherwise(value):
    """Whatever comes in, a parser returns a number or raises UnitError."""
    for parse in (parse_money, parse_ratio, parse_rate, parse_duration):
        try:
            parsed = parse(value)
        except UnitError:
            continue
        assert isinstance(parsed, int | Fraction)
