"""Every stated maximum at load: the largest value is taken, the next is refused by its field."""

import tomllib
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources

import pytest

from tacoma import bounds
from tacoma.errors import ScenarioError
from tacoma.scenario import from_dict, raw
from tacoma.scenario.check_bounds import bound_findings
from tacoma.scenario.check_rules import rulebook_findings
from tacoma.scenario.paths import lookup, set_value
from tacoma.scenario.rulebook import Rulebook
from tacoma.units import parse_money
from tacoma.world.build import build

B = "venues.binance"
BTC = f"{B}.markets.BTC"
TIERS = f"{B}.rules.margin.tiers.BTC"
# What else is open on the venue, and the largest for BTC, whose lots are worth 100 USD.
OTHER_LOTS = 2 * 10**9 // 40 + 6 * 10**8 // 20
BTC_LOTS = bounds.OPEN_LOTS_MAX - OTHER_LOTS
NO_SPREAD = {"population.entry_spread": 0, "population.short_entry_premium": 0}


@cache
def flash_crash():
    return raw("flash-crash")


def changed(changes):
    """Return the bundled scenario as a table with these fields changed."""
    table = deepcopy(flash_crash())
    for path, value in changes.items():
        set_value(table, path, value(lookup(table, path)) if callable(value) else value)
    return table


def usd(amount):
    return f"{amount} USD"


def constant(price):
    """Return anchors of one price, from the start of the clock to its end."""
    return [["15:55", price], ["16:05", price]]


def sources(count):
    """Return a change that makes as many sources."""
    more = [{"name": f"s{i}", "noise": "1 bps"} for i in range(count)]
    return lambda known: [*known, *more[len(known) :]]


def depth_events(*factors):
    """Return overlapping events on one book, one a minute after the other."""
    common = {"kind": "depth", "until": "15:58", "asset": "BTC"}
    return [
        common | {"at": at, "venue": venue, "factor": factor}
        for at, venue, factor in zip(("15:56", "15:57"), ("all", "binance"), factors, strict=True)
    ]


def volatility(factor):
    return [{"kind": "volatility", "at": "15:56", "until": "15:58", "factor": factor}]


def lying(factor):
    return [
        {"kind": "source", "at": "15:56", "until": "15:58", "source": "kraken", "mode": "lying",
         "factor": factor}
    ]  # fmt: skip


def sale(lots):
    """Return a sale of so many lots of USDE, each worth 10 USD."""
    return [
        {"kind": "sell", "at": "15:56", "until": "15:58", "venue": "binance", "asset": "USDE",
         "amount": usd(10 * lots)}
    ]  # fmt: skip


# Lots of BTC worth a dollar, with a small open interest.
ONE_DOLLAR = {
    "assets.BTC.anchors": constant(1),
    "assets.BTC.lot": 1,
    f"{BTC}.open_interest": "1 M USD",
    "venues.hyperliquid.markets.BTC.open_interest": "1 M USD",
}

