"""Liquidation against the book: worst price, size, insurance, and the take-over price behind it."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tacoma.rules.liquidations import fillable_price, liquidatable_size, ratio_invariant
from tacoma.rules.losses import insurance_delta, isolated_pool
from tacoma.rules.numbers.arithmetic import PPM

MONEY = st.integers(-(2**53) + 1, 2**53 - 1)
NATURAL = st.integers(0, 2**53 - 1)
RATES = st.integers(0, PPM)


@pytest.mark.parametrize(
    ("notional_delta", "equity", "maintenance_delta", "maintenance", "quote"),
    [
        (-50, 5, -5, 5, 45),
        (-50, 0, -5, 5, 50),
        (-50, -5, -5, 5, 55),
        (50, 5, -5, 5, -55),
        (50, -5, -5, 5, -45),
        (-50, 1, -1, 3, 50),
        (-50, -1, -1, 3, 51),
        (-5, 60, -1, 1, -55),
        (-50, 7, 0, 5, 50),
    ],
)
def test_takeover_table(notional_delta, equity, maintenance_delta, maintenance, quote):
    """The account keeps its ratio: surplus is given away in part, and so is debt; rounded up."""
    changes = (notional_delta, equity, maintenance_delta, maintenance)
    assert ratio_invariant.takeover_quanta(*changes) == quote


@given(MONEY, MONEY, st.integers(1, 2**53 - 1), st.data())
def test_takeover_keeps_the_ratio_to_less_than_a_quantum(delta, equity, maintenance, data):
    """Equity per maintenance after the take-over is what it was, or higher by dust."""
    change = data.draw(st.integers(-maintenance, 0))
    quote = ratio_invariant.takeover_quanta(delta, equity, change, maintenance)
    after = equity + delta + quote
    exact = Fraction(equity * (maintenance + change), maintenance)
    assert exact <= after < exact + 1


@given(MONEY, st.integers(1, 2**53 - 1), NATURAL, st.integers(0, 2**32), RATES, st.data())
def test_fillable_price_is_the_exact_one_rounded_toward_the_oracle(
    equity, maintenance, position_maintenance, adjustment, spread, data
):
    """The engine's price is never further from the oracle than the venue's, and close to it."""
    lots = data.draw(st.integers(1, 2**31 - 1)) * data.draw(st.sampled_from([-1, 1]))
    price = data.draw(st.integers(0, 2**31 - 1))
    arguments = (equity, maintenance, position_maintenance, adjustment, spread)
    rounded = fillable_price.fillable_price(lots, price, *arguments)
    exact = fillable_price.fillable_price_exact(lots, lots * price, *arguments)
    dust = 1 + Fraction(position_maintenance * spread, PPM**2 * abs(lots)) + Fraction(2, abs(lots))
    if lots > 0:
        assert max(exact, 0) <= rounded <= max(exact + dust, 0)
    else:
        assert exact - dust <= rounded <= exact


@pytest.mark.parametrize(
    ("equity", "maintenance", "adjustment", "rating"),
    [
        (10, 10, PPM, 0),
        (11, 10, PPM, 0),
        (9, 10, PPM, 100_000),
        (9, 10, 2 * PPM, 200_000),
        (0, 10, PPM, PPM),
        (-5, 10, PPM, PPM),
        (2, 3, PPM, 333_333),
        (0, 10, 0, 0),
    ],
)
def test_rating_table(equity, maintenance, adjustment, rating):
    """From 0 at the margin to one at bankruptcy, rounded down, never outside."""
    assert fillable_price.bankruptcy_rating_ppm(equity, maintenance, adjustment) == rating


@pytest.mark.parametrize(
    ("numerator", "denominator", "up", "tick", "maximum", "price"),
    [
        (7, 10, True, 100, 10**6, 100),
        (7, 10, False, 100, 10**6, 100),
        (1001, 10, True, 100, 10**6, 200),
        (1999, 10, False, 100, 10**6, 100),
        (2000, 10, True, 100, 10**6, 200),
        (0, 1, True, 5, 10**6, 5),
        (10**30, 1, True, 100, 2**64 - 1, 18_446_744_073_709_551_600),
        (10**30, 1, False, 100, 2**64 - 1, 18_446_744_073_709_551_600),
    ],
)
def test_price_in_ticks_table(numerator, denominator, up, tick, maximum, price):
    """Whole ticks in the order's favour, at least one, at most the largest below the maximum."""
    assert fillable_price.price_in_ticks(numerator, denominator, up, tick, maximum) == price


