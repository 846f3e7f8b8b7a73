"""Shocked volatilities and surcharges of portfolio margin: limits and published figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.portfolios.margin_contingency import (
    basis_surcharge,
    confidence_surcharge,
    discount_of_assets,
    discount_of_debts,
    peg_loss_factor,
)
from tacoma.rules.portfolios.shock_term_structure import volatility_shock
from tacoma.rules.portfolios.volatility_shock import (
    power_to_30_days,
    skew_cap,
    skew_multiplier,
    skew_width,
    volatility_down,
    volatility_up,
)

YEAR = 365 * 86_400


def close(value):
    return pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("seconds", "up", "down"),
    [
        (0, 2.3870955573360906, 0.23709744346515027),
        (794_852, 1.712811375927374, 0.6079537432399443),
        (3_214_052, 1.4862120042860796, 0.7325833976426561),
        (18_938_852, 1.3860882452894718, 0.7876514650907905),
    ],
)
def test_published_multipliers(seconds, up, down):
    """The multipliers that the source prints, at most one day counting as one."""
    days = seconds / 86_400
    power = power_to_30_days(days, 0.3, 0.13)
    assert volatility_up(1.0, volatility_shock(days, 0.5, power, 1.0), 0.45) == close(up)
    assert volatility_down(1.0, volatility_shock(days, 0.275, power, 1.0)) == close(down)


@pytest.mark.parametrize(("days", "power"), [(29.9, 0.3), (30.0, 0.3), (30.1, 0.13)])
def test_thirty_days_count_as_short(days, power):
    """The boundary belongs to the short side."""
    assert power_to_30_days(days, 0.3, 0.13) == power


def test_a_volatility_is_raised_at_least_to_the_least():
    """A quiet option is shocked as if it were not quiet; a lowered one stops at 0."""
    assert volatility_up(0.15, 0.7, 0.45) == 0.45
    assert volatility_down(0.15, 2.0) == 0.0


@pytest.mark.parametrize(
    ("seconds", "cap", "width", "distance", "linear", "absolute"),
    [
        (18_938_852, 0.1112525143612097, 1.619660487729412, -0.0037391008533107, 0.9997431656976679,
         1.0002568343023321),
        (794_852, 0.1420620229941944, 0.3709410596475161, -3.645728436263707, 0.8579379770058055,
         1.1420620229941945),
        (794_852, 0.1420620229941944, 0.3709410596475161, 0.6225024365546613, 1.1420620229941945,
         1.1420620229941945),
    ],
)  # fmt: skip
def test_published_skew(seconds, cap, width, distance, linear, absolute):
    """Cap, width and multipliers that the source prints."""
    years = seconds / YEAR
    assert skew_cap(years, 0.15, -0.05) == close(cap)
    assert skew_width(years, 4.0, 0.6, -0.1, 0.01) == close(width)
    assert skew_multiplier(distance, cap, width) == close(linear)
    assert skew_multiplier(abs(distance), cap, width) == close(absolute)


@given(st.floats(-5, 5), st.floats(0, 20), st.floats(0.01, 10))
def test_skew_stays_within_its_cap(distance, cap, width):
    """A skew shock scales by 1 -+ cap at most, and never makes a volatility negative."""
    multiplier = skew_multiplier(distance, cap, width)
    assert max(0.0, 1.0 - cap) <= multiplier <= 1.0 + cap


@pytest.mark.parametrize(("confidence", "surcharge"), [(0.55, 0.0), (0.5499, 45.01), (0.2, 80.0)])
def test_confidence_table(confidence, surcharge):
    """Strictly below the threshold, what is missing to 1 of the notional."""
    assert confidence_surcharge(confidence, 0.55, 1.0, 100.0) == pytest.approx(surcharge)


@pytest.mark.parametrize(("up", "down", "loss"), [(12, 11, 0.0), (7, 12, -4.5), (7, 4, -9.0)])
def test_basis_takes_the_worse_side_or_nothing(up, down, loss):
    """A forward that may leave the spot never adds value; half a year counts 0.5 + 2 * 0.5."""
    assert basis_surcharge(10.0, up, down, 0.5, 0.5, 2.0) == loss


@pytest.mark.parametrize(("price", "factor"), [(0.98, 0.0), (0.97, 0.02), (0.1, 1.76)])
def test_peg_table(price, factor):
    """A stable coin at its threshold changes nothing."""
    assert peg_loss_factor(price, 0.98, 2.0) == pytest.approx(factor)


def test_published_discounts():
    """The discounts that the source prints; those of debts stop where they undo the discount."""
    years = 794_852 / YEAR
    assert discount_of_assets(years, 0.15, 0.95, 1.0, 0.08) == pytest.approx(0.9445087287221925)
    most = math.exp(0.15 * years)
    assert discount_of_debts(years, 0.15, 1.04, 0.5, 0.08, most) == most
    assert discount_of_debts(1.0, 0.1, 1.0, 0.5, 0.0, 9.0) == pytest.approx(math.exp(0.05))
