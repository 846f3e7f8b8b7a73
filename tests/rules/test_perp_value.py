"""Values of balances and positions: rounding against the holder, and trades that lose no cost."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.positions import interest_balance, perp_value, position_change

BASE = 10**9
MONEY = st.integers(-(10**24), 10**24)
SIZES = st.integers(-(10**18), 10**18)
PRICES = st.integers(0, 10**12)


@given(st.integers(0, 10**24), st.integers(0, 10**13), st.integers(0, 12))
def test_a_debt_is_rounded_up_and_a_deposit_down(balance, index, digits):
    """A debt counts for at least and a deposit for at most what it is, within one step."""
    scale = 10**digits
    deposit = interest_balance.tokens_of_deposit(balance, index, scale)
    debt = interest_balance.tokens_of_debt(balance, index, scale)
    assert deposit <= Fraction(balance * index, scale) <= debt <= deposit + 1


@pytest.mark.parametrize(("tokens", "value"), [(1, 0), (-1, -1), (3, 2), (-3, -3), (0, 0)])
def test_token_value_table(tokens, value):
    """Values round down: an asset loses its fraction, a debt is made whole."""
    assert interest_balance.value_of_tokens(tokens, 999_999, 10**6) == value


@pytest.mark.parametrize(
    ("base", "price", "highest", "liability"),
    [
        (BASE, 250_000, 0, 250_000),
        (-BASE, 250_000, 0, 250_000),
        (-BASE, 250_000, 10**6, 750_000),
        (BASE, 250_000, 10**6, 250_000),
        (-BASE, 1_100_000, 10**6, 0),
        (BASE, -5, 0, 0),
        (0, 250_000, 10**6, 0),
    ],
)
def test_liability_table(base, price, highest, liability):
    """A binary contract's short owes the distance to the highest price, others their value."""
    assert perp_value.liability_value(base, price, highest, BASE) == liability


@pytest.mark.parametrize(
    ("base", "bids", "asks", "worst"),
    [(5, 3, 0, 8), (5, 0, -3, 5), (5, 3, -13, -8), (5, 4, -13, 9), (0, 0, 0, 0), (-2, 1, -1, -3)],
)
def test_worst_base_table(base, bids, asks, worst):
    """The side that owes more counts, and of two equal sides the asks."""
    assert perp_value.worst_base(base, bids, asks, 10**6, 0, 1) == worst


@given(SIZES, PRICES)
def test_long_and_short_values_mirror(base, price):
    """Rounding toward zero treats both sides alike."""
    value = perp_value.position_value(base, price, BASE)
    assert perp_value.position_value(-base, price, BASE) == -value


@pytest.mark.parametrize(
    ("profit", "weight", "price", "counted"),
    [
        (1000, 10_000, 1_000_000, 1000),
        (1000, 9_999, 1_000_000, 999),
        (-1000, 10_000, 1_010_000, -1010),
        (-15, 10_000, 990_000, -14),
        (1000, 0, 1_000_000, 0),
    ],
)
def test_weighted_profit_table(profit, weight, price, counted):
    """A profit's weight and the quote's price act one after the other, toward zero."""
    assert perp_value.weighted_profit(profit, weight, 10**4, price, 10**6) == counted


@given(SIZES, MONEY, MONEY)
def test_longs_pay_what_shorts_receive(base, index, last):
    """A rise of the index takes from longs exactly what it gives to shorts of the same size."""
    received = perp_value.funding_from_index(base, index, last, 10**12)
    assert perp_value.funding_from_index(-base, index, last, 10**12) == -received
    assert received == 0 or (received < 0) == ((index > last) == (base > 0))


@pytest.mark.parametrize(
    ("cost", "base", "change", "quote", "after"),
    [
        (0, 0, 5, -500, -500),  # opens
        (-500, 5, 5, -600, -1100),  # grows
        (-500, 5, -2, 250, -300),  # shrinks: three fifths stay
        (-500, 5, -5, 600, 0),  # closes
        (-500, 5, -8, 800, 300),  # turns over: three of eight are new
        (-1, 3, -1, 9, -1),  # the closed part rounds toward zero
    ],
)
def test_cost_table(cost, base, change, quote, after):
    """Growing adds, shrinking removes a share of the old cost, turning over starts anew."""
    assert position_change.cost_after_trade(cost, base, change, quote) == after


@given(st.integers(0, 10**18), st.integers(1, 10**9))
def test_steps_enclose_the_amount(amount, step):
    """Both results are whole steps, on either side of the amount and less than a step away."""
    low = position_change.round_down_to_step(amount, step)
    high = position_change.round_up_to_step(amount, step)
    assert low % step == high % step == 0
    assert amount - step < low <= amount <= high < amount + step
