"""Liquidation up to a health: how much is taken over, and who bears what no one takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations.health_liquidation import (
    health_gain_per_lot,
    insured_loss,
    insured_payment,
    loss_per_lot,
    loss_to_health_zero,
    reduce_and_settle,
    settled_loss,
    socialised_loss,
    units_for_gain,
)
from tacoma.rules.margins.health_weights import balance_health, profit_health, unsettled_health
from tacoma.rules.numbers.arithmetic import PPM

NATIVE = 10**6


@pytest.mark.parametrize(
    ("is_long", "fee", "expected"),
    [
        (True, 0, 100 * 200_000),
        (True, 50_000, 100 * 150_000),
        (False, 0, 100 * 300_000),
        (False, 50_000, 100 * 250_000),
        (True, 300_000, -100 * 100_000),
    ],
)
def test_gain_per_lot(is_long, fee, expected):
    """A lot frees price * (1 - fee - weight) or price * (weight - 1 - fee)."""
    assert health_gain_per_lot(is_long, 100, 800_000, 1_300_000, fee) == expected


@pytest.mark.parametrize(
    ("gain", "per_unit", "limit", "expected"),
    [
        (10, 2 * PPM, 100, 5),
        (11, 2 * PPM, 100, 6),
        (11, 2 * PPM, 5, 5),
        (0, PPM, 9, 0),
        (-3, PPM, 9, 0),
        (7, 0, 9, 0),
        (7, -PPM, 9, 0),
        (2**62, 1, 9, 9),
    ],
)
def test_units_for_gain(gain, per_unit, limit, expected):
    """Units are rounded up to reach the gain, and never exceed the limit."""
    assert units_for_gain(gain, per_unit, limit) == expected


def liquidate(lots, spot, quote, other, weight, overall, limits, fees=(0, 0)):
    """Liquidate at a price of 1 (a million quanta) and return lots, profit, health after."""
    weights = (round(weight * PPM), round((2 - weight) * PPM))
    unsettled = unsettled_health(lots, quote * NATIVE, NATIVE, NATIVE, *weights)
    balance = spot * NATIVE + profit_health(unsettled, round(overall * PPM))
    out = [0, 0]
    health = reduce_and_settle(
        *(lots, NATIVE, unsettled, balance, balance + other * NATIVE, *weights),
        *(round(overall * PPM), *(round(fee * PPM) for fee in fees), PPM, PPM),
        *(limits[0], limits[1] * NATIVE, -NATIVE // 2, out),
    )
    return out[0], out[1] / NATIVE, health / NATIVE


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        # 1 long at weight 0.5 frees half its price per lot.
        ((20, 5, -20, 0, 0.5, 0.5, (100, 100)), (10, 0, 0)),
        ((-4, 5, 0, 0, 0.5, 0.5, (20, 100)), (2, 0, 0)),
        ((20, -19, 10, 0, 0.5, 0.5, (100, 100)), (0, 18, 0)),
        ((20, -25, 10, 0, 0.5, 0.5, (100, 100)), (10, 25, 0)),
        ((20, -25, 10, 0, 0.5, 0.5, (2, 100)), (2, 21, -4)),
        ((20, -20, 10, 0, 0.5, 0.0, (10, 0)), (0, 0, -20)),  # profit that counts nothing
        ((20, 100, 0, 0, 0.5, 0.5, (20, 100)), (0, 0, 105)),  # healthy
        ((0, -5, 9, 0, 0.5, 0.0, (0, 100)), (0, 5, 0)),  # a profit without a position
    ],
)
def test_hand_computed(account, expected):
    """Lots and profit taken over stop where health reaches zero or a limit does."""
    assert liquidate(*account) == expected


def test_a_fee_above_the_gain_takes_no_lots():
    """Where the fees eat what a lot frees, no lots are taken, as they could only harm."""
    assert liquidate(20, 0, -30, 0, 0.9, 0.5, (100, 0), (0.1, 0)) == (0, 0, -12)
    assert liquidate(20, 0, -30, 0, 0.9, 0.5, (100, 0), (0.05, 0))[0] == 20


@given(
    st.integers(-50, 50),
    *[st.integers(-60, 60) for _ in range(3)],
    st.sampled_from([0.25, 0.5, 0.9]),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
    st.sampled_from([(0, 0), (0.02, 0.05)]),
)
def test_liquidation_never_harms(lots, spot, quote, other, weight, overall, limits, fees):
    """Health never falls, limits hold, and a healthy account is left alone."""
    weights = (round(weight * PPM), round((2 - weight) * PPM))
    unsettled = unsettled_health(lots, quote * NATIVE, NATIVE, NATIVE, *weights)
    balance = spot * NATIVE + profit_health(unsettled, round(overall * PPM))
    before = (balance_health(balance, PPM, PPM) + other * NATIVE) / NATIVE
    taken, profit, after = liquidate(lots, spot, quote, other, weight, overall, limits, fees)
    assert 0 <= taken <= min(abs(lots), limits[0])
    assert 0 <= profit <= limits[1]
    if overall + fees[1] <= 1:
        assert after >= before - 1e-5
    if before >= 0:
        assert (taken, profit) == (0, 0)


@pytest.mark.parametrize(
    ("loss", "backed", "limit", "requested", "expected"),
    [(50, 20, 100, 10, 10), (50, 20, 100, 29, 20), (50, 20, 10, 19, 10), (5, 20, 10, 19, 5)],
)
def test_settled_loss(loss, backed, limit, requested, expected):
    """The least of loss, backing, settlement limit and request is settled."""
    assert settled_loss(loss, backed, limit, requested) == expected
    assert settled_loss(loss, -1, limit, requested) == 0


@pytest.mark.parametrize(
    ("loss", "fund", "paid", "insured", "shared"),
    [
        (30, 6, 6, 9, 21),  # 6 at a price of 3 buy 9 of losses at a price of 2
        (3, 6, 2, 3, 0),
        (30, 1_000, 20, 30, 0),
        (4, 0, 0, 0, 4),
        (4, 3, 3, 4, 0),  # 2.67 rounded up to a whole unit, never more loss than there is
        (0, 6, 0, 0, 0),
    ],
)
def test_insurance_and_the_rest(loss, fund, paid, insured, shared):
    """The fund pays as far as it goes; only an empty fund lets a loss be shared."""
    prices = (2 * PPM, 0, 3 * PPM)
    assert insured_payment(loss, *prices, 1, fund) == paid
    assert insured_loss(paid, *prices, loss) == insured
    assert socialised_loss(loss, insured, paid, fund) == shared


def test_insurance_pays_the_fee():
    """With a fee of 5 % the fund pays 105 for a loss of 100, and 100 buys a loss of 95."""
    prices = (PPM, 50_000, PPM)
    assert insured_payment(100, *prices, 1, 10**6) == 105
    assert insured_payment(100, *prices, 10, 10**6) == 110
    assert insured_loss(100, *prices, 100) == 95


@pytest.mark.parametrize(
    ("loss", "health", "expected"),
    [(5, -8_800_000, 4_000_000), (5, 0, 0), (2, -8_800_000, 2_000_000), (-1, -9, 0)],
)
def test_loss_to_health_zero(loss, health, expected):
    """Only as much of a loss is taken off as brings health to zero."""
    balance = -20 * NATIVE
    assert loss_to_health_zero(loss * NATIVE, health, balance, PPM, 2_200_000) == expected


@pytest.mark.parametrize(
    ("loss", "lots", "sides", "expected"),
    [(10, 4, 1, 3), (10, 5, 1, 2), (10, 5, 2, 1), (10, 0, 1, 0)],
)
def test_loss_per_lot(loss, lots, sides, expected):
    """Each open lot pays its part, rounded up, so that the loss is always covered."""
    assert loss_per_lot(loss, lots, sides, 1) == expected
    assert loss_per_lot(loss, lots, sides, 1) * lots * sides >= loss or lots == 0
