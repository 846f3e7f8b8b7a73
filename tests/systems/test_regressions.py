"""Cases of faults that were found and mended: each states what went wrong."""

import numpy as np
import pytest

from systems import worlds
from tacoma.rules.liquidations.sizing import lots_to_health
from tacoma.rules.margins.size_premium import size_premium_ratio, size_root
from tacoma.world import codes
from tacoma.world.codes import (
    ADL_TRIGGERS,
    ALERTED,
    CALM,
    EXEMPT,
    LIQUIDATING,
    MARGIN_FORMS,
    ORDER,
    QUOTE,
    SPOT,
    WRITTEN_OFF,
)

PPM = 10**6
MARKET_BTC = 0


@pytest.fixture
def built():
    """A calm world, arranged by hand."""
    return worlds.small()


def feed(package, built, record):
    """Let one record in."""
    world = built.world
    cursor, journal = np.zeros(2, dtype=np.int64), worlds.empty_journal(4)
    package.intake.consume_inputs(world, worlds.records([record]), cursor, 0, journal, 1)


def test_healing_a_large_account_stays_within_64_bits():
    """A shortage of millions of dollars times millions of lots once wrapped to a negative size."""
    arguments = (1_907_129, 5 * 10**12, 10**13, 10**13, 0, 1_050_000)
    assert lots_to_health(*arguments) == lots_to_health.machine(*arguments) == 998_973


def test_a_small_skew_scale_cannot_turn_margin_negative(package, built):
    """A rate beyond all bounds is held at ten times the notional, for any size."""
    world = built.world
    world.markets.margin_form[MARKET_BTC] = MARGIN_FORMS.index("skew")
    for name, value in (("skew_lots", 1), ("premium_ppm", 10**9), ("scalar_ppm", PPM)):
        world.markets[name][MARKET_BTC] = value
    for lots in (1, 10**6, 2**31 - 1):
        price = (2**53 - 1) // lots if lots > 2**22 else 10**9
        margin = package.margin.position_maintenance(
            world.markets, world.tiers, MARKET_BTC, lots, price
        )
        assert 0 < margin <= 10 * lots * price


def test_cheap_coins_keep_their_size_premium(package, built):
    """A lot of a million coins once made the size wrap, and the premium vanish."""
    world = built.world
    world.markets.margin_form[MARKET_BTC] = MARGIN_FORMS.index("size")
    world.markets.coins_e6[MARKET_BTC] = 10**12
    world.markets.premium_ppm[MARKET_BTC] = 1
    world.markets.long_rate_ppm[MARKET_BTC] = 50_000
    rate = package.margin.position_maintenance(world.markets, world.tiers, MARKET_BTC, 10**7, PPM)
    root = size_root(2**47 // 10**12 * 10**12, PPM)
    assert rate == 10**7 * size_premium_ratio(root, 1, 50_000, PPM)


@pytest.mark.parametrize("kind", [ORDER, QUOTE])
def test_whoever_was_written_off_neither_trades_nor_quotes(package, built, kind):
    """A maker whose debt was written off once went on quoting, without any margin."""
    world, maker = built.world, built.found.makers[worlds.BINANCE][0]
    price = int(world.markets.mark[MARKET_BTC])
    slot = int(world.accounts.slot_first[maker])
    before = int(world.books.quotes.reference[MARKET_BTC, 0]), int(world.positions.lots[slot])
    world.accounts.status[maker], world.accounts.since[maker] = EXEMPT, WRITTEN_OFF
    first, second = (5, 0) if kind == ORDER else (price + 7, 1)
    feed(package, built, {
        "step": 1, "kind": kind, "account": maker, "market": MARKET_BTC, "first": first,
        "second": second, "third": 3, "fourth": 0,
    })  # fmt: skip
    now = int(world.books.quotes.reference[MARKET_BTC, 0]), int(world.positions.lots[slot])
    assert now == before


def test_a_released_account_with_collateral_is_watched_again(package, built):
    """One whose collateral just covers its debt once left the index for good when released."""
    world, account = built.world, built.found.makers[worlds.BINANCE][2]
    accounts, positions = world.accounts, world.positions
    slots = range(int(accounts.slot_first[account]), int(accounts.slot_last[account]))
    for slot in slots:
        package.trigger_index.unlink(positions, world.triggers, slot)
        positions.lots[slot] = positions.entry[slot] = 0
    spot = next(s for s in slots if world.markets.kind[int(positions.market[s])] == SPOT)
    market = int(positions.market[spot])
    positions.lots[spot] = 10**6
    worth = 10**6 * int(world.markets.margin_price[market]) * int(world.markets.weight_ppm[market])
    accounts.balance[account] = -(worth // PPM // 2)
    accounts.status[account] = LIQUIDATING
    world.triggers.batch[0], world.triggers.counts.batch[0] = account, 1
    package.liquidation.release(
        world.markets, world.tiers, accounts, positions, world.rules, world.venues,
        world.triggers, world.books, world.flows, world.events, 1,
    )  # fmt: skip
    assert world.triggers.counts.batch[0] == 0
    assert accounts.status[account] == ALERTED
    assert positions.trigger[spot] != 0


def test_nobody_healthy_is_deleveraged_for_an_old_refusal(package, built):
    """An account that a later stage healed once stayed in the deleveraging for its refusal."""
    world = built.world
    world.rules.adl_trigger[:] = ADL_TRIGGERS.index("takeover_refused")
    account = next(
        a for a in range(len(world.accounts))
        if world.accounts.status[a] == CALM and world.accounts.kind[a] == codes.RETAIL
        and world.positions.lots[int(world.accounts.slot_first[a])] != 0
    )  # fmt: skip
    world.accounts.refused[account] = 1
    arguments = (
        world.markets, world.tiers, world.rules, world.accounts, world.positions, account,
    )  # fmt: skip
    assert not package.deleverage.is_deleveraged(*arguments)
    equity, maintenance, _ = package.margin.account_margin(
        world.markets, world.tiers, world.accounts, world.positions, account
    )
    world.accounts.balance[account] -= equity - maintenance + 1
    assert package.deleverage.is_deleveraged(*arguments)


def test_the_penalty_of_a_large_account_is_not_wrapped(package, built):
    """A fee of 20 M USD on 30 M of maintenance is 2/3 of it, so most of the account must go."""
    world, million = built.world, 10**12
    account = built.found.makers[worlds.BINANCE][2]
    slot = int(world.accounts.slot_first[account])
    market = int(world.positions.market[slot])
    world.markets.margin_price[market] = 10**9
    world.positions.lots[slot] = 20 * million * 100 // 10**9  # a notional of 2 bn USD
    columns = {"takeover_sizing": 2, "takeover_fee_ppm": PPM // 100, "portion_ppm": PPM // 5,
               "target_ppm": PPM}  # fmt: skip
    for name, value in columns.items():
        world.rules[name][worlds.BINANCE] = value
    with np.errstate(over="raise"):
        steps = package.takeover_size.steps_of_account(
            world.markets, world.positions, world.accounts, world.rules, worlds.BINANCE, account,
            29 * million, 30 * million,
        )  # fmt: skip
    # After k fifths: maintenance 30 (1 - k / 5), equity 29 - 20 k / 5, in millions.
    assert steps == next(k for k in range(1, 6) if k == 5 or 30 * (5 - k) < 145 - 20 * k)
