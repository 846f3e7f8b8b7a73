"""What the drawn worlds exercised, so that it is seen that they are not calm water."""

import numpy as np

from simulation.moment import NOTIONAL
from tacoma.world.codes import DESK, EXEMPT, STAGES, WRITTEN_OFF


def count_step(counts, moment):
    """Add what one step had in it."""
    counts["steps"] += 1
    for row in moment.liquidations:
        counts["event " + STAGES[row.stage]] += 1
    counts["event deleveraged winner"] += len(moment.deleveragings)
    fund = {entry.account for entry in moment.built.directory.funds}
    counts["event deleveraged fund"] += sum(row.bankrupt in fund for row in moment.deleveragings)
    kept = moment.on_venue & (moment.accounts.status != EXEMPT)
    kept &= moment.before.scan[NOTIONAL] > 0
    counts["equity exactly at the margin"] += int(
        np.count_nonzero(kept & (moment.before.slack == 0))
    )
    counts["several in liquidation"] += len(moment.liquidating()) > 1


def _largest(world):
    """Return the largest part of one side of a market that a customer held at the end."""
    moment, most = world.moment, 0.0
    customers = moment.accounts.kind[moment.slot_account] <= DESK
    for market in np.flatnonzero(moment.markets.kind == 0).tolist():
        here = (moment.slot_market == market) & customers
        lots = moment.positions.lots[here]
        total = int(moment.markets.open_lots[market])
        if total and len(lots):
            most = max(most, float(np.abs(lots).max()) / total)
    return most


def count_world(counts, world):
    """Add what a whole world was: its kinds of rules where somebody was liquidated, its events."""
    moment = world.moment
    counts["worlds"] += 1
    counts["accounts"] += moment.count
    counts["records"] += len(world.case.records)
    for name in STAGES[1:]:  # cancelling leaves no event
        counts[f"worlds with {name}"] += counts["event " + name] > 0
    counts["worlds with options"] += world.built.directory.has_options
    counts["worlds with several venues"] += moment.margin_venues > 1
    counts["worlds with written-off accounts"] += bool((moment.accounts.since == WRITTEN_OFF).any())
    counts["worlds where one has half the interest"] += _largest(world) >= 0.5
    counts["worlds with funding"] += bool(moment.markets.last_funding_ppb.any())
    prices = world.built.world.record.market[1 : moment.step + 1, :, 0]
    if len(prices) > 1:
        before, after = prices[:-1].astype(float), prices[1:].astype(float)
        ratio = after / np.maximum(before, 1)
        counts["worlds with a price ten times in a step"] += bool((ratio > 10).any())
        counts["worlds with a tenth of a price in a step"] += bool((ratio < 0.1).any())
    empty = world.built.world.record.market[1 : moment.step + 1, :, 5:7] == 0
    counts["worlds with a book empty on both sides"] += bool(empty.all(axis=2).any())
    if counts["event trigger"]:
        for venue in world.scenario.venues:
            rules = venue.rules
            counts[f"margin {rules.margin.kind}"] += 1
            if rules.waterfall.adl and counts["event adl"]:
                counts[f"adl {rules.waterfall.adl.trigger}"] += 1
                counts[f"adl {rules.waterfall.adl.allocation}"] += 1
            if rules.waterfall.takeover and counts["event takeover"]:
                counts[f"takeover {rules.waterfall.takeover.transfer}"] += 1
