"""Indexes, marks and collateral prices: what failing sources move, and what they cannot."""

import numpy as np
import pytest

from systems import worlds
from tacoma.scenario import from_dict
from tacoma.world.codes import SPOT
from tacoma.world.layout import MARKET_COLUMNS

MARK, INDEX = MARKET_COLUMNS.index("mark"), MARKET_COLUMNS.index("index")
EVERY_SOURCE = ["binance", "okx", "bybit", "coinbase", "kraken", "kucoin", "gate", "mexc"]


def series(timeline, *, drop=0.0, steps=150, accounts=100, change=lambda table: None):
    """Drive a day (flat, or with a fall from second 40 to 100); return its market records."""
    table = worlds.fall(worlds.table(accounts), drop, "15:55:40", "15:56:40")
    table["timeline"] = timeline
    # So little open interest that two days differ by what the sources say, not by forced flow.
    for place in table["venues"]:
        for market in place["markets"]:
            market["open_interest"] = "1 M USD"
    change(table)
    built = worlds.driven(from_dict(table), steps).driven.built
    return built, built.world.record.market


def source_event(name, mode, **more):
    return {"kind": "source", "at": "15:55:30", "until": "15:57:10", "source": name, "mode": mode
            } | more  # fmt: skip


def relative(one, other, market, column=INDEX):
    """Return the largest relative difference of a column while the fault is on."""
    first, second = (record[40:130, market, column].astype(float) for record in (one, other))
    return float(np.max(np.abs(first / second - 1.0)))


@pytest.fixture(scope="module")
def honest():
    """A calm day in which every source tells the truth."""
    return series([])


@pytest.mark.parametrize(("symbol", "cap"), [("BTC", 0.01), ("ETH", 0.01), ("SOL", 0.03)])
@pytest.mark.parametrize("factor", [0.5, 1.5, 100])
def test_the_cap_holds_one_liar(honest, symbol, cap, factor):
    """One liar of seven equal sources moves a capped mean by a seventh of the cap, however big."""
    built, true = honest
    _, lied = series([source_event("okx", "lying", factor=factor)])
    moved = relative(lied, true, built.directory.market("binance", symbol).row)
    assert cap / 7 * 0.9 < moved < cap / 7 * 1.1 + 0.0005


@pytest.mark.parametrize("liars", [["okx", "bybit"], ["binance", "okx"], ["kraken", "kucoin"]])
def test_a_weighted_median_ignores_a_minority(honest, liars):
    """Liars with less than half of the weight do not move a weighted median beyond its noise."""
    built, true = honest
    _, lied = series([source_event(name, "lying", factor=1.5) for name in liars])
    assert relative(lied, true, built.directory.market("hyperliquid", "BTC").row) < 0.001


def test_a_weighted_median_follows_a_majority(honest):
    """Liars with more than half of the weight own a weighted median."""
    built, true = honest
    liars = ["binance", "okx", "bybit"]
    _, lied = series([source_event(name, "lying", factor=1.05) for name in liars])
    moved = relative(lied, true, built.directory.market("hyperliquid", "BTC").row)
    assert moved == pytest.approx(0.05, abs=0.002)


def test_a_lie_about_one_asset_stays_there(honest):
    """A source that lies about one asset leaves the indexes of others alone."""
    built, true = honest
    _, lied = series([source_event("okx", "lying", factor=1.5, assets=["SOL"])])
    market = built.directory.market("binance", "BTC").row
    assert (lied[:, market, INDEX] == true[:, market, INDEX]).all()


@pytest.mark.parametrize("mode", ["frozen", "dead"])
def test_without_news_the_index_stays(mode):
    """When all sources freeze or die in a fall, the index stays until they return."""
    events = [source_event(name, mode) for name in EVERY_SOURCE]
    built, record = series(events, drop=0.10)
    for name, interval in (("binance", 1), ("hyperliquid", 3)):
        row = built.directory.market(name, "BTC").row
        index = record[:, row, INDEX]
        assert len(set(index[30 + 3 * interval : 130].tolist())) == 1
        assert index[145] < 0.93 * index[130]


