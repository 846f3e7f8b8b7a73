"""Liquidation by orders: how much at a time, at which worst price, and what the fund can bear."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems.transplants import Hands, made, under
from tacoma.world.codes import MARKET_SIZINGS

PPM = 10**6
BOUNDS = ["none", "bankruptcy", "mark_deviation", "fillable"]


@pytest.fixture(scope="module")
def okx():
    """A calm world under okx: stepped brackets, one fund."""
    return made(under("okx", calm=True))


@pytest.fixture(scope="module")
def dydx():
    """A calm world under dydx-v4: a fillable price, one fund, no take-over."""
    return made(under("dydx-v4", calm=True))


def ordered(hands, slot):
    """Return the lots that the next order for a slot closes."""
    world = hands.world
    equity, need, _ = hands.scan.margin(hands.account)
    return int(hands.package.market_size.lots_ordered(
        world.markets, world.tiers, world.rules, world.accounts, world.positions, slot, equity,
        need,
    ))  # fmt: skip


def sized(package, start, sizing, **columns):
    """Return one account whose venue sizes its orders in this way."""
    hands = Hands(package, *start)
    hands.rules(market_sizing=MARKET_SIZINGS.index(sizing), **columns)
    return hands


@given(lots=st.integers(-(10**6), 10**6).filter(bool), part=st.integers(1, PPM))
def test_clips_are_a_part_of_what_is_left(package, okx, lots, part):
    """A clip is the rulebook's part of the position, rounded down, and at least one lot."""
    hands = sized(package, okx, "clips", slice_ppm=part)
    slot = hands.hold("BTC", lots)
    assert ordered(hands, slot) == max(1, abs(lots) * part // PPM)


def test_clips_go_on_until_nothing_is_left(package, okx):
    """Clip after clip a position ends, however small the part."""
    hands = sized(package, okx, "clips", slice_ppm=250_000)
    slot, clips = hands.hold("BTC", 1000), []
    while hands.world.positions.lots[slot]:
        clips.append(ordered(hands, slot))
        hands.world.positions.lots[slot] -= clips[-1]
    assert clips[:3] == [250, 187, 140]
    assert sum(clips) == 1000


@given(lots=st.integers(-(10**6), 10**6).filter(bool), price=st.integers(1, 10**7))
def test_two_tiers_lower(package, okx, lots, price):
    """The order leaves the most lots whose notional lies two brackets lower; none of the first two.

    The bracket is looked up in the rulebook, with its lower bounds included.
    """
    hands = sized(package, okx, "two_tiers")
    hands.price("BTC", price)
    slot = hands.hold("BTC", lots)
    bounds = [lower for lower, _ in hands.scan.rows[hands.market("BTC")]]
    tier = sum(lower <= abs(lots) * price for lower in bounds) - 1
    wanted = ordered(hands, slot)
    if tier < 2:
        assert wanted == abs(lots)
        return
    left = abs(lots) - wanted
    assert left * price < bounds[tier - 1]
    assert (left + 1) * price >= bounds[tier - 1]


@given(
    lots=st.integers(-(10**6), 10**6).filter(bool),
    part=st.fractions(-1, 2),
    health=st.integers(PPM, 2 * PPM),
)
def test_to_health_is_the_least_that_heals(package, dydx, lots, part, health):
    """What is closed at the mark brings equity to `health` times maintenance, and a lot less not.

    Maintenance is a flat rate here, so that it shrinks with the position.
    """
    hands = sized(package, dydx, "to_health", health_ppm=health)
    slot = hands.hold("BTC", lots)
    need = hands.need()
    equity = math.floor(part * need)
    hands.set_equity(equity)
    wanted = ordered(hands, slot)

    def shortage(closed):
        left = Fraction(need * (abs(lots) - closed), abs(lots))
        return left * Fraction(health, PPM) - equity

    assert 0 <= wanted <= abs(lots)
    if wanted < abs(lots):
        assert shortage(wanted) <= 1  # rounding of the products: less than a quantum each
    if wanted > 0:
        assert shortage(wanted - 1) > -1


@pytest.mark.parametrize(("excess", "wanted"), [(0, 0), (1, 1)])
def test_to_health_where_equality_is_too_little(package, dydx, excess, wanted):
    """With equity of just maintenance a lot is closed where that is too little, else nothing."""
    hands = sized(package, dydx, "to_health", health_ppm=PPM)
    hands.rules(margin_excess=excess)
    slot = hands.hold("BTC", 1000)
    hands.set_equity(hands.need())
    assert ordered(hands, slot) == wanted
    hands.rules(margin_excess=0)


@pytest.mark.parametrize("sliced", [0, 1])
@pytest.mark.parametrize("above", [-1, 0, 1])
def test_slices(package, okx, sliced, above):
    """Above the bound, strictly, a slice goes first; at it, or after the slice, all of it."""
    hands = sized(package, okx, "slices", slice_ppm=200_000)
    slot = hands.hold("BTC", 1000)
    hands.rules(slice_above_quanta=1000 * hands.price("BTC") - above)
    hands.world.accounts.sliced[hands.account] = sliced
    assert ordered(hands, slot) == (200 if above > 0 and not sliced else 1000)


# ------------------------------------------------------------------- the worst price


def limit(hands, slot, kind):
    """Return the worst price that an order for a slot accepts."""
    world = hands.world
    hands.rules(bound_kind=BOUNDS.index(kind))
    equity, need, _ = hands.scan.margin(hands.account)
    share = hands.package.share_equity.equity_share(
        world.markets, world.tiers, world.positions, slot, equity, need
    )
    return int(hands.package.market.order_limit(
        world.markets, world.tiers, world.rules, world.accounts, world.positions, hands.venue,
        slot, share, equity, need,
    ))  # fmt: skip


@pytest.mark.parametrize(("side", "worst"), [(1, 90_000_000), (-1, 110_000_000)])
def test_deviation_from_the_mark(package, okx, side, worst):
    """A long is sold at no less than mark - deviation, a short bought at no more than mark + it."""
    hands = Hands(package, *okx)
    hands.rules(bound_deviation_ppm=100_000)
    hands.price("BTC", 100_000_000)
    assert limit(hands, hands.hold("BTC", side * 100), "mark_deviation") == worst
    assert limit(hands, hands.slot("BTC"), "none") == 0


@given(
    lots=st.integers(-(10**6), 10**6).filter(bool),
    part=st.fractions(-2, 1),
    capital=st.one_of(st.just(0), st.integers(-(10**9), 10**15)),
)
def test_the_fillable_price_and_the_guard_of_the_fund(package, dydx, lots, part, capital):
    """
    The worst price is the nearer of two: as far as the margin ratio allows, as the fund can pay.

    The first is the mark less (for a short, plus) spread * maintenance * the part of maintenance
    that equity lacks; filled there or anywhere better, what the fund owes it has.
    """
    scenario = dydx[0]
    hands = Hands(package, *dydx)
    mark = hands.price("BTC")
    slot = hands.hold("BTC", lots)
    need = hands.need()
    equity = math.floor(part * need)
    hands.set_equity(equity)
    for fund in hands.funds:
        hands.set_equity(capital, fund)
    spread = scenario.venues[0].rules.waterfall.market.spread_to_maintenance
    lacking = min(max(1 - Fraction(equity, need), Fraction(0)), Fraction(1))
    side = 1 if lots > 0 else -1
    by_ratio = mark - side * lacking * spread * need / abs(lots)
    by_fund = mark - side * Fraction(equity + max(capital, 0), abs(lots))
    got = limit(hands, slot, "fillable")
    expected = max(by_ratio, by_fund) if side > 0 else min(by_ratio, by_fund)
    assert abs(got - max(expected, 1)) < 2
    debt = -(equity + lots * (got - mark))
    # One quantum a lot: prices are whole, and the bankruptcy price rounds for the account.
    assert got == 1 or debt <= max(capital, 0) + abs(lots)


def test_nobody_is_sold_below_the_bound(package, dydx):
    """In the book of the venue no fill of a liquidation is worse than its bound."""
    hands = Hands(package, *dydx)
    world = hands.world
    slot = hands.hold("BTC", 10_000)
    hands.set_equity(hands.need() // 2)
    worst = limit(hands, slot, "fillable")
    package.market.close_in_market(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.venues,
        world.books, world.audit, world.flows, world.events, hands.account, 1,
    )  # fmt: skip
    rows = world.events.liquidations[: int(world.events.counts["liquidations"][0])]
    assert len(rows) > 0
    assert (rows.price >= worst).all()
    assert int(rows.lots.sum()) == 10_000 - int(world.positions.lots[slot]) > 0


# ------------------------------------------------------------------- the stage as a whole


@pytest.mark.parametrize("side", [1, -1])
def test_a_liquidation_stops_when_the_account_is_healthy(package, okx, side):
    """Positions close in order until what is left is healthy; the rest stays as it is."""
    hands = sized(package, okx, "slices", slice_above_quanta=10**15, liquidation_fee_ppm=0)
    hands.rules(bound_kind=BOUNDS.index("none"))
    world = hands.world
    btc, eth = hands.price("BTC"), hands.price("ETH")
    first = hands.hold("BTC", side * max(10**9 // btc, 1))
    second = hands.hold("ETH", side * (2 * 10**9 // eth))
    kept = int(world.positions.lots[second])
    hands.set_equity(hands.need() - 1)
    package.market.close_in_market(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.venues,
        world.books, world.audit, world.flows, world.events, hands.account, 1,
    )  # fmt: skip
    assert int(world.positions.lots[first]) == 0
    assert int(world.positions.lots[second]) == kept
    assert hands.equity() >= hands.need()


@pytest.mark.parametrize(
    ("equity", "fee"), [(-5, 0), (0, 0), (9_999, 9_999), (10_000, 10_000), (10_001, 10_000)]
)
def test_the_fee_is_no_more_than_what_is_left(package, okx, equity, fee):
    """The clearance fee is its part of the money that was traded, and leaves nobody a debt."""
    hands = Hands(package, *okx)
    hands.rules(liquidation_fee_ppm=10_000)
    world, fund = hands.world, hands.funds[0]
    hands.set_equity(equity)
    package.market.charge_fee(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.audit,
        world.events, hands.account, fund, 10**6, 1,
    )  # fmt: skip
    assert (hands.equity(), int(world.accounts.balance[fund])) == (equity - fee, fee)
