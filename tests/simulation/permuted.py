"""
The same world with its customers' accounts in another order.

Customers (the population and the desks) have the first rows of the account table and the first
slots, so a permutation among them moves nobody else. What the rules rank by account number:

* the order of a batch, hence of market orders, take-overs and payments of one venue and step,
* ties of score in the deleveraging queue, and the whole of a pseudo-random queue,
* who gets the remainders when lots or losses are shared out in proportion.

A run is compared account by account up to the first step at which one of these could decide; runs
in which none ever could are compared whole. Beyond that step nothing is claimed.
"""

import dataclasses

import numpy as np

from simulation.copies import copy_of
from tacoma.world.codes import DESK, FAULT, PARAMETER, SOURCE, STAGE_SHARE


def _new_slots(world, order):
    """Return the old slot of each new one, and the new first and last slot of each account."""
    first = world.accounts.slot_first[order].astype(np.int64)
    size = world.accounts.slot_last[order].astype(np.int64) - first
    last = np.cumsum(size)
    old = np.concatenate([np.arange(f, f + n) for f, n in zip(first, size, strict=True)])
    return old, last - size, last


def customers(world):
    """Return how many of the first rows are customers; the others keep their places."""
    kinds = world.accounts.kind
    return int(np.argmax(kinds > DESK)) if (kinds > DESK).any() else len(kinds)


def permute(made, seed):
    """Return the world with its customers in another order, and the old row of each new one."""
    world = made.world
    count = customers(world)
    order = np.arange(len(world.accounts))
    random = np.random.Generator(np.random.Philox(key=seed))
    order[:count] = random.permutation(count)
    old, first, last = _new_slots(world, order)
    world.accounts[:] = world.accounts[order]
    world.audit.seen_worth[:] = world.audit.seen_worth[order]
    world.accounts.slot_first[:], world.accounts.slot_last[:] = first, last
    world.positions[:] = world.positions[old]
    world.positions.account[:] = np.repeat(np.arange(len(order)), last - first)
    world.positions.by_market[:] = np.argsort(world.positions.market, kind="stable")
    new = np.argsort(order)
    holders = np.sort(new[world.triggers.holders])
    triggers = world.triggers._replace(holders=holders)
    return dataclasses.replace(made, world=world._replace(triggers=triggers)), order, old


def unranked_until(world):
    """Return the last step before a rule that ranks by account number could decide."""
    for step, (liquidations, deleveragings) in enumerate(world.events, 1):
        by_venue = {}
        for row in liquidations:
            venue = int(world.moment.accounts.venue[row.account])
            by_venue.setdefault(venue, set()).add(row.account)
        crowded = any(len(accounts) > 1 for accounts in by_venue.values())
        if crowded or deleveragings or any(row.stage == STAGE_SHARE for row in liquidations):
            return step - 1
        if world.crowded[step - 1]:
            return step - 1
    return len(world.events)


def rows_for(rows, order):
    """Return journal rows with the customers' new numbers; components and sources stay."""
    rows, new = rows.copy(), np.argsort(order)
    names_account = ~np.isin(rows["kind"], (FAULT, SOURCE, PARAMETER))
    names_account &= (rows["account"] >= 0) & (rows["account"] < len(order))
    rows["account"][names_account] = new[rows["account"][names_account]]
    return rows


def difference(case, world, result, replayed):
    """
    Return how the permuted world differs at the last step that no rank decided, and that step.

    `replayed` makes a world from a journal alone.
    """
    until = unranked_until(world)
    if until == 0:
        return None, 0
    made, order, old = permute(copy_of(world.pristine), case.seed % 2**64)
    rows = rows_for(result.journal, order)
    straight = replayed(copy_of(world.pristine), result.journal, until)
    other = replayed(made, rows, until)
    for name in ("balance", "wallet", "status", "since"):
        if (straight.accounts[name][order] != other.accounts[name]).any():
            return f"{name} depends on the order of accounts by step {until}", until
    for name in ("lots", "entry"):
        if (straight.positions[name][old] != other.positions[name]).any():
            return f"{name} depends on the order of accounts by step {until}", until
    return None, until