@pytest.mark.parametrize("mode", ["frozen", "dead"])
def test_one_silent_source_changes_little(mode):
    """A single source that stops in a fall of 10 % moves a capped mean by at most cap / 7."""
    built, true = series([], drop=0.10)
    _, record = series([source_event("okx", mode)], drop=0.10)
    row = built.directory.market("binance", "BTC").row
    assert relative(record, true, row) < 0.01 / 7 + 0.001


def test_a_dead_source_is_forgotten_when_stale():
    """A dead source counts with its last price until it is stale, and then not at all."""

    def stale_after_20_s(table):
        worlds.venue(table, "hyperliquid")["rules"]["prices"]["index"]["stale_after"] = "20 s"

    dead = [source_event(name, "dead") for name in ("binance", "okx", "bybit")]
    built, record = series(dead, drop=0.10, change=stale_after_20_s)
    _, true = series([], drop=0.10)
    row = built.directory.market("hyperliquid", "BTC").row
    index = record[:, row, INDEX].astype(float)
    assert index[48] > 0.9995 * index[31]  # seven of eleven parts of the weight stand still
    assert index[66] == pytest.approx(true[66, row, INDEX], rel=0.004)  # the rest speaks alone


def test_lagging_sources_show_the_past():
    """With all sources 30 s late, the index of a falling day is that of 30 s before."""
    lag = [source_event(name, "lagging", lag="30 s") for name in EVERY_SOURCE]
    built, late = series(lag, drop=0.10)
    _, true = series([], drop=0.10)
    row = built.directory.market("binance", "BTC").row
    shown, before = (late[80:130, row, INDEX].astype(float), true[50:100, row, INDEX].astype(float))
    assert np.max(np.abs(shown / before - 1.0)) < 0.003
    assert shown[0] > 1.02 * true[80, row, INDEX]


# ---------------------------------------------------------------------- index, by hand


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        # source: (price, step at which it was heard); index at step 400, stale after 300 steps
        ({"okx": (100, 400), "bybit": (102, 399), "kraken": (104, 398)}, 102),
        ({"okx": (100, 400), "bybit": (100, 399), "kraken": (900, 398)}, 101),  # at most 103
        ({"okx": (100, 400), "bybit": (102, 100)}, 101),  # 300 steps old: still counts
        ({"okx": (100, 400), "bybit": (102, 99)}, 100),  # 301 steps: stale
        ({"okx": (100, 400), "bybit": (0, 400)}, 100),  # has never spoken
        ({"okx": (100, 400), "binance": (500, 400)}, 100),  # no weight at this venue
        ({}, 0),
    ],
)
def test_index_by_hand(package, heard, expected):
    """The index takes live, fresh, weighted sources only, each within the cap."""
    built = worlds.small()
    world, market = built.world, built.directory.market("binance", "SOL")
    world.oracles.heard.price[:] = 0
    world.oracles.heard.heard[:] = 0
    for name, (price, step) in heard.items():
        world.oracles.heard[market.asset, built.directory.sources.index(name)] = price, step
    got = package.oracle.index_price(world.markets, world.rules, world.oracles, market.row, 400)
    assert int(got) == expected


def test_an_index_without_sources_keeps_its_last(package):
    """With no live source the index stays, rather than falling to 0."""
    built = worlds.small()
    world = built.world
    world.oracles.heard.price[:] = 0
    before = world.markets.index.copy()
    package.oracle.update_indexes(world.markets, world.rules, world.oracles, 3)
    assert (world.markets.index == before).all()


# ---------------------------------------------------------------------- marks


def test_marks_change_at_their_interval(crash):
    """A venue that marks every 3 seconds does so at multiples of 3 and at no other step."""
    record = crash.driven.built.world.record.market
    row = crash.driven.built.directory.market("hyperliquid", "BTC").row
    mark = record[1:601, row, MARK]
    changed = np.flatnonzero(np.diff(mark)) + 2
    assert len(changed) > 100
    assert set((changed % 3).tolist()) == {0}


