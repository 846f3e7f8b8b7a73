"""Every rule that a scenario can break: the message names file, field, value and remedy."""

from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest

from tacoma.errors import InputError, RulebookError, ScenarioError
from tacoma.scenario import from_dict, raw
from tacoma.scenario.paths import lookup, set_value

FILE = "oct-2025.toml"
DROP = object()  # take the field away
BTC = "venues.binance.markets.BTC"
RULES = "venues.binance.rules"


@cache
def oct_2025():
    return raw("oct-2025")


def broken(changes):
    """Return the message of the bundled scenario with these fields changed."""
    table = deepcopy(oct_2025())
    for path, value in changes.items():
        if value is DROP:
            parent, _, key = path.rpartition(".")
            del (lookup(table, parent) if parent else table)[key]
        else:
            set_value(table, path, value(lookup(table, path)) if callable(value) else value)
    with pytest.raises(ScenarioError) as caught:
        from_dict(table, file=FILE)
    assert caught.value.exit_code == 2
    assert isinstance(caught.value, InputError)
    return str(caught.value)


def renamed(key):
    """Return a change that gives a table's entry another key."""
    return lambda table: {**{k: v for k, v in table.items() if k != key}, key + "s": table[key]}


def repeated(entries):
    """Return a list with its first entry once more."""
    return [*entries, entries[0]]


def without(name):
    """Return a change that takes an entry out of a list."""
    return lambda entries: [entry for entry in entries if name not in entry.values()]


def event(**fields):
    """Return a timeline of one event."""
    return [{"at": "21:00", "until": "21:10", **fields}]


def path_of(*anchors):
    return [[time, Decimal(price)] for time, price in anchors]


def tiers(*pairs):
    return [list(pair) for pair in pairs]


