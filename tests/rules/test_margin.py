"""Margin schedules: tiers, deductions, thresholds, and the venues' published numbers."""

import json
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import shared_file
from tacoma.rules.margins import margin

USD = 10**6
PPM = 10**6


def array(*values):
    return np.array(values, dtype=np.int64)


# Two schedules in the same flat arrays: a flat 5 % first, then 1.25 %, 2.5 % from 150 M, 5 %.
LOWER = array(0, 0, 150_000_000 * USD, 400_000_000 * USD)
NUMERATOR = array(50_000, 1, 1, 1)
DENOMINATOR = array(PPM, 80, 40, 20)
DEDUCTION = array(0, 0, 1_875_000 * USD, 11_875_000 * USD)


@pytest.mark.parametrize(
    ("notional", "tier"),
    [
        (0, 0),
        (150_000_000 * USD - 1, 0),
        (150_000_000 * USD, 1),
        (400_000_000 * USD - 1, 1),
        (400_000_000 * USD, 2),
        (2**53, 2),
    ],
)
def test_a_notional_on_a_boundary_belongs_to_the_higher_tier(notional, tier):
    """The tier changes at the lower bound itself, not one quantum above it."""
    assert margin.tier_index(notional, LOWER, 1, 3) == tier


@pytest.mark.parametrize(
    ("notional", "first", "count", "maintenance"),
    [
        (0, 0, 1, 0),
        (1, 0, 1, 1),
        (20, 0, 1, 1),
        (21, 0, 1, 2),
        (150_000_000 * USD - 80, 1, 3, 1_875_000 * USD - 1),
        (150_000_000 * USD, 1, 3, 1_875_000 * USD),
        (150_000_000 * USD + 1, 1, 3, 1_875_000 * USD + 1),
        (400_000_000 * USD, 1, 3, 8_125_000 * USD),
    ],
)
def test_maintenance_rounds_up_within_its_own_schedule(notional, first, count, maintenance):
    """Maintenance is the rounded-up rate less the deduction, read from the schedule's slice."""
    arrays = (LOWER, NUMERATOR, DENOMINATOR, DEDUCTION)
    assert margin.maintenance_quanta(notional, *arrays, first, count) == maintenance


def test_maintenance_is_never_negative():
    """A deduction larger than the requirement leaves nothing, not a credit."""
    deduction = array(10)
    assert margin.maintenance_quanta(100, array(0), array(1), array(20), deduction, 0, 1) == 0


RATE = st.one_of(
    st.integers(1, PPM).map(lambda rate: (rate, PPM)),
    st.integers(1, 100).map(lambda leverage: (1, 2 * leverage)),
)


@given(RATE, RATE, st.integers(0, 2**53), st.integers(0, 2**52))
def test_deduction_is_the_exact_one_rounded_down(previous, rate, lower, deduction):
    """Whatever the two denominators, the deduction is the floor of the exact fraction."""
    exact = deduction + lower * (Fraction(*rate) - Fraction(*previous))
    assert margin.tier_deduction(*previous, *rate, lower, deduction) == exact // 1


@given(st.lists(RATE, min_size=2, max_size=6), st.data())
def test_maintenance_neither_falls_short_nor_jumps(rates, data):
    """With deductions made by the rule, margin covers the exact bracket sum and rises with size."""
    rates.sort(key=lambda rate: Fraction(*rate))
    bounds = st.lists(
        st.integers(1, 2**52), min_size=len(rates) - 1, max_size=len(rates) - 1, unique=True
    )
    lower = [0, *sorted(data.draw(bounds))]
    deduction = [0]
    for tier in range(1, len(rates)):
        previous = (*rates[tier - 1], *rates[tier])
        deduction.append(margin.tier_deduction(*previous, lower[tier], deduction[-1]))
    numerator, denominator = zip(*rates, strict=True)
    arrays = (array(*lower), array(*numerator), array(*denominator), array(*deduction))
    notional = data.draw(st.one_of(st.sampled_from(lower), st.integers(0, 2**53 - 1)))
    exact = sum(
        max(0, min(notional, upper) - low) * Fraction(*rate)
        for low, upper, rate in zip(lower, [*lower[1:], 2**60], rates, strict=True)
    )
    maintenance = margin.maintenance_quanta(notional, *arrays, 0, len(rates))
    assert ceil(exact) <= maintenance <= ceil(exact) + len(rates)
    assert maintenance <= margin.maintenance_quanta(notional + 1, *arrays, 0, len(rates))


@pytest.mark.parametrize(
    ("notional", "leverage", "initial"),
    [(0, 20, 0), (1, 20, 1), (20, 20, 1), (21, 20, 2), (10_000, 10, 1000)],
)
def test_initial_margin_rounds_up(notional, leverage, initial):
    """Initial margin is notional over leverage, rounded up."""
    assert margin.initial_quanta(notional, leverage) == initial