def test_the_previous_mark_is_the_one_before(package):
    """After a mark the previous one is kept, for the venue that deleverages at it."""
    built = worlds.small()
    world, row = built.world, built.directory.market("hyperliquid", "BTC").row
    marks = [int(world.markets.mark[row])]
    for step in range(1, 13):
        for column in ("middle", "index", "best_bid", "best_ask", "last_price"):
            world.markets[column][row] += 5_000 * step
        package.mark.update_marks(
            world.clock, world.markets, world.rules, world.oracles, world.books, step
        )
        if step % 3 == 0:
            assert int(world.markets.previous_mark[row]) == marks[-1]
            marks.append(int(world.markets.mark[row]))
            assert int(world.markets.margin_price[row]) == marks[-1]
    assert len(set(marks)) > 2


def test_the_basis_average_covers_thirty_samples(package):
    """The moving average of the basis is that of the last 30 samples, rounded down."""
    built = worlds.small()
    random = np.random.Generator(np.random.Philox(key=3))
    samples = random.integers(-(10**6), 10**6, 75).tolist()
    assert int(package.mark.basis_average(built.world.markets, 0)) == 0
    for count, sample in enumerate(samples, start=1):
        package.mark.push_basis_sample(built.world.markets, built.world.oracles, 0, sample)
        last = samples[max(0, count - 30) : count]
        assert int(package.mark.basis_average(built.world.markets, 0)) == sum(last) // len(last)


@pytest.mark.parametrize(
    ("venue", "step", "seconds"),
    [
        ("binance", 0, 300),  # 15:55:00, funding at 16:00
        ("binance", 299, 1),
        ("binance", 300, 8 * 3600),
        ("hyperliquid", 299, 1),
        ("hyperliquid", 301, 3599),
    ],
)
def test_time_to_funding(package, venue, step, seconds):
    """The mark knows how long it is to the next multiple of the funding interval in the day."""
    built = worlds.small()
    row = built.directory.venues.index(venue)
    got = package.mark.seconds_to_funding(built.world.clock, built.world.rules, row, step)
    assert int(got) == seconds


# ---------------------------------------------------------------------- collateral

SALE = [
    {"kind": "depth", "at": "15:55:20", "until": "15:58", "venue": "binance", "asset": "USDE",
     "factor": 0.02},
    {"kind": "sell", "at": "15:55:25", "until": "15:57", "venue": "binance", "asset": "USDE",
     "amount": "20 M USD"},
]  # fmt: skip


def sale(price, events=SALE):
    """Sell USDE on a calm day with this price rule; return (lowest price, who was liquidated)."""

    def rule(table):
        worlds.venue(table, "binance")["rules"]["collateral"]["USDE"]["price"] = price
        table["population"]["collateral_share"] = "60 %"
        for group in table["population"]["groups"]:
            group["leverage"] = [10, 40]

    table = worlds.fall(worlds.table(600), 0.0)
    table["timeline"] = events
    rule(table)
    crash = worlds.driven(from_dict(table), 180)
    row = crash.driven.built.directory.market("binance", "USDE", kind=SPOT).row
    low = crash.driven.built.world.record.market[1:181, row, MARK].min() / 10_000_000
    return low, set(crash.driven.liquidations.account.tolist())


def test_the_own_book_prices_collateral():
    """Priced by the venue's own book, a sale of the collateral liquidates those who hold it."""
    low, liquidated = sale("own_book")
    assert low < 0.9
    assert len(liquidated) > 5


@pytest.mark.parametrize("price", ["redemption", "index"])
def test_other_prices_do_not_follow_the_sale(price):
    """Priced by redemption or by an index of other venues, the same sale liquidates nobody."""
    low, liquidated = sale(price)
    assert low > 0.99
    assert liquidated == set()


def test_a_sale_in_the_crash_liquidates_nobody_extra_by_redemption():
    """In the crash itself, with redemption prices the sale of USDE adds no liquidation."""
    found = {}
    for price in ("redemption", "own_book"):
        for kinds in (("sell", "depth"), ()):
            table = worlds.table(1000)
            worlds.venue(table, "binance")["rules"]["collateral"]["USDE"]["price"] = price
            quiet = [e for e in table["timeline"] if e["kind"] not in {"sell", "depth"}]
            sold = [e for e in table["timeline"] if e["kind"] in kinds]
            rows = worlds.driven(from_dict(table | {"timeline": quiet + sold})).driven.liquidations
            found[price, bool(kinds)] = set(rows.account.tolist())
    assert found["redemption", True] - found["redemption", False] == set()
    assert found["own_book", True] - found["own_book", False]
