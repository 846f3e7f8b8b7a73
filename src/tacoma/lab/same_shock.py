"""The same shock through several venues: who would have held, and who would have paid."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tacoma.lab.run import run
from tacoma.scenario.load import load_rulebook
from tacoma.scenario.transplant import transplanted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tacoma.lab.results import Run
    from tacoma.scenario.schema import Scenario

HELD_WITHIN = 1.0  # USD: dust of rounding is no loss


@dataclass(frozen=True)
class Outcome:
    """What one venue made of the shock; money in USD."""

    rulebook: str
    title: str
    held: bool  # nobody but the liquidated and the funds lost anything, and nobody waits
    liquidated_accounts: int
    pending_accounts: int  # still below maintenance at the end
    closed_usd: float  # of users' positions: in the book, by take-over and by deleveraging
    market_usd: float
    takeover_usd: float
    funds_start_usd: float
    funds_low_usd: float
    adl_usd: float
    adl_accounts: int
    shared_usd: float
    bad_debt_usd: float
    halts: int
    looked: bool  # whether the venue looked for accounts to liquidate at all
    conserved: bool
    hash: str
    wall_s: float

    @property
    def verdict(self) -> str:
        """Who paid last, in words."""
        if self.halts:
            return "halted"
        if not self.looked:
            return "never looked"
        if self.bad_debt_usd > HELD_WITHIN:
            return "bad debt"
        if self.shared_usd > HELD_WITHIN:
            return "losses shared"
        if self.adl_usd > HELD_WITHIN:
            return "deleveraged"
        return "held" if self.held else "unresolved"

    def row(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {**self.__dict__, "verdict": self.verdict}


def same_shock(
    scenario: Scenario,
    rulebooks: Sequence[str],
    *,
    threads: int = 2,
    progress: Callable[[str, float], None] | None = None,
) -> list[Outcome]:
    """
    Run a scenario's population and shock under each rulebook, in the order given.

    Positions, prices and behaviour are drawn alike for all; an account brings at least the margin
    that the venue asks for. `threads` runs are computed at a time, which changes no number.
    Raises InputError before anything runs, ConservationError should a ledger not balance.
    """
    scenarios = [transplanted(scenario, name) for name in rulebooks]

    def one(place: int) -> Outcome:
        began = time.perf_counter()
        outcome = run(scenarios[place], control=False, macro=False, threads=1)
        if progress is not None:
            progress(rulebooks[place], (place + 1) / len(rulebooks))
        return outcome_of(rulebooks[place], outcome, time.perf_counter() - began)

    if not scenarios:
        return []
    first = one(0)  # alone: it may have to compile the engine
    with ThreadPoolExecutor(max_workers=max(threads, 1)) as pool:
        return [first, *pool.map(one, range(1, len(scenarios)))]


def outcome_of(rulebook: str, outcome: Run, wall_s: float) -> Outcome:
    """Return the comparable part of a run's summary."""
    total = outcome.summary
    return Outcome(
        rulebook=rulebook,
        title=load_rulebook(rulebook).title,
        held=_held(total),
        liquidated_accounts=total["liquidated_accounts"],
        pending_accounts=total["pending_accounts"],
        closed_usd=total["closed_usd"],
        market_usd=total["market_usd"],
        takeover_usd=total["backstop_usd"] + total["insurance_takeover_usd"],
        funds_start_usd=total["insurance_start_usd"] + total["backstop_start_usd"],
        funds_low_usd=total["funds_low_usd"],
        adl_usd=total["adl_usd"],
        adl_accounts=total["adl_accounts"],
        shared_usd=total["shared_usd"],
        bad_debt_usd=total["bad_debt_usd"],
        halts=total["halts"],
        looked=_looked(outcome),
        conserved=outcome.conserved,
        hash=outcome.hash,
        wall_s=round(wall_s, 3),
    )


def _looked(outcome: Run) -> bool:
    """Say whether a venue's interval of liquidation came round within the run."""
    scenario = outcome.scenario
    interval_ms = scenario.venues[0].rules.liquidation.interval
    return interval_ms <= outcome.steps * scenario.step_ms


def _held(total: dict[str, Any]) -> bool:
    losses = (total["adl_usd"], total["shared_usd"], total["bad_debt_usd"])
    waiting = total["halts"] or total["pending_accounts"]
    return all(loss <= HELD_WITHIN for loss in losses) and not waiting
