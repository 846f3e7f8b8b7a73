"""
Worlds at their stated maxima, run by an engine in which every overflow is an error.

The interpreted engine computes with numpy's scalars, which report what leaves 64 bits at the
operation that does, intermediates included. Only the random generator wraps, on purpose: it works
modulo 2**64 by definition.
"""

import functools

import numpy as np

from systems import worlds
from systems.interpreted import interpreted_package
from tacoma.bounds import (
    BALANCE_QUANTA_MAX,
    LOTS_MAX,
    OPEN_LOTS_MAX,
    PRICE_QUANTA_MAX,
    TOTAL_QUANTA_MAX,
)
from tacoma.world.build import empty_journal
from tacoma.world.codes import DESK, LIMIT, MAKER, OPTION, ORDER, QUOTE, RETAIL, SOURCE, TRANSFER

# Prices of all sources and quotes, step by step: to both ends, and back.
SHAKEN = (PRICE_QUANTA_MAX, 1, PRICE_QUANTA_MAX, PRICE_QUANTA_MAX, 1, 1, 1_000, PRICE_QUANTA_MAX)


def wrapping(function):
    """Let one function wrap around, whatever is watched around it."""

    @functools.wraps(function)
    def wrapped(*arguments):
        with np.errstate(over="ignore"):
            return function(*arguments)

    return wrapped


@functools.cache
def trapping_package():
    """Return an interpreted engine whose random generator alone may wrap."""
    package = interpreted_package()
    uniform = wrapping(package.crowd.uniform)
    package.crowd.gaussian.__globals__["uniform"] = uniform
    for module in (package.crowd, package.gateway, package.liquidation):
        module.uniform = uniform
    return package


def enlarge(built, package, lots=OPEN_LOTS_MAX):
    """Multiply everybody's positions and money until a venue has as many lots open as there may be.

    The first market's price goes to its largest, so that costs are the largest too.
    """
    world = built.world
    for venue in range(len(world.venues)):
        mine = (world.markets.venue == venue) & (world.markets.open_lots > 0)
        times = lots // max(int(world.markets.open_lots[mine].sum()), 1)
        held = world.markets.venue[world.positions.market.astype(np.int64)] == venue
        for name in ("lots", "entry"):
            world.positions[name][held] *= times
        world.markets.open_lots[mine] *= times
        world.markets.customer_lots[world.markets.venue == venue] *= times
        own = world.accounts.venue == venue
        for name in ("balance", "wallet", "alert_slack"):
            scaled = world.accounts[name][own].astype(object) * times
            most = BALANCE_QUANTA_MAX // 4
            world.accounts[name][own] = [max(min(int(q), most), -most) for q in scaled]
    with np.errstate(over="raise", invalid="raise"):
        package.engine.prepare(world)


def hurry(built):
    """Let every rule that looks now and then look at each step, and pay funding at the fourth."""
    rules = built.world.rules
    for name in ("index", "mark", "liquidation", "takeover", "adl"):
        rules[f"{name}_interval"] = 1
    built.world.clock.start_second_of_day[0] = 86_400 - 4


def shaken(built, steps, prices=SHAKEN):
    """Return records that send everything to its largest and smallest, step by step."""
    world, rows = built.world, []
    kinds = world.accounts.kind
    dense = [a for a in range(len(kinds)) if world.accounts.dense_market[a] >= 0]
    takers = [a for a in dense if kinds[a] == DESK][:2]
    takers += [a for a in range(len(kinds)) if kinds[a] == RETAIL][:2]
    for step in range(1, steps + 1):
        price = prices[(step - 1) % len(prices)]
        for asset in range(len(built.directory.assets)):
            for source in range(len(built.directory.sources)):
                rows.append((step, SOURCE, asset, source, price, 0, 0, 0))
        for market in built.directory.markets:
            if market.kind == OPTION:
                continue
            quotes = world.books.quotes.maker[market.row]
            for maker in sorted({int(a) for a in quotes} - {-1}):
                spread = price if step % 3 == 0 else 1
                rows.append((step, QUOTE, maker, market.row, price, spread, LOTS_MAX, LOTS_MAX))
            for place, account in enumerate(takers):
                way = 1 if (step + place) % 2 else -1
                rows.append((step, ORDER, account, market.row, way * LOTS_MAX, 0, 0, 0))
            maker = next((a for a in dense if kinds[a] == MAKER), takers[0])
            rows.append((step, LIMIT, maker, market.row, LOTS_MAX, price, 0, 0))
        for account in takers:
            sign = 1 if step % 2 else -1
            rows.append((step, TRANSFER, account, 0, sign * TOTAL_QUANTA_MAX, 0, 0, 0))
    names = ("step", "kind", "account", "market", "first", "second", "third", "fourth")
    return worlds.records([dict(zip(names, row, strict=True)) for row in rows])


def run(package, built, inputs, steps, *, agents):
    """Run some steps with every overflow an error; return the engine's code."""
    journal = empty_journal(built.reserve + len(inputs.rows) * (steps + 1) + (1 << 18))
    cursor = np.zeros(2, dtype=np.int64)
    world = built.world
    world.clock.steps[0] = steps
    with np.errstate(over="raise", invalid="raise"):
        return package.engine.advance(
            world, built.agents, inputs, cursor, journal, steps, built.reserve, agents
        )
