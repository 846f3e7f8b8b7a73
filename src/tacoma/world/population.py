"""The leveraged population of one venue, drawn from the scenario: a model of who holds what.

Notional is heavy-tailed, leverage a mixture that falls with size, sides follow each market's long
share; per market and side the population adds up to its part of the open interest to the lot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tacoma.units import QUANTA_PER_USD
from tacoma.world.codes import PERPETUAL, SPOT
from tacoma.world.fitting import fit_lots
from tacoma.world.limits import PPM
from tacoma.world.numeric import exp, power
from tacoma.world.option_population import OptionHoldings, draw_options
from tacoma.world.streams import stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction

    from tacoma.scenario.schema import PerpMarket, Population, Scenario, Venue
    from tacoma.world.directory import Directory, Market
    from tacoma.world.layout import Floats, Ints

    Maintenance = Callable[[Ints, Ints], Ints]  # of (market row, lots), in quanta

POSITIONS_MAX = 3
ENTRY_TRUNCATION = 2.5  # standard deviations
MARKET_CHOICE = 0.6  # accounts choose a market with weight open interest ** this
SIZE_LEVERAGE = 0.35  # how far small size pushes leverage up within its group
BUFFER = 2.0  # equity starts at this many times maintenance where no initial margin is stated
STOP_JITTER = 0.0005
BLOCK_ACCOUNTS = 1 << 22  # drawn together: about 1.5 GB while it is being drawn


class Block(NamedTuple):
    """Some of a venue's accounts, drawn together: a population of its own, as large as its part.

    Memory decides how large a block is. The first has the venue's own random streams.
    """

    first: int
    size: int
    of: int  # accounts of the venue

    def name(self, venue: str) -> str:
        """Return the name of the block's random streams."""
        return venue if self.first == 0 else f"{venue}/{self.first}"

    def part(self, total: int) -> int:
        """Return the block's part of a total; all parts add up to it."""
        return total * (self.first + self.size) // self.of - total * self.first // self.of

    def largest_share(self, people: Population) -> float:
        """Return how much of the block's part one account may hold."""
        return float(people.largest_share) * (self.of / max(self.size, 1))


def blocks(count: int) -> Iterator[Block]:
    """Divide a venue's accounts into blocks of at most `BLOCK_ACCOUNTS`."""
    for first in range(0, max(count, 1), BLOCK_ACCOUNTS):
        yield Block(first, min(BLOCK_ACCOUNTS, count - first), max(count, 1))


class Crowd(NamedTuple):
    """Accounts of one venue (n,) and their positions (n, POSITIONS_MAX); market -1 for none.

    A stop price is that of a conditional order, stop or take-profit; 0 for none.
    """

    market: Ints
    lots: Ints
    entry: Ints
    leverage: Floats
    isolated: Ints
    balance: Ints
    wallet: Ints
    alert_slack: Ints
    collateral_market: Ints  # (n,) or -1
    collateral_lots: Ints
    stop_price: Ints  # (n, POSITIONS_MAX) or 0
    options: OptionHoldings


class Holdings(NamedTuple):
    """Positions (n, POSITIONS_MAX): market rows or -1, signed lots, signed cost, today's price."""

    market: Ints
    lots: Ints
    entry: Ints
    price: Ints


class Shape(NamedTuple):
    """What is drawn before sizes are fitted to open interest."""

    market: Ints
    side: Ints
    weight: Floats
    leverage: Floats
    isolated: Ints


def draw_shape(
    scenario: Scenario, venue: Venue, markets: tuple[Market, ...], block: Block, seed: int
) -> Shape:
    """Draw markets, sides, size weights and leverage of a block of accounts."""
    people, count = scenario.population, block.size
    random = stream(seed, "population", block.name(venue.name))
    group = random.choice(len(people.groups), count, p=_floats([g.accounts for g in people.groups]))
    isolated = (random.random(count) < float(people.isolated_share)).astype(np.int64)
    held = 1 + random.choice(len(people.positions), count, p=_floats(list(people.positions)))
    held = np.minimum(held, len(markets))
    held[isolated == 1] = 1
    size = power(1.0 - random.random(count), -1.0 / float(people.size_tail))
    rank = np.argsort(np.argsort(size, kind="stable"), kind="stable") / max(count - 1, 1)
    leverage = np.empty(count)
    for number, entry in enumerate(people.groups):
        mine = group == number
        low, high = (float(bound) for bound in entry.leverage)
        place = random.random(count)[mine]
        place = (1.0 - SIZE_LEVERAGE) * place + SIZE_LEVERAGE * (1.0 - rank[mine])
        leverage[mine] = low * power(high / low, place)
        size[mine] *= float(entry.interest) / max(size[mine].sum(), 1e-9)
    market, side = _choose_markets(random, people, markets, held)
    parts = random.random((count, POSITIONS_MAX)) + 0.2
    parts[market < 0] = 0.0
    weight = size[:, None] * parts / parts.sum(axis=1, keepdims=True)
    return Shape(market, side, weight, leverage, isolated)


