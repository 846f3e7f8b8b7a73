"""Margin of options without a portfolio model, and surcharges for distrust of prices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.portfolios.isolated_option_margin import (
    expiry_margin,
    initial_spot_rate,
    loss_at_price,
    out_of_the_money_rate,
    settlement_value,
    short_call_initial,
    short_call_maintenance,
    short_put_initial,
    short_put_maintenance,
    spot_requirement,
    worst_loss,
)
from tacoma.rules.prices.price_confidence import depeg_rate, depeg_surcharge, distrust_surcharge

PPM = 10**6
MOST, LEAST, MAINTENANCE = 150_000, 100_000, 75_000


@pytest.mark.parametrize(
    ("strike", "is_call", "rate"),
    [
        (1_500, True, 0),
        (1_499, True, 0),
        (1_575, True, 50_000),
        (3_000, True, PPM),
        (1_501, True, 666),
        (1_425, False, 50_000),
        (1_600, False, 0),
        (0, False, PPM),
    ],
)
def test_out_of_the_money_table(strike, is_call, rate):
    """How far out counts against the spot price of 1500, rounded down, and never below 0."""
    assert out_of_the_money_rate(strike, 1_500, is_call, PPM) == rate


@pytest.mark.parametrize(
    ("out", "rate"), [(0, 150_000), (49_999, 100_001), (50_000, 100_000), (10**7, 100_000)]
)
def test_initial_rate_table(out, rate):
    """The rate falls with the distance, down to the least one."""
    assert initial_spot_rate(out, MOST, LEAST) == rate


def test_published_short_call():
    """The first of the source's tables: 15 % and 7.5 % of 1500 on top of the value."""
    value = -79_371585
    spot, amount = 1_500 * PPM, -PPM
    call = short_call_initial(value, spot, spot, amount, MOST, LEAST, PPM)
    assert call == -304_371585
    assert short_call_maintenance(value, spot, amount, MAINTENANCE, PPM) == -191_871585


@pytest.mark.parametrize(
    ("value", "maintenance"), [(-14_000_000, -126_500_000), (-3_000_000_000, -3_225_000_000)]
)
def test_a_short_put_takes_the_larger_share(value, maintenance):
    """A distant put asks for 7.5 % of spot, one deep in the money for 7.5 % of its value."""
    spot, amount = 1_500 * PPM, -PPM
    assert short_put_maintenance(value, spot, amount, 75_000, 75_000, PPM) == maintenance


@pytest.mark.parametrize(
    ("value", "strike", "initial"),
    [(-14_000_000, 1_300, -164_000_000), (-3_000_000_000, 4_500, -3_386_250_000)],
)
def test_a_short_put_asks_for_a_multiple_of_maintenance(value, strike, initial):
    """Initial margin of a put is at least 1.05 times its maintenance margin."""
    spot, amount = 1_500 * PPM, -PPM
    maintenance = short_put_maintenance(value, spot, amount, 75_000, 75_000, PPM)
    margin = short_put_initial(
        value, maintenance, strike * PPM, spot, amount, MOST, LEAST, 1_050_000, PPM
    )
    assert margin == initial


@pytest.mark.parametrize(
    ("is_call", "amount", "price", "value"),
    [(True, 3, 12, 6), (True, 3, 9, 0), (False, -3, 8, -6), (False, -3, 11, 0), (True, -3, 10, 0)],
)
def test_settlement_table(is_call, amount, price, value):
    """An option at strike 10 pays its intrinsic value."""
    assert settlement_value(10, is_call, amount, price, 1) == value


def test_a_call_spread_loses_at_most_its_width():
    """Short 1100, long 1300: nothing beyond the last strike."""
    lots = [1_100, 1_300], [1, 1], [-1, 1], 2
    assert worst_loss(*lots, 1_500, 1_200_000, 1) == -200
    assert loss_at_price(*lots, 1_200, 1) == -100
    assert loss_at_price(*lots, 0, 1) == 0


def test_unpaired_calls_count_by_the_forward():
    """A call short on balance loses without bound; it counts 1.2 times the forward price."""
    worst = worst_loss([1_500 * PPM], [1], [-PPM], 1, 1_500 * PPM, 1_200_000, PPM)
    assert worst == -1_800 * PPM


def test_short_puts_lose_their_strikes():
    """The worst of short puts is a price of 0; puts never count as unpaired."""
    lots = [1_300, 900], [0, 0], [-1, -2], 2
    assert worst_loss(*lots, 1_500, 1_200_000, 1) == -3_100


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.booleans(), st.integers(-(10**6), 10**6)), max_size=6
    ),
    st.integers(0, 2 * 10**6),
)
def test_no_price_loses_more_than_the_worst(lots, price):
    """Where calls are not short on balance, no settlement price costs more than the worst."""
    strikes, calls, amounts = ([lot[place] for lot in lots] for place in range(3))
    calls = [int(is_call) for is_call in calls]
    if sum(amount for is_call, amount in zip(calls, amounts, strict=True) if is_call) < 0:
        return
    worst = worst_loss(strikes, calls, amounts, len(lots), 10**6, 1_200_000, 1)
    assert loss_at_price(strikes, calls, amounts, len(lots), price, 1) >= worst


@pytest.mark.parametrize(("isolated", "worst", "margin"), [(-5, -3, -3), (-3, -5, -3), (0, -9, 0)])
def test_the_smaller_requirement_counts(isolated, worst, margin):
    """An account chooses the method that asks for less."""
    assert expiry_margin(isolated, worst) == margin


@pytest.mark.parametrize(("amount", "requirement"), [(-3, -1), (3, 1), (0, 0)])
def test_requirement_truncates(amount, requirement):
    """Products truncate toward zero on both sides: 0.5 of 1 times 3."""
    assert spot_requirement(500_000, 1_000_000, amount, PPM) == requirement


@pytest.mark.parametrize(
    ("price", "rate"), [(980_000, 0), (979_999, 1), (300_000, 816_000), (0, 1_176_000)]
)
def test_depeg_table(price, rate):
    """A stable coin at its threshold costs nothing; below it, 1.2 times what is missing."""
    assert depeg_rate(price, 980_000, 1_200_000, PPM) == rate


def test_depeg_takes_spot_for_what_is_unhedged():
    """0.816 of one short option at 1500."""
    assert depeg_surcharge(816_000, PPM, 1_500 * PPM, PPM) == 1_224 * PPM


@pytest.mark.parametrize(
    ("confidence", "threshold", "surcharge"),
    [(150_000, 400_000, 510), (400_000, 400_000, 0), (399_999, 400_000, 360), (0, 0, 0)],
)
def test_distrust_table(confidence, threshold, surcharge):
    """Strictly below the threshold, 0.4 of what is missing to full confidence, of 1500."""
    value = distrust_surcharge(confidence, threshold, 400_000, 1_500, PPM, PPM)
    assert value == surcharge
