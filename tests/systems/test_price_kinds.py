"""Marks and indexes by every word of a rulebook, and a pool whose price follows its reserves."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from systems.transplants import under
from tacoma import engine
from tacoma.scenario import load_rulebook
from tacoma.world.build import empty_journal
from tacoma.world.codes import MARK_KINDS
from tacoma.world.layout import MARKET_COLUMNS

MARK, INDEX = MARKET_COLUMNS.index("mark"), MARKET_COLUMNS.index("index")
PPM, PPB = 10**6, 10**9
PERPETUALS = 3  # rows 0 to 2 of a transplanted flash-crash


def steps(scenario, count):
    """Run a scenario with the compiled engine, yielding its world after every step."""
    built = worlds.start(scenario)
    cursor, journal = np.zeros(2, dtype=np.int64), empty_journal(built.reserve + (1 << 18))
    for step in range(1, count + 1):
        code = engine.advance(
            built.world, built.agents, built.inputs, cursor, journal, step, built.reserve, True
        )
        assert code == engine.REACHED
        yield step, built


@pytest.fixture(scope="module")
def built():
    """A calm world whose marks the tests form by hand."""
    return worlds.small()


def mark_of(package, built, kind, step=1, row=0):
    """Form the marks of a step; return that of a market."""
    world = built.world
    world.rules.mark_kind[0] = MARK_KINDS.index(kind)
    world.rules.mark_interval[0] = 1
    package.mark.update_marks(
        world.clock, world.markets, world.rules, world.oracles, world.books, step
    )
    assert int(world.markets.margin_price[row]) == int(world.markets.mark[row])
    return int(world.markets.mark[row])


# ------------------------------------------------------------------- marks


@given(index=st.integers(1, 2**30), other=st.integers(1, 2**30))
def test_the_index_is_the_mark(package, built, index, other):
    """A venue that trades against an oracle marks at its index, whatever its book shows."""
    markets = built.world.markets
    markets.index[0] = index
    for column in ("best_bid", "best_ask", "middle", "last_price"):
        markets[column][0] = other
    assert mark_of(package, built, "index") == index
    markets.index[0] = other
    assert int(markets.mark[0]) == index
    mark_of(package, built, "index", step=2)
    assert (int(markets.previous_mark[0]), int(markets.mark[0])) == (index, other)


@given(index=st.integers(1, 2**30), rate=st.integers(-(10**8), 10**8), step=st.integers(1, 8000),
       hours=st.sampled_from([1, 8]))  # fmt: skip
def test_the_fair_basis(package, built, index, rate, step, hours):
    """The mark is the index and the part of the last rate still to be paid, rounded down."""
    world = built.world
    world.markets.index[0], world.markets.last_funding_ppb[0] = index, rate
    world.rules.funding_interval_steps[0] = hours * 3600
    now = int(world.clock.start_second_of_day[0]) + step
    left = hours * 3600 - now % (hours * 3600)
    exact = index * (1 + Fraction(rate * left, PPB * hours * 3600))
    assert mark_of(package, built, "fair_basis", step) == max(math.floor(exact), 1)


@given(
    samples=st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=20),
    band=st.integers(1, 200_000), decay=st.sampled_from([10**9 - 1, 967_000_000, 500_000_000]),
)  # fmt: skip
def test_the_banded_basis(package, built, samples, band, decay):
    """The mark is the index and the moving average of the basis, at most the band of the index."""
    world, index = built.world, 10**8
    world.rules.basis_band_ppm[0], world.rules.basis_decay_ppb[0] = band, decay
    world.markets.basis_numerator[0] = world.markets.basis_denominator[0] = 0
    world.markets.index[0] = index
    weighted = weights = Fraction(0)
    for sample in samples:
        world.markets.middle[0] = index + sample
        got = mark_of(package, built, "banded_basis")
        weighted = weighted * Fraction(decay, PPB) + sample
        weights = weights * Fraction(decay, PPB) + 1
        limit = index * band // PPM
        expected = index + max(-limit, min(weighted / weights, limit))
        assert abs(got - expected) < 100  # a millionth of the index
        assert abs(got - index) <= limit


@pytest.mark.parametrize("rulebook", ["gmx-v2", "deribit", "bitmex", "amm-pool"])
def test_marks_in_a_crash(rulebook):
    """Throughout a crash each mark keeps to its word: the index, near it, or with its funding."""
    built = worlds.driven(under(rulebook, 200), 240).driven.built
    record = built.world.record.market[1:241, :PERPETUALS].astype(object)
    rule = load_rulebook(rulebook).prices.mark
    distance = abs(record[:, :, MARK] - record[:, :, INDEX])
    if rule.kind == "index":
        assert not distance.any()
    elif rule.kind == "banded_basis":
        assert (distance <= record[:, :, INDEX] * rule.band).all()
        assert distance.any()
    else:
        assert rule.kind == "fair_basis"
        assert not distance.any()  # no funding was due yet: there is no rate


def test_a_fair_basis_after_funding():
    """After a funding the mark leaves the index by the rate, and returns to it until the next."""
    scenario = under(
        "bitmex", 200,
        rules={"funding.interval": "1 min", "funding.interest": "10 bps",
               "prices.mark.interval": "1 s"},
    )  # fmt: skip
    built = worlds.driven(scenario, 119).driven.built
    rates = built.world.markets.last_funding_ppb[:PERPETUALS]
    record = built.world.record.market
    assert rates.all()
    for second, left in ((61, 59), (90, 30), (119, 1)):
        for row in range(PERPETUALS):
            exact = int(record[second, row, INDEX]) * (
                1 + Fraction(int(rates[row]) * left, PPB * 60)
            )
            assert int(record[second, row, MARK]) == math.floor(exact)


# ------------------------------------------------------------------- the index


def naive_index(prices, weights, deviation):
    """Return the weighted mean without one stray source, or the median with two."""
    ordered = sorted(prices)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2
    near = [
        (price, weight) for price, weight in zip(prices, weights, strict=True)
        if abs(price - median) <= median * deviation
    ]  # fmt: skip
    if len(prices) - len(near) > 1:
        return median
    return sum(p * w for p, w in near) // sum(w for _, w in near)


@pytest.mark.parametrize("liars", [[], ["okx"], ["okx", "bybit"], ["okx", "bybit", "kraken"]])
def test_an_index_without_its_liars(liars):
    """In a run the index is the mean without one stray source, and the median with more of them."""
    asked = load_rulebook("bitmex").prices.index
    lies = [
        {"kind": "source", "at": "15:55:10", "until": "15:56:30", "source": name, "mode": "lying",
         "factor": 1.3 + 0.1 * place}
        for place, name in enumerate(liars)
    ]  # fmt: skip
    weights = {name: 1 + place for place, name in enumerate(("okx", "bybit", "kraken", "gate",
                                                             "mexc"))}  # fmt: skip
    scenario = under(
        "bitmex", 100, calm=True, fields={"timeline": lies},
        rules={"prices.index": asked.model_dump(mode="json") | {"weights": weights}},
    )  # fmt: skip
    assert asked.kind == "weighted_mean_or_median"
    compared = 0
    for step, built in steps(scenario, 60):
        heard, names = built.world.oracles.heard, built.directory.sources
        stale = int(built.world.rules.index_stale_steps[0])
        for row in range(PERPETUALS):
            asset = int(built.world.markets.asset[row])
            live = [
                (int(heard.price[asset, names.index(name)]), weight)
                for name, weight in weights.items()
                if heard.price[asset, names.index(name)] > 0
                and step - heard.heard[asset, names.index(name)] <= stale
            ]
            if live and step % int(built.world.rules.index_interval[0]) == 0:
                compared += 1
                expected = naive_index(*zip(*live, strict=True), asked.deviation)
                assert int(built.world.markets.index[row]) == expected
    assert compared > 30


# ------------------------------------------------------------------- a pool


@pytest.mark.parametrize("rulebook", ["amm-pool", "perp-curie"])
def test_the_price_of_a_pool_follows_its_reserves(rulebook):
    """
    At every step of a crash the pool quotes the price that x * y = k gives, to rounding.

    Its depth within 1 % on either side is that of its reserves, and it never withdraws.
    """
    scenario = under(rulebook, 200)
    fee = load_rulebook(rulebook).liquidity.fee
    held, moved = None, set()
    for _, built in steps(scenario, 200):
        world, pools = built.world, built.agents.makers.pools
        pool = built.found.makers[0][0]
        slots = range(int(world.accounts.slot_first[pool]), int(world.accounts.slot_last[pool]))
        for row in range(PERPETUALS if held else 0):
            quote = world.books.quotes[row, 0]
            base = int(pools.base_lots[row]) + held[row]
            product = int(pools.base_lots[row]) ** 2 * int(pools.price[row])
            exact = Fraction(product, base * base)
            assert 0 <= exact - int(quote.reference) < 1 + Fraction(1, base) + 1
            assert int(quote.half_spread) >= fee * int(quote.reference)
            bought = base * (1 - 1 / math.sqrt(1.01))
            sold = base * (1 / math.sqrt(0.99) - 1)
            assert abs(int(world.books.depth[row, 0, 1]) - bought) < 2 + 1e-6 * base
            assert abs(int(world.books.depth[row, 0, 0]) - sold) < 2 + 1e-6 * base
            assert not world.books.depth[row, 1:].any()
            moved.add((row, int(quote.reference)))
        held = [int(world.positions.lots[slots[row]]) for row in range(PERPETUALS)]
    assert len(moved) > 30


def test_a_pool_starts_with_the_scenario_s_depth():
    """At the first price the pool has the depth within 1 % that the scenario gives its market."""
    scenario = under("amm-pool", 100)
    built = worlds.start(scenario)
    for row, market in enumerate(scenario.venues[0].markets):
        base = int(built.agents.makers.pools.base_lots[row])
        within = base * (1 - 1 / math.sqrt(1.01)) * int(built.agents.makers.pools.price[row])
        assert within == pytest.approx(int(market.depth), rel=0.001)
