"""Gateways: what an unavailable venue keeps out, and what goes on inside it."""

import numpy as np
import pytest

from systems import worlds
from tacoma.scenario import from_dict
from tacoma.world.codes import (
    MAKER,
    ORDER,
    QUOTE,
    REASON_ARBITRAGE,
    REASON_PANIC,
    REASON_STOP,
    REASON_UNWIND,
    TRANSFER,
)

FIRST, LAST = 70, 240  # steps at which the gateway is away in these tests


def crash_with_gateway(availability):
    """Drive the flash crash with one venue's gateway in trouble; return (driven, its venue)."""
    table = worlds.table()
    event = {
        "kind": "gateway", "at": "15:56:10", "until": "15:59", "venue": "binance",
        "availability": availability,
    }  # fmt: skip
    others = [entry for entry in table["timeline"] if entry["kind"] != "gateway"]
    return worlds.driven(from_dict(table | {"timeline": [*others, event]})).driven


@pytest.fixture(scope="module")
def closed():
    """The crash while nothing gets through to binance."""
    return crash_with_gateway(0)


@pytest.fixture(scope="module")
def opened():
    """The crash while everything gets through."""
    return crash_with_gateway(1)


def during(driven, venue, kind, reason=None):
    """Return the records of a kind (and reason) that reached a venue while it was in trouble."""
    rows, accounts = driven.journal, driven.built.world.accounts
    # What agents write at one step arrives at the next.
    rows = rows[(rows.step > FIRST + 1) & (rows.step <= LAST) & (rows.kind == kind)]
    rows = rows[accounts.venue[rows.account] == venue]
    return rows if reason is None else rows[rows.third == reason]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(TRANSFER, None), (ORDER, REASON_PANIC), (ORDER, REASON_ARBITRAGE), (QUOTE, None)],
)
def test_nothing_from_outside_gets_through(closed, opened, kind, reason):
    """With availability 0 no top-up, order, arbitrage or quote reaches the venue; others stay."""
    assert len(during(closed, worlds.BINANCE, kind, reason)) == 0
    assert len(during(opened, worlds.BINANCE, kind, reason)) > 0
    assert len(during(closed, worlds.HYPERLIQUID, kind, reason)) > 0


@pytest.mark.parametrize("reason", [REASON_STOP, REASON_UNWIND])
def test_what_the_venue_does_itself_goes_on(closed, reason):
    """Stop orders live inside the venue, and its own funds trade, whatever the gateway does."""
    assert len(during(closed, worlds.BINANCE, ORDER, reason)) > 0


def test_nobody_else_is_kept_out(closed):
    """Only the makers of the venue in trouble stop quoting."""
    accounts = closed.built.world.accounts
    quotes = closed.journal[(closed.journal.kind == QUOTE) & (closed.journal.step > FIRST + 1)]
    quotes = quotes[quotes.step <= LAST]
    assert (accounts.kind[quotes.account] == MAKER).all()
    venues = np.unique(accounts.venue[quotes.account]).tolist()
    assert venues == [worlds.HYPERLIQUID, closed.built.directory.margin_venues]


@pytest.mark.parametrize(
    ("availability_ppm", "least", "most"),
    [(0, 0, 0), (1, 0, 3), (400_000, 7_755, 8_245), (999_999, 19_990, 20_000), (10**6, 2e4, 2e4)],
)
def test_the_part_that_gets_through(package, availability_ppm, least, most):
    """Of 20,000 requests the stated part gets through, within five standard deviations."""
    built = worlds.small()
    components = built.world.components
    components.availability_ppm[:] = availability_ppm
    with np.errstate(over="ignore"):
        passed = sum(
            package.gateway.gets_through(components, built.world.clock, 0, entity, 1 + entity % 7)
            for entity in range(20_000)
        )
    assert least <= passed <= most
