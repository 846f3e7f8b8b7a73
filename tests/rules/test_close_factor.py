"""Liquidated loans: the close factor, the bonus, the protocol's fee, and dust."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations.close_factor import (
    collateral_for_debt,
    debt_for_collateral,
    is_health_factor_above,
    is_health_factor_below,
    leaves_dust,
    max_liquidatable_debt,
    protocol_fee,
    share_half_up,
    weighted_collateral,
)
from tacoma.rules.numbers.arithmetic import PPM


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "expected"),
    [
        (5, 1, 2, 3),
        (3, 1, 2, 2),
        (4, 1, 3, 1),
        (5, 1, 3, 2),
        (0, 1, 2, 0),
        (10**40, 1, 4, 10**40 // 4),
    ],
)
def test_half_up(amount, numerator, denominator, expected):
    """Ties go up, everything else to the nearest; Python's form takes any size."""
    assert share_half_up(amount, numerator, denominator) == expected


def test_weighted_collateral():
    """Collateral counts by its liquidation threshold."""
    assert weighted_collateral(10_000, 825_000) == 8_250


@pytest.mark.parametrize(
    ("weighted", "debt", "threshold", "below", "above"),
    [
        (100, 100, PPM, False, False),
        (99, 100, PPM, True, False),
        (101, 100, PPM, False, True),
        (95, 100, 950_000, False, False),
        (0, 0, PPM, False, True),
        (1, 3, 333_333, False, True),
        (1, 3, 333_334, True, False),
    ],
)
def test_health_factor(weighted, debt, threshold, below, above):
    """Both comparisons are strict and exact; a loan without debt is healthy."""
    assert is_health_factor_below(weighted, debt, threshold) is below
    assert is_health_factor_above(weighted, debt, threshold) is above


@given(st.integers(0, 10**20), st.integers(1, 10**20), st.integers(0, 2 * PPM))
def test_health_factor_is_exact(weighted, debt, threshold):
    """The comparisons agree with exact fractions."""
    assert is_health_factor_below(weighted, debt, threshold) == (weighted * PPM < debt * threshold)
    assert is_health_factor_above(weighted, debt, threshold) == (weighted * PPM > debt * threshold)


@pytest.mark.parametrize(
    ("debt", "collateral", "weighted", "expected"),
    [
        (4_000, 5_000, 3_900, 2_000),  # health factor 0.975: half
        (4_000, 5_000, 3_800, 4_000),  # exactly 0.95: all
        (4_000, 5_000, 3_801, 2_000),
        (1_999, 5_000, 1_999, 1_999),  # small debt: all
        (2_000, 1_999, 1_999, 2_000),  # small collateral: all
        (2_000, 2_000, 1_999, 1_000),  # neither is small at the boundary
    ],
)
def test_close_factor(debt, collateral, weighted, expected):
    """Half may be repaid, or all below a health factor of 0.95 or with small amounts."""
    terms = (950_000, 500_000, 2_000)
    assert max_liquidatable_debt(debt, debt, collateral, weighted, *terms) == expected


def test_close_factor_of_one_of_several_debts():
    """The close factor counts over the whole account, so a small part of it may go entirely."""
    terms = (10_000, 10_000, 9_700, 950_000, 500_000, 2_000)
    assert max_liquidatable_debt(4_000, *terms) == 4_000
    assert max_liquidatable_debt(6_000, *terms) == 5_000


def test_seized_collateral():
    """A thousand dollars repaid at 2,000 dollars an ether, 5 % bonus, buy 0.525 ether."""
    terms = (1 * 10**8, 10**6, 2_000 * 10**8, 10**18, 1_050_000)
    assert collateral_for_debt(1_000 * 10**6, *terms) == 525 * 10**15
    assert debt_for_collateral(525 * 10**15, *terms) == 1_000 * 10**6


@given(st.integers(0, 10**12), st.integers(PPM, 1_200_000))
def test_round_trip(repaid, bonus):
    """What collateral is due for is within a unit of what bought it."""
    terms = (10**8, 1, 10**8, 1, bonus)
    seized = collateral_for_debt(repaid, *terms)
    assert abs(debt_for_collateral(seized, *terms) - repaid) <= 1


@pytest.mark.parametrize(
    ("collateral", "fee", "expected"), [(1_050, 100_000, 5), (1_050, 0, 0), (1_050, PPM, 50)]
)
def test_protocol_fee(collateral, fee, expected):
    """The protocol takes a share of the bonus, never of the repaid part."""
    assert protocol_fee(collateral, 1_050_000, fee) == expected


@pytest.mark.parametrize(
    ("repaid", "seized", "expected"),
    [(100, 10, False), (10, 100, False), (50, 50, False), (51, 50, True), (50, 51, True)],
)
def test_dust(repaid, seized, expected):
    """Either side may be emptied; otherwise both must keep at least the dust."""
    assert leaves_dust(100, repaid, 100, seized, 50) is expected