FIELDS = [
    ({"makers.capital": 10**6}, "makers.capital = 1000000: gives makers 1e12 USD or more"),
    # -- units and ranges of single fields
    ({f"{BTC}.depth": "-5 M USD"}, f'{BTC}.depth = "-5 M USD": must be more than 0 USD; write it'),
    ({f"{BTC}.depth": "0 USD"}, f'{BTC}.depth = "0 USD": must be more than 0 USD'),
    ({f"{BTC}.depth": 5}, f'{BTC}.depth = 5: needs a unit; write it like "60 M USD"'),
    ({f"{BTC}.depth": "5 M"}, f'{BTC}.depth = "5 M": must be an amount of money'),
    ({f"{BTC}.depth": "1000 B USD"}, 'depth = "1000 B USD": must be less than 1000 B USD'),
    ({f"{BTC}.depth": DROP}, f"{BTC}.depth: is missing: a market without a book; write it like"),
    ({f"{BTC}.long_share": 0}, f"{BTC}.long_share = 0: must be more than 0 and at most 1"),
    ({f"{BTC}.short_share": "101 %"}, f'{BTC}.short_share = "101 %": must be more than 0 and'),
    ({f"{BTC}.half_spread": 1}, f'{BTC}.half_spread = 1: needs a unit; write it like "2 %" or'),
    ({f"{BTC}.open_interest": "0 USD"}, f"{BTC}.open_interest"),
    ({"seed": -1}, "seed = -1: must be a whole number from 0 to 9_223_372_036_854_775_807"),
    ({"seed": 2**63}, "seed = 9223372036854775808: must be a whole number"),
    ({"seed": Decimal("1.5")}, "seed = 1.5: must be a whole number"),
    ({"seed": True}, "seed = true: must be a whole number"),
    ({"seed": "7"}, 'seed = "7": must be a whole number'),
    ({"accounts": 99}, "accounts = 99: must be a whole number from 100 to 200_000_000"),
    ({"accounts": 200_000_001}, "accounts = 200000001: must be a whole number from 100"),
    ({"accounts": DROP}, "accounts: is missing; write it like accounts = 100000"),
    ({"makers.count": 0}, "makers.count = 0: must be a whole number from 1 to 64"),
    ({"makers.return_time": "0 s"}, 'makers.return_time = "0 s": must be more than 0 s'),
    ({"makers.return_time": "6"}, 'makers.return_time = "6": needs a unit; write it like "90 s"'),
    ({"makers.return_time": "6 USD"}, "must be a duration in h, min, s or ms"),
    ({"sources.okx.lag": "-1 s"}, 'sources.okx.lag = "-1 s": must be 0 s or more'),
    ({"sources.okx.noise": "1 USD"}, 'sources.okx.noise = "1 USD": must be a ratio with its unit'),
    ({"assets.BTC.lot": "0"}, 'assets.BTC.lot = "0": must be more than 0; write it like "0.001"'),
    ({"assets.BTC.volatility": Decimal("0.4")}, "assets.BTC.volatility = 0.4: needs a unit"),
    ({"assets.BTC.loading": -1}, "assets.BTC.loading = -1: must be 0 or more"),
    ({"assets.BTC.symbol": "B.C"}, "must be a name of letters, digits, spaces, - and _"),
    ({"population.size_tail": 0}, "population.size_tail = 0: must be more than 0"),
    ({"population.groups.low.leverage": [2]}, "must be [lowest, highest] with 0.1 <= lowest"),
    ({"population.groups.low.leverage": [6, 2]}, "population.groups.low.leverage = [6, 2]: must"),
    ({"population.groups.low.leverage": [0, 2]}, "must be [lowest, highest] with 0.1 <= lowest"),
    ({"population.positions": "0.5"}, 'population.positions = "0.5": must be a list'),
    ({"title": 5}, "title = 5: must be text in quotes"),
    ({"makers": 5}, "makers = 5: must be a table of fields"),
    ({"makers": DROP}, "makers: is missing."),
    ({"engine.feedback": 1}, "engine.feedback = 1: must be true or false"),
    # -- names that nobody knows
    ({"makers": renamed("count")}, "makers.counts = 3: is not a known field; did you mean count."),
    ({"venues.binance.markets.BTC": renamed("depth")}, "BTC.depths"),
    ({"sources.okx.colour": "red"}, 'okx.colour = "red": is not a known field; known here are la'),
    ({"timeline.news.asset": "BTC"}, 'timeline.news.asset = "BTC": is not a known field'),
    ({f"{RULES}.margin.tier": 1}, f"{RULES}.margin.tier = 1: is not a known field; did you mean t"),
    # -- clock
    ({"clock.start": "yesterday"}, 'clock.start = "yesterday": must be a date and time in UTC'),
    ({"clock.start": datetime(2025, 10, 10, 20)}, "must be a date and time in UTC"),  # noqa: DTZ001
    ({"clock.end": lambda end: end - timedelta(days=1)}, "must be after clock.start"),
    ({"clock.end": lambda end: end + timedelta(days=3)}, "by at most 72 hours"),
    ({"clock.step": "500 ms"}, 'clock.step = "500 ms": must be a whole number of seconds from 1'),
    ({"clock.step": "61 s"}, 'clock.step = "61 s": must be a whole number of seconds from 1 to 60'),
    ({"clock.step": "7 s"}, 'clock.step = "7 s": must divide the time from clock.start to'),
]

