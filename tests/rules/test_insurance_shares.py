"""Insurance shares: their worth, what waiting costs, when they are rebased."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses import insurance_shares as shares

AMOUNTS = st.integers(1, 10**24)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_shares_there_and_back_never_gain(amount, total, vault):
    """An amount turned into shares and back is at most the amount."""
    bought = shares.shares_of_amount(amount, total, vault)
    assert shares.amount_of_shares(bought, total, vault) <= amount


def test_empty_funds():
    """The first stake gets a share per token, and shares of nothing are worth nothing."""
    assert shares.shares_of_amount(7, 0, 0) == 7
    assert shares.amount_of_shares(0, 0, 5) == 0


@pytest.mark.parametrize(
    ("held", "requested", "total", "vault", "lost"),
    [
        (100_000_000, 99_999_999, 10**9, 10**9, 2),
        (100_000_000, 100_000_000, 10**9, 10**9, 0),
        (100_000_000, 99_999_999, 10**9, 1_100_000_000, 10_000_001),
        (100, 50, 100, 100, 100),  # nobody else is left to buy from
        (0, 0, 100, 100, 0),
    ],
)
def test_shares_lost_table(held, requested, total, vault, lost):
    """What the fund earned after the request stays with those who stayed."""
    assert shares.shares_lost_by_waiting(held, requested, total, vault) == lost


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_cancelling_never_gains(held, others, vault, requested):
    """After a cancelled request the shares are worth at most what was requested, or unchanged."""
    total = held + others
    lost = shares.shares_lost_by_waiting(held, requested, total, vault)
    assert 0 <= lost <= held
    if lost:
        worth = shares.amount_of_shares(held - lost, total - lost, vault)
        assert worth <= requested


@pytest.mark.parametrize(
    ("total", "vault", "exponent"),
    [
        (0, 1, 0),
        (60_078, 606, 0),
        (60_078, 600, 1),
        (800_000_078_000_000, 1, 13),
        (99, 1, 0),
        (100, 1, 1),
        (999, 1, 1),
        (1_000, 1, 2),
    ],
)
def test_rebase_table(total, vault, exponent):
    """Shares lose a digit once a hundred of them make a token."""
    assert shares.rebase_exponent(total, vault) == exponent


@given(AMOUNTS, st.integers(1, 10**12))
def test_a_rebase_leaves_ten_to_a_hundred_shares_per_token(total, vault):
    """Afterwards fewer than a hundred shares, up to rounding, make a token; none needs another."""
    exponent = shares.rebase_exponent(total, vault)
    assert shares.rebase_exponent(total // 10**exponent, vault) == 0
