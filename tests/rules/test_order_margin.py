"""Open orders: their margin, whether one more is accepted, and which are cancelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.margins import order_cancel, order_margin

LOTS = st.integers(-1000, 1000)
SIZE = st.integers(0, 1000)


@pytest.mark.parametrize(
    ("position", "buys", "sells", "buy_open", "sell_open"),
    [(-1, 3, 2, 2, 3), (10, 0, 13, 10, 3), (10, 0, 5, 10, 0), (0, 4, 7, 4, 7), (-5, 2, 0, 0, 5)],
)
def test_open_size_table(position, buys, sells, buy_open, sell_open):
    """The position offsets orders against it and adds to those with it."""
    assert order_margin.open_lots(position, 1, buys) == buy_open
    assert order_margin.open_lots(position, -1, sells) == sell_open
    worst = order_margin.worst_open_lots(position, buys, sells, True)
    assert worst == max(buy_open, sell_open)


@pytest.mark.parametrize(("is_netted", "size"), [(True, 10), (False, 13)])
def test_netting_is_a_parameter(is_netted, size):
    """The formula says 10 where the worked example of the same source says 13."""
    assert order_margin.worst_open_lots(10, 0, 13, is_netted) == size


@given(LOTS, SIZE, SIZE)
def test_netting_never_asks_for_more(position, buys, sells):
    """Without netting the open size is at least as large, and never below the position."""
    netted = order_margin.worst_open_lots(position, buys, sells, True)
    assert abs(position) <= netted <= order_margin.worst_open_lots(position, buys, sells, False)


@pytest.mark.parametrize(
    ("lots", "mark", "rate", "required"),
    [
        (3, 90_000, (2, 100), 5400),
        (-3, 90_000, (2, 100), 5400),
        (1, 3, (1, 2), 2),
        (0, 9, (1, 2), 0),
    ],
)
def test_margin_table(lots, mark, rate, required):
    """Open size * mark * rate, rounded up, for either side."""
    assert order_margin.open_margin_quanta(lots, mark, *rate) == required


@pytest.mark.parametrize(
    ("equity", "before", "after", "accepted"),
    [(100, 0, 100, True), (99, 0, 100, False), (80, 98, 98, True), (80, 98, 99, False)],
)
def test_acceptance_table(equity, before, after, accepted):
    """Enough equity, or no more margin than before: either is enough."""
    assert order_margin.is_order_accepted(equity, before, after) is accepted


@pytest.mark.parametrize(
    ("position", "side", "orders", "room"),
    [(-900, -1, 0, 100), (-900, 1, 0, 1900), (-900, -1, 60, 40), (1000, 1, 0, 0), (1200, 1, 0, 0)],
)
def test_room_table(position, side, orders, room):
    """The room shrinks with the position and the open orders of the side, never below zero."""
    assert order_margin.order_room_lots(1000, position, side, orders) == room


@pytest.mark.parametrize(
    ("side", "price", "is_rejected"),
    [
        (-1, 94, True),
        (-1, 95, False),
        (-1, 200, False),
        (1, 106, True),
        (1, 105, False),
        (1, 90, False),
    ],
)
def test_band_table(side, price, is_rejected):
    """Only aggressive prices are held to the band, and its edges belong to it."""
    assert order_margin.is_beyond_band(side, price, 95, 105) is is_rejected


def cancelled(position, orders):
    out = [7] * len(orders)
    columns = [[order[column] for order in orders] for column in range(3)]
    count = order_cancel.mark_orders_to_cancel(position, *columns, len(orders), out)
    assert count == sum(out)
    return out


@pytest.mark.parametrize(
    ("position", "orders", "out"),
    [
        (10, [(1, 2, 1900), (-1, 5, 2150), (-1, 3, 2100), (-1, 3, 2200)], [1, 0, 0, 1]),
        (-10, [(-1, 2, 9), (1, 5, 7), (1, 3, 8), (1, 3, 6)], [1, 0, 0, 1]),
        (0, [(1, 2, 9), (-1, 5, 7)], [1, 1]),
        (10, [(-1, 10, 9)], [0]),
        (10, [(-1, 11, 9)], [1]),
        (10, [(-1, 6, 9), (-1, 6, 9)], [0, 1]),
        (10, [], []),
    ],
)
def test_cancel_table(position, orders, out):
    """Orders with the position go, then the most passive against it; of equals the later."""
    assert cancelled(position, orders) == out


@given(
    st.integers(-50, 50),
    st.lists(
        st.tuples(st.sampled_from([-1, 1]), st.integers(1, 20), st.integers(1, 9)), max_size=8
    ),
)
def test_what_stays_offsets_and_is_most_aggressive(position, orders):
    """What stays fits the position, is no more passive than what went, and is not too little."""
    out = cancelled(position, orders)
    pairs = list(zip(orders, out, strict=True))
    kept = [order for order, is_gone in pairs if not is_gone]
    gone = [order for order, is_gone in pairs if is_gone and order[0] * position < 0]
    assert all(side * position < 0 for side, _, _ in kept)
    assert sum(size for _, size, _ in kept) <= abs(position)
    assert all(k[0] * k[2] >= g[0] * g[2] for k in kept for g in gone)
    if gone:  # the last to go: the most aggressive, of equals the first
        last = max(gone, key=lambda order: order[0] * order[2])
        assert sum(size for _, size, _ in kept) + last[1] > abs(position)
