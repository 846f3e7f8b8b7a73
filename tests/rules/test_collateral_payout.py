"""Liquidation against a pool: the boundary, and every token accounted for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations import collateral_payout

UNIT = 10**6
ONE_PERCENT = 10_000


@pytest.mark.parametrize(
    ("remaining", "size", "minimum", "closes"),
    [
        (4500, 450_000, 1, False),
        (4499, 450_000, 1, True),
        (1, 1, 1, False),
        (0, 0, 0, True),
        (1, 0, 0, False),
        (-1, 0, -5, True),
        (99, 0, 100, True),
        (100, 0, 100, False),
        (1, 199, 0, False),
        (1, 200, 0, True),
    ],
)
def test_boundary_table(remaining, size, minimum, closes):
    """Equality with either minimum is enough; nothing left never is."""
    assert (
        collateral_payout.is_undercollateralised(remaining, size, minimum, ONE_PERCENT, UNIT)
        == closes
    )


def test_remaining_collateral_adds_up():
    """Profit and a counted impact are added, fees are taken."""
    assert collateral_payout.remaining_collateral(1000, -300, -20, 5) == 675


@pytest.mark.parametrize(
    ("tokens", "cost", "price", "returned", "uncovered"),
    [
        (10, 0, 7, 10, 0),
        (10, 1, 7, 9, 0),
        (10, 7, 7, 9, 0),
        (10, 70, 7, 0, 0),
        (10, 71, 7, 0, 1),
        (10, 64, 7, 0, 0),
        (0, 5, 7, 0, 5),
        (0, 0, 7, 0, 0),
    ],
)
def test_payout_table(tokens, cost, price, returned, uncovered):
    """Tokens that pay a cost round up; what they cannot pay is the pool's loss."""
    assert collateral_payout.collateral_returned(tokens, cost, price) == returned
    assert collateral_payout.uncovered_cost(tokens, cost, price) == uncovered


@given(st.integers(0, 10**9), st.integers(0, 10**15), st.integers(1, 10**9))
def test_cost_is_paid_or_uncovered(tokens, cost, price):
    """What the pool keeps and what it loses make up the cost, to less than one token."""
    returned = collateral_payout.collateral_returned(tokens, cost, price)
    uncovered = collateral_payout.uncovered_cost(tokens, cost, price)
    assert 0 <= (tokens - returned) * price + uncovered - cost < price
    assert returned == 0 or uncovered == 0


@pytest.mark.parametrize(("profit", "tokens"), [(-5, 0), (0, 0), (6, 0), (7, 1), (20, 2)])
def test_profit_tokens_table(profit, tokens):
    """The pool pays whole tokens, rounded down, and nothing for a loss."""
    assert collateral_payout.profit_tokens(profit, 7) == tokens
