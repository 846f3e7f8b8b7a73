"""Run a scenario: the day itself, its control without the shock, and the day without feedback."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tacoma import __version__
from tacoma.errors import ConservationError, InputError
from tacoma.lab.drive import Driven, drive
from tacoma.lab.results import Run
from tacoma.lab.summarise import summarise
from tacoma.lab.tables import Tables, equities
from tacoma.scenario.types import TIME_OF_DAY
from tacoma.scenario.variants import macro_only, without_shock
from tacoma.store.digest import hashed_scenario, run_digest
from tacoma.world.build import build, with_other_day
from tacoma.world.codes import RECORD_KINDS
from tacoma.world.timeline import step_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tacoma.scenario.schema import Scenario
    from tacoma.world.build import Built
    from tacoma.world.layout import Ints, Table

    Progress = Callable[[float, int, str], None]


LISTEN_S = 0.2


def run(
    scenario: Scenario,
    *,
    seed: int | None = None,
    accounts: int | None = None,
    control: bool = True,
    macro: bool = True,
    threads: int = 2,
    until: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """
    Run a scenario and return everything it did.

    `seed` and `accounts` override the scenario's. `control` adds the run without the shock,
    `macro` the run without feedback; with `threads` above one they share the machine with the run
    itself, which cannot change a number. `until` ("21:20") stops the clock early. `progress` is
    called with (fraction, second, text).

    Raises ScenarioError for bad input and ConservationError, with seed and step, should the ledger
    not balance.
    """
    began = time.perf_counter()
    scenario = with_changes(scenario, seed, accounts)
    steps = scenario.steps if until is None else steps_until(scenario, until)
    tell = progress or _say_nothing
    tell(0.0, 0, "building the world")
    days = {"run": build(scenario, scenario.seed)}
    before = equities(days["run"])
    for name, wanted, other in (("control", control, without_shock), ("macro", macro, macro_only)):
        if wanted:
            days[name] = with_other_day(days["run"], other(scenario), scenario.seed)
    compile_s = compile_engine(days["run"], tell)
    for built in days.values():
        _prepare(built)
    driven = _drive_all(scenario, days, steps, threads, tell)
    tell(1.0, scenario.duration_s, "writing down the results")
    return _result(scenario, driven, before, began, compile_s)


def steps_until(scenario: Scenario, until: str) -> int:
    """Return the step at a time of day on the clock; raise InputError for any other time."""
    second = scenario.second_of(until) if TIME_OF_DAY.fullmatch(until) else -1
    if not 0 < second <= scenario.duration_s:
        start, end = scenario.clock.start, scenario.clock.end
        raise InputError(
            f"until = {until!r}: must be a time of day (UTC) after {start:%H:%M}, at most "
            f"{scenario.duration_s // 60} minutes later ({end:%H:%M})"
        )
    return step_of(scenario, until)


def _say_nothing(_fraction: float, _second: int, _text: str) -> None:
    """Report progress to nobody."""


def with_changes(scenario: Scenario, seed: int | None, accounts: int | None) -> Scenario:
    """Return the scenario with another seed or size, checked like the original."""
    changes = {
        name: value for name, value in (("seed", seed), ("accounts", accounts)) if value is not None
    }
    if not changes:
        return scenario
    from tacoma.scenario.load import load_resolved

    return load_resolved(scenario.resolved() | changes)


def compile_engine(built: Built, tell: Progress) -> float:
    """Load or compile the engine; return how long that took in seconds."""
    from tacoma import engine
    from tacoma.compile import cache_is_warm
    from tacoma.world.build import empty_journal

    if not cache_is_warm():
        tell(0.0, 0, "compiling the engine (first run only, about a minute)")
    began = time.perf_counter()
    engine.advance(
        built.world, built.agents, built.inputs, np.zeros(2, dtype=np.int64), empty_journal(1), 0,
        built.reserve, True,
    )  # fmt: skip
    return time.perf_counter() - began


def _prepare(built: Built) -> None:
    """Open the books of a world."""
    from tacoma import engine

    engine.prepare(built.world)


def _drive_all(
    scenario: Scenario, days: dict[str, Built], steps: int, threads: int, tell: Progress
) -> dict[str, Driven]:
    """Drive every day to its end, beside each other where threads allow."""
    stop = threading.Event()
    done = dict.fromkeys(days, 0)

    def observe(name: str) -> Callable[[Built, int], None]:
        def look(built: Built, step: int) -> None:
            done[name] = step
            if name == "run" or done["run"] == steps:
                fraction = sum(done.values()) / (steps * len(days))
                tell(fraction, step * scenario.step_ms // 1000, _text(name, built, step))

        return look

    def one(name: str) -> Driven:
        return drive(
            days[name], scenario.seed, steps, keep_journal=name == "run", observe=observe(name),
            stop=stop,
        )  # fmt: skip

    if threads <= 1:
        return {name: _pinpointed(scenario, steps, name, one) for name in days}
    with ThreadPoolExecutor(max_workers=threads) as pool:
        futures = {name: pool.submit(one, name) for name in days}
        try:
            return {
                name: _pinpointed(scenario, steps, name, partial(_outcome, future))
                for name, future in futures.items()
            }
        except BaseException:
            stop.set()
            raise


def _outcome(future: Future[Driven], _name: str) -> Driven:
    """Wait for a day that another thread drives; look up now and then, so that Ctrl-C is heard."""
    while not future.done():
        wait([future], timeout=LISTEN_S)
    return future.result()


def _pinpointed(scenario: Scenario, steps: int, name: str, one: Callable[[str], Driven]) -> Driven:
    """Drive a day; should the ledger fail between two full audits, find the very step."""
    try:
        return one(name)
    except ConservationError:
        if name != "run" or scenario.engine.audit_interval == 1:
            raise
        engine = scenario.engine.model_copy(update={"audit_interval": 1})
        again = build(scenario.model_copy(update={"engine": engine}), scenario.seed)
        _prepare(again)
        drive(again, scenario.seed, steps)
        raise  # it did not come again: the first finding stands


def _text(name: str, built: Built, step: int) -> str:
    """Say where a day stands: price of the first market, liquidated and deleveraged so far."""
    if name != "run":
        return "control run" if name == "control" else "run without feedback"
    world, first = built.world, built.directory.markets[0]
    price = int(world.record.market[step, first.row, 0])
    coin = float(built.directory.lots[first.asset]) * 1e6
    lost = world.record.venue[1 : step + 1].sum(axis=(0, 1))
    return (
        f"{first.symbol} {price / coin:,.0f} · liquidated {lost[0] / 1e12:,.0f} M"
        f" · deleveraged {lost[4] / 1e12:,.0f} M USD"
    )


def journal_frame(rows: Table) -> pl.DataFrame:
    """Return the journal as a table."""
    names = pl.Enum([RECORD_KINDS[kind] for kind in sorted(RECORD_KINDS)])
    kinds = np.array(["", *(RECORD_KINDS[kind] for kind in sorted(RECORD_KINDS))], dtype=object)
    columns: dict[str, Any] = {name: np.ascontiguousarray(rows[name]) for name in rows.dtype.names}
    columns["kind"] = pl.Series(kinds[rows.kind.astype(np.int64)], dtype=names)
    return pl.DataFrame(columns)


def ledger_of(built: Built) -> dict[str, Ints]:
    """Return the arrays that say who owns what, as int64, for the hash of a run."""
    world = built.world
    return {
        "balance": np.ascontiguousarray(world.accounts.balance, dtype=np.int64),
        "wallet": np.ascontiguousarray(world.accounts.wallet, dtype=np.int64),
        "lots": np.ascontiguousarray(world.positions.lots, dtype=np.int64),
        "entry": np.ascontiguousarray(world.positions.entry, dtype=np.int64),
    }


def digest_of(
    scenario: Scenario, tables: dict[str, pl.DataFrame], ledger: dict[str, Ints], until: int
) -> str:
    """Return the hash of a run: scenario, seed, version, tables and final ledger."""
    resolved = hashed_scenario(scenario.resolved(), until)
    return run_digest(resolved, scenario.seed, __version__, tables, ledger)


def _result(
    scenario: Scenario, driven: dict[str, Driven], before: Ints, began: float, compile_s: float
) -> Run:
    """Put the result together."""
    main = driven["run"]
    tables = Tables(scenario, main, before).all()
    summary = summarise(scenario, main, scenario.seed)
    others = {
        name: summarise(scenario, driven[name], scenario.seed) if name in driven else None
        for name in ("control", "macro")
    }
    ledger = ledger_of(main.built)
    digest = digest_of(scenario, tables, ledger, main.steps)
    macro, control = others["macro"], others["control"]
    alone = macro["liquidated_usd"] if macro else 0.0
    summary["hash"] = digest
    summary["amplification"] = summary["liquidated_usd"] / alone if alone else None
    summary["control"] = (
        {name: control[name] for name in ("liquidated_usd", "adl_usd", "bad_debt_usd")}
        if control
        else None
    )
    summary["wall_s"] = round(time.perf_counter() - began - compile_s, 3)
    summary["compile_s"] = round(compile_s, 3)
    return Run(
        scenario=scenario,
        seed=scenario.seed,
        hash=digest,
        steps=main.steps,
        accounts=scenario.accounts,
        conserved=bool(summary["conserved"]),
        tables=tables,
        summary=summary,
        control=control,
        macro=macro,
        journal=journal_frame(main.journal),
        ledger=ledger,
        wall_s=summary["wall_s"],
        compile_s=summary["compile_s"],
    )