@pytest.mark.parametrize(("equity", "below"), [(99, True), (100, False), (101, False)])
def test_equity_equal_to_maintenance_is_healthy(equity, below):
    """Liquidation starts strictly below the maintenance margin."""
    assert bool(margin.is_below_maintenance(equity, 100)) is below


@given(
    st.integers(-(2**53), 2**53),
    st.integers(0, 2**53),
    st.sampled_from([(2, 3), (0, 1), (1, 1), (666_667, PPM), (1, 2**31 - 1)]),
)
def test_backstop_threshold_is_the_exact_comparison(equity, maintenance, fraction):
    """The comparison equals the cross multiplication over unbounded integers."""
    numerator, denominator = fraction
    expected = equity * denominator < numerator * maintenance
    assert bool(margin.backstop_threshold_reached(equity, maintenance, *fraction)) is expected


@pytest.mark.parametrize(("equity", "reached"), [(65, True), (66, True), (67, False)])
def test_backstop_threshold_is_strict(equity, reached):
    """Two thirds of 99 are 66: an equity of 66 is not below, of 100 it is."""
    assert bool(margin.backstop_threshold_reached(equity, 100, 2, 3)) is reached
    assert not margin.backstop_threshold_reached(66, 99, 2, 3)
    assert margin.backstop_threshold_reached(65, 99, 2, 3)


def published(name, function):
    cases = json.loads(shared_file(f"vectors/{name}.json").read_text())["cases"]
    found = [case for case in cases if case["fn"] == function]
    assert found
    return found


def scaled(text, scale):
    """Turn a published decimal into an integer at a scale that loses nothing."""
    value = Fraction(str(text)) * scale
    assert value.denominator == 1, text
    return int(value)


def test_published_binance_deductions():
    """Every consistent row of the copied tables is reproduced; the two faulty rows are not."""
    differing = []
    for case in published("venue_cex", "tier_deduction"):
        inputs = case["in"]
        computed = margin.tier_deduction(
            *(scaled(inputs["prev_rate"], PPM), PPM, scaled(inputs["rate"], PPM), PPM),
            *(scaled(inputs["lower_bound"], USD), scaled(inputs["prev_deduction"], USD)),
        )
        if computed != scaled(case["out"]["deduction"], USD):
            differing.append(case["id"])
            assert case["source_error"]
    assert differing == ["cex.tier_btc.03", "cex.tier_btc.04"]


def test_published_hyperliquid_maintenance():
    """Rate, maintenance and backstop threshold of the published position come out exactly."""
    for case in published("venue_hyperliquid_examples", "maintenance_margin"):
        inputs, out = case["in"], case["out"]
        lower, leverage = zip(*inputs["tiers_lower_maxlev"], strict=True)
        assert len(leverage) == 1
        notional = scaled(inputs["signed_size"], 1) * scaled(inputs["mark"], USD)
        arrays = (array(scaled(lower[0], USD)), array(1), array(2 * leverage[0]), array(0))
        maintenance = margin.maintenance_quanta(notional, *arrays, 0, 1)
        assert maintenance == scaled(out["maintenance"], USD)
        threshold = Fraction(out["backstop_threshold"]) * USD
        assert margin.backstop_threshold_reached(ceil(threshold) - 1, maintenance, 2, 3)
        assert not margin.backstop_threshold_reached(ceil(threshold), maintenance, 2, 3)


def test_published_hyperliquid_account_maintenance():
    """The live backstop vault's maintenance follows from a maximum leverage of 50."""
    for case in published("venue_hyperliquid_examples", "maintenance_margin_account"):
        inputs = case["in"]
        arrays = (array(0), array(1), array(2 * inputs["max_leverage"]), array(0))
        computed = margin.maintenance_quanta(
            ceil(Fraction(inputs["total_notional"]) * USD), *arrays, 0, 1
        )
        expected = scaled(case["out"]["cross_maintenance"], USD)
        assert abs(computed - expected) <= case["tolerance_abs"] * USD


def test_published_hyperliquid_initial_margin():
    """The margin that the live account shows as used is the rounded-up quotient."""
    for case in published("venue_hyperliquid_examples", "initial_margin"):
        inputs = case["in"]
        computed = margin.initial_quanta(scaled(inputs["position_value"], USD), inputs["leverage"])
        assert computed == scaled(case["out"]["margin_used"], USD)
    for case in published("venue_hyperliquid_examples", "initial_and_transfer_margin"):
        inputs = case["in"]
        notional = scaled(inputs["signed_size"], 1) * scaled(inputs["mark"], USD)
        computed = margin.initial_quanta(notional, int(inputs["leverage"]))
        assert computed == scaled(case["out"]["initial"], USD)
