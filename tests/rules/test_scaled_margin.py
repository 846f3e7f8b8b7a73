"""Notionals on a decimal scale, and margins of a rate that open interest raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.margins import fraction_margin, open_interest_scaled
from tacoma.rules.numbers import notional
from tacoma.rules.numbers.arithmetic import PPM

RATES = st.integers(0, PPM)
MONEY = st.integers(0, 2**53 - 1)
SCALES = st.sampled_from([(1, 1), (1, 10**8), (10**5, 1)])


@pytest.mark.parametrize(
    ("size", "price", "scale", "worth"),
    [
        (3, 5, (1, 10), 1),
        (-3, 5, (1, 10), -1),
        (3, 5, (10, 1), 150),
        (1, 9, (1, 10), 0),
        (-1, 9, (1, 10), 0),
        (0, 9, (1, 10), 0),
        (2**64 - 1, 2**64 - 1, (1, 10), (2**64 - 1) ** 2 // 10),
    ],
)
def test_notional_table(size, price, scale, worth):
    """Both sides round toward zero, at any width."""
    assert notional.notional_truncated(size, price, *scale) == worth


@given(st.integers(-(2**70), 2**70), st.integers(1, 2**64), SCALES)
def test_a_size_of_a_notional_is_worth_no_more_than_it(worth, price, scale):
    """Rounding toward zero twice never invents notional, and loses less than one unit of size."""
    size = notional.size_truncated(worth, price, *scale)
    assert abs(size) * price * scale[0] <= abs(worth) * scale[1]
    assert (abs(size) + 1) * price * scale[0] > abs(worth) * scale[1]
    assert size == 0 or (size > 0) == (worth > 0)


@pytest.mark.parametrize(
    ("worth", "initial_ppm", "fraction_ppm", "initial", "maintenance"),
    [
        (0, 200_000, 500_000, 0, 0),
        (1, 200_000, 500_000, 1, 1),
        (7, 100_000, 500_000, 1, 1),
        (11, 100_000, 500_000, 2, 1),
        (15, 200_000, 500_000, 3, 2),
        (21, 100_000, 500_000, 3, 2),  # one rounding of 1.05 would also give 2
        (41, 10_000, 10_000, 1, 1),
        (2_000_001, 1, 500_000, 3, 2),  # rounded once: 1.0000005 -> 2
        (1_000_001, 1, 1, 2, 1),
        (1_000_001, 1, 500_001, 2, 2),  # rounded once it would be 1
        (100, 0, 1_000_000, 0, 0),
        (100, 1_000_000, 0, 100, 0),
    ],
)
def test_margins_round_against_the_account(worth, initial_ppm, fraction_ppm, initial, maintenance):
    """The initial margin rounds up, and maintenance rounds that up once more."""
    assert fraction_margin.initial_quanta(worth, initial_ppm) == initial
    assert fraction_margin.maintenance_quanta(worth, initial_ppm, fraction_ppm) == maintenance


@given(MONEY, RATES, RATES)
def test_maintenance_is_within_two_quanta_of_its_rate(worth, initial_ppm, fraction_ppm):
    """Two roundings cost less than two quanta, and maintenance never exceeds initial margin."""
    maintenance = fraction_margin.maintenance_quanta(worth, initial_ppm, fraction_ppm)
    exact = worth * initial_ppm * fraction_ppm
    assert exact <= maintenance * PPM**2 < exact + 2 * PPM**2
    assert maintenance <= fraction_margin.initial_quanta(worth, initial_ppm)
    assert fraction_margin.maintenance_ppm(initial_ppm, fraction_ppm) <= initial_ppm


@pytest.mark.parametrize(
    ("open_interest", "lower", "upper", "rate"),
    [
        (0, 1_000_000, 2_000_000, 200_000),
        (1_000_000, 1_000_000, 2_000_000, 200_000),
        (1_000_001, 1_000_000, 2_000_000, 200_000),
        (1_000_002, 1_000_000, 2_000_000, 200_001),
        (1_500_000, 1_000_000, 2_000_000, 600_000),
        (1_999_999, 1_000_000, 2_000_000, 999_999),
        (2_000_000, 1_000_000, 2_000_000, PPM),
        (3_000_000, 1_000_000, 2_000_000, PPM),
        (3_000_000, 0, 0, 200_000),
        (0, 0, 10, 200_000),
        (5, 0, 10, 600_000),
        (7, 7, 7, 200_000),
        (8, 7, 7, PPM),
    ],
)
def test_scaled_rate_table(open_interest, lower, upper, rate):
    """Base up to the lower bound, one from the upper bound, rounded down between."""
    assert open_interest_scaled.scaled_initial_ppm(200_000, open_interest, lower, upper) == rate


@given(RATES, st.integers(0, 10**30), st.integers(0, 10**30), st.integers(1, 10**30))
def test_scaled_rate_is_the_floor_of_the_line(initial_ppm, open_interest, lower, width):
    """Between its bounds the rate is the exact line rounded down, and it stays within base..1."""
    upper = lower + width
    rate = open_interest_scaled.scaled_initial_ppm(initial_ppm, open_interest, lower, upper)
    assert initial_ppm <= rate <= PPM
    if lower < open_interest < upper:
        assert rate == initial_ppm + (PPM - initial_ppm) * (open_interest - lower) // width


def test_a_chosen_leverage_can_only_ask_for_more():
    """An account's own rate replaces the market's where it is larger; 0 means none."""
    assert open_interest_scaled.effective_initial_ppm(200_000, 0) == 200_000
    assert open_interest_scaled.effective_initial_ppm(200_000, 100_000) == 200_000
    assert open_interest_scaled.effective_initial_ppm(200_000, 300_000) == 300_000