def _floats(shares: list[object]) -> Floats:
    """Return shares as probabilities that add up to one."""
    values = np.array([float(share) for share in shares])  # type: ignore[arg-type]
    shares_of_one: Floats = values / values.sum()
    return shares_of_one


def _choose_markets(
    random: np.random.Generator, people: Population, markets: tuple[Market, ...], held: Ints
) -> tuple[Ints, Ints]:
    """Choose distinct markets (rows in `markets`) and sides for each account."""
    count, number = len(held), len(markets)
    interest = power(np.array([float(_perp(m).open_interest) for m in markets]), MARKET_CHOICE)
    first = random.choice(number, count, p=interest / interest.sum())
    market = np.full((count, POSITIONS_MAX), -1, dtype=np.int64)
    step = 1 + random.integers(0, max(number - 1, 1), count)
    for place in range(min(POSITIONS_MAX, number)):
        chosen = (first + place * step) % number
        # Steps that share a factor with the number of markets could meet a market twice.
        repeated = (market[:, :place] == chosen[:, None]).any(axis=1)
        market[:, place] = np.where((held > place) & ~repeated, chosen, -1)
    long_share = np.array(
        [float(_perp(m).long_share / (_perp(m).long_share + _perp(m).short_share)) for m in markets]
    )
    draws = random.random((count, POSITIONS_MAX))
    side = np.where(draws < long_share[np.maximum(market, 0)], 1, -1).astype(np.int64)
    hedged = random.random(count) < float(people.hedged_share)
    side[:, 1] = np.where(hedged, -side[:, 0], side[:, 1])
    return market, side


def _perp(market: Market) -> PerpMarket:
    """Narrow a market's entry to a perpetual's."""
    return market.entry  # type: ignore[return-value]


def populate(
    scenario: Scenario,
    directory: Directory,
    row: int,
    block: Block,
    seed: int,
    initial: Maintenance,
    maintenance: Maintenance,
) -> Crowd:
    """Draw a block of venue `row`'s population; margins are functions of (market row, lots).

    Where a rulebook states no initial margin, `initial` gives 0 and `BUFFER` takes its place.
    """
    venue = scenario.venues[row]
    markets = tuple(m for m in directory.of_venue(row) if m.kind == PERPETUAL)
    shape = draw_shape(scenario, venue, markets, block, seed)
    options = draw_options(scenario, directory, row, block, shape.weight.sum(axis=1), seed)
    # An isolated position has its account to itself; whoever holds an option too has cross margin.
    shape = shape._replace(isolated=np.where(options.lots == 0, shape.isolated, 0))
    people = scenario.population
    random = stream(seed, "population/holdings", block.name(venue.name))
    lots = np.zeros((block.size, POSITIONS_MAX), dtype=np.int64)
    for place, market in enumerate(markets):
        interest_lots = int(_perp(market).open_interest) // market.price_quanta
        for side, share in ((1, _perp(market).long_share), (-1, _perp(market).short_share)):
            mine = (shape.market == place) & (shape.side == side)
            target = block.part(int(interest_lots * share))
            lots[mine] = side * fit_lots(shape.weight[mine], target, block.largest_share(people))
    price = np.array([m.price_quanta for m in markets], dtype=np.int64)[np.maximum(shape.market, 0)]
    spread = np.clip(random.standard_normal(lots.shape), -ENTRY_TRUNCATION, ENTRY_TRUNCATION)
    drift = np.where(lots < 0, float(people.short_entry_premium), 0.0)
    entry_price = np.floor(price * exp(float(people.entry_spread) * spread + drift)).astype(
        np.int64
    )
    entry = lots * entry_price
    rows = np.where(
        (shape.market >= 0) & (lots != 0),
        np.array([m.row for m in markets], dtype=np.int64)[np.maximum(shape.market, 0)],
        -1,
    )
    held = Holdings(rows, lots, entry, price)
    return _equip(scenario, directory, row, random, shape, held, options, initial, maintenance)


