"""Dutch auctions: prices only fall, and a full bid restores the margin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations.dutch_auction import (
    bid_payment,
    buffer_margin,
    insolvent_price,
    most_proportion,
    share_of_remainder,
    solvent_price,
    solvent_price_share,
)

PPM = 10**6
AUCTION = (980_000, 800_000, 100, 14_400)  # start, cutoff, fast and slow length

amounts = st.integers(1, 10**12)
shares = st.integers(0, PPM)


@pytest.mark.parametrize(
    ("elapsed", "share"),
    [
        (-5, 980_000),
        (0, 980_000),
        (30, 926_000),
        (99, 801_800),
        (100, 800_000),
        (600, 772_223),
        (7_300, 400_000),
        (14_499, 56),
        (14_500, 0),
        (10**9, 0),
    ],
)
def test_price_share_table(elapsed, share):
    """The share falls in two stages; each boundary belongs to the later one; the fall floors."""
    assert solvent_price_share(elapsed, *AUCTION) == share


@pytest.mark.parametrize(
    ("elapsed", "share"), [(-1, 800_000), (0, 800_000), (7_200, 400_000), (14_400, 0)]
)
def test_an_auction_may_be_slow_from_its_start(elapsed, share):
    """Without a fast stage the price starts at the cutoff."""
    assert solvent_price_share(elapsed, 980_000, 800_000, 0, 14_400) == share


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_price_share_never_rises(one, other):
    """A later bid never pays a larger share of the value."""
    early, late = sorted([one, other])
    assert solvent_price_share(early, *AUCTION) >= solvent_price_share(late, *AUCTION)


def test_published_quote():
    """The first action of the source's first test, in integers of 10**-18."""
    unit = 10**18
    value, maintenance = 119_306330180774723584, -103_090619490529640448
    margin = buffer_margin(value, maintenance, unit // 5, unit)
    share = solvent_price_share(0, 98 * unit // 100, 80 * unit // 100, 100, 14_400)
    most = most_proportion(margin, value, share, 0, unit)
    payment = bid_payment(solvent_price(value, 0, share, unit), min(unit, most), unit)
    assert (margin, most, payment) == pytest.approx(
        (-147_570009424790470656, 557941285425569408, 65_234608676059463680), rel=1e-14
    )


@given(value=amounts, maintenance=amounts, share=shares, reserved=amounts)
def test_the_whole_proportion_restores_the_margin(value, maintenance, share, reserved):
    """Who sells the largest share has its buffer margin back at 0, within rounding."""
    reserved = min(reserved, value)
    margin = buffer_margin(value, -maintenance, 200_000, PPM)
    most = most_proportion(margin, value, share, reserved, PPM)
    assert 0 <= most <= PPM
    # What is left keeps its part of the margin and gains the payment and the reserved cash anew.
    sold = value * share // PPM + reserved * (PPM - share) // PPM
    after = margin * (PPM - most) + sold * most
    assert -(maintenance + value) * 2 <= after <= 2 * (maintenance + value)


@pytest.mark.parametrize("margin", [0, 1, 10**9])
def test_a_healthy_account_is_not_for_sale(margin):
    """Without a lack of margin no share may be bought."""
    assert most_proportion(margin, 10**9, 900_000, 0, PPM) == 0


@pytest.mark.parametrize(
    ("value", "maintenance", "elapsed", "price"),
    [
        (-100, -500, 0, -100),
        (-100, -500, 300, -300),
        (-100, -500, 599, -499),
        (-100, -500, 600, -500),
        (-100, -500, 10_000, -500),
        (250, -500, 0, 0),
        (250, -500, 300, -250),
        (-100, 0, 300, 0),
        (-100, 7, 300, 0),
        (-1, -4, 100, -1),  # -1.5, toward zero
    ],
)
def test_insolvent_price_table(value, maintenance, elapsed, price):
    """The fund pays ever more, up to the maintenance margin; none while that is not negative."""
    assert insolvent_price(value, maintenance, elapsed, 600) == price


def test_a_share_of_the_original_grows_as_others_buy():
    """A tenth of the account is a ninth of what is left after another tenth."""
    assert share_of_remainder(100_000, 900_000, PPM) == 111_111
    assert share_of_remainder(900_000, 900_000, PPM) == PPM


@pytest.mark.parametrize(
    ("price", "share", "payment"), [(7, 500_000, 3), (-7, 500_000, -3), (7, 0, 0), (7, PPM, 7)]
)
def test_payment_rounds_toward_zero(price, share, payment):
    """Neither side pays a fraction of a unit."""
    assert bid_payment(price, share, PPM) == payment


@pytest.mark.parametrize(
    ("value", "reserved", "price"), [(100, 0, 90), (100, 40, 54), (100, 100, 0), (30, 40, 0)]
)
def test_reserved_cash_is_not_for_sale(value, reserved, price):
    """Cash that earlier buyers paid in stays with the account."""
    assert solvent_price(value, reserved, 900_000, PPM) == price