# (maximum, what is just allowed, what is just beyond, the field that the message begins with)
ROWS = [
    ("OPEN_LOTS_MAX", {f"{BTC}.open_interest": usd(100 * BTC_LOTS)},
     {f"{BTC}.open_interest": usd(100 * (BTC_LOTS + 1))}, f"{B}.markets"),
    ("OPEN_LOTS_MAX", {}, {f"{BTC}.open_interest": usd(100 * (bounds.OPEN_LOTS_MAX + 1))},
     f"{BTC}.open_interest"),
    ("OPEN_LOTS_MAX", {"timeline": sale(bounds.OPEN_LOTS_MAX)},
     {"timeline": sale(bounds.OPEN_LOTS_MAX + 1)}, "timeline.sell.amount"),
    ("OPEN_LOTS_MAX", {**ONE_DOLLAR, f"{BTC}.depth": usd(bounds.OPEN_LOTS_MAX)},
     {**ONE_DOLLAR, f"{BTC}.depth": usd(bounds.OPEN_LOTS_MAX + 1)}, f"{BTC}.depth"),
    ("PRICE_QUANTA_MAX", {"assets.BTC.lot": "0.02147483647", **NO_SPREAD},
     {"assets.BTC.lot": "0.02147483648", **NO_SPREAD}, "assets.BTC.lot"),
    ("PRICE_QUANTA_MAX", {"assets.BTC.lot": "0.016"}, {"assets.BTC.lot": "0.018"},
     "population.entry_spread"),
    ("LOT_UNITS_MAX",
     {"assets.BTC.anchors": constant("0.000001"), "assets.BTC.lot": bounds.LOT_UNITS_MAX},
     {"assets.BTC.anchors": constant("0.000001"), "assets.BTC.lot": bounds.LOT_UNITS_MAX + 1},
     "assets.BTC.lot"),
    ("AMOUNT_QUANTA_MAX", {"investors.capital": "999_999_999_999.999999 USD"},
     {"investors.capital": "1_000_000_000_000 USD"}, "investors.capital"),
    ("AMOUNT_QUANTA_MAX", {TIERS: [[0, "1 %"], ["999_999_999_999.999999 USD", "2 %"]]},
     {TIERS: [[0, "1 %"], ["1_000_000_000_000 USD", "2 %"]]}, f"{TIERS}[1]"),
    ("AMOUNT_QUANTA_MAX",
     {f"{B}.rules.waterfall.market.first_slice": "50 %",
      f"{B}.rules.waterfall.market.first_slice_above": "999_999_999_999.999999 USD"},
     {f"{B}.rules.waterfall.market.first_slice": "50 %",
      f"{B}.rules.waterfall.market.first_slice_above": "1_000_000_000_000 USD"},
     f"{B}.rules.waterfall.market.first_slice_above"),
    ("AMOUNT_QUANTA_MAX", {"arbitrage.capital": "1 M USD", "arbitrage.limit": 999_999},
     {"arbitrage.capital": "1 M USD", "arbitrage.limit": 1_000_000}, "arbitrage.limit"),
    ("DEPTH_QUANTA_MAX", {f"{BTC}.depth": "10 B USD"}, {f"{BTC}.depth": "10_000_000_001 USD"},
     f"{BTC}.depth"),
    ("ACCOUNTS_MAX", {"accounts": bounds.ACCOUNTS_MAX}, {"accounts": bounds.ACCOUNTS_MAX + 1},
     "accounts"),
    ("SOURCES_MAX", {"sources": sources(bounds.SOURCES_MAX)},
     {"sources": sources(bounds.SOURCES_MAX + 1)}, "sources"),
    ("STEPS_MAX", {}, {"clock.end": "2026-01-18T15:55:01Z"}, "clock.end"),
    ("SEED_MAX", {"seed": bounds.SEED_MAX}, {"seed": bounds.SEED_MAX + 1}, "seed"),
    ("SHOCK_FACTOR_MAX", {"timeline": volatility(1_000)}, {"timeline": volatility(1_001)},
     "timeline.volatility.factor"),
    ("SHOCK_FACTOR_MAX", {"timeline": lying(1_000)}, {"timeline": lying(1_001)},
     "timeline.source.factor"),
    ("SHOCK_FACTOR_MAX", {"timeline": depth_events(40, 25)}, {"timeline": depth_events(40, 26)},
     "timeline[1].factor"),
    ("DEPTH_GROWTH_MAX", {"makers.reach": 1, "makers.depth_exponent": 1},
     {"makers.reach": 1, "makers.depth_exponent": "1.001"}, "makers.depth_exponent"),
    ("DEPTH_GROWTH_MAX", {"makers.reach": "1 %", "makers.depth_exponent": 10},
     {"makers.reach": "1 %", "makers.depth_exponent": "10.1"}, "makers.depth_exponent"),
    ("REFILLS_MAX", {"makers.replenish_time": "34 ms"}, {"makers.replenish_time": "33 ms"},
     "makers.replenish_time"),
    ("LEVERAGE_MAX", {"desks.leverage": ["0.1", 1_000]}, {"desks.leverage": ["0.1", 1_001]},
     "desks.leverage"),
    ("LEVERAGE_MAX", {"desks.leverage": ["0.1", 1]}, {"desks.leverage": ["0.099", 1]},
     "desks.leverage"),
    ("SPREAD_OF_LOGS_MAX", {"population.reaction_spread": 10},
     {"population.reaction_spread": "10.1"}, "population.reaction_spread"),
    ("RATE_DENOMINATOR_MAX", {TIERS: [[0, "0.0000001 %"]]}, {TIERS: [[0, "0.00000001 %"]]},
     f"{TIERS}[0]"),
    ("AVERAGE_SECONDS_MAX", {"venues.hyperliquid.rules.prices.mark.basis_time": "997 s"},
     {"venues.hyperliquid.rules.prices.mark.basis_time": "998 s"},
     "venues.hyperliquid.rules.prices.mark.basis_time"),
    ("TOTAL_QUANTA_MAX", {"population.wallet_part": 100}, {"population.wallet_part": 101},
     "population.wallet_part"),
    ("TOTAL_QUANTA_MAX", {"population.size_tail": "0.1"}, {"population.size_tail": "0.09"},
     "population.size_tail"),
]  # fmt: skip


