"""Liquidation of collateral: what is repaid, what it buys, and rounding that protects the owner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations.collateral_liquidation import (
    collateral_for_settlement,
    discounted_price,
    insurance_fee,
    is_collateral_liquidatable,
    liquidatable_collateral,
    max_repaid,
    repaid_for_collateral,
    settlement_for_collateral,
)

WIDE = 10**18


@pytest.mark.parametrize(
    ("debt", "requirement", "expected"),
    [
        (500, 0, 515),  # at the dust: all of it, / 0.97
        (501, 0, 257),  # above: half of it, 250
        (0, 600, 309),
        (400, 300, 412),
        (-5, 0, 0),
    ],
)
def test_max_repaid(debt, requirement, expected):
    """Up to the dust all may be repaid, above it a half; the fund's fee comes on top."""
    assert max_repaid(debt, requirement, 500, 500_000, 30_000) == expected


def test_published_amounts():
    """The source's own numbers: 500 of debt, an ether at 3,000, 10 % off, 3 % for the fund."""
    price = discounted_price(3_000 * WIDE, 100_000)
    repaid = max_repaid(500 * WIDE, 0, 500 * WIDE, 500_000, 30_000)
    assert repaid == 515_463917525773195876
    terms = (repaid, price, WIDE, WIDE, WIDE, WIDE)
    assert liquidatable_collateral(*terms) == 190912562046582666
    assert repaid_for_collateral(*terms) == repaid
    bitcoin = (repaid, discounted_price(40_000 * WIDE, 100_000), WIDE, WIDE, 10**8, 10**8)
    assert liquidatable_collateral(*bitcoin) == 1_431_844


def test_too_little_collateral():
    """An account that holds less than the repayment would buy gives all, for what it is worth."""
    terms = (1_000, 90, 1, 1, 1, 7)
    assert liquidatable_collateral(*terms) == 7
    assert repaid_for_collateral(*terms) == 630


@given(st.integers(0, 10**30), st.integers(1, 10**24))
def test_paying_for_collateral_never_buys_more(collateral, price):
    """The value of collateral, rounded down, buys back at most that collateral."""
    paid = settlement_for_collateral(collateral, price, WIDE)
    assert collateral_for_settlement(paid, price, WIDE) <= collateral


@pytest.mark.parametrize(("repaid", "expected"), [(100, 3), (99, 2), (0, 0)])
def test_insurance_fee(repaid, expected):
    """The fund's fee is rounded down, so that the debt can always be repaid in full."""
    assert insurance_fee(repaid, 30_000) == expected


@pytest.mark.parametrize(
    ("value", "requirement", "debt", "collateral", "threshold", "expected"),
    [
        (100, 100, 0, 0, 0, False),
        (99, 100, 0, 0, 0, True),
        (100, 100, 75, 100, 75, False),
        (100, 100, 76, 100, 100, True),
        (100, 100, 75, 100, 74, True),
    ],
)
def test_is_liquidatable(value, requirement, debt, collateral, threshold, expected):
    """Each of the three conditions is strict and enough by itself."""
    result = is_collateral_liquidatable(value, requirement, debt, collateral, 750_000, threshold)
    assert result is expected
