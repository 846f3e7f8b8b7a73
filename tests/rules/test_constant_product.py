"""A constant-product pool: published amounts, a product that never shrinks, depth."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.numbers.arithmetic import PPM
from tacoma.rules.prices.constant_product import (
    WITHOUT_BOUND,
    amount_in,
    amount_out,
    depth_bought,
    depth_sold,
    price_after_buy,
    price_after_sale,
    spot_price,
)

FEE = 3_000
WIDE = 10**18
RESERVE = st.one_of(st.integers(1, 10**6), st.integers(10**15, 10**30))


@pytest.mark.parametrize(
    ("amount", "reserve_in", "reserve_out", "expected"),
    [  # the source's own tests: inputs in ether, outputs to the last unit
        (1, 5, 10, 1662497915624478906),
        (1, 10, 5, 453305446940074565),
        (2, 5, 10, 2851015155847869602),
        (2, 10, 5, 831248957812239453),
        (1, 10, 10, 906610893880149131),
        (1, 100, 100, 987158034397061298),
        (1, 1000, 1000, 996006981039903216),
    ],
)
def test_published_outputs(amount, reserve_in, reserve_out, expected):
    """What comes out of a swap is the published number to the last unit."""
    assert amount_out(amount * WIDE, reserve_in * WIDE, reserve_out * WIDE, FEE) == expected


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        (amount_out, (2, 100, 100), 1),
        (amount_in, (1, 100, 100), 2),
        (amount_out, (0, 100, 100), 0),
        (amount_out, (5, 0, 100), 0),
        (amount_in, (0, 100, 100), 0),
        (amount_in, (100, 100, 100), WITHOUT_BOUND),
        (amount_in, (101, 100, 100), WITHOUT_BOUND),
    ],
)
def test_small_amounts(function, arguments, expected):
    """Dust, empty pools and whole reserves give what the source gives or refuses."""
    assert function(*arguments, FEE) == expected


@given(st.integers(0, 10**30), RESERVE, RESERVE, st.integers(0, PPM - 1))
def test_the_product_never_shrinks(amount, reserve_in, reserve_out, fee):
    """Whatever goes in, the product of the reserves is at least what it was."""
    out = amount_out(amount, reserve_in, reserve_out, fee)
    assert out < reserve_out
    assert (reserve_in + amount) * (reserve_out - out) >= reserve_in * reserve_out


@given(st.data(), RESERVE, RESERVE, st.integers(0, 500_000))
def test_the_input_buys_the_output(data, reserve_in, reserve_out, fee):
    """Paying what an exact output costs gives at least that output."""
    wanted = data.draw(st.integers(0, reserve_out - 1))
    paid = amount_in(wanted, reserve_in, reserve_out, fee)
    assert amount_out(paid, reserve_in, reserve_out, fee) >= wanted
    if wanted > 0 and paid > 1:
        assert amount_out(paid - 2, reserve_in, reserve_out, fee) < wanted


def test_prices():
    """A pool of 5 ether and 10,000 dollars trades at 2,000, and moves by the square."""
    base, quote = 5 * WIDE, 10_000 * 10**6
    assert spot_price(base, quote, WIDE) == 2_000 * 10**6
    bought = price_after_buy(base // 2, base, quote, 0, WIDE)
    assert bought == pytest.approx(8_000 * 10**6, rel=1e-9)
    sold = price_after_sale(base, base, quote, 0, WIDE)
    assert sold == 500 * 10**6
    assert price_after_buy(base, base, quote, 0, WIDE) == WITHOUT_BOUND


@pytest.mark.parametrize("move", [0, 1, 100, 10_000, 210_000, 999_999])
def test_depth(move):
    """Buying the depth raises the price by the move, selling it lowers it by the move."""
    base = 10**15
    root_up, root_down = math.sqrt(1 + move / PPM), math.sqrt(1 - move / PPM)
    assert depth_bought(base, move) == pytest.approx(base * (1 - 1 / root_up), rel=2e-3)
    assert depth_sold(base, move) == pytest.approx(base * (1 / root_down - 1), rel=2e-3)


def test_depth_of_round_numbers():
    """A price four times as high needs half the base; a price of a quarter doubles it."""
    assert depth_bought(10**15, 3 * PPM) == 5 * 10**14
    assert depth_sold(10**15, 750_000) == 10**15
    assert depth_sold(10**15, PPM) == WITHOUT_BOUND
    assert depth_bought(10**15, 0) == depth_sold(10**15, 0) == 0
