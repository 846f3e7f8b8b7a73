"""One measurement each, to be taken in a process of its own: times, ratios, memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tacoma.lab.bench import worlds
from tacoma.lab.drive import drive
from tacoma.lab.run import compile_engine
from tacoma.world.build import Built, build, empty_journal
from tacoma.world.codes import CANCEL, LIMIT, ORDER, PERPETUAL, QUOTE
from tacoma.world.layout import ACCOUNTS, POSITIONS, table

if TYPE_CHECKING:
    from tacoma.scenario.schema import Scenario

Figures = dict[str, float]
STREAM_WORDS = 1 << 25  # 256 MB: larger than any cache
REPEATS = 7
BOOK_OPERATIONS = 2_000_000


def best_of(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest of several times in seconds, after one that does not count."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def peak_gb() -> float:
    """Return the largest memory that this process has used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def bandwidth() -> Figures:
    """Bandwidth of one core over arrays that no cache holds: the faster of a sum and a copy."""
    words, target = np.ones(STREAM_WORDS), np.empty(STREAM_WORDS)
    summed = words.nbytes / best_of(words.sum)
    copied = 2 * words.nbytes / best_of(lambda: np.copyto(target, words))
    return {"bandwidth_gb_per_s": max(summed, copied) / 1e9}


def warm_up() -> None:
    """Load or compile the engine, so that no measurement contains it."""
    scenario = worlds.evening(2_000)
    compile_engine(build(scenario, scenario.seed), lambda *_: None)


def built_and_warm(scenario: Scenario) -> tuple[Built, float]:
    """Return a prepared world, and the seconds it took to build; compiling does not count."""
    warm_up()
    began = time.perf_counter()
    built = built_of(scenario, scenario.seed)
    return built, time.perf_counter() - began


def scan(accounts: int) -> Figures:
    """A full margin check of accounts with three positions, four ways, after a fall of 7 %."""
    from tacoma.systems.scan import BRACKET, SKETCH, find_below, find_below_plainly

    built, _ = built_and_warm(worlds.three_positions(accounts))
    world = built.world
    world.markets.margin_price[:] = world.markets.margin_price * 93 // 100
    found = np.zeros(len(world.accounts), dtype=np.int32)
    scratch = table(SKETCH, len(world.markets)), table(BRACKET, len(world.tiers))
    tables = world.accounts, world.positions, world.markets, world.tiers, world.rules
    quickly = best_of(lambda: find_below(*tables, *scratch, found))
    below = found[: find_below(*tables, *scratch, found)].copy()
    plainly = best_of(lambda: find_below_plainly(*tables, found), 3)
    assert np.array_equal(below, found[: find_below_plainly(*tables, found)])
    by_numpy = best_of(lambda: numpy_scan(built), 3)
    bytes_a_ns = bandwidth()["bandwidth_gb_per_s"]
    moved = len(world.accounts) * ACCOUNTS.itemsize + len(world.positions) * POSITIONS.itemsize
    return {
        "scan_accounts": len(world.accounts),
        "scan_positions": len(world.positions),
        "scan_s": quickly,
        "scan_ns_per_account": quickly / len(world.accounts) * 1e9,
        "scan_ns_per_position": quickly / len(world.positions) * 1e9,
        "scan_bandwidth_s": moved / bytes_a_ns / 1e9,
        "scan_over_bandwidth": quickly / (moved / bytes_a_ns / 1e9),
        "plain_scan_s": plainly,
        "numpy_scan_s": by_numpy,
        "numpy_over_scan": by_numpy / quickly,
        "scan_below": len(below),
        "bandwidth_gb_per_s": bytes_a_ns,
    }


