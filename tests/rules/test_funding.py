"""Funding: premium, rates and payments, against fractions and the published numbers."""

import json
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import shared_file
from tacoma.rules.fundings import funding

PPB = 10**9
PRICE = st.integers(0, 2**31 - 1)
INTEREST, CLAMP, CAP_HOUR = 100_000, 500_000, 40_000_000


@pytest.mark.parametrize(
    ("bid", "ask", "oracle", "premium"),
    [
        (99, 101, 100, 0),
        (100, 100, 100, 0),
        (102, 103, 100, 20_000_000),
        (97, 98, 100, -20_000_000),
        (102, 99, 100, 10_000_000),
        (4, 5, 3, 333_333_333),
        (1, 2, 3, -333_333_334),
    ],
)
def test_premium_table(bid, ask, oracle, premium):
    """Inside the book the premium is zero; outside, the distance, rounded down."""
    assert funding.premium_ppb(bid, ask, oracle) == premium


@given(PRICE, PRICE, st.integers(1, 2**31 - 1))
def test_premium_is_the_exact_one_rounded_down(bid, ask, oracle):
    """The premium is the floor of the exact fraction, whatever the book."""
    exact = Fraction((max(bid - oracle, 0) - max(oracle - ask, 0)) * PPB, oracle)
    assert funding.premium_ppb(bid, ask, oracle) == floor(exact)


@pytest.mark.parametrize(
    ("premium", "hourly", "interval"),
    [
        (0, 12_500, 100_000),
        (100_000, 12_500, 100_000),
        (600_000, 12_500, 100_000),
        (600_001, 12_500, 100_001),
        (600_008, 12_501, 100_008),
        (-400_000, 12_500, 100_000),
        (-400_001, 12_499, 99_999),
        (-500_001, -1, -1),
        (PPB, CAP_HOUR, 20_000_000),
        (-PPB, -CAP_HOUR, -20_000_000),
    ],
)
def test_rate_tables(premium, hourly, interval):
    """Near the interest rate it alone counts; beyond the clamp the premium moves the rate."""
    assert funding.rate_interest_clamped_eighth_ppb(premium, INTEREST, CLAMP, CAP_HOUR) == hourly
    assert funding.rate_interest_clamped_ppb(premium, INTEREST, CLAMP, 20_000_000) == interval


@given(st.integers(-(10**10), 10**10), *[st.integers(0, 10**8)] * 3)
def test_rates_follow_their_formula(premium, interest, clamp, cap):
    """Both rates equal the clamped formula over fractions, and stay within the cap."""
    exact = premium + min(max(interest - premium, -clamp), clamp)
    assert funding.rate_interest_clamped_ppb(premium, interest, clamp, cap) == min(
        max(exact, -cap), cap
    )
    hourly = min(max(floor(Fraction(exact, 8)), -cap), cap)
    assert funding.rate_interest_clamped_eighth_ppb(premium, interest, clamp, cap) == hourly


@given(st.integers(1, 2**31 - 1), st.integers(-PPB, PPB), st.data())
def test_a_venue_never_pays_out_more_than_it_took_in(lots, rate_ppb, data):
    """The payer is rounded up, receivers down: split in any way they get no more, dust remains."""
    price = data.draw(st.integers(0, min(2**31 - 1, (2**53 - 1) // lots)))
    exact = Fraction(lots * price * abs(rate_ppb), PPB)
    paid = funding.payment_paid_quanta(lots, price, rate_ppb)
    part = data.draw(st.integers(0, lots))
    received = [
        funding.payment_received_quanta(share, price, rate_ppb) for share in (part, lots - part)
    ]
    assert paid == ceil(exact)
    assert funding.payment_received_quanta(lots, price, rate_ppb) == floor(exact)
    assert 0 <= paid - sum(received) <= 2


def published(function):
    path = shared_file("vectors/venue_hyperliquid_examples.json")
    found = [case for case in json.loads(path.read_text())["cases"] if case["fn"] == function]
    assert found
    return found


def scaled(text, scale):
    """Turn a published decimal into an integer at a scale that loses nothing."""
    exact = Fraction(str(text)) * scale
    assert exact.denominator == 1, text
    return int(exact)


def test_published_premium():
    """The published impact prices give the published premium."""
    for case in published("premium_index"):
        prices = [scaled(case["in"][name], 1) for name in ("impact_bid", "impact_ask", "oracle")]
        assert funding.premium_ppb(*prices) == scaled(case["out"]["premium"], PPB)


def test_published_rate():
    """The published premium gives the published hourly rate, before and after the cap."""
    for case in published("funding_rate"):
        inputs, out = case["in"], case["out"]
        low, high = (scaled(end, PPB) for end in inputs["clamp"])
        assert (-low, inputs["hours"]) == (high, funding.HOURS_OF_RATE)
        arguments = (scaled(inputs["premium"], PPB), scaled(inputs["interest"], PPB), high)
        uncapped = funding.rate_interest_clamped_eighth_ppb(*arguments, PPB)
        capped = funding.rate_interest_clamped_eighth_ppb(
            *arguments, scaled(inputs["hourly_cap"], PPB)
        )
        assert uncapped == scaled(out["uncapped_hourly"], PPB)
        assert capped == scaled(out["hourly"], PPB)


def test_published_payment():
    """A short at a positive rate receives the published amount."""
    for case in published("funding_payment"):
        inputs = case["in"]
        rate_ppb = scaled(inputs["rate"], PPB)
        assert inputs["signed_size"] < 0 < rate_ppb
        arguments = (-inputs["signed_size"], inputs["oracle"], rate_ppb)
        assert funding.payment_received_quanta(*arguments) == case["out"]["account_delta"]