ASSETS = [
    ({"assets.DOT.anchors[3]": ["21:15", 0]}, 'assets.DOT.anchors[3] = ["21:15", 0]: must be a'),
    ({"assets.DOT.anchors[3]": ["9 pm", 3]}, "must be a pair [time of day, price in USD]"),
    ({"assets.DOT.anchors[3]": ["21:15"]}, "must be a pair [time of day, price in USD]"),
    ({"assets.DOT.anchors[3]": ["21:60", 3]}, "must be a pair [time of day, price in USD]"),
    ({"assets.DOT.anchors[3]": ["20:30", 3]}, "must be within the clock, 20:45 to 24:00"),
    ({"assets.DOT.anchors[3]": ["24:01", 3]}, 'assets.DOT.anchors[3] = ["24:01", 3]: must be wi'),
    ({"assets.DOT.anchors[3]": ["21:00", 3]}, "must be later than the anchor before it (21:00)"),
    ({"assets.DOT.anchors[3]": ["20:55", 3]}, "must be later than the anchor before it (21:00)"),
    ({"assets.DOT.anchors": path_of(("20:46", 3), ("24:00", 3))}, 'start of the clock, "20:45"'),
    ({"assets.DOT.anchors": path_of(("20:45", 3), ("23:59", 3))}, 'the end of the clock, "24:00"'),
    (
        {"assets.DOT.anchors": path_of(("20:45", 3))},
        "must have an anchor at both ends of the clock",
    ),
    ({"assets.DOT.anchors": DROP}, "assets.DOT.anchors: is missing (or give a redemption); write"),
    ({"assets.USDE.anchors": path_of(("20:45", 1))}, "must be absent, since redemption gives the"),
    ({"assets.USDE.redemption.underlying": "EUR"}, 'underlying = "EUR": must be USD or an asset'),
    ({"assets.USDE.redemption.underlying": "WBETH"}, "must be USD or an asset that has anchors"),
    ({"assets.USDE.redemption.ratio": 0}, "assets.USDE.redemption.ratio = 0: must be more than 0"),
    ({"assets.BTC.lot": "1"}, "it must be from 0.001 USD to 2.15 k USD: choose a smaller lot"),
    ({"assets.DOGE.lot": "0.001"}, "a lot worth 0.000178 USD; it must be from 0.001 USD"),
    ({"assets.WBETH.lot": "1"}, 'assets.WBETH.lot = "1": makes a lot worth 4.33 k USD'),
    ({"assets": repeated}, 'assets.*.symbol: must be different names, but "BTC" is there 2 times'),
    ({"assets": []}, "assets = []: must have at least one entry"),
    ({"assets.DOT.symbol": "USD"}, 'assets.USD.symbol = "USD": is a reserved word'),
]

MARKETS = [
    ({f"{BTC}.asset": "XMR"}, 'markets.XMR.asset = "XMR": must be an asset: BTC, ETH, SOL'),
    ({f"{BTC}.asset": "USDE"}, "needs a spot market, which the index reads; add USDE to spot.mark"),
    ({"spot.markets": without("DOT")}, 'binance.markets.DOT.asset = "DOT": needs a spot market'),
    ({"spot.markets.BTC.asset": "XMR"}, 'spot.markets.XMR.asset = "XMR": must be an asset: BTC'),
    ({"venues.binance.spot_markets.USDE.asset": "XMR"}, "must be an asset: BTC, ETH"),
    ({f"{BTC}.open_interest": "300 B USD"}, "must be from 1 to 1_073_741_823 lots: change it or"),
    ({f"{BTC}.open_interest": "10 USD"}, f'{BTC}.open_interest = "10 USD": is 0 lots; it must be'),
    ({"venues.binance.markets": repeated}, "venues.binance.markets.*.asset: must be different nam"),
    ({"venues.binance.markets": []}, "venues.binance.markets = []: must have at least one entry"),
    ({"venues.binance.name": "spot"}, 'venues.spot.name = "spot": must differ from spot.name'),
    ({"sources": repeated}, 'sources.*.name: must be different names, but "binance" is there 2'),
    ({"sources.binance.local_venue": "bnance"}, "must be a venue: binance or hyperliquid"),
    ({"sources.okx.local_share": "5 %"}, 'sources.okx.local_share = "5 %": needs local_venue'),
    ({"venues": without("hyperliquid")}, "venues.*.account_share: must sum to 1, but sum to 0.86"),
    ({"population.groups": without("low")}, "population.groups.*.accounts: must sum to 1, but su"),
    ({"population.groups.low.interest": 1}, "population.groups.*.interest: must sum to 1, but sum"),
    (
        {"population.positions": [1, 1]},
        "population.positions = [1, 1]: must sum to 1, but sum to 2",
    ),
    ({"population.top_up_share": "66 %"}, "must be at most 1 together with population.top_up_sh"),
    ({"population.stop_distances": []}, "population.stop_distances = []: must not be empty"),
    ({"makers.shares": ["50 %", "30 %", "30 %"]}, "must sum to 1, but sum to 1.1: change one"),
    ({"makers.count": 2}, "must have makers.count (2) entries, one per maker"),
    ({"makers.shares": []}, "makers.shares = []: must have makers.count (3) entries"),
]

