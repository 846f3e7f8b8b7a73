"""A fault on either side is found in its step and named: the comparison is not blind."""

import dataclasses
import importlib
import random

import pytest

import tacoma
from systems import worlds
from tacoma.errors import ConservationError
from tacoma.lab import verify as lab_verify
from tacoma.lab.verify import first_difference
from tacoma.reference import conservation
from tacoma.reference.state import Status
from tacoma.world.codes import (
    CANCEL,
    FAULT,
    LIMIT,
    ORDER,
    PARAMETER,
    QUOTE,
    SOURCE,
    TRANSFER,
)

FAULTY_STEP = 5

# Where the engine's number is put wrong, and what the difference is called.
COLUMNS = [
    ("accounts.balance", 17, "account 17 (retail, binance) balance"),
    ("accounts.wallet", 3, "account 3 (retail, binance) wallet"),
    ("accounts.since", 3, "account 3 (retail, binance) since"),
    ("accounts.refused", 3, "account 3 (retail, binance) refused"),
    ("positions.lots", 9, "lots in binance "),
    ("positions.entry", 9, "entry in binance "),
    ("markets.index", 1, "binance ETH perpetual index"),
    ("markets.margin_price", 3, "binance USDE spot margin_price"),
    ("markets.best_ask", 0, "binance BTC perpetual best_ask"),
    ("markets.premium_sum_ppb", 2, "binance SOL perpetual premium_sum_ppb"),
    ("markets.basis_sum", 2, "binance SOL perpetual basis_sum"),
    ("markets.open_lots", 6, "hyperliquid BTC perpetual open_lots"),
    ("markets.fund_drawn", 0, "binance BTC perpetual fund_drawn"),
    ("venues.halts", 1, "hyperliquid halts"),
    ("books.quotes.reference", (0, 1), "binance BTC perpetual, curve of account "),
    ("books.depth", (1, 1, 0), "depth of the bid"),
    ("books.levels.consumed", (0, 0, 1, 3), "level 3 of the ask consumed"),
    ("books.rests.lots", (1, 4), "binance ETH perpetual resting order 4 (lots, price, account)"),
    ("oracles.heard.price", (1, 1), "source okx of ETH price"),
    ("components.availability_ppm", 0, "binance gateway availability in ppm"),
    ("flows.market", (1, 3), "binance ETH perpetual panic in this step"),
    ("flows.venue", (0, 5), "binance insurance_paid in this step"),
    ("peaks.equity", 0, "(insurance, binance) peak"),
    ("record.fund", (FAULTY_STEP, 0, 0), "(insurance, binance) equity"),
    ("events.counts.moves", 0, "event 1 of the step's moves"),
]


def after_step(monkeypatch, do):
    """Let something happen to the reference's state after the reference's faulty step."""
    real = lab_verify.run_step

    def run_step(state, records):
        real(state, records)
        if state.step == FAULTY_STEP:
            do(state)

    monkeypatch.setattr(lab_verify, "run_step", run_step)


@pytest.mark.parametrize(("path", "place", "name"), COLUMNS, ids=[row[0] for row in COLUMNS])
def test_a_wrong_number_is_found_and_named(monkeypatch, path, place, name):
    """Any column of the engine that is off by one is found in that step, and called by name."""
    built = worlds.small()
    table = built.world
    *tables, column = path.split(".")
    for part in tables:
        table = getattr(table, part)

    def spoil(_state):
        values = table[column] if hasattr(table, "dtype") else getattr(table, column)
        values[place] += 1

    after_step(monkeypatch, spoil)
    difference = first_difference(built, 10, seed=7)
    assert difference is not None
    assert (difference.step, difference.seed) == (FAULTY_STEP, 7)
    assert name in difference.what
    assert difference.engine != difference.reference


def test_a_wrong_account_of_the_reference_is_found(monkeypatch):
    """It does not matter which side is wrong: values come from where they were found."""
    after_step(monkeypatch, lambda state: setattr(state.accounts[8], "status", Status.EXEMPT))
    difference = first_difference(worlds.small(), 10, seed=7)
    assert difference.what == "account 8 (retail, binance) status"
    assert (difference.engine, difference.reference) == (Status.FREE, Status.EXEMPT)


# A rule of the reference that is bent a little, and what differs first.
BENT = [
    ("ledger", "closed_share_quanta", lambda true: lambda *given: true(*given) + 1, "balance"),
    ("margin", "maintenance_quanta", lambda true: lambda *given: true(*given) * 2, "liquidations"),
    ("marks", "median_with_last", lambda true: lambda *given: true(*given) + 1, "mark"),
    ("prices", "weighted_mean_capped", lambda true: lambda *given: true(*given) + 1, "index"),
    ("liquidation", "find_liquidatable", lambda _: lambda _state: None, "liquidations"),
    (
        "liquidation",
        "put_in_order",
        lambda _: lambda state: state.waiting.reverse(),
        "liquidations",
    ),
    ("stages.market", "settle", lambda _: lambda *_given: None, "liquidations"),
    ("stages.adl", "is_deleveraged", lambda _: lambda _account: False, "liquidations"),
    ("stages.takeover", "accepts", lambda _: lambda *_given: True, "liquidations"),
    (
        "stages.adl_queue",
        "score_of",
        lambda true: lambda position: -true(position),
        "deleveragings",
    ),
]


