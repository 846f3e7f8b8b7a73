"""Copies of a built world, which cost a tenth of building it again, and buffers of its own size."""

import dataclasses

import numpy as np

from tacoma.world.build import EVENTS_A_SLOT, empty_events, empty_journal
from tacoma.world.layout import Events, Journal

ROWS_SPARE = 1 << 12  # quotes, prices and orders of a step; a small world writes a few dozen


def slim(made):
    """Return a world that was just built with buffers for its few accounts, not for millions."""
    slots, accounts = len(made.world.positions), len(made.world.accounts)
    reserve = EVENTS_A_SLOT * slots + 2 * accounts + ROWS_SPARE
    return dataclasses.replace(
        made, reserve=reserve,
        world=made.world._replace(events=empty_events(reserve + ROWS_SPARE)),
        agents=made.agents._replace(outbox=empty_journal(2 * slots + accounts + ROWS_SPARE)),
    )  # fmt: skip


def _copy(part):
    """Copy nested tuples of arrays; buffers that a fresh world has not written stay untouched."""
    if isinstance(part, Events):
        return empty_events(len(part.liquidations))
    if isinstance(part, Journal):
        return empty_journal(len(part.rows))
    if isinstance(part, np.ndarray):
        return part.copy()
    if isinstance(part, tuple):
        return type(part)(*(_copy(value) for value in part))
    return part


def copy_of(made):
    """Return a copy of a world that was built and has not run; its inputs are shared."""
    return dataclasses.replace(made, world=_copy(made.world), agents=_copy(made.agents))
