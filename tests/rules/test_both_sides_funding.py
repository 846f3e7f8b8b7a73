"""Losses without an owner: the insurance first, the rest to everyone, to the last unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses import both_sides_funding as losses
from tacoma.rules.positions.perp_value import funding_from_index

AMOUNTS = st.integers(0, 10**24)
BASE = 10**9


@pytest.mark.parametrize(
    ("loss", "vault", "claim", "paid"),
    [(100, 1000, 500, 100), (100, 50, 500, 49), (100, 1000, 30, 30), (100, 0, 500, 0)],
)
def test_insurance_table(loss, vault, claim, paid):
    """The fund pays the loss, within its claim, and keeps one unit."""
    assert losses.insurance_payment(loss, vault, claim, 1) == paid


@pytest.mark.parametrize(
    ("loss", "open_base", "charge"),
    [
        (-100_000_000, 11 * BASE, 9_090_910_000),
        (100_000_000, 11 * BASE, 9_090_910_000),
        (-1, 3 * BASE, 1000),
        (0, BASE, 0),
    ],
)
def test_charge_table(loss, open_base, charge):
    """The charge per unit of size is rounded up, in thousands of the index."""
    assert losses.funding_index_charge(loss, open_base, BASE, 1000) == charge


@given(st.integers(1, 10**15), st.integers(1, 10**6), st.integers(1, 10**6))
def test_both_sides_together_cover_the_loss(loss, longs, shorts):
    """What the charge takes from whole units of longs and shorts is never less than the loss."""
    charge = losses.funding_index_charge(-loss, (longs + shorts) * BASE, BASE, 1000)
    taken = -funding_from_index(longs * BASE, charge, 0, 10**12)
    taken += -funding_from_index(-shorts * BASE, -charge, 0, 10**12)
    assert taken >= loss


@pytest.mark.parametrize(
    ("loss", "deposits", "haircut"),
    [
        (11_000_000, 120_000_000, 916_666_667),
        (5, 0, 0),
        (0, 10, 0),
        (120_000_000, 120_000_000, 10**10),
    ],
)
def test_haircut_table(loss, deposits, haircut):
    """Depositors lose their share rounded up, all of it at a total loss, nothing without them."""
    assert losses.deposit_index_haircut(10**10, loss, deposits) == haircut


@given(AMOUNTS, st.integers(1, 10**24))
def test_the_haircut_covers_the_loss(loss, deposits):
    """Deposits valued at the lower index have shrunk by at least the loss."""
    index = 10**10
    cut = losses.deposit_index_haircut(index, loss, deposits)
    assert deposits * cut >= loss * index
