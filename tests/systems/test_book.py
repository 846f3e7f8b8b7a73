"""The book: what a walk takes, from whom and at which price, against a ladder sorted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from tacoma.world.codes import ASK, BID, REASON_USER
from tacoma.world.limits import RESTING_MAX

MARKET, STEP = 0, 50
Q20 = 1 << 20
UNIT = 1_000  # reference prices are around this: small numbers make ties


@pytest.fixture(scope="module")
def built():
    """A world of which the tests set up the first book by hand."""
    built = worlds.small()
    offsets = [0, 0.01, 0.02, 0.05, *(0.1 * step for step in range(1, 21))]
    built.world.books.curve.offset_q20[:] = [int(offset * Q20) for offset in offsets]
    built.world.books.curve.weight_q20[:] = Q20 // 4
    return built


def set_up(world, quotes, rests=(), consumed=()):
    """Write curves (reference, half spread, bid lots, ask lots), resting orders, what is gone."""
    books = world.books
    books.quotes.reference[MARKET] = 0
    books.depth[MARKET] = 0
    books.levels.consumed[MARKET] = 0
    books.levels.touched[MARKET] = STEP
    books.rests.lots[MARKET] = 0
    for maker, (reference, half_spread, bid, ask) in enumerate(quotes):
        books.quotes.reference[MARKET, maker] = reference
        books.quotes.half_spread[MARKET, maker] = half_spread
        books.depth[MARKET, maker] = bid, ask
    books.base.rest_count[MARKET] = len(rests)
    for row, (lots, price, account) in enumerate(rests):
        books.rests.lots[MARKET, row] = lots
        books.rests.price[MARKET, row] = price
        books.rests.account[MARKET, row] = account
    for maker, side, level, lots in consumed:
        books.levels.consumed[MARKET, maker, side, level] = lots
    world.positions.lots[:] = 0
    world.positions.entry[:] = 0
    world.audit.net_lots[:] = 0


def ladder(world, side, taker):
    """Return [(price, lots, account)] of a side, best first; ties by maker, level, then resting."""
    books, rows = world.books, []
    for maker in range(books.quotes.shape[1]):
        account = int(books.quotes.maker[MARKET, maker])
        reference = int(books.quotes.reference[MARKET, maker])
        half = int(books.quotes.half_spread[MARKET, maker])
        depth = int(books.depth[MARKET, maker, side])
        if reference <= 0 or account == taker:
            continue
        for level in range(len(books.curve)):
            away = -(-reference * int(books.curve.offset_q20[level]) // Q20)
            price = reference - half - away if side == BID else reference + half + away
            lots = depth * int(books.curve.weight_q20[level]) // Q20
            lots -= int(books.levels.consumed[MARKET, maker, side, level])
            if price > 0 and lots > 0:
                rows.append((-price if side == BID else price, 0, maker, level, lots, account))
    for row in range(int(books.base.rest_count[MARKET])):
        lots, price = int(books.rests.lots[MARKET, row]), int(books.rests.price[MARKET, row])
        account = int(books.rests.account[MARKET, row])
        if lots != 0 and (lots > 0) == (side == BID) and account != taker:
            rows.append((-price if side == BID else price, 1, row, 0, abs(lots), account))
    return [(abs(price), lots, account) for price, _, _, _, lots, account in sorted(rows)]


def expected_fills(world, taker, lots, limit):
    """Return the fills of an order, by going down the sorted ladder."""
    side = BID if lots < 0 else ASK
    left, fills = abs(lots), []
    for price, available, account in ladder(world, side, taker):
        beyond = price < limit if side == BID else price > limit
        if left == 0 or (limit > 0 and beyond):
            break
        fills.append((price, min(left, available), account))
        left -= fills[-1][1]
    return fills


def walk(package, monkeypatch, world, slot, lots, limit=0):
    """Send an order; return (filled, money) and the fills as (price, lots, counterparty)."""
    fills = []
    real = package.ledger.trade

    def note(accounts, positions, markets, audit, buyer, seller, taken, price):
        other = seller if buyer == slot else buyer
        assert slot in (buyer, seller)
        assert (buyer == slot) == (lots > 0)
        fills.append((int(price), int(taken), int(positions.account[other])))
        return real(accounts, positions, markets, audit, buyer, seller, taken, price)

    monkeypatch.setattr(package.book, "trade", note)
    got = package.book.walk(
        world.accounts, world.positions, world.markets, world.rules, world.books, world.audit,
        world.flows, slot, lots, limit, REASON_USER, STEP,
    )  # fmt: skip
    return tuple(map(int, got)), fills


def slot_of(world, account):
    """Return an account's slot in the market."""
    slots = range(int(world.accounts.slot_first[account]), int(world.accounts.slot_last[account]))
    return next(slot for slot in slots if world.positions.market[slot] == MARKET)