def _equip(  # the parts of one population, each drawn once
    scenario: Scenario,
    directory: Directory,
    row: int,
    random: np.random.Generator,
    shape: Shape,
    held: Holdings,
    options: OptionHoldings,
    initial: Maintenance,
    maintenance: Maintenance,
) -> Crowd:
    """Give every account its equity, collateral, wallet, alert slack and conditional orders."""
    people, count = scenario.population, len(held.market)
    kept, asked = maintenance(held.market, held.lots), initial(held.market, held.lots)
    of_option = maintenance(options.market[:, None], options.lots[:, None])[:, 0]
    need = kept.sum(axis=1) + of_option
    admitted = np.where(asked > 0, asked, (kept * BUFFER).astype(np.int64)).sum(axis=1)
    admitted += (of_option * BUFFER).astype(np.int64)
    notional = (np.abs(held.lots) * held.price).sum(axis=1)
    equity = np.maximum((notional / shape.leverage).astype(np.int64), admitted)
    equity = np.maximum(equity, need) + QUANTA_PER_USD + np.maximum(options.value, 0)
    unrealised = (held.lots * held.price - held.entry).sum(axis=1)
    market, lots, value = _collateral(scenario, directory, row, random, shape, equity)
    wealthy = random.random(count) < float(people.wallet_share)
    return Crowd(
        market=held.market,
        lots=held.lots,
        entry=held.entry,
        leverage=shape.leverage,
        isolated=shape.isolated,
        balance=equity - unrealised - value - options.value,
        wallet=np.where(wealthy, (equity * float(people.wallet_part)).astype(np.int64), 0),
        alert_slack=((equity - need) * float(people.alert_slack)).astype(np.int64),
        collateral_market=market,
        collateral_lots=lots,
        stop_price=_conditional_orders(people, random, held),
        options=options,
    )


def _collateral(
    scenario: Scenario,
    directory: Directory,
    row: int,
    random: np.random.Generator,
    shape: Shape,
    equity: Ints,
) -> tuple[Ints, Ints, Ints]:
    """Draw who holds part of the equity in collateral: market or -1, lots, weighted value."""
    people, count = scenario.population, len(equity)
    rules = scenario.venues[row].rules.collateral
    spots = [m for m in directory.of_venue(row) if m.kind == SPOT and m.symbol in rules]
    if not spots:
        none = np.zeros(count, dtype=np.int64)
        return none - 1, none, none
    has = (random.random(count) < float(people.collateral_share)) & (shape.isolated == 0)
    depth = np.array([float(market.depth) for market in spots])
    chosen = random.choice(len(spots), count, p=depth / depth.sum())
    weight = np.array([int(rules[market.symbol].weight * PPM) for market in spots])[chosen]
    unit = np.array([market.price_quanta for market in spots], dtype=np.int64)[chosen]
    wanted = (equity * float(people.collateral_part)).astype(np.int64)
    lots = np.where(has, wanted * PPM // (unit * weight), 0)
    rows = np.array([market.row for market in spots], dtype=np.int64)[chosen]
    return np.where(lots > 0, rows, -1), lots, lots * unit * weight // PPM


def _conditional_orders(people: Population, random: np.random.Generator, held: Holdings) -> Ints:
    """Draw the price of each position's stop or take-profit order, 0 for none."""
    shape = held.lots.shape
    stops = random.random((shape[0], 1)) < float(people.stop_share)
    distances = _distances(people.stop_distances, random, shape)
    stop = np.floor(held.price * (1.0 - np.sign(held.lots) * distances)).astype(np.int64)
    profits = (random.random(shape) < float(people.profit_share)) & (held.lots < 0)
    gains = _distances(people.profit_distances, random, shape)
    taken = np.floor(held.price * (1.0 - gains)).astype(np.int64)
    price = np.where(stops, stop, np.where(profits, taken, 0))
    orders: Ints = np.where(held.lots == 0, 0, price)
    return orders


def _distances(
    choices: tuple[Fraction, ...], random: np.random.Generator, shape: tuple[int, ...]
) -> Floats:
    """Draw distances clustered at the scenario's round moves, with a small jitter."""
    distances = np.array([float(distance) for distance in choices])
    drawn: Floats = distances[random.integers(0, len(distances), shape)]
    return drawn + random.uniform(-STOP_JITTER, STOP_JITTER, shape)