@pytest.mark.parametrize(("maximum", "allowed", "beyond", "field"), ROWS)
def test_a_maximum_holds_to_the_unit(maximum, allowed, beyond, field):
    """What is just allowed loads; what is just beyond is refused with the field's name."""
    assert any(entry.name == maximum for entry in bounds.MAXIMA)
    from_dict(changed(allowed))
    with pytest.raises(ScenarioError) as caught:
        from_dict(changed(beyond), file="crash.toml")
    assert caught.value.exit_code == 2
    assert f"crash.toml: {field}" in str(caught.value)
    assert [problem.field for problem in caught.value.problems] == [field]


def many(entries, count):
    return (entries * (count // len(entries) + 1))[:count]


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("accounts", (bounds.SLOTS_MAX - 10_000) // 5),
        ("venues", bounds.VENUES_MAX),
        ("spot.markets", bounds.MARKETS_MAX),
    ],
)
def test_counts_too_large_for_a_file(field, most):
    """Counts that no file of sensible length reaches are refused by their fields as well."""
    scenario = from_dict(changed({}))

    def found(count):
        if field == "accounts":
            copy = scenario.model_copy(update={"accounts": count})
        elif field == "venues":
            copy = scenario.model_copy(update={"venues": many(scenario.venues, count)})
        else:
            spot = scenario.spot.model_copy(update={"markets": many(scenario.spot.markets, count)})
            copy = scenario.model_copy(update={"spot": spot})
        return {path for path, _ in bound_findings(copy)}

    assert field not in found(most)
    assert field in found(most + 20_000 if field == "accounts" else most + 1)


RULES = [
    ("vertex", "waterfall.takeover.target", bounds.HEALTH_MAX, "8.001"),
    ("mango-v4", "margin.liability_initial.default", 11, "11.1"),
    ("drift-v2", "liquidation.average_time", "999 s", "1000 s"),
    ("deribit", "margin.initial_factor", 5, 500),
]


@pytest.mark.parametrize(("rulebook", "field", "allowed", "beyond"), RULES)
def test_maxima_of_rulebooks(rulebook, field, allowed, beyond):
    """A rulebook's numbers are held to their maxima, and named from the rulebook's top."""
    table = tomllib.loads(
        (resources.files("tacoma") / "rulebooks" / f"{rulebook}.toml").read_text("utf-8"),
        parse_float=Decimal,
    )

    def findings(value):
        copy = deepcopy(table)
        set_value(copy, field, value)
        return [path for path, _ in rulebook_findings(Rulebook.model_validate(copy))]

    assert findings(allowed) == []
    assert findings(beyond) == [field]


def test_the_rows_cover_what_is_refused_at_load():
    """No maximum that the table says is refused at load lacks a row here."""
    covered = {row[0] for row in ROWS} | {"HEALTH_MAX", "SLOTS_MAX", "VENUES_MAX", "MARKETS_MAX"}
    stated = {entry.name for entry in bounds.MAXIMA if "refused at load" in entry.beyond}
    assert stated <= covered


def test_a_venue_ten_times_the_largest_loads():
    """Binance of oct-2025 with ten times its open interest fits, in lots ten times as large."""
    table = deepcopy(raw("oct-2025"))
    for market in table["venues"][0]["markets"]:
        market["open_interest"] = usd(10 * parse_money(market["open_interest"]) // 10**6)
    for asset in table["assets"]:
        asset["lot"] = str(10 * Fraction(str(asset["lot"])))
    scenario = from_dict(table)
    assert sum(m.open_interest for m in scenario.venues[0].markets) > 2.7 * 10**17
    scenario = scenario.model_copy(update={"accounts": 1_000})
    assert len(build(scenario, 1).world.accounts) > 1_000


def test_a_hundred_million_accounts_load():
    """oct-2025 takes a hundred million accounts, and would have places for their positions."""
    assert from_dict(deepcopy(raw("oct-2025")) | {"accounts": 100_000_000}).accounts == 10**8