def traders(built):
    """Return accounts with a slot in the market that are not its makers."""
    world, makers = built.world, set(built.found.makers[0])
    held = world.positions.account[world.positions.market == MARKET]
    return [int(account) for account in held if int(account) not in makers]


CURVES = st.lists(
    st.tuples(
        st.integers(UNIT - 30, UNIT + 30), st.integers(1, 12), st.integers(0, 60),
        st.integers(0, 60),
    ),
    min_size=0, max_size=3,
)  # fmt: skip
RESTS = st.lists(
    st.tuples(
        st.integers(-20, 20).filter(bool), st.integers(UNIT - 60, UNIT + 60), st.integers(0, 4)
    ),
    max_size=5,
)
CONSUMED = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 23), st.integers(0, 20)),
    max_size=8,
)
ORDERS = st.tuples(
    st.integers(-900, 900).filter(bool), st.one_of(st.just(0), st.integers(UNIT - 80, UNIT + 80))
)


@given(quotes=CURVES, rests=RESTS, consumed=CONSUMED, order=ORDERS)
def test_walk_is_the_sorted_ladder(package, built, quotes, rests, consumed, order):
    """
    A walk fills exactly what the sorted ladder gives, in its order.

    So it takes the best price first, resting orders after makers at the same price, never beyond
    the limit, never its own quotes, and every fill has another account on its other side.
    """
    world, people = built.world, traders(built)
    set_up(world, quotes, [(lots, price, people[who]) for lots, price, who in rests], consumed)
    lots, limit = order
    taker = people[0]
    expected = expected_fills(world, taker, lots, limit)
    with pytest.MonkeyPatch.context() as patch:
        (filled, money), fills = walk(package, patch, world, slot_of(world, taker), lots, limit)
    assert fills == expected
    assert filled == sum(taken for _, taken, _ in fills)
    assert money == sum(price * taken for price, taken, _ in fills)
    assert not world.audit.net_lots.any()
    signed = filled if lots > 0 else -filled
    assert int(world.positions.lots[slot_of(world, taker)]) == signed


@given(quotes=CURVES, rests=RESTS, consumed=CONSUMED)
def test_best_price_is_the_ladder_s_first(package, built, quotes, rests, consumed):
    """The top of the book is the first price of the sorted ladder, 0 when the side is empty."""
    world, people = built.world, traders(built)
    set_up(world, quotes, [(lots, price, people[who]) for lots, price, who in rests], consumed)
    for side in (BID, ASK):
        rows = ladder(world, side, -1)
        best = package.book.best_price(world.books, MARKET, side, STEP)
        assert best == (rows[0][0] if rows else 0)


@given(quotes=CURVES, rests=RESTS, order=ORDERS)
def test_what_was_taken_is_gone(package, built, quotes, rests, order):
    """The same order a second time meets the ladder less what the first one took."""
    world, people = built.world, traders(built)
    set_up(world, quotes, [(lots, price, people[who]) for lots, price, who in rests])
    lots, limit = order
    side, taker = BID if lots < 0 else ASK, people[0]
    before = ladder(world, side, taker)
    with pytest.MonkeyPatch.context() as patch:
        (filled, _), _ = walk(package, patch, world, slot_of(world, taker), lots, limit)
    after = ladder(world, side, taker)
    assert sum(row[1] for row in before) - sum(row[1] for row in after) == filled
    assert [row[0] for row in after] == [row[0] for row in before][len(before) - len(after) :]


@pytest.mark.parametrize(
    ("lots", "limit", "fills"),
    [
        (3, 0, [(1010, 3)]),
        (10, 0, [(1010, 10)]),  # exactly the best level
        (11, 0, [(1010, 10), (1020, 1)]),
        (11, 1020, [(1010, 10), (1020, 1)]),  # a limit is a price that may be paid
        (11, 1019, [(1010, 10)]),
        (11, 1009, []),
        (-11, 0, [(990, 10), (980, 1)]),
        (-11, 980, [(990, 10), (980, 1)]),
        (-11, 981, [(990, 10)]),
        (-11, 991, []),
    ],
)
def test_limits(package, built, monkeypatch, lots, limit, fills):
    """A limit is inclusive: orders trade at it and never beyond it."""
    world = built.world
    set_up(world, [(1000, 10, 40, 40)])
    slot = slot_of(world, traders(built)[0])
    _, got = walk(package, monkeypatch, world, slot, lots, limit)
    assert [fill[:2] for fill in got] == fills


