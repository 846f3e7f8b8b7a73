"""Price impact: balance pays, imbalance costs, and the round trip is never free."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.numbers.fixed_point_power import roots_of_two
from tacoma.rules.prices import price_impact

UNIT = 10**6
CURVE = (2 * UNIT, UNIT, UNIT, roots_of_two(30), 31)  # squared, in integers that fit int64
POSITIVE, NEGATIVE, FACTOR_UNIT = 5, 10, 10**9
INTEREST = st.integers(0, 10**5).map(lambda dollars: dollars * UNIT)


def impact(long_before, short_before, long_delta, short_delta):
    return price_impact.price_impact(
        *(long_before, short_before, long_delta, short_delta),
        *(POSITIVE, NEGATIVE, FACTOR_UNIT),
        *CURVE,
    )


@pytest.mark.parametrize(
    ("before", "delta", "dollars"),
    [
        ((0, 0), (200, 0), "-0.0004"),
        ((200, 0), (200, 0), "-0.0012"),
        ((400, 0), (0, 10), "0.0000395"),
        ((400, 0), (0, 500), "0.0007"),
        ((400, 600), (200, 0), "0.0002"),
        ((600, 600), (100, 0), "-0.0001"),
        ((700, 600), (-100, 0), "0.00005"),
        ((0, 0), (0, 0), "0"),
    ],
)
def test_impact_table(before, delta, dollars):
    """Squared imbalance by hand: half the factor for a gain, both factors across the balance."""
    arguments = [amount * UNIT for amount in (*before, *delta)]
    assert impact(*arguments) == pytest.approx(float(dollars) * UNIT, rel=1e-3, abs=1.01)


@given(INTEREST, INTEREST, INTEREST, st.booleans())
def test_opening_and_closing_at_once_never_pays(long_interest, short_interest, size, is_long):
    """Whoever opens and closes against the same book ends with a cost, or with nothing."""
    deltas = (size, 0) if is_long else (0, size)
    there = impact(long_interest, short_interest, *deltas)
    back = impact(long_interest + deltas[0], short_interest + deltas[1], -deltas[0], -deltas[1])
    assert there + back <= 2


@given(INTEREST, INTEREST, INTEREST)
def test_sides_are_alike(one, other, size):
    """Longs against shorts is the mirror of shorts against longs, but at exact balance."""
    if one not in {other, other + size, other - size}:
        assert impact(one, other, size, 0) == impact(other, one, 0, size)


def test_positive_factor_counts_at_most_as_the_negative_one():
    """A positive factor above the negative one is cut, so that no round trip can pay."""
    arguments = (400 * UNIT, 0, 0, 10 * UNIT)
    cut = price_impact.price_impact(*arguments, 10**6, NEGATIVE, FACTOR_UNIT, *CURVE)
    assert cut == price_impact.price_impact(*arguments, NEGATIVE, NEGATIVE, FACTOR_UNIT, *CURVE)


@pytest.mark.parametrize(
    ("imbalance", "exponent", "result"),
    [
        (UNIT - 1, 2 * UNIT, 0),
        (UNIT, 2 * UNIT, UNIT),
        (4 * UNIT, 2 * UNIT, 16 * UNIT),
        (12_345_678, UNIT, 12_345_678),
        (UNIT - 1, UNIT, 0),
    ],
)
def test_power_of_imbalance_table(imbalance, exponent, result):
    """Less than one unit counts as nothing; an exponent of one changes nothing."""
    assert price_impact.power_of_imbalance(imbalance, exponent, *CURVE[1:]) == result


@pytest.mark.parametrize(
    ("own", "virtual", "result"), [(-5, -9, -9), (-5, 3, -5), (5, -9, 5), (0, -9, 0), (-5, -5, -5)]
)
def test_shared_inventory_can_only_worsen_a_cost(own, virtual, result):
    """A cost becomes the worse of the two; a gain stays."""
    assert price_impact.worse_impact(own, virtual) == result


@pytest.mark.parametrize(
    ("impact_value", "gain", "cost"),
    [(50, 20, 0), (10, 10, 0), (0, 0, 0), (-10, -10, -10), (-50, -50, -20)],
)
def test_limits_table(impact_value, gain, cost):
    """A trade limits the gain alone; a liquidation counts no gain and limits the cost."""
    assert price_impact.limited_gain(impact_value, 2000, 10_000, UNIT) == gain
    assert price_impact.limited_cost(impact_value, 2000, 10_000, UNIT) == cost


@pytest.mark.parametrize(
    ("size", "impact_value", "is_long", "price"),
    [
        (0, -100, True, 100),
        (1000, 0, True, 100),
        (1000, -200, True, 125),
        (1000, 250, True, 83),
        (1000, -250, False, 76),
        (1000, 200, False, 125),
        (1050, 0, True, 105),
        (1050, 0, False, 95),
    ],
)
def test_opening_price_table(size, impact_value, is_long, price):
    """Tokens round against the opener, and an impact moves the price against or for it."""
    assert price_impact.opening_price(size, 100, impact_value, is_long) == price


@pytest.mark.parametrize(
    ("size", "impact_value", "is_long", "price"),
    [
        (1000, 100, True, 110),
        (1000, -100, True, 90),
        (1000, 100, False, 90),
        (1000, -100, False, 110),
        (1000, -109, True, 90),
        (1000, 109, True, 110),
        (0, -100, True, 100),
        (500, 5000, False, -900),
    ],
)
def test_closing_price_table(size, impact_value, is_long, price):
    """The price moves by impact * (position size / tokens) / size, rounded toward zero."""
    assert price_impact.closing_price(size, 100, impact_value, is_long, 2000, 20) == price


def test_without_tokens_the_price_stays():
    """A position that owns no tokens has no average price to scale an impact by."""
    assert price_impact.closing_price(1000, 100, 50, True, 0, 0) == 100
