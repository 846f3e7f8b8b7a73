"""Partial liquidation of an account by shares, and losses shared by withdrawal."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations import liquidation_share
from tacoma.rules.losses import socialised_loss

MONEY = st.integers(0, 2**53 - 1)
HALF, SEVEN_TENTHS = (1, 2), (7, 10)


@pytest.mark.parametrize(("rate", "steps"), [(HALF, 2), (SEVEN_TENTHS, 3)])
def test_the_penalty_rate_decides_the_share(rate, steps):
    """The table's 50 % takes 40 % of the positions, the text's 70 % takes 60 %."""
    assert liquidation_share.share_steps_to_heal(8000, 8880, 5, 9, 10, *rate, True) == steps


@pytest.mark.parametrize(
    ("equity", "maintenance", "is_strict", "healed"),
    [
        (100, 90, True, False),
        (100, 90, False, True),
        (100, 89, True, True),
        (0, 1, False, False),
        (0, 0, True, True),
        (-1, 0, True, False),
        (-100, 90, False, False),
    ],
)
def test_healing_table(equity, maintenance, is_strict, healed):
    """The target itself heals only where the comparison is not strict; debt never does."""
    assert liquidation_share.is_ratio_healed(equity, maintenance, 9, 10, is_strict) is healed


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**12), st.integers(1, 20), st.booleans())
def test_it_is_the_least_share_that_heals(equity, maintenance, steps, is_strict):
    """The share heals (or is everything), and one step less does not."""

    def heals(taken):
        share = Fraction(taken, steps)
        margin = ceil(maintenance * (1 - share))
        left = equity - ceil(share * Fraction(7, 10) * maintenance)
        if margin == 0:
            return left >= 0
        ratio = Fraction(9, 10)
        return left > 0 and (margin < ratio * left if is_strict else margin <= ratio * left)

    taken = liquidation_share.share_steps_to_heal(
        equity, maintenance, steps, 9, 10, *SEVEN_TENTHS, is_strict
    )
    assert 1 <= taken <= steps
    assert taken == steps or heals(taken)
    assert not any(heals(fewer) for fewer in range(1, taken))


@pytest.mark.parametrize(
    ("equity", "maintenance", "ratio"), [(80, 0, 0), (80, 88, 1100), (3, 1, 334), (0, 5, -1)]
)
def test_margin_ratio_table(equity, maintenance, ratio):
    """The ratio is rounded up, and has no value without equity."""
    assert liquidation_share.margin_ratio(equity, maintenance, 1000) == ratio


@pytest.mark.parametrize(
    ("bankruptcies", "fund", "missing"), [(2000, 1000, 1000), (0, 500, 0), (0, -7, 7), (5, 5, 0)]
)
def test_shortfall_table(bankruptcies, fund, missing):
    """A fund covers what it holds; a fund in debt is itself a shortfall."""
    assert socialised_loss.shortfall_quanta(bankruptcies, fund) == missing


@pytest.mark.parametrize(
    ("total", "haircut"),
    [(3000, 125), (4000, 100)],  # the users' balances; with the fund's as well
)
def test_the_total_decides_the_haircut(total, haircut):
    """The printed 25 % needs the users' balances alone; with the fund it would be 20 %."""
    assert socialised_loss.withdrawal_haircut_quanta(500, 1000, total) == haircut


@given(MONEY, MONEY, MONEY)
def test_haircut_is_the_exact_one_rounded_up(withdrawal, missing, total):
    """A withdrawal never takes out more than its share, and leaves nothing without a shortfall."""
    haircut = socialised_loss.withdrawal_haircut_quanta(withdrawal, missing, total)
    exact = Fraction(withdrawal * missing, total + missing) if missing else 0
    assert haircut == ceil(exact)
