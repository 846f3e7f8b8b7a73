"""Funding by every word of a rulebook: the rate from premium or skew, and who it is read from."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from systems.test_funding import pay
from systems.transplants import RULEBOOKS, under
from tacoma.bounds import PREMIUM_PPB_MAX
from tacoma.scenario import load_rulebook
from tacoma.world.codes import DESK, FUNDING_KINDS, MOVE_FUNDING, PREMIUM_KINDS, RETAIL

PPM, PPB = 10**6, 10**9
PREMIUM = st.integers(-(10**7), 10**7)
BOUND = st.integers(0, 10**6)


@pytest.fixture(scope="module")
def built():
    """A calm world whose markets the tests pay by hand."""
    return worlds.small()


def settle(package, built, kind, *, premium=0, last=0, symbol="BTC", skew_lots=0, **columns):
    """Settle a market under a kind of funding; return (its rate, everybody's gain)."""
    row = built.directory.market("binance", symbol).row
    rules = {
        "funding_kind": FUNDING_KINDS.index(kind), "funding_interest_ppb": 0,
        "funding_clamp_ppb": 0, "funding_cap_ppb": PPB, "funding_interval_steps": 3600,
        "premium_period_steps": 3600, "funding_decrease_ppb": 0, "stable_threshold_ppm": 0,
        "decrease_threshold_ppm": 0, "funding_price": 0,
    } | columns  # fmt: skip
    for name, value in rules.items():
        built.world.rules[name][0] = value
    built.world.markets.last_funding_ppb[row] = last
    built.world.markets.skew_lots[row] = skew_lots
    gain = pay(package, built, row, premium)
    return int(built.world.markets.last_funding_ppb[row]), gain


def within(rate, cap):
    """Return a rate within its cap."""
    return max(-cap, min(rate, cap))


@given(premium=PREMIUM, interest=BOUND, cap=BOUND, interval=st.integers(1, 8),
       period=st.integers(1, 24))  # fmt: skip
def test_a_premium_of_a_period(package, built, premium, interest, cap, interval, period):
    """The rate is the mean premium's part of its period, rounded down, plus interest, in bounds."""
    rate, _ = settle(
        package, built, "premium", premium=premium, funding_interest_ppb=interest,
        funding_cap_ppb=cap, funding_interval_steps=3600 * interval,
        premium_period_steps=3600 * period,
    )  # fmt: skip
    assert rate == within(math.floor(Fraction(premium * interval, period)) + interest, cap)


@given(premium=PREMIUM, clamp=BOUND, cap=BOUND)
def test_a_dead_band(package, built, premium, clamp, cap):
    """Inside the band nobody pays; beyond it the rate is what the premium exceeds it by."""
    rate, _ = settle(
        package, built, "deadband", premium=premium, funding_clamp_ppb=clamp, funding_cap_ppb=cap
    )
    beyond = max(abs(premium) - clamp, 0)
    assert rate == within(beyond if premium > 0 else -beyond, cap)


@given(premium=PREMIUM)
def test_no_funding_at_all(package, built, premium):
    """Where there is no funding no money moves, whatever the premium."""
    rate, gain = settle(package, built, "none", premium=premium)
    assert rate == 0
    assert not gain.any()


def skew(built, symbol):
    """Return the crowd's (long less short, long plus short) lots in a market, by counting."""
    world, row = built.world, built.directory.market("binance", symbol).row
    net = gross = 0
    for slot in np.flatnonzero(world.positions.market == row).tolist():
        if world.accounts.kind[world.positions.account[slot]] in (RETAIL, DESK):
            net += int(world.positions.lots[slot])
            gross += abs(int(world.positions.lots[slot]))
    return net, gross


def lean(built, symbol, long):
    """Let the crowd lean to one side: a desk of the right sign grows, another shrinks."""
    world, row = built.world, built.directory.market("binance", symbol).row
    slots = [
        slot for slot in np.flatnonzero(world.positions.market == row).tolist()
        if world.accounts.kind[world.positions.account[slot]] == DESK
    ]  # fmt: skip
    world.positions.lots[slots[0]] += 40_000 if long else -40_000
    return slots[0]


@pytest.mark.parametrize("long", [True, False])
@given(last=st.integers(-(10**6), 10**6), clamp=BOUND, cap=BOUND,
       scale=st.integers(0, 10**7))  # fmt: skip
def test_velocity(package, built, long, last, clamp, cap, scale):
    """The rate moves with the skew: by its part of the scale (or of all) times the velocity."""
    slot = lean(built, "SOL", long)
    net, gross = skew(built, "SOL")
    rate, _ = settle(
        package, built, "velocity", last=last, symbol="SOL", skew_lots=scale,
        funding_clamp_ppb=clamp, funding_cap_ppb=cap,
    )  # fmt: skip
    part = max(min(math.trunc(Fraction(net * PPM, scale or gross)), PPM), -PPM)
    assert (net > 0) == long
    assert rate == within(last + math.trunc(Fraction(part * clamp, PPM)), cap)
    built.world.positions.lots[slot] -= 40_000 if long else -40_000


@pytest.mark.parametrize("long", [True, False])
@given(
    last=st.integers(-(10**6), 10**6), increase=BOUND, decrease=BOUND, cap=BOUND,
    stable=st.integers(0, PPM), lower=st.integers(0, PPM),
)  # fmt: skip
def test_a_rate_that_adapts(package, built, long, last, increase, decrease, cap, stable, lower):
    """
    Against the skew or at zero the rate is drawn to it; with it, it grows above the stable part.

    Between the thresholds it stays, below the lower one it shrinks, but never beyond 1.
    """
    slot = lean(built, "ETH", long)
    net, gross = skew(built, "ETH")
    rate, _ = settle(
        package, built, "adaptive_skew", last=last, symbol="ETH", funding_clamp_ppb=increase,
        funding_decrease_ppb=decrease, funding_cap_ppb=cap, stable_threshold_ppm=stable,
        decrease_threshold_ppm=lower,
    )  # fmt: skip
    side, part = (1 if net > 0 else -1), abs(net) * PPM // gross
    grown = last + side * (part * increase // PPM)
    if last * side > 0 and part <= stable:
        shrunk = side * max(1, abs(last) - decrease)
        grown = shrunk if part < lower else last
    assert side == (1 if long else -1)
    assert rate == within(grown, cap)
    built.world.positions.lots[slot] -= 40_000 if long else -40_000


@given(bid=st.integers(1, 2**30), width=st.integers(1, 2**20), index=st.integers(1, 2**30))
def test_the_two_premiums(package, built, bid, width, index):
    """
    The middle's premium moves inside the book, the impact premium only where the index is outside.

    Both are rounded down, in parts of the index, and count as at most the stated maximum.
    """
    row = built.directory.market("binance", "BTC").row
    markets, ask = built.world.markets, bid + width
    markets.best_bid[row], markets.best_ask[row], markets.index[row] = bid, ask, index
    expected = {
        "impact": Fraction(max(bid - index, 0) - max(index - ask, 0), index),
        "middle": Fraction(bid + ask - 2 * index, 2 * index),
    }
    for kind, premium in expected.items():
        markets.premium_sum_ppb[row] = markets.premium_count[row] = 0
        built.world.rules.premium_kind[0] = PREMIUM_KINDS.index(kind)
        package.funding.sample_premium(markets, built.world.rules, row)
        exact = math.floor(premium * PPB)
        assert int(markets.premium_sum_ppb[row]) == within(exact, PREMIUM_PPB_MAX)
        assert int(markets.premium_count[row]) == 1


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_each_rulebook_funds_in_a_run(rulebook):
    """With an interval of a minute every rulebook pays funding each minute, unless it has none."""
    scenario = under(rulebook, 200, rules={"funding.interval": "1 min"})
    crash = worlds.driven(scenario, 200)
    moves = crash.driven.moves
    paid = moves[moves.kind == MOVE_FUNDING]
    assert sorted(set(paid.step.tolist())) == [60, 120, 180]
    has_funding = load_rulebook(rulebook).funding.kind != "none"
    assert (int(paid.quanta.sum()) > 0) == has_funding
    caps = crash.driven.built.world.rules.funding_cap_ppb[0]
    assert (np.abs(crash.driven.built.world.markets.last_funding_ppb) <= max(caps, 0)).all()
