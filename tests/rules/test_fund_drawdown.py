"""Deleveraging by the drawdown of a pool, and the lights of its queue."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses import adl_lights, fund_drawdown

LIMIT, STOP = -300_000, -250_000
AMOUNT = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("pnl", "is_strict", "passed"),
    [
        (-299_999, False, False),
        (-300_000, False, True),  # the worked example: at the limit
        (-300_000, True, False),  # the rule as it is written: below it
        (-300_001, True, True),
    ],
)
def test_equality_is_a_parameter(pnl, is_strict, passed):
    """At exactly -30 % the text and the example of the source disagree; the caller decides."""
    assert fund_drawdown.drawdown_passed(pnl, 0, 1_000_000, LIMIT, is_strict) is passed


@given(AMOUNT, AMOUNT, st.integers(1, 10**15), st.integers(-(10**6), 0), st.booleans())
def test_drawdown_is_compared_exactly(pnl, peak, pool, limit, is_strict):
    """The integer comparison decides as the exact ratio does."""
    ratio, bound = Fraction(pnl - peak, pool), Fraction(limit, 10**6)
    passed = ratio < bound if is_strict else ratio <= bound
    assert fund_drawdown.drawdown_passed(pnl, peak, pool, limit, is_strict) == passed
    assert fund_drawdown.is_recovered(pnl, peak, pool, limit) == (ratio > bound)


@pytest.mark.parametrize(
    ("balance", "pnl", "is_on"),
    [(0, 0, True), (-1, 0, True), (100, -350_000, False), (101, -350_000, True), (101, 0, False)],
)
def test_trigger_table(balance, pnl, is_on):
    """An empty pool always deleverages; one at or below its threshold only when it is empty."""
    triggered = fund_drawdown.is_deleveraging(pnl, 0, 1_000_000, balance, 100, LIMIT, False)
    assert triggered is is_on


def test_a_pool_that_held_nothing_has_no_drawdown():
    """Without a peak no ratio is formed."""
    assert not fund_drawdown.drawdown_passed(-5, 0, 0, LIMIT, False)
    assert fund_drawdown.is_recovered(-5, 0, 0, STOP)


@given(AMOUNT, AMOUNT, st.integers(0, 10**15))
def test_winners_carry_what_exceeds_the_limit(pnl, peak, pool):
    """With the subsidy added back the drawdown is at the limit, or was never beyond it."""
    subsidy = fund_drawdown.winners_subsidy_quanta(pnl, peak, pool, LIMIT)
    exact = Fraction(3 * pool, 10)
    left = peak - pnl - subsidy
    assert subsidy >= 0
    assert left <= exact
    assert subsidy == 0 or left > exact - 1


@pytest.mark.parametrize(("pnl", "ratio"), [(-350, -35), (-349, -34), (0, 0), (50, 5)])
def test_ratio_table(pnl, ratio):
    """A ratio between two units is shown as the smaller drawdown."""
    assert fund_drawdown.drawdown_ratio(pnl, 0, 1000, 100) == ratio


QUEUE = [10, 20, 30, 10, 10, 20]


def test_lights_by_end_and_by_start():
    """The published table follows the end of each place; the start would light two earlier."""
    before = [sum(QUEUE[:place]) for place in range(len(QUEUE))]
    ends = [
        adl_lights.light_by_end(sum(QUEUE[:place]), size, 100, 5)
        for place, size in enumerate(QUEUE)
    ]
    assert ends == [1, 2, 3, 4, 4, 5]
    assert [adl_lights.light_by_start(start, 100, 5) for start in before] == [1, 1, 2, 4, 4, 5]


@pytest.mark.parametrize(("start", "size", "light"), [(0, 0, 1), (0, 20, 1), (0, 21, 2)])
def test_light_boundaries(start, size, light):
    """A place that ends on a fifth belongs to it; an empty place shows the first light."""
    assert adl_lights.light_by_end(start, size, 100, 5) == light


def test_lights_of_an_empty_queue():
    """Without any size everybody is last."""
    assert adl_lights.light_by_end(0, 0, 0, 5) == adl_lights.light_by_start(0, 0, 5) == 5


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 10))
def test_lights_stay_in_range(before, size, after, lights):
    """Every place has a light, and it ends in none earlier than it starts in."""
    total = before + size + after
    start = adl_lights.light_by_start(before, total, lights)
    assert 1 <= start <= adl_lights.light_by_end(before, size, total, lights) <= lights
