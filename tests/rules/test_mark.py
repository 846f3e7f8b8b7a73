"""Mark prices and the averages they are built on."""

import json
from fractions import Fraction
from math import exp, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import shared_file
from tacoma.rules.prices import mark

PPB = 10**9
PRICE = st.integers(0, 2**31 - 1)


@pytest.mark.parametrize(
    ("value", "decay_ppb", "decayed"),
    [
        (10, PPB, 10),
        (10, 0, 0),
        (10, 999_999_999, 9),
        (-10, 999_999_999, -9),
        (1, 999_999_999, 0),
        (-1, 999_999_999, 0),
        (0, 5, 0),
    ],
)
def test_decay_rounds_toward_zero(value, decay_ppb, decayed):
    """Positive and negative values fade alike, down to nothing."""
    assert mark.ema_decay(value, decay_ppb) == decayed


@given(st.integers(0, 2**62 - 1), st.integers(0, PPB))
def test_decay_is_exact_and_symmetric(value, decay_ppb):
    """The decayed value is the floor of the exact one, mirrored below zero."""
    expected = value * decay_ppb // PPB
    assert mark.ema_decay(value, decay_ppb) == expected
    assert mark.ema_decay(-value, decay_ppb) == -expected


@given(st.lists(st.tuples(st.integers(-(2**31) + 1, 2**31 - 1), st.integers(0, 5000)), max_size=20))
def test_average_of_mirrored_samples_is_mirrored_and_within_them(samples):
    """Negated samples negate the state, and the average lies between the extremes."""
    state, mirrored = (0, 0), (0, 0)
    for sample, elapsed_ms in samples:
        decay_ppb = round(exp(-elapsed_ms / 150_000) * PPB)
        state = mark.ema_push(*state, sample, elapsed_ms, decay_ppb)
        mirrored = mark.ema_push(*mirrored, -sample, elapsed_ms, decay_ppb)
    assert mirrored == (-state[0], state[1])
    weighty = [sample for sample, elapsed_ms in samples if elapsed_ms > 0]
    if weighty:
        # One unit of slack: each decay rounds its own sum.
        assert min(weighty) - 1 <= mark.ema_value(*state) <= max(weighty) + 1
    else:
        assert mark.ema_value(*state) == 0


@given(PRICE, st.integers(-PPB + 1, PPB - 1), st.integers(1, 86_400), st.data())
def test_binance_first_price_is_the_exact_one_rounded_down(price_index, rate, interval, data):
    """Price 1 alone, seen through a median between two extremes, is the floor of the fraction."""
    left = data.draw(st.integers(0, interval))
    exact = price_index * (1 + Fraction(rate, PPB) * Fraction(left, interval))
    arguments = (price_index, rate, left, interval)
    assert mark.median_with_last(*arguments, -(2**40), 2**40) == floor(exact)


@pytest.mark.parametrize(
    ("fair", "book", "external", "local_ema", "has_external", "expected"),
    [
        (100, (98, 102, 101), 103, 0, 1, 101),
        (100, (98, 102, 101), 99, 0, 1, 100),
        (100, (98, 102, 120), 99, 0, 1, 100),
        (100, (98, 102, 120), 110, 0, 1, 102),
        (100, (98, 102, 101), 0, 99, 0, 100),
        (100, (98, 102, 101), 0, 105, 0, 101),
        (100, (98, 104, 104), 0, 102, 0, 102),
    ],
)
def test_hyperliquid_table(fair, book, external, local_ema, has_external, expected):
    """The third input is the external median, and the local average where there is none."""
    arguments = (fair + 5, -5, *book, external, local_ema, has_external)
    assert mark.median_with_perpetuals(*arguments) == expected


def published(name):
    return json.loads(shared_file("vectors/oracle_mark_and_breakers.json").read_text())[name]


def scaled(value, scale):
    """Turn a published decimal into an integer at a scale that loses nothing."""
    exact = Fraction(str(value)) * scale
    assert exact.denominator == 1, value
    return int(exact)


def test_published_binance_marks():
    """Both published marks, and price 1 of each, come out exactly at a scale of 1e6."""
    for case in published("binance_mark")["cases"]:
        arguments = (
            *(scaled(case["index"], 10**6), scaled(case["funding"], PPB)),
            *(3600 * case["hours"], 8 * 3600),
        )
        prices = (scaled(case["ma_basis"], 10**6), scaled(case["last"], 10**6))
        assert mark.median_with_last(*arguments, *prices) == scaled(case["mark"], 10**6)
        assert mark.median_with_last(*arguments, -(2**40), 2**40) == scaled(case["P1"], 10**6)


def test_published_hyperliquid_average():
    """The published samples give the published averages to the seventh digit."""
    vector = published("hyperliquid_ema")
    state, scale = (0, 0), 10**9
    for (seconds, sample), expected in zip(vector["samples"], vector["ema"], strict=True):
        decay_ppb = round(exp(-seconds / 150) * PPB)
        state = mark.ema_push(*state, round(sample * scale), 1000 * seconds, decay_ppb)
        assert mark.ema_value(*state) / scale == pytest.approx(expected, abs=1e-7)