TIMELINE = [
    ({"timeline.gateway.at": "20:30"}, 'timeline.gateway.at = "20:30": must be within the clock'),
    ({"timeline.gateway.at": "24:00"}, 'timeline.gateway.at = "24:00": must be within the clock'),
    ({"timeline.gateway.until": "24:01"}, 'until = "24:01": must be within the clock, 20:45:00'),
    ({"timeline.gateway.until": "21:18"}, 'until = "21:18": must be later than at (21:18)'),
    ({"timeline.gateway.until": "21:00"}, 'until = "21:00": must be later than at (21:18)'),
    ({"timeline.gateway.until": DROP}, "timeline.gateway.until: is missing; write it like until"),
    ({"timeline.gateway.at": "9 pm"}, 'at = "9 pm": must be a time of day, UTC; write it like'),
    ({"timeline.gateway.venue": "okx"}, 'venue = "okx": must be a venue: binance, hyperliquid or'),
    ({"timeline.gateway.kind": "gatway"}, 'kind = "gatway": must be one of "news", "volatility",'),
    ({"timeline.gateway.kind": DROP}, "kind: is missing"),
    (
        {"timeline[3].asset": "XMR"},
        'timeline[3].asset = "XMR": must be an asset with a spot book on',
    ),
    (
        {"timeline[3].asset": "BTC"},
        'timeline[3].asset = "BTC": must be an asset with a spot book on',
    ),
    ({"timeline[3].amount": "60 M"}, 'timeline[3].amount = "60 M": must be an amount of money'),
    (
        {"timeline": event(kind="depth", venue="all", factor=0.1)},
        "timeline.depth.asset: is missing: name one asset, or several",
    ),
    (
        {"timeline": event(kind="depth", venue="all", factor=0.1, asset="BTC", assets=["ETH"])},
        'timeline.depth.asset = "BTC": must not be given beside assets',
    ),
    (
        {"timeline": event(kind="depth", venue="okx", factor=0.1, asset="BTC")},
        'timeline.depth.venue = "okx": must be a venue or "all"',
    ),
    (
        {"timeline": event(kind="depth", venue="all", factor=0.1, assets=["BTC", "XMR"])},
        'timeline.depth.assets[1] = "XMR": must be an asset with a market',
    ),
    (
        {"timeline": event(kind="source", source="okex", mode="dead")},
        'timeline.source.source = "okex": must be a source: binance, okx',
    ),
    (
        {"timeline": event(kind="source", source="okx", mode="frozn")},
        'timeline.source.mode = "frozn": must be "frozen", "lagging", "lying" or "dead"',
    ),
    (
        {"timeline": event(kind="source", source="okx", mode="dead", assets=["XMR"])},
        'timeline.source.assets[0] = "XMR": must be an asset: BTC',
    ),
    (
        {"timeline": event(kind="source", source="okx", mode="lagging")},
        'timeline.source.lag: must be more than 0 s; write it like lag = "30 s"',
    ),
    (
        {"timeline": event(kind="source", source="okx", mode="dead", lag="5 s")},
        'timeline.source.lag = "5 s": belongs to mode lagging alone',
    ),
    (
        {"timeline": event(kind="source", source="okx", mode="lying")},
        "timeline.source.factor: is missing: what a lying source's price is multiplied with",
    ),
    (
        {"timeline": event(kind="source", source="okx", mode="frozen", factor=2)},
        "timeline.source.factor = 2: belongs to mode lying alone",
    ),
]