@pytest.mark.parametrize(("module", "name", "bend", "what"), BENT, ids=[row[1] for row in BENT])
def test_a_bent_rule_is_found(monkeypatch, module, name, bend, what):
    """Engine and reference are two: what one does otherwise shows, and does not cancel out."""
    module = importlib.import_module(f"tacoma.reference.{module}")
    monkeypatch.setattr(module, name, bend(getattr(module, name)))
    halts = name == "settle"
    scenario = (
        tacoma.load("dydx-isolated", accounts=150)
        if halts
        else tacoma.load("flash-crash", accounts=300)
    )
    difference = first_difference(worlds.start(scenario), 400, seed=scenario.seed)
    assert difference is not None
    assert what in difference.what


def test_money_from_nowhere_stops_the_reference(monkeypatch):
    """The reference keeps its own books: a quantum too much is an error with seed and step."""
    after_step(monkeypatch, lambda state: setattr(state, "total_quanta", state.total_quanta - 1))
    with pytest.raises(ConservationError, match=r"reference, money changed by \+1") as caught:
        first_difference(worlds.small(), 10, seed=7)
    assert caught.value.step == FAULTY_STEP + 1


def test_positions_from_nowhere_stop_the_reference(monkeypatch):
    """A market whose positions do not cancel is named."""

    def spoil(state):
        state.markets[1].positions[0].lots += 2
        with pytest.raises(ConservationError, match=r"positions in market 1 add up to \+2 lots"):
            conservation.check_conservation(state)

    after_step(monkeypatch, spoil)
    assert "lots in binance ETH perpetual" in first_difference(worlds.small(), 10, seed=7).what


# ------------------------------------------------------------------- whatever knocks at the door

ODD = (-1, 0, 1, 2**31 - 1, 2**31, -(2**31), 2**62, -(2**62), 2**63 - 1, -(2**63))
KINDS = (QUOTE, QUOTE, ORDER, ORDER, ORDER, TRANSFER, SOURCE, FAULT, LIMIT, LIMIT, CANCEL)


def random_record(draw, built, steps):
    """Return a record that may or may not make sense."""
    world, markets = built.world, built.world.markets
    kind = draw.choice((*KINDS, PARAMETER, 0, 99))
    account = draw.randrange(-1, len(world.accounts) + 1)
    market = draw.randrange(len(markets))
    if 0 <= account < len(world.accounts) and draw.random() < 0.9:
        row = world.accounts[account]
        slot = draw.randrange(int(row.slot_first), int(row.slot_last))
        market = int(world.positions.market[slot])
    if kind == QUOTE:
        account = int(draw.choice(world.books.quotes.maker[market].tolist()))
    if kind == PARAMETER:
        market = draw.randrange(6)  # of the first venue
    price = int(int(markets.margin_price[market]) * draw.choice((0.5, 0.9, 1, 1, 1.1, 2)))
    lots = draw.randrange(-(10 ** draw.randrange(1, 6)), 10 ** draw.randrange(1, 6))
    fields = {
        QUOTE: (price, draw.randrange(price // 50), abs(lots), abs(lots)),
        ORDER: (lots, draw.choice((0, price)), draw.randrange(7), draw.randrange(2)),
        SOURCE: (price, 0, 0, 0),
        FAULT: (draw.randrange(5), draw.randrange(5), 900_000, 0),
        PARAMETER: (draw.randrange(10**6), 0, 0, 0),
        LIMIT: (lots, price, 0, 0),
    }.get(kind, (abs(lots), 0, 0, 0))
    if kind == SOURCE:
        account, market = draw.randrange(4), draw.randrange(6)
    if kind == FAULT:
        account, market = draw.randrange(-1, 9), draw.randrange(7)
    if draw.random() < 0.1 and kind != TRANSFER:
        place = draw.randrange(4)
        fields = (*fields[:place], draw.choice(ODD), *fields[place + 1 :])
    names = ("first", "second", "third", "fourth")
    record = {"step": draw.randrange(1, steps + 1), "kind": kind, "account": account}
    return record | {"market": market} | dict(zip(names, fields, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_any_record_is_understood_alike(seed):
    """Records of every kind, sound or not, from anybody: both accept and reject the same."""
    draw, steps = random.Random(seed), 40
    scenario = tacoma.load("flash-crash", accounts=120)
    built = worlds.start(scenario)
    rows = [random_record(draw, built, steps) for _ in range(800)]
    rows.sort(key=lambda row: row["step"])
    built = dataclasses.replace(built, inputs=worlds.records(rows))
    assert first_difference(built, steps, seed=scenario.seed) is None
    resting = sum(int((lots != 0).sum()) for lots in built.world.books.rests.lots)
    assert resting > 5
