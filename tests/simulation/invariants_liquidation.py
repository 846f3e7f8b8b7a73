"""What must hold of who is liquidated, and of who is left."""

import numpy as np

from simulation.moment import EQUITY, NOTIONAL
from tacoma.world.codes import EVENT_TRIGGER, EXEMPT, LIQUIDATING, WRITTEN_OFF


def _names(accounts):
    return ", ".join(str(account) for account in sorted(accounts)[:5])


def _set(where):
    return set(np.flatnonzero(where).tolist())


def failing(moment):
    """Return who had too little before the waterfalls, by a full scan; nobody exempt."""
    kept = moment.on_venue & (moment.before.status != EXEMPT)
    return kept & (moment.before.slack < 0)


def nobody_healthy_is_liquidated(moment):
    """Whoever was triggered, or newly put in liquidation, had too little at that moment."""
    below = failing(moment)
    told = {row.account for row in moment.liquidations if row.stage == EVENT_TRIGGER}
    begun = (moment.settled.status == LIQUIDATING) & (moment.before.status != LIQUIDATING)
    wrong = (told | _set(begun)) - _set(below)
    if wrong:
        return f"accounts {_names(wrong)} were liquidated with enough"
    return None


def the_index_equals_the_scan(moment):
    """Whoever had too little is in liquidation now, or was dealt with in this step."""
    below = failing(moment) & (moment.before.status != LIQUIDATING)
    if not below.any():
        return None
    told = {row.account for row in moment.liquidations}
    missed = _set(below & (moment.settled.status != LIQUIDATING)) - told
    if missed:
        return f"accounts {_names(missed)} had too little and were left alone"
    return None


def the_scan_is_exact(moment):
    """Equity and maintenance of the failing are those of the rulebook's words, to the quantum."""
    for account, (equity, need) in moment.exact.items():
        found = moment.before.scan[:2, account].tolist()
        if found != [equity, need]:
            return f"account {account}: the engine says {found}, the rulebook {[equity, need]}"
    return None


def nobody_bankrupt_stays(moment):
    """After a step nobody is below maintenance outside the batch, unless touched since."""
    everyone = moment.world.triggers.venues["everyone"] != 0
    watched = moment.on_venue & (moment.accounts.status != EXEMPT)
    watched &= (moment.accounts.status != LIQUIDATING) & (moment.accounts.is_touched == 0)
    watched &= ~everyone[moment.accounts.venue % moment.margin_venues]
    wrong = _set(watched & (moment.after.slack < 0))
    if wrong:
        return f"accounts {_names(wrong)} stay below maintenance"
    return None


def debts_are_closed(moment):
    """Where a venue looked, whoever has nothing left has no debt; the written-off hold nothing."""
    holders = moment.holders
    gone = (moment.accounts.since == WRITTEN_OFF) & holders
    if gone.any():
        return f"accounts {_names(_set(gone))} were written off and hold positions"
    looked = moment.on_venue & moment.looked()[moment.accounts.venue % moment.margin_venues]
    left = looked & (moment.settled.status == LIQUIDATING) & ~holders
    left &= moment.settled.scan[EQUITY] < 0
    if left.any():
        return f"accounts {_names(_set(left))} keep a debt without positions"
    return None


def the_healthy_are_released(moment):
    """Nobody stays in liquidation with enough, while the venue is open."""
    open_now = moment.step >= moment.venues.halted_until
    kept = moment.on_venue & open_now[moment.accounts.venue % moment.margin_venues]
    kept &= (moment.settled.status == LIQUIDATING) & (moment.settled.slack >= 0)
    kept &= moment.settled.scan[NOTIONAL] > 0
    if kept.any():
        return f"accounts {_names(_set(kept))} are held in liquidation with enough"
    return None


def the_batch_is_who_is_in_liquidation(moment):
    """The engine's work list holds exactly those whose status says so."""
    if moment.in_batch() != moment.liquidating():
        return f"batch {sorted(moment.in_batch())}, status {sorted(moment.liquidating())}"
    return None


LIQUIDATION = (
    nobody_healthy_is_liquidated, the_index_equals_the_scan, the_scan_is_exact,
    nobody_bankrupt_stays, debts_are_closed, the_healthy_are_released,
    the_batch_is_who_is_in_liquidation,
)  # fmt: skip