RULEBOOKS = [
    (
        {"clock.step": "2 s"},
        'rules.waterfall.adl.interval = "3 s": must be a whole number of steps',
    ),
    ({f"{RULES}.margin.tiers.BTC[0]": [1, "1 %"]}, 'tiers.BTC[0] = [1, "1 %"]: must start at 0'),
    ({f"{RULES}.margin.tiers.BTC[1]": [0, "0.5 %"]}, "must start above the tier before it (0 USD)"),
    ({f"{RULES}.margin.tiers.BTC[1]": [50, "0.4 %"]}, "a higher rate than the tier before it (0.4"),
    ({f"{RULES}.margin.tiers.BTC[9]": [300_000_000, "100 %"]}, "more than 0 % and below 100 %"),
    ({f"{RULES}.margin.tiers.BTC[1]": [50, 5]}, "a maintenance rate that needs a unit"),
    ({f"{RULES}.margin.tiers.BTC[1]": ["50 k", "1 %"]}, "starts with a notional that must be an a"),
    ({f"{RULES}.margin.tiers.BTC[1]": [-1, "1 %"]}, 'BTC[1] = [-1, "1 %"]: starts below 0 USD'),
    ({f"{RULES}.margin.tiers.BTC[1]": 5}, "BTC[1] = 5: must be a pair [from this notional, ...]"),
    ({f"{RULES}.margin.tiers.BTC": []}, "must have at least one tier, which starts at 0 USD"),
    ({f"{RULES}.margin.tiers": {}}, 'must have tiers; write it like default = [[0, "1 %"]]'),
    ({f"{RULES}.margin.tiers.default": DROP}, 'has no tiers for DOT and no "default"'),
    ({f"{RULES}.margin.kind": "tier"}, f'{RULES}.margin.kind = "tier": must be one of "tiers", "b'),
    ({f"{RULES}.collateral.USDE.weight": 0}, "USDE.weight = 0: must be more than 0 and at most 1"),
    ({f"{RULES}.collateral.USDE.weight": "101 %"}, "must be more than 0 and at most 1 (100 %)"),
    ({f"{RULES}.collateral.USDE.price": "spot"}, 'must be "own_book", "index" or "redemption"'),
    (
        {f"{RULES}.collateral.BTC": {"weight": 1, "price": "own_book"}},
        "BTC to venues.binance.spot_",
    ),
    ({f"{RULES}.collateral.BTC": {"weight": 1, "price": "redemption"}}, "needs assets.BTC.redemp"),
    ({f"{RULES}.collateral.XMR": {"weight": 1, "price": "index"}}, "must be an asset: BTC, ETH"),
    ({f"{RULES}.prices.index.weights.okx": 0}, "okx = 0: must be a whole number from 1 to"),
    ({f"{RULES}.prices.index.weights.okex": 1}, "weights.okex = 1: must be a source: binance, okx"),
    ({f"{RULES}.prices.index.weights": {}}, "must name at least one source; write it like okx"),
    ({f"{RULES}.prices.index.cap": "0 %"}, "must be more than 0 % and at most 100 %"),
    (
        {f"{RULES}.account.modes": []},
        'must name a margin mode; write it like ["cross", "isolated"]',
    ),
    ({f"{RULES}.waterfall.order": ["adl", "takeover", "adl"]}, "must not repeat a stage"),
    (
        {f"{RULES}.waterfall.order[0]": "pray"},
        f'{RULES}.waterfall.order[0] = "pray": must be "canc',
    ),
    ({f"{RULES}.waterfall.order": ["adl"]}, "needs the stage takeover in waterfall.order; add it"),
    ({f"{RULES}.waterfall.takeover": DROP}, "waterfall.takeover: is missing: waterfall.order has"),
    ({f"{RULES}.waterfall.market.bound": "mark_deviation"}, "is missing: bound is mark_deviation"),
    ({f"{RULES}.waterfall.market.deviation": "5 %"}, "has no meaning with bound = bankruptcy"),
    ({f"{RULES}.waterfall.market.first_slice_above": 5}, 'needs a unit; write it like "60 M USD"'),
    (
        {f"{RULES}.waterfall.market.first_slice_above": "0 USD"},
        'write it like "100_000 USD", or "n',
    ),
    ({f"{RULES}.waterfall.takeover.threshold": [3, 2]}, "must be [numerator, denominator] of a pa"),
    (
        {f"{RULES}.insurance.pools.others": ["SOL"]},
        "must cover every market, since insurance takes",
    ),
    (
        {f"{RULES}.insurance.pools.others[0]": "BTC"},
        "must be in one pool only; it is in majors too",
    ),
    ({"venues.binance.insurance": []}, "must give the capital of pool majors, which covers BTC"),
    (
        {"venues.binance.insurance.majors.pool": "major"},
        'pool = "major": must be a pool of the rul',
    ),
    ({"venues.hyperliquid.backstop": []}, "must cover every market, since a vault takes over; add"),
    (
        {"venues.hyperliquid.backstop.Liquidator.assets[0]": "BTC"},
        'backstop.Liquidator.assets[0] = "BTC": must be in one vault only; it is in Liquidator 2',
    ),
    (
        {"venues.hyperliquid.backstop.Liquidator.assets[0]": "XMR"},
        'backstop.Liquidator.assets[0] = "XMR": must be an asset with a market on this venue',
    ),
    (
        {"venues.hyperliquid.rules.margin.tiers.BTC[1]": [150_000_000, 40]},
        "must have a lower maximum leverage than the tier before it (40)",
    ),
    (
        {"venues.hyperliquid.rules.margin.tiers.BTC[1]": [150_000_000, Decimal("2.5")]},
        "ends with a leverage that must be a whole number from 1 to 1000",
    ),
    (
        {"venues.hyperliquid.rules.margin.maintenance_factor": [10, 1]},
        "must give a maintenance rate below 100 %",
    ),
    (
        {"venues.hyperliquid.rules.prices.mark.external_venues": ["okx"]},
        'prices.mark.external_venues[0] = "okx": must be another venue: binance',
    ),
    ({"venues.binance.rules": 5}, "venues.binance.rules = 5: must be a table of fields"),
]