def numpy_scan(built: Built) -> np.ndarray:
    """Say who is below maintenance with numpy over whole columns: what one would write instead.

    First brackets and flat collateral only: less work than the rulebooks ask for.
    """
    world = built.world
    accounts, positions, markets = world.accounts, world.positions, world.markets
    market = positions.market
    value = positions.lots * markets.margin_price[market]
    perpetual = markets.kind[market] == PERPETUAL
    first = np.where(perpetual, markets.tier_first[market], 0)
    numerator, denominator = world.tiers.rate_numerator[first], world.tiers.rate_denominator[first]
    need = np.where(perpetual, np.abs(value) * numerator // denominator, 0)
    gain = np.where(perpetual, value - positions.entry, value)
    slack = np.concatenate([[0], np.cumsum(gain - need)])
    total = accounts.balance + slack[accounts.slot_last] - slack[accounts.slot_first]
    below: np.ndarray = np.flatnonzero(total < 0)
    return below


def day(scenario: Scenario) -> Figures:
    """Build a world and run its day on one core, keeping no journal."""
    built, build_s = built_and_warm(scenario)
    world = built.world
    held = np.count_nonzero(world.positions.lots) / len(world.positions)
    began = time.perf_counter()
    drive(built, scenario.seed, scenario.steps, keep_journal=False)
    loop_s = time.perf_counter() - began
    record = world.record.venue[1:].sum(axis=(0, 1))
    checks = int(record[-1])
    return {
        "accounts": scenario.accounts,
        "slots": len(world.positions),
        "slots_held": held,
        "markets": len(world.markets),
        "steps": scenario.steps,
        "build_s": build_s,
        "loop_s": loop_s,
        "total_s": build_s + loop_s,
        "steps_per_s": scenario.steps / loop_s,
        "checks": checks,
        "checks_per_step": checks / scenario.steps,
        "liquidated_accounts": int(record[1]),
        "peak_gb": peak_gb(),
    }


def index_against_scans(accounts: int) -> Figures:
    """The evening as it is run, against full scans at every step, in the same process."""
    from tacoma.systems.scan import BRACKET, SKETCH, find_below, find_below_plainly

    scenario = worlds.evening(accounts)
    built, _ = built_and_warm(scenario)
    world = built.world
    found = np.zeros(len(world.accounts), dtype=np.int32)
    scratch = table(SKETCH, len(world.markets)), table(BRACKET, len(world.tiers))
    tables = world.accounts, world.positions, world.markets, world.tiers, world.rules
    quick = best_of(lambda: find_below(*tables, *scratch, found), 3)
    plain = best_of(lambda: find_below_plainly(*tables, found), 3)
    by_numpy = best_of(lambda: numpy_scan(built), 3)
    began = time.perf_counter()
    drive(built, scenario.seed, scenario.steps, keep_journal=False)
    loop_s = time.perf_counter() - began
    return {
        "index_loop_s": loop_s,
        "index_vs_scan_ratio": plain * scenario.steps / loop_s,
        "index_vs_fast_scan_ratio": quick * scenario.steps / loop_s,
        "index_vs_numpy_ratio": by_numpy * scenario.steps / loop_s,
    }


def monte_carlo(accounts: int, runs: int) -> Figures:
    """Three hours for several seeds, one after the other on one core: building included."""
    scenario = worlds.three_hours(accounts)
    built_and_warm(scenario)
    began = time.perf_counter()
    for seed in range(1, runs + 1):
        drive(built_of(scenario, seed), seed, scenario.steps, keep_journal=False)
    return {"runs": runs, "runs_per_s": runs / (time.perf_counter() - began)}


def built_of(scenario: Scenario, seed: int) -> Built:
    """Return a prepared world of another seed."""
    from tacoma import engine

    built = build(scenario, seed)
    with np.errstate(over="ignore"):
        engine.prepare(built.world)
    return built


def book(operations: int = BOOK_OPERATIONS) -> Figures:
    """Records of book operations through the venue's door: limits, cancels, orders, quotes.

    Per hundred: 48 limit orders, 48 cancels, 3 market orders of one lot, 1 quote. Each is checked
    at the door and written to the journal, and fills change both accounts.
    """
    from tacoma import engine

    scenario = worlds.evening(2_000)
    built, _ = built_and_warm(scenario)
    world = built.world
    step_reserve = built.reserve
    cursor = np.zeros(2, dtype=np.int64)
    journal = empty_journal(operations + (1 << 18))
    warm_steps = 10  # until makers quote
    with np.errstate(over="ignore"):
        engine.advance(
            world, built.agents, built.inputs, cursor, journal, warm_steps, step_reserve, True
        )
    queue = _operations(built, operations, warm_steps + 1)
    cursor[:], journal.length[0], built.agents.outbox.length[0] = 0, 0, 0
    began = time.perf_counter()
    code = engine.advance(
        world, built.agents, queue, cursor, journal, warm_steps + 1, step_reserve, False
    )
    seconds = time.perf_counter() - began
    assert code == engine.REACHED
    assert journal.length[0] == operations
    return {
        "book_operations": operations,
        "book_ops_per_s": operations / seconds,
        "book_fills": int(world.flows.market[:, 6].sum()),
    }


def _operations(built: Built, operations: int, step: int) -> Any:  # noqa: ANN401 - a journal
    """Return a queue of book operations on the first venue's perpetuals."""
    world = built.world
    queue = empty_journal(operations)
    queue.length[0] = operations
    rows, number = queue.rows, np.arange(operations)
    place = number % 100
    market = number // 100 % 10
    maker = built.found.makers[0]
    rows.step, rows.market = step, market
    mark = world.markets.mark[market]
    owner = np.array(maker)[number // 1000 % len(maker)]
    taker = built.found.arbitrageurs[0][0]
    rows.kind = np.where(place % 2 == 0, LIMIT, CANCEL)
    rows.account = owner
    rows.first, rows.second = 1, mark * 99 // 100
    trades = place >= 96
    rows.kind[trades], rows.account[trades] = ORDER, taker
    rows.first[trades], rows.second[trades] = np.where(number[trades] % 2 == 0, 1, -1), 0
    quotes = place == 99
    rows.kind[quotes], rows.account[quotes] = QUOTE, owner[quotes]
    rows.first[quotes], rows.second[quotes] = mark[quotes], mark[quotes] // 2000
    rows.third[quotes], rows.fourth[quotes] = 10_000, 10_000
    return queue
