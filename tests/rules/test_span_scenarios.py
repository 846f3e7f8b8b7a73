"""Sixteen scenarios: the published arrays and margins, and properties of the scan."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.compile import jit_enabled
from tacoma.rules.portfolios.option_value import black76_value
from tacoma.rules.portfolios.span_scenarios import (
    SCENARIOS,
    active_scenario,
    add_risk_array,
    covered_fraction,
    future_gain,
    future_risk_array,
    inter_month_charge_quanta,
    option_gain,
    option_risk_array,
    price_move,
    scan_requirement_quanta,
    scan_risk_quanta,
    short_option_minimum_quanta,
    volatility_move,
)

# McMillan, Options as a Strategic Investment: S&P 500 future, range $10,000 (20 points), and the
# December 410 call. The book rounds to ten dollars.
FUTURE = [0, 0, *[3330] * 2, *[-3330] * 2, *[6670] * 2, *[-6670] * 2, *[10_000] * 2]
FUTURE += [*[-10_000] * 2, 7_000, -7_000]
CALL = [460, -610, 2640, 1730, -1270, -2340, 5210, 4540, -2540, -3430, 8060, 7640, -3380, -3990]
CALL += [3130, -1500]


def portfolio(*positions):
    total = [0] * SCENARIOS
    for lots, array in positions:
        assert add_risk_array(lots, array, SCENARIOS, total) == SCENARIOS
    return total


def test_moves():
    """Prices move by thirds in pairs of volatility up and down; the extremes move price alone."""
    moves = [round(3 * price_move(scenario, 2.0)) for scenario in range(SCENARIOS)]
    assert moves == [0, 0, 1, 1, -1, -1, 2, 2, -2, -2, 3, 3, -3, -3, 6, -6]
    assert [volatility_move(scenario) for scenario in range(SCENARIOS)] == [1, -1] * 7 + [0, 0]
    covers = [covered_fraction(scenario, 0.35) for scenario in range(SCENARIOS)]
    assert covers == [1.0] * 14 + [0.35] * 2


def test_published_future():
    """The array of the future is the published one: 10,000 at the range, 7,000 at the extreme."""
    for scenario, expected in enumerate(FUTURE):
        assert future_gain(scenario, 10_000.0, 2.0, 0.35) == pytest.approx(expected, abs=5)
    points = future_gain(14, 20.0, 2.0, 0.35)
    assert points == pytest.approx(14.0)


@pytest.mark.parametrize(
    ("positions", "expected", "active"),
    [
        ([(1, FUTURE)], 10_000, 12),
        ([(-1, FUTURE)], 10_000, 10),
        ([(1, CALL)], 3_990, 13),
        ([(1, FUTURE), (-1, CALL)], 6_620, 12),  # scenario 13 counted from 1
        ([(1, FUTURE), (-1, FUTURE)], 0, -1),
    ],
)
def test_published_margins(positions, expected, active):
    """Future, call and covered write ask for what the book says, in the scenario that it names."""
    total = portfolio(*positions)
    assert scan_risk_quanta(total, SCENARIOS) == expected
    assert active_scenario(total, SCENARIOS) == active


@given(st.lists(st.integers(-(10**6), 10**6), min_size=16, max_size=16), st.integers(-99, 99))
def test_scan_risk_is_subadditive(array, lots):
    """Two positions together never ask for more than both apart, and risk scales with size."""
    one, other = portfolio((lots, array)), portfolio((1, FUTURE))
    both = portfolio((lots, array), (1, FUTURE))
    apart = scan_risk_quanta(one, SCENARIOS) + scan_risk_quanta(other, SCENARIOS)
    assert scan_risk_quanta(both, SCENARIOS) <= apart
    doubled = portfolio((2 * lots, array))
    assert scan_risk_quanta(doubled, SCENARIOS) == 2 * scan_risk_quanta(one, SCENARIOS)


OPTION = (400.0, 410.0, 0.25, 0.2, 0.98, True, 20.0, 0.05, 1.0 / 365.0, 2.0, 0.35)


def test_option_gain():
    """An option gains the difference of its values at the moved price, volatility and time."""
    then = black76_value(400.0 + 20.0 / 3.0, 410.0, 0.25 - 1.0 / 365.0, 0.15, 0.98, True)
    now = black76_value(400.0, 410.0, 0.25, 0.2, 0.98, True)
    assert option_gain(3, *OPTION) == pytest.approx(then - now)
    gains = [option_gain(scenario, *OPTION) for scenario in range(SCENARIOS)]
    assert gains[0] > 0 > gains[1]
    assert min(gains) >= -now
    deep = (10.0, *OPTION[1:])  # the price falls below 0: the option is worth nothing then
    assert option_gain(12, *deep) == pytest.approx(-black76_value(10.0, *OPTION[1:6]))


def test_arrays_are_rounded_down():
    """Risk arrays hold whole quanta, never better than the model."""
    out = [0] * SCENARIOS
    future_risk_array(10_000.0, 2.0, 0.35, out)
    assert out[2:6] == [3333, 3333, -3334, -3334]
    option_risk_array(*OPTION, out)
    for scenario, gain in enumerate(out):
        assert 0 <= option_gain(scenario, *OPTION) - gain < 1


@pytest.mark.parametrize(
    ("months", "expected"),
    [([5, -3], 300), ([5, 3], 0), ([5, -3, -4], 500), ([], 0), ([-2, 0, 2], 200)],
)
def test_inter_month_charge(months, expected):
    """Each long lot that offsets a short lot of another month pays the charge once."""
    assert inter_month_charge_quanta(months, len(months), 100) == expected


@pytest.mark.parametrize(("greater", "expected"), [(False, 250), (True, 150)])
def test_short_option_minimum(greater, expected):
    """Short options cost a minimum, on all of them or on the greater side."""
    assert short_option_minimum_quanta(2, 3, 50, greater) == expected


@pytest.mark.parametrize(
    ("scan", "months", "credit", "minimum", "value", "expected"),
    [
        (1_000, 200, 300, 50, 0, 900),
        (100, 0, 300, 50, 0, 50),
        (1_000, 0, 0, 50, 400, 600),
        (1_000, 0, 0, 50, -400, 1_400),
        (100, 0, 0, 0, 400, 0),
    ],
)
def test_requirement(scan, months, credit, minimum, value, expected):
    """Scan risk and charges, at least the minimum, less what the options are worth."""
    assert scan_requirement_quanta(scan, months, credit, minimum, value) == expected


@pytest.mark.skipif(not jit_enabled(), reason="compilation is switched off by NUMBA_DISABLE_JIT")
def test_machine_form_equals_the_source():
    """Compiled arrays are those of Python."""
    exact, compiled = [0] * SCENARIOS, np.zeros(SCENARIOS, dtype=np.int64)
    scaled = (4e8, 4.1e8, *OPTION[2:6], 2e7, *OPTION[7:])
    option_risk_array(*scaled, exact)
    option_risk_array.machine(*scaled, compiled)
    assert compiled.tolist() == pytest.approx(exact, abs=1)
    future_risk_array(1e7, 2.0, 0.35, exact)
    future_risk_array.machine(1e7, 2.0, 0.35, compiled)
    assert compiled.tolist() == exact
