"""The statistics of a sweep, held against published tables and against their definitions."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.lab.spread import MEANINGS, percentile, spread, student_probability, student_quantile


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [
        (0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 3, 3.182), (0.975, 4, 2.776),
        (0.975, 5, 2.571), (0.975, 9, 2.262), (0.975, 10, 2.228), (0.975, 19, 2.093),
        (0.975, 30, 2.042), (0.975, 120, 1.980), (0.95, 7, 1.895), (0.995, 8, 3.355),
    ],
)  # fmt: skip
def test_quantiles_are_those_of_the_tables(probability, freedom, expected):
    """Student's t has the three decimals that statistical tables print."""
    assert student_quantile(probability, freedom) == pytest.approx(expected, abs=5e-4)


def test_many_degrees_are_nearly_normal():
    """With a hundred thousand degrees of freedom, t is the normal distribution to four digits."""
    normal = statistics.NormalDist().inv_cdf(0.975)
    assert student_quantile(0.975, 99_999) == pytest.approx(normal, abs=5e-5)


@given(st.floats(0, 5), st.integers(1, 10))
def test_probabilities_rise_to_one(t, freedom):
    """The probability is a half at 0, never falls, and stays below one."""
    assert student_probability(0.0, freedom) == 0.5
    assert 0.5 <= student_probability(t, freedom) <= student_probability(t + 0.1, freedom) < 1


@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=40), st.randoms())
def test_the_order_of_values_does_not_matter(values, random):
    """Shuffled values have the same statistics, to the last bit, in their proper order."""
    shuffled = values[:]
    random.shuffle(shuffled)
    found = spread(values)
    assert spread(shuffled) == found
    low, high = found["mean_interval_95"]
    assert low <= found["mean"] <= high
    assert min(values) <= found["percentile_5"] <= found["median"] <= found["percentile_95"]
    assert found["percentile_95"] <= max(values)


def test_statistics_by_hand():
    """Four values, worked out on paper: t of 3 degrees is 3.182."""
    found = spread([1, 2, 3, 6])
    deviation = math.sqrt(14 / 3)
    assert list(found) == list(MEANINGS)
    assert (found["mean"], found["median"]) == (3.0, 2.5)
    assert found["standard_deviation"] == pytest.approx(deviation)
    assert found["mean_interval_95"] == pytest.approx(
        [3 - 3.18245 * deviation / 2, 3 + 3.18245 * deviation / 2], abs=1e-4
    )
    assert (found["percentile_5"], found["percentile_95"]) == pytest.approx((1.15, 5.55))


def test_few_values_claim_nothing():
    """One value has no deviation and no interval, no value has nothing at all."""
    one = spread([4])
    assert (one["mean"], one["median"], one["percentile_5"]) == (4.0, 4.0, 4.0)
    assert (one["standard_deviation"], one["mean_interval_95"]) == (None, None)
    assert set(spread([]).values()) == {None}


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30), st.floats(0, 1))
def test_percentiles_lie_within(values, part):
    """A percentile lies between the smallest and the largest value."""
    assert min(values) <= percentile(sorted(values), part) <= max(values)