def test_makers_do_not_trade_with_themselves(package, built, monkeypatch):
    """A maker that takes liquidity skips its own quotes, however good they are."""
    world = built.world
    set_up(world, [(1000, 1, 40, 40), (1000, 10, 40, 40)])
    first, second = built.found.makers[0][:2]
    _, fills = walk(package, monkeypatch, world, slot_of(world, first), 5)
    assert fills == [(1010, 5, second)]


@pytest.mark.parametrize(
    ("rests", "lots", "fills"),
    [
        ([(5, 995, 1)], -8, [(995, 5, 1), (990, 3, "maker")]),  # a better price comes first
        ([(5, 990, 1)], -8, [(990, 8, "maker")]),  # at the same price it waits behind makers
        ([(5, 990, 1)], -14, [(990, 10, "maker"), (990, 4, 1)]),
        ([(5, 996, 1), (5, 997, 2)], -8, [(997, 5, 2), (996, 3, 1)]),
        ([(5, 997, 1), (5, 997, 2)], -8, [(997, 5, 1), (997, 3, 2)]),  # the earlier first
        ([(5, 997, 0)], -8, [(990, 8, "maker")]),  # not one's own
        ([(-5, 997, 1)], -8, [(990, 8, "maker")]),  # an offer is no bid
        ([(-5, 1003, 1)], 8, [(1003, 5, 1), (1010, 3, "maker")]),
    ],
)
def test_resting_orders(package, built, monkeypatch, rests, lots, fills):
    """Resting orders have price priority, among themselves time priority, and wait for makers."""
    world, people = built.world, traders(built)
    set_up(world, [(1000, 10, 40, 40)], [(size, price, people[who]) for size, price, who in rests])
    _, got = walk(package, monkeypatch, world, slot_of(world, people[0]), lots)
    maker = built.found.makers[0][0]
    names = [(p, taken, maker if who == "maker" else people[who]) for p, taken, who in fills]
    assert got == names


@pytest.mark.parametrize("side", [BID, ASK])
def test_levels_refill_linearly(package, built, side):
    """A consumed level grows by the same lots each step, rounded up, to its full size and stops."""
    world = built.world
    set_up(world, [(1000, 10, 4000, 4000)])
    world.books.base.replenish_q20[MARKET] = Q20 // 20  # full in 20 steps
    package.book.consume(world.books, MARKET, 0, side, 3, 1000, STEP)
    lots = [
        int(package.book.level_lots(world.books, MARKET, 0, side, 3, STEP + waited))
        for waited in range(25)
    ]
    assert lots == [min(50 * waited, 1000) for waited in range(25)]


def test_a_smaller_quote_forgets_nothing(package, built):
    """A maker that quotes less after its level was eaten does not show what it no longer has."""
    world = built.world
    set_up(world, [(1000, 10, 4000, 4000)])
    package.book.consume(world.books, MARKET, 0, BID, 0, 900, STEP)
    world.books.depth[MARKET, 0, BID] = 400
    assert int(package.book.level_lots(world.books, MARKET, 0, BID, 0, STEP)) == 0


def test_empty_side_fills_nothing(package, built, monkeypatch):
    """An order into an empty side is not filled and moves nothing."""
    world = built.world
    set_up(world, [(1000, 10, 0, 40)])
    got, fills = walk(package, monkeypatch, world, slot_of(world, traders(built)[0]), -5)
    assert (got, fills) == ((0, 0), [])


def test_middle_is_the_mean_rounded_down(package, built):
    """The middle is the mean of the best prices rounded down; on an empty side the last trade."""
    world = built.world
    world.markets.last_price[MARKET] = 777
    set_up(world, [(1000, 10, 40, 40), (1003, 10, 40, 40)])
    package.book.update_tops(world.markets, world.books, STEP)
    assert int(world.markets.middle[MARKET]) == (993 + 1010) // 2
    set_up(world, [(1000, 10, 40, 0)])
    package.book.update_tops(world.markets, world.books, STEP)
    assert int(world.markets.best_ask[MARKET]) == 0
    assert int(world.markets.middle[MARKET]) == 777


def test_full_list_refuses_resting_orders(package, built):
    """Resting orders beyond the list's size are refused, and a cancelled place is used again."""
    world = built.world
    set_up(world, [])
    answers = [
        package.intake.accept_limit(world.books, MARKET, 7, 1, 900 + row)
        for row in range(RESTING_MAX + 1)
    ]
    assert answers == [True] * RESTING_MAX + [False]
    assert package.intake.cancel_resting(world.books, MARKET, 7) == RESTING_MAX
    assert package.intake.accept_limit(world.books, MARKET, 7, 1, 900)