@pytest.mark.parametrize(
    ("quote", "takeover", "cap", "delta"),
    [
        (1000, 900, 5_000, 5),
        (1000, 997, 5_000, 3),
        (1000, 1000, 5_000, 0),
        (1000, 1001, 5_000, -1),
        (-1000, -1100, 5_000, 5),
        (-1000, -900, 5_000, -100),
        (0, -900, 5_000, 0),
        (199, 0, 5_000, 0),
        (1000, 900, PPM, 100),
    ],
)
def test_insurance_delta_table(quote, takeover, cap, delta):
    """A surplus pays at most the capped fee, rounded down; a shortfall is paid in full."""
    assert insurance_delta.insurance_delta_quanta(quote, takeover, cap) == delta


@pytest.mark.parametrize(
    ("balance", "delta", "covered"),
    [(0, 0, True), (0, 1, True), (0, -1, False), (5, -5, True), (5, -6, False), (-9, 0, True)],
)
def test_a_fund_pays_to_its_last_quantum(balance, delta, covered):
    """A payment may empty the fund, not overdraw it."""
    assert insurance_delta.is_insurance_delta_covered(balance, delta) is covered


@pytest.mark.parametrize(
    ("notional", "minimum", "portion", "smallest", "largest"),
    [
        (1000, 100, PPM, 100, 1000),
        (1000, 100, 500_000, 100, 500),
        (1000, 600, 500_000, 600, 600),
        (50, 600, 500_000, 50, 50),
        (3, 0, 500_000, 0, 1),
        (0, 100, PPM, 0, 0),
    ],
)
def test_window_table(notional, minimum, portion, smallest, largest):
    """The position bounds the minimum, and the minimum bounds the portion from below."""
    assert liquidatable_size.smallest_liquidatable_quanta(notional, minimum) == smallest
    assert liquidatable_size.largest_liquidatable_quanta(notional, minimum, portion) == largest


@pytest.mark.parametrize(
    ("size", "notional", "allowed", "allowed_size", "step", "taken"),
    [
        (100, 1000, 1000, 100, 5, 100),
        (100, 1000, 999, 99, 5, 95),
        (100, 1000, 500, 50, 5, 50),
        (100, 1000, 20, 2, 5, 5),
        (5, 1000, 20, 2, 5, 5),
        (4, 1000, 20, 2, 5, 4),
        (103, 1000, 999, 150, 5, 103),
        (0, 0, 0, 0, 5, 0),
    ],
)
def test_size_table(size, notional, allowed, allowed_size, step, taken):
    """Whole positions where allowed or no larger than a step; else whole steps, at least one."""
    arguments = (size, notional, allowed, allowed_size, step)
    assert liquidatable_size.liquidatable_size(*arguments) == taken


@given(*[st.integers(0, 10**25)] * 4, st.integers(1, 10**9))
def test_size_never_exceeds_the_position(size, notional, allowed, allowed_size, step):
    """A part is whole steps, unless that is the whole position."""
    taken = liquidatable_size.liquidatable_size(size, notional, allowed, allowed_size, step)
    assert 0 <= taken <= size
    assume(taken < size)
    assert taken > 0
    assert taken % step == 0


def test_limits_go_down_with_use():
    """What is left of a limit is what was not used; an overrun shows as negative."""
    assert liquidatable_size.remaining_limit(150, 100) == 50
    assert liquidatable_size.remaining_limit(50, 100) == -50


@pytest.mark.parametrize(
    ("pool", "transfer", "delta", "first", "covered"),
    [
        (149, 200, -51, True, True),
        (149, 200, -51, False, False),
        (148, 200, -51, True, False),
        (200, 200, -51, False, True),
        (200, 195, 5, True, True),
        (200, 196, 5, True, False),
        (200, 196, 5, False, True),
    ],
)
def test_the_order_of_payments_decides_over_a_halt(pool, transfer, delta, first, covered):
    """The same sums succeed with insurance first and halt the venue with collateral first."""
    assert isolated_pool.is_transfer_covered(pool, transfer, delta, first) is covered
