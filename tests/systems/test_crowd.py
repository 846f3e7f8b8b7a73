"""The population's orders: stops that close, take-profits, and prices that the door accepts."""

import numpy as np
import pytest

from systems import worlds
from tacoma.scenario import from_dict
from tacoma.world.agents import DOWN, UP
from tacoma.world.codes import CALM, ORDER, REASON_STOP, REASON_USER, RETAIL


def day(move, **people):
    """Drive a day on which prices move by a part within a minute; return (driven, stops)."""
    table = worlds.fall(worlds.table(600, timeline=[]), -move, "15:55:30", "15:56:30")
    table["population"] |= {"alert_slack": 0, "profit_share": 0, "stop_share": 0} | people
    scenario = from_dict(table)
    stops = worlds.start(scenario).agents.crowd.stops
    return worlds.driven(scenario, 200).driven, stops


@pytest.fixture(scope="module")
def falling():
    """A fall of 6 % for people who all have stops at 3 %."""
    return day(-0.06, stop_share=1, stop_distances=["3 %"])


def orders(driven, reason):
    """Return the orders of the population with a reason."""
    rows = driven.journal[(driven.journal.kind == ORDER) & (driven.journal.third == reason)]
    return rows[driven.built.world.accounts.kind[rows.account] == RETAIL]


def test_stops_close_who_loses(falling):
    """In a fall the stops of longs are sent, as sales, and those of shorts are not."""
    rows = orders(falling[0], REASON_STOP)
    assert len(rows) > 100
    assert (rows["first"] < 0).all()


def test_stops_wait_for_their_price(falling):
    """A stop is sent the step after the mark has reached its price, and not before."""
    driven, stops = falling
    world = driven.built.world
    price = dict(zip(stops.slot.tolist(), stops.price.tolist(), strict=True))
    marks = world.record.market[:, :, 0]
    for row in orders(driven, REASON_STOP):
        slots = range(
            int(world.accounts.slot_first[row.account]), int(world.accounts.slot_last[row.account])
        )
        slot = next(s for s in slots if world.positions.market[s] == row.market)
        seen = marks[1 : row.step, row.market]
        assert seen[-1] <= price[slot]
        assert (seen[:-1] > price[slot]).all()


def test_stops_close_the_whole_position(falling):
    """A stop asks for the position to be closed, nothing else, at most 5 % from the mark."""
    rows = orders(falling[0], REASON_STOP)
    assert (rows.fourth == 1).all()  # reduce only
    marks = falling[0].built.world.record.market[:, :, 0]
    mark = marks[rows.step.astype(np.int64) - 1, rows.market.astype(np.int64)]
    assert (rows.second == mark * 950_000 // 1_000_000).all()


def test_profits_are_taken_on_the_other_side():
    """In a fall shorts take profit, with purchases, and nobody is stopped."""
    driven, _ = day(-0.06, profit_share=1, profit_distances=["3 %"])
    rows = orders(driven, REASON_USER)
    assert len(rows) > 50
    assert (rows["first"] > 0).all()
    assert len(orders(driven, REASON_STOP)) == 0


def test_conditional_orders_are_sorted_by_nearness():
    """Those waiting for a fall are sorted from the highest price, for a rise from the lowest."""
    table = worlds.table(600, timeline=[])
    table["population"]["stop_share"] = 1
    built = worlds.start(from_dict(table))
    crowd, marks = built.agents.crowd, built.world.markets.mark
    for group, bounds in enumerate(crowd.groups):
        prices = crowd.stops.price[int(bounds.cursor) : int(bounds["last"])]
        market, way = divmod(group, 2)
        assert prices.tolist() == sorted(prices.tolist(), reverse=way == DOWN)
        assert ((prices < marks[market]) == (way == DOWN)).all()
        assert way in {DOWN, UP}


def test_nobody_is_in_the_calendar_twice(package):
    """Who notices again before acting keeps the first appointment; the list stays a list."""
    crowd = worlds.small().agents.crowd
    for account, step in ((5, 9), (6, 9), (5, 9), (6, 12)):
        package.crowd.schedule(crowd, account, step)
    found, account = [], int(crowd.calendar[9])
    while account >= 0:
        found.append(account)
        account = int(crowd.accounts.following[account])
    assert found == [6, 5]
    assert int(crowd.calendar[12]) == -1


def test_whoever_is_calm_does_nothing():
    """On a calm day nobody closes or tops up."""
    table = worlds.fall(worlds.table(600, timeline=[]), 0.0)
    driven = worlds.driven(from_dict(table), 200).driven
    retail = driven.built.world.accounts.kind == RETAIL
    assert (driven.built.world.accounts.status[retail] == CALM).mean() > 0.9
    assert len(driven.liquidations) == 0


def test_stops_trade_at_the_largest_lots():
    """With lots worth almost the limit a purchase to stop a loss is still accepted."""
    table = worlds.fall(worlds.table(600, timeline=[]), -0.06, "15:55:30", "15:56:30")
    table["assets"][0]["lot"] = "0.0201"  # 2,010 USD, and 2,130 after the rise
    table["population"] |= {"stop_share": 1, "stop_distances": ["3 %"]}
    table["population"] |= {"entry_spread": "1 %", "short_entry_premium": "1 %"}
    driven = worlds.driven(from_dict(table), 200).driven
    market = driven.built.directory.market("binance", "BTC").row
    assert len(orders(driven, REASON_STOP)) > 0
    stopped = worlds.MARKET_STOP
    assert driven.built.world.record.market[:, market, stopped].sum() > 0
