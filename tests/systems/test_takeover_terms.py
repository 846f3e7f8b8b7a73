"""Terms of a take-over: what moves with a position, how much at once, and who gets the fee."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from systems.exact import required
from systems.transplants import Hands, made, under
from tacoma.world.codes import CAPACITY_KINDS, SPOT, TAKEOVER_SIZINGS, TRANSFER_KINDS

PPM = 10**6
RICH = 10**15
LOTS = st.integers(-(10**6), 10**6).filter(bool)


@pytest.fixture(scope="module")
def vertex():
    """A calm world under vertex: a backstop, an insurance fund, margin by weights."""
    return made(under("vertex", calm=True))


@pytest.fixture(scope="module")
def paradex():
    """A calm world under paradex: the insurance fund takes over, flat margin."""
    return made(under("paradex", calm=True))


def terms(package, start, transfer, sizing="all", *, capacity="unlimited", **columns):
    """Return an account whose venue takes over on these terms, with rich funds behind it."""
    hands = Hands(package, *start)
    hands.rules(
        transfer_kind=TRANSFER_KINDS.index(transfer),
        takeover_sizing=TAKEOVER_SIZINGS.index(sizing),
        capacity_kind=CAPACITY_KINDS.index(capacity), takeover_interval=1, takeover_numerator=1,
        takeover_denominator=1, takeover_fee_ppm=0, insurance_share_ppm=0, portion_ppm=PPM,
        target_ppm=PPM, auction_steps=10, discount_start_ppm=0, discount_end_ppm=PPM,
    )  # fmt: skip
    hands.rules(**columns)
    for fund in hands.funds:
        hands.set_equity(RICH, fund)
    return hands


def buyer(hands, symbol="BTC"):
    """Return the account that takes over positions in a coin."""
    return int(hands.world.markets.fund[hands.market(symbol)])


def insurer(hands, symbol="BTC"):
    """Return the account that fees of a coin go to."""
    return int(hands.world.markets.insurance_fund[hands.market(symbol)])


# ------------------------------------------------------------------- at the mark less a fee


@given(
    lots=LOTS, fee=st.integers(0, 200_000), share=st.integers(0, PPM),
    part=st.fractions(-2, Fraction(99, 100)),
)  # fmt: skip
def test_the_fee_and_who_gets_it(package, vertex, lots, fee, share, part):
    """
    The account keeps its equity less the fee; the fund's share goes to insurance, rounded down.

    The fee is the rulebook's part of the notional, within a quantum; nothing is made.
    """
    hands = terms(
        package, vertex, "at_mark_less_fee", takeover_fee_ppm=fee, insurance_share_ppm=share
    )
    hands.hold("BTC", lots)
    equity = math.floor(part * hands.need())
    hands.set_equity(equity)
    before = worlds.worth(hands.world)
    hands.take_over()
    charged = equity - hands.equity()
    assert hands.lots("BTC") == 0
    exact = Fraction(abs(lots) * hands.price("BTC") * fee, PPM)
    assert abs(charged - exact) < abs(lots) + 1  # prices are whole quanta a lot
    part_of_fund = charged * share // PPM
    assert buyer(hands) != insurer(hands)
    assert hands.equity(insurer(hands)) == RICH + part_of_fund
    assert hands.equity(buyer(hands)) == RICH + charged - part_of_fund
    assert worlds.worth(hands.world) == before


def test_a_fund_that_takes_over_keeps_the_whole_fee(package, paradex):
    """Where insurance itself takes over, its share of the fee is all of it."""
    hands = terms(
        package, paradex, "at_mark_less_fee", takeover_fee_ppm=10_000, insurance_share_ppm=500_000
    )
    hands.hold("BTC", 1000)
    hands.set_equity(1)
    hands.take_over()
    assert buyer(hands) == insurer(hands)
    assert hands.equity(buyer(hands)) == RICH + 1 - hands.equity()
    assert hands.equity() == 1 - 1000 * hands.price("BTC") // 100


# ------------------------------------------------------------------- auctions


@pytest.mark.parametrize("elapsed", [0, 1, 4, 5, 9, 10, 11, 1000])
@pytest.mark.parametrize(("start", "end"), [(0, PPM), (200_000, 700_000)])
def test_the_buyer_s_part_grows_with_time(package, vertex, elapsed, start, end):
    """The part of the equity that moves grows in a line, from the start to the end, and stays."""
    hands = terms(package, vertex, "auction", discount_start_ppm=start, discount_end_ppm=end)
    hands.hold("BTC", 1000)
    equity = hands.need() // 2
    hands.set_equity(equity)
    hands.world.accounts.since[hands.account] = 100
    hands.take_over(step=100 + elapsed)
    discount = start + (end - start) * min(elapsed, 10) // 10
    assert hands.lots("BTC") == 0
    assert hands.equity() == equity - equity * discount // PPM
    assert hands.equity(buyer(hands)) == RICH + equity * discount // PPM


@pytest.mark.parametrize("elapsed", range(11))
def test_nobody_buys_before_it_pays(package, vertex, elapsed):
    """A position is taken at the first step at which the offered part is worth the buyer's fee."""
    hands = terms(package, vertex, "auction", takeover_fee_ppm=3_000)
    hands.hold("BTC", 1000)
    notional = 1000 * hands.price("BTC")
    equity = notional // 100
    hands.set_equity(equity)
    hands.take_over(step=elapsed)
    assert (hands.lots("BTC") == 0) == (equity * elapsed // 10 >= notional * 3 // 1000)


@given(equity=st.integers(-(10**12), 0), lots=LOTS)
def test_what_is_under_water_moves_at_once(package, vertex, equity, lots):
    """Without equity there is nothing to bid for: position and debt move at once, as a whole."""
    hands = terms(package, vertex, "auction", takeover_fee_ppm=100_000)
    hands.hold("BTC", lots)
    hands.set_equity(equity)
    hands.take_over(step=0)
    assert (hands.lots("BTC"), hands.equity()) == (0, 0)
    assert hands.equity(buyer(hands)) == RICH + equity


# ------------------------------------------------------------------- how much at once


@given(lots=LOTS, part=st.integers(1, PPM), equity=st.integers(-(10**12), 10**12))
def test_portions(package, vertex, lots, part, equity):
    """
    A portion of what is left moves, rounded down, at least one lot, with its part of the equity.

    Sold at the bankruptcy price, what stays has the ratio of equity to size that it had.
    """
    hands = terms(package, vertex, "at_bankruptcy_price", "portion", portion_ppm=part)
    hands.hold("BTC", lots)
    equity = min(equity, hands.need() - 1)
    hands.set_equity(equity)
    hands.take_over()
    taken = max(1, abs(lots) * part // PPM)
    assert abs(hands.lots("BTC")) == abs(lots) - taken
    assert abs(hands.equity() - Fraction(equity * (abs(lots) - taken), abs(lots))) <= 1
    assert hands.equity(buyer(hands)) + hands.equity() == RICH + equity


@given(
    holdings=st.lists(LOTS, min_size=1, max_size=3), parts=st.sampled_from([2, 5, 10]),
    target=st.sampled_from([50, 90, 100]), fee=st.sampled_from([0, 5_000]),
    part=st.fractions(0, Fraction(99, 100)),
)  # fmt: skip
def test_share_steps(package, paradex, holdings, parts, target, fee, part):
    """
    The fewest equal parts of every position are taken that bring maintenance below the target.

    All of them where fewer do not; every position loses the same number of parts, rounded up.
    """
    hands = terms(
        package, paradex, "at_mark_less_fee", "share_steps", takeover_fee_ppm=fee,
        portion_ppm=PPM // parts, target_ppm=target * PPM // 100,
    )  # fmt: skip
    symbols = ("BTC", "ETH", "SOL")[: len(holdings)]
    for symbol, lots in zip(symbols, holdings, strict=True):
        hands.hold(symbol, lots)
    need, notional = hands.need(), hands.scan.margin(hands.account)[2]
    equity = math.floor(part * need)
    hands.set_equity(equity)
    hands.take_over()
    cost = min(Fraction(notional * fee, PPM), need)

    def first_healed(slack):
        for steps in range(1, parts):
            left = Fraction(need * (parts - steps), parts)
            rest = equity - cost * Fraction(steps, parts) + slack
            if left * 100 < rest * target:
                return steps
        return parts

    def lost(lots, steps):
        return min(-(-abs(lots) * steps // parts), abs(lots))

    taken = [
        abs(lots) - abs(hands.lots(symbol)) for symbol, lots in zip(symbols, holdings, strict=True)
    ]
    possible = [
        steps for steps in range(1, parts + 1)
        if taken == [lost(lots, steps) for lots in holdings]
    ]  # fmt: skip
    slack = need // 10**5 + parts  # the penalty's rate is in ppm, rounded up
    first, last = first_healed(slack), first_healed(-slack)
    assert any(first <= steps <= last for steps in possible)


@given(
    lots=LOTS, fee=st.sampled_from([0, 6_000]), target=st.integers(PPM, 2 * PPM),
    part=st.fractions(-1, Fraction(99, 100)),
)  # fmt: skip
def test_to_health(package, vertex, lots, fee, target, part):
    """
    The fewest lots move, at the mark less a fee, that bring equity to the target of maintenance.

    Everything where no part of it would do.
    """
    hands = terms(
        package, vertex, "at_mark_less_fee", "to_health", takeover_fee_ppm=fee, target_ppm=target
    )
    hands.hold("BTC", lots)
    need, price = hands.need(), hands.price("BTC")
    equity = math.floor(part * need)
    hands.set_equity(equity)
    hands.take_over()
    taken = abs(lots) - abs(hands.lots("BTC"))
    assert 0 < taken

    def lacking(closed):
        rest = equity - Fraction(closed * price * fee, PPM)
        return Fraction(need * (abs(lots) - closed), abs(lots)) * Fraction(target, PPM) - rest

    slack = abs(lots) + 2  # whole quanta a lot
    assert taken == abs(lots) or lacking(taken) <= slack
    assert lacking(taken - 1) > -slack
    if taken < abs(lots):
        assert hands.equity() * PPM >= hands.need() * target - (slack + 1) * PPM


def test_to_health_where_equality_is_too_little(package, vertex):
    """Where equity of just maintenance is too little, a lot moves that makes it more than that."""
    hands = terms(package, vertex, "at_mark_less_fee", "to_health", margin_excess=1)
    hands.hold("BTC", 1000)
    hands.set_equity(hands.need())
    hands.take_over()
    assert hands.lots("BTC") == 999
    assert hands.equity() > hands.need()
    hands.rules(margin_excess=0)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([0], [300]),
        ([0, 1, 29], [300, 0, 0]),  # the window of 30 steps is used up
        ([0, 29, 30], [300, 0, 300]),  # and begins anew
        ([0, 30, 60, 90], [300, 300, 300, 100]),
    ],
)
def test_the_cap_of_a_window(package, vertex, steps, expected):
    """At most the rulebook's part of open interest is taken over per window, over all accounts."""
    hands = terms(
        package, vertex, "at_bankruptcy_price", "window_cap", portion_ppm=300_000, window_steps=30
    )
    hands.hold("BTC", 1000)
    hands.world.markets.open_lots[hands.market("BTC")] = 1000
    hands.set_equity(1)
    taken = []
    for step in steps:
        before = hands.lots("BTC")
        hands.take_over(step)
        hands.world.markets.open_lots[hands.market("BTC")] = 1000
        taken.append(before - hands.lots("BTC"))
    assert taken == expected


def test_what_a_fund_refuses_leaves_the_window_to_others(package, vertex):
    """Lots that nobody took do not count against the window's cap."""
    hands = terms(
        package, vertex, "at_bankruptcy_price", "window_cap", portion_ppm=PPM, window_steps=30,
        capacity="fund_not_negative",
    )  # fmt: skip
    hands.hold("BTC", 1000)
    hands.world.markets.open_lots[hands.market("BTC")] = 1000
    hands.set_equity(-1)
    hands.set_equity(0, buyer(hands))
    hands.take_over(0)
    assert (hands.lots("BTC"), int(hands.world.accounts.refused[hands.account])) == (1000, 1)
    hands.set_equity(RICH, buyer(hands))
    hands.take_over(1)
    assert (hands.lots("BTC"), int(hands.world.accounts.refused[hands.account])) == (0, 0)


# ------------------------------------------------------------------- who may take over


@pytest.mark.parametrize("beside", [-1, 0, 1])
@pytest.mark.parametrize("equity", [-1000, 0, 1000])
def test_a_fund_that_must_cover_maintenance(package, vertex, beside, equity):
    """It takes over if its equity with what it receives covers its maintenance with the new."""
    hands = terms(package, vertex, "at_bankruptcy_price", capacity="fund_covers_maintenance")
    hands.hold("BTC", 1000)
    hands.set_equity(equity)
    fund = buyer(hands)
    hands.hold("ETH", 500, fund)
    own = required(hands.scenario, hands.directory.market("binance", "BTC"), 1000,
                   hands.price("BTC"))  # fmt: skip
    hands.set_equity(hands.need(fund) + own - equity + beside, fund)
    hands.take_over()
    assert (hands.lots("BTC") == 0) == (beside >= 0)


def test_a_drawn_fund_takes_nothing(package, vertex):
    """A fund that has lost more than the rulebook allows refuses whatever its capital."""
    hands = terms(package, vertex, "at_bankruptcy_price")
    hands.hold("BTC", 1000)
    hands.set_equity(1)
    row = hands.market("BTC")
    hands.world.markets.fund_drawn[row] = 1
    hands.take_over()
    assert hands.lots("BTC") == 1000
    hands.world.markets.fund_drawn[row] = 0
    hands.take_over()
    assert hands.lots("BTC") == 0


@pytest.mark.parametrize("transfer", TRANSFER_KINDS)
def test_collateral_goes_with_the_equity_only(package, transfer):
    """Where the equity moves as a whole, collateral goes along; else it stays with its owner."""
    start = under("binance-usdm", calm=True)
    hands = terms(package, made(start), transfer)
    hands.hold("BTC", 1000)
    collateral = hands.slot("USDE", kind=SPOT)
    hands.world.positions.lots[collateral] = 50
    hands.set_equity(1)
    before = worlds.worth(hands.world)
    hands.take_over(step=10)
    moved = transfer in {"at_bankruptcy_price", "positions_and_margin"}
    assert hands.lots("BTC") == 0
    assert int(hands.world.positions.lots[collateral]) == (0 if moved else 50)
    assert worlds.worth(hands.world) == before


def test_collateral_is_no_position_to_the_steps(package):
    """How many parts of an account are taken does not depend on what its collateral is worth."""
    start = under("binance-usdm", calm=True)
    taken = []
    for lots in (0, 10**7):
        hands = terms(
            package, made(start), "at_mark_less_fee", "share_steps",
            portion_ppm=100_000, target_ppm=900_000, takeover_fee_ppm=200,
        )  # fmt: skip
        hands.hold("BTC", 1000)
        hands.world.positions.lots[hands.slot("USDE", kind=SPOT)] = lots
        hands.set_equity(hands.need() * 97 // 100)
        hands.take_over()
        taken.append(1000 - hands.lots("BTC"))
    assert taken[0] == taken[1] < 1000
