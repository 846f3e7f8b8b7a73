"""Take-over at the oracle price less a discount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations.oracle_takeover import (
    insurance_share_quanta,
    takeover_price,
    takeover_price_by_weight,
    takeover_quote_quanta,
)


@pytest.mark.parametrize(
    ("oracle", "is_long", "fee", "expected"),
    [
        (1_000, True, 25_000, 975),
        (1_000, False, 25_000, 1_025),
        (999, True, 25_000, 974),
        (999, False, 25_000, 1_024),
        (1_000, True, 0, 1_000),
        (1_000, True, 1_000_001, 0),
    ],
)
def test_takeover_price(oracle, is_long, fee, expected):
    """The price is worse than the oracle's by the fee, rounded against the account."""
    assert takeover_price(oracle, is_long, fee) == expected


@given(st.integers(-1_000, 1_000), st.integers(0, 10**6), st.integers(0, 500_000))
def test_quote_follows_the_price(lots, oracle, fee):
    """The whole amount is never worse for the account than the price per lot."""
    quote = takeover_quote_quanta(lots, oracle, fee)
    per_lot = lots * takeover_price(oracle, lots > 0, fee)
    assert per_lot <= quote <= lots * oracle


@pytest.mark.parametrize(
    ("weight", "minimum", "expected"),
    [
        (950_000, 0, 9_900),  # a fifth of 5 %
        (1_050_000, 0, 10_100),
        (1_000_000, 0, 10_000),
        (0, 0, 8_000),
        (990_000, 5_000, 9_950),
        (1_010_000, 5_000, 10_050),
        (500_000, 5_000, 9_000),
        (1_000_000, 5_000, 9_950),
        (0, 1_000_000, 0),
    ],
)
def test_price_by_weight(weight, minimum, expected):
    """A fifth of what the weight takes off is the discount, at least the minimum."""
    assert takeover_price_by_weight(10_000, weight, 5, minimum) == expected


@pytest.mark.parametrize(
    ("lots", "oracle", "price", "expected"),
    [(3, 1_000, 975, 37), (-3, 1_000, 1_025, 37), (3, 1_000, 1_000, 0)],
)
def test_insurance_share(lots, oracle, price, expected):
    """Half of the discount is the insurance fund's, whichever side was taken over."""
    assert insurance_share_quanta(lots, oracle, price, 1, 2) == expected
