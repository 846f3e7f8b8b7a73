"""Funding: both sides to the quantum, the dust to the venue, and only when it is time."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tacoma
from systems import worlds
from tacoma.scenario import from_dict
from tacoma.world.codes import MOVE_FUNDING, MOVES, PERPETUAL

PPB = 10**9


@pytest.fixture(scope="module")
def built():
    """A calm world whose markets the tests pay by hand."""
    return worlds.small()


def pay(package, built, market, premium_ppb, count=1):
    """Settle one market after these premium samples; return everybody's gain in quanta."""
    world = built.world
    world.markets.premium_sum_ppb[market] = premium_ppb * count
    world.markets.premium_count[market] = count
    before = world.accounts.balance.copy()
    world.events.counts["moves"][0] = 0
    package.funding.pay_funding(
        world.accounts, world.positions, world.markets, world.rules, world.audit, world.events,
        market, 1,
    )  # fmt: skip
    return world.accounts.balance - before


@given(
    premium=st.integers(-(10**7), 10**7), mark=st.integers(10**3, 2**31 - 1),
    index=st.integers(10**3, 2**31 - 1), market=st.sampled_from(["binance", "hyperliquid"]),
)  # fmt: skip
def test_payers_round_up_and_receivers_down(package, built, premium, mark, index, market):
    """
    Each payer pays lots * price * rate rounded up, each receiver gets it rounded down.

    The difference, less than a quantum a position, goes to the fee account, and nothing is made.
    """
    world = built.world
    row = built.directory.market(market, "BTC").row
    world.markets.mark[row], world.markets.index[row] = mark, index
    gain = pay(package, built, row, premium)
    rate = int(world.markets.last_funding_ppb[row])
    price = mark if market == "binance" else index
    fees = int(world.rules.fees_account[int(world.markets.venue[row])])
    expected, positions = {}, 0
    for slot in np.flatnonzero(world.positions.market == row).tolist():
        lots, account = int(world.positions.lots[slot]), int(world.positions.account[slot])
        exact = Fraction(abs(lots) * price * abs(rate), PPB)
        positions += lots != 0
        expected[account] = -ceil(exact) if lots * rate > 0 else floor(exact)
    for account, quanta in expected.items():
        assert int(gain[account]) == quanta + (int(gain[fees]) if account == fees else 0)
    assert int(gain.sum()) == 0
    assert 0 <= int(gain[fees]) < max(positions, 1)


@pytest.mark.parametrize(
    ("venue", "premium", "rate"),
    [
        # Binance: premium + clamp(0.01 % - premium, 0.05 %) per 8 hours, within 2 %.
        ("binance", 0, 100_000),
        ("binance", 100_000, 100_000),
        ("binance", 600_000, 100_000),
        ("binance", 700_000, 200_000),
        ("binance", -700_000, -200_000),
        ("binance", 90_000_000, 20_000_000),
        ("binance", -90_000_000, -20_000_000),
        # Hyperliquid: an eighth of that each hour, within 4 %.
        ("hyperliquid", 0, 12_500),
        ("hyperliquid", 700_000, 25_000),
        ("hyperliquid", -700_001, -25_001),
        ("hyperliquid", 900_000_000, 40_000_000),
    ],
)
def test_rates(package, built, venue, premium, rate):
    """The rate follows from the mean premium by the venue's formula and its bounds."""
    row = built.directory.market(venue, "ETH").row
    pay(package, built, row, premium, count=7)
    assert int(built.world.markets.last_funding_ppb[row]) == rate
    assert int(built.world.markets.premium_count[row]) == 0


def test_the_sign_says_who_pays(package, built):
    """A positive rate is paid by longs to shorts, a negative one the other way."""
    world = built.world
    row = built.directory.market("binance", "SOL").row
    fees = int(world.rules.fees_account[0])
    for premium, payer in ((5_000_000, 1), (-5_000_000, -1)):
        gain = pay(package, built, row, premium)
        for slot in np.flatnonzero(world.positions.market == row).tolist():
            lots, account = int(world.positions.lots[slot]), int(world.positions.account[slot])
            if lots != 0 and account != fees:
                assert (int(gain[account]) < 0) == (lots * payer > 0)