@pytest.mark.parametrize(("changes", "message"), [*FIELDS, *ASSETS, *MARKETS, *TIMELINE])
def test_scenario_is_refused(changes, message):
    """A scenario with this one fault is refused, with its file, field, value and remedy."""
    text = broken(changes)
    assert message in text
    assert text.startswith(f"{FILE}: ")


@pytest.mark.parametrize(("changes", "message"), RULEBOOKS)
def test_rules_are_refused(changes, message):
    """Rules with this one fault, alone or against the scenario, are refused likewise."""
    text = broken(changes)
    assert message in text
    assert text.startswith(f"{FILE}: venues.")


def test_one_fault_gives_one_line():
    """A fault is reported once, in full."""
    assert broken({f"{BTC}.depth": "-5 M USD"}) == (
        'oct-2025.toml: venues.binance.markets.BTC.depth = "-5 M USD": '
        'must be more than 0 USD; write it like "160 M USD".'
    )
    assert broken({"population.positions": [1, 1]}).count("\n") == 0
    assert broken({"venues.binance.rulebook": DROP, "venues.binance.rules": DROP}) == (
        "oct-2025.toml: venues.binance.rulebook: is missing."
    )


def test_all_faults_are_reported_at_once():
    """Three faults in three places give three lines, so that one edit mends them all."""
    text = broken({"seed": -1, "makers.count": 0, f"{BTC}.depth": DROP})
    assert [line.split(": ")[1].split(" ")[0] for line in text.splitlines()] == [
        "seed",
        f"{BTC}.depth",
        "makers.count",
    ]


def test_a_fault_in_the_rules_is_a_rulebook_error():
    """A program can tell a wrong rulebook from a wrong scenario."""
    table = deepcopy(oct_2025())
    set_value(table, f"{RULES}.collateral.USDE.weight", 0)
    with pytest.raises(RulebookError) as caught:
        from_dict(table, file=FILE)
    assert caught.value.field == f"{RULES}.collateral.USDE.weight"
    assert caught.value.value == 0


SHAPES = [None, [], 5, "x", {"a": {}}, [{"name": 5}], [[]]]
TABLES = ["venues", "assets", "clock", "engine", "timeline", "provenance"]
MAY_BE_EMPTY = {"timeline", "provenance"}


@pytest.mark.parametrize(
    ("field", "value"),
    [(f, v) for f in TABLES for v in SHAPES if v != [] or f not in MAY_BE_EMPTY],
)
def test_no_shape_of_data_escapes(field, value):
    """A table of the wrong shape is refused, never met as an error of another kind."""
    assert broken({field: value})
