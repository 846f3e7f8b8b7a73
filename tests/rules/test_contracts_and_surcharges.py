"""Inverse contracts, fading deltas and the surcharges of portfolio margin."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.portfolios import contingency, min_delta_risk, scan_grid, shock_term_structure
from tacoma.rules.positions import inverse_contract
from tacoma.rules.prices import settlement_decay


@pytest.mark.parametrize(
    ("side", "leverage", "tick", "price"),
    [(1, 50, 1, 7737), (-1, 50, 1, 8052), (1, 1, 1, 3946), (-1, 1, 1, 0), (1, 50, 5, 7740)],
)
def test_inverse_bankruptcy_table(side, leverage, tick, price):
    """Up for a long, down for a short, and none for a short without leverage."""
    rounded = inverse_contract.inverse_bankruptcy_price(side, 7891, leverage, 1, tick)
    exact = Fraction(7891 * leverage, leverage + side) if leverage + side else None
    assert rounded == price
    if exact and tick == 1:
        assert 0 <= side * (rounded - exact) < 1


@given(st.sampled_from([-1, 1]), st.integers(1, 10**6), st.integers(2, 100))
def test_at_the_bankruptcy_price_the_margin_is_gone(side, entry, leverage):
    """At the exact price the loss in coin is the initial margin."""
    unit = leverage + side
    price = inverse_contract.inverse_bankruptcy_price(side, entry, leverage, unit, 1)
    exact = Fraction(price, unit)
    assert side * (Fraction(1, entry) - 1 / exact) == -Fraction(1, entry * leverage)


@given(
    st.integers(-(10**4), 10**4),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
)
def test_inverse_profit_is_the_exact_one_rounded_down(contracts, entry, mark, unit):
    """The profit in coin is the floor of contracts * (1 / entry - 1 / mark)."""
    exact = contracts * (Fraction(1, entry) - Fraction(1, mark)) * unit
    assert inverse_contract.inverse_pnl(contracts, entry, mark, unit) == floor(exact)


@pytest.mark.parametrize(
    ("elapsed", "left"), [(-1, 100), (0, 100), (15, 50), (29, 3), (30, 0), (31, 0)]
)
def test_exposure_fades_to_nothing(elapsed, left):
    """Half the window leaves half; before it all is there, after it nothing; toward zero."""
    assert settlement_decay.remaining_exposure(100, elapsed, 30) == left
    assert settlement_decay.remaining_exposure(-100, elapsed, 30) == -left


def test_net_delta_of_a_coin_option():
    """An option held in the coin carries its own price as exposure of the other sign."""
    assert settlement_decay.coin_net_delta(100, 30) == 70


@pytest.mark.parametrize(
    ("calls", "puts", "extra"), [(10, -20, 10), (10, -5, 0), (-3, -4, 7), (0, 0, 0)]
)
def test_short_options_net_within_a_strike(calls, puts, extra):
    """Only what is short on balance is charged."""
    assert contingency.short_option_contingency(100 * calls, 100 * puts, 1, 100) == extra


@pytest.mark.parametrize(
    ("longs", "shorts", "extra"), [(100, 100, 1), (100, -100, 1), (500, 101, 2), (9, 0, 0)]
)
def test_paired_futures_are_charged(longs, shorts, extra):
    """The smaller side is what offsets; signs do not matter; rounded up."""
    assert contingency.futures_spread_contingency(longs, shorts, 1, 100) == extra


@pytest.mark.parametrize(
    ("gross", "net", "risk"), [(25, -5, 1400), (25, 5, 1400), (10, 10, 1400), (10, 0, 350)]
)
def test_min_delta_table(gross, net, risk):
    """The net delta is charged in full, what is hedged inside at the lower rate, halved."""
    assert min_delta_risk.min_delta_margin(gross, net, 7000, 2, 1, 100) == risk


def test_hedged_delta():
    """Half of the gross delta that the net leaves is hedged inside."""
    assert min_delta_risk.hedged_delta_twice(25, -5) == 20


@pytest.mark.parametrize(
    ("days", "power", "floor", "factor"), [(30, 0.3, 1, 1), (15, 1, 1, 2), (0, 1, 10, 3)]
)
def test_term_factor_table(days, power, floor, factor):
    """Thirty days are the reference, and the floor bounds the shortest."""
    assert shock_term_structure.term_factor(days, power, floor) == factor
    assert shock_term_structure.volatility_shock(days, 0.5, power, floor) == 0.5 * factor


@pytest.mark.parametrize(("days", "power"), [(29.9, 0.3), (30, 0.13)])
def test_shock_power_table(days, power):
    """The short power holds strictly below thirty days."""
    assert shock_term_structure.shock_power(days, 0.3, 0.13) == power


@pytest.mark.parametrize("figures", [scan_grid.MAJOR, scan_grid.MINOR])
def test_grid_shape(figures):
    """Sixteen full scenarios from the highest spot to the lowest, then eight tails in part."""
    grid = scan_grid.scenarios(figures)
    assert len(grid) == 24
    assert [scenario.weight for scenario in grid[:16]] == [1] * 16
    assert all(0 < scenario.weight < 1 for scenario in grid[16:])
    spots = [scenario.spot_shock for scenario in grid[:16]]
    assert spots == sorted(spots, reverse=True)
    assert spots[0] == -spots[-1] == 4 * figures.spot_step