def test_whoever_paid_is_looked_at_again(package, built):
    """Everybody with a position in the market is re-indexed and audited after funding."""
    world = built.world
    row = built.directory.market("binance", "SOL").row
    world.accounts.is_touched[:] = 0
    world.audit.state.touched_count[0] = 0
    gain = pay(package, built, row, 5_000_000)
    touched = world.audit.touched[: int(world.audit.state.touched_count[0])].tolist()
    assert set(np.flatnonzero(gain).tolist()) <= set(touched)


@pytest.mark.parametrize(
    ("interval", "times"),
    [("8 h", ["16:00"]), ("1 min", ["15:56", "15:57", "15:58", "15:59", "16:00", "16:01"]),
     ("5 min", ["16:00", "16:05"])],
)  # fmt: skip
def test_funding_happens_at_its_times(interval, times):
    """A venue settles at the multiples of its interval in the day, and at no other step."""
    table = worlds.table(300, timeline=[])
    worlds.venue(table, "binance")["rules"]["funding"]["interval"] = interval
    scenario = from_dict(table)
    crash = worlds.driven(scenario, 600 if "16:05" in times else 390)
    rows = crash.driven.moves[crash.driven.moves.kind == MOVE_FUNDING]
    accounts = crash.driven.built.world.accounts
    mine = rows[accounts.venue[rows.account] == worlds.BINANCE]
    perpetuals = sum(
        market.kind == PERPETUAL for market in crash.driven.built.directory.of_venue(0)
    )
    expected = [scenario.second_of(time) for time in times]
    assert sorted(set(mine.step.tolist())) == expected
    assert len(mine) == perpetuals * len(expected)


def test_premiums_need_a_whole_book(package, built):
    """No premium is sampled while a side of the book is empty or there is no index."""
    world = built.world
    row = built.directory.market("binance", "BTC").row
    for column in ("best_bid", "best_ask", "index"):
        world.markets.premium_count[row] = world.markets.premium_sum_ppb[row] = 0
        kept = int(world.markets[column][row])
        world.markets[column][row] = 0
        package.funding.sample_premium(world.markets, world.rules, row)
        assert int(world.markets.premium_count[row]) == 0
        world.markets[column][row] = kept
    package.funding.sample_premium(world.markets, world.rules, row)
    assert int(world.markets.premium_count[row]) == 1


def test_the_transfer_table_names_funding(crash):
    """The compiled crash settles each perpetual once, at 16:00."""
    rows = crash.driven.moves
    funding = rows[rows.kind == MOVES.index("funding")]
    assert funding.step.tolist() == [300] * 6
    assert (funding.quanta > 0).all()


def test_the_price_of_funding_is_the_rulebook_s():
    """A venue whose rulebook charges funding on the index does so."""
    balances = []
    for price in ("mark", "index"):
        scenario = tacoma.load(
            "flash-crash", [f"venues.binance.rules.funding.price={price}"], accounts=300
        )
        driven = worlds.driven(scenario, 310).driven
        balances.append(driven.built.world.accounts.balance.copy())
    assert (balances[0] != balances[1]).any()


def test_an_interval_pays_for_its_own_premiums(package, built):
    """Once paid, premiums are forgotten: the next interval starts without any."""
    world = built.world
    row = built.directory.market("binance", "BTC").row
    arguments = (world.accounts, world.positions, world.markets, world.rules, row)
    pay(package, built, row, 0, count=0)
    without = int(package.funding.funding_rate(*arguments))
    pay(package, built, row, 5_000_000, count=3)
    assert int(package.funding.funding_rate(*arguments)) == without
    assert int(world.markets.premium_count[row]) == 0


@pytest.mark.parametrize("until", [300, 301])
def test_a_halted_venue_pays_no_funding(package, until):
    """At its funding time a venue that has halted settles nothing; a step later it would have."""
    built = worlds.small()
    world, step = built.world, 300  # 16:00
    world.venues.halted_until[:] = until
    package.funding.fund_positions(
        world.clock, world.accounts, world.positions, world.markets, world.rules, world.venues,
        world.audit, world.events, step,
    )  # fmt: skip
    assert (int(world.events.counts["moves"][0]) > 0) == (until <= step)
