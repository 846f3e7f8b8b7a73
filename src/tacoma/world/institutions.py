"""Everybody who is not the crowd: desks, makers, arbitrageurs, vaults, funds, sellers, issuers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tacoma.world.codes import (
    ARBITRAGEUR,
    BACKSTOP,
    CALM,
    DESK,
    EXEMPT,
    FEES,
    INSURANCE,
    INVESTOR,
    ISSUER,
    MAKER,
    OPTION,
    SELLER,
)
from tacoma.world.directory import Fund, depth_shares, is_pool
from tacoma.world.numeric import exp, power
from tacoma.world.streams import stream

if TYPE_CHECKING:
    from tacoma.scenario.schema import Scenario, Venue
    from tacoma.world.directory import Directory
    from tacoma.world.layout import Ints
    from tacoma.world.population import Maintenance
    from tacoma.world.roster import Roster

TOKEN_BUYERS_QUANTA = 10**15  # an assumption: a billion USD
DESK_TAIL = 1.2  # Hill exponent of desk sizes


@dataclass
class Institutions:
    """Where they stand in the account table."""

    makers: list[list[int]] = field(default_factory=list)  # by venue (spot last), by maker
    arbitrageurs: list[list[int]] = field(default_factory=list)  # by desk, by venue
    funds: list[Fund] = field(default_factory=list)
    fees: list[int] = field(default_factory=list)
    sellers: list[int] = field(default_factory=list)
    investor: int = -1


def market_range(directory: Directory, venue: int) -> range:
    """Return the rows of a venue's markets."""
    markets = directory.of_venue(venue)
    return range(markets[0].row, markets[-1].row + 1)


def add_desks(
    scenario: Scenario,
    directory: Directory,
    roster: Roster,
    venue: int,
    open_lots: dict[int, tuple[int, int]],
    seed: int,
    maintenance: Maintenance,
) -> None:
    """Give the rest of each market's open interest to large accounts with little leverage.

    `open_lots` is (long, short) lots still to be held per market row, so that positions cancel.
    """
    random = stream(seed, "desks", scenario.venues[venue].name)
    of_options = stream(seed, "desks/options", scenario.venues[venue].name)
    rows = market_range(directory, venue)
    is_option = np.array([directory.markets[row].kind == OPTION for row in rows])
    low, high = (float(bound) for bound in scenario.desks.leverage)
    price = np.array([directory.markets[row].price_quanta for row in rows], dtype=np.int64)
    for side in (1, -1):
        count = scenario.desks.count
        lots = np.zeros((count, len(rows)), dtype=np.int64)
        for place, row in enumerate(rows):
            left = open_lots.get(row, (0, 0))[0 if side == 1 else 1]
            draws = of_options if is_option[place] else random
            weight = power(1.0 - draws.random(count), -1.0 / DESK_TAIL)
            lots[:, place] = np.floor(weight / weight.sum() * left).astype(np.int64)
            lots[0, place] += left - lots[:, place].sum()
        drift = float(scenario.population.short_entry_premium) if side == -1 else 0.0
        owed_for = lots[:, ~is_option]
        spread = float(scenario.population.entry_spread) * random.standard_normal(owed_for.shape)
        spread = np.clip(spread, -0.2, 0.2)
        entry = np.zeros_like(lots)  # options are paid in full: nothing is owed for them
        first = np.floor(price[~is_option] * exp(spread + drift)).astype(np.int64)
        entry[:, ~is_option] = side * owed_for * first
        leverage = low * power(high / low, random.random(count))
        market = np.broadcast_to(np.array(rows), lots.shape)
        need = maintenance(market.copy(), np.where(is_option, side * lots, lots)).sum(axis=1)
        notional = (owed_for * price[~is_option]).sum(axis=1)
        equity = np.maximum((notional / leverage).astype(np.int64), need * 2) + 1_000_000
        if side == 1:
            equity += (lots * price)[:, is_option].sum(axis=1)  # what long options are worth
        unrealised = (side * lots * price - entry).sum(axis=1)
        for desk in range(count):
            roster.add_dense(
                rows, side * lots[desk], entry[desk], venue=venue, kind=DESK, status=CALM,
                balance=int(equity[desk] - unrealised[desk]),
            )  # fmt: skip


def add_makers(
    scenario: Scenario, directory: Directory, roster: Roster, found: Institutions
) -> None:
    """Add `makers.count` market makers per venue, the spot market included.

    Where a constant-product pool is the liquidity of the perpetuals, the first is the pool, with
    the capital of all for them; it has no margin to keep. The others quote the spot books only.
    """
    settings = scenario.makers
    for venue in range(len(directory.venues)):
        rows = market_range(directory, venue)
        pool = is_pool(scenario, directory, venue)
        accounts = []
        for maker in range(settings.count):
            depth = sum(
                directory.markets[row].depth * shares[maker]
                for row in rows
                for shares in [depth_shares(scenario, directory, directory.markets[row])]
            )
            is_exempt = venue == directory.margin_venues or (pool and maker == 0)
            accounts.append(
                roster.add_dense(
                    rows,
                    venue=venue,
                    kind=MAKER,
                    balance=int(depth * settings.inventory_multiple * settings.capital),
                    status=EXEMPT if is_exempt else CALM,
                )
            )
        found.makers.append(accounts)


def add_arbitrageurs(
    scenario: Scenario, directory: Directory, roster: Roster, found: Institutions
) -> None:
    """Add each arbitrage desk's account in every place."""
    for _ in range(scenario.arbitrage.desks):
        accounts = []
        for venue in range(len(directory.venues)):
            accounts.append(
                roster.add_dense(
                    market_range(directory, venue),
                    venue=venue,
                    kind=ARBITRAGEUR,
                    status=EXEMPT if venue == directory.margin_venues else CALM,
                    balance=scenario.arbitrage.capital,
                )
            )
        found.arbitrageurs.append(accounts)


def add_investor(
    scenario: Scenario, directory: Directory, roster: Roster, found: Institutions
) -> None:
    """Add the value investors' account on the spot market."""
    venue = directory.margin_venues
    found.investor = roster.add_dense(
        market_range(directory, venue), venue=venue, kind=INVESTOR, status=EXEMPT,
        balance=scenario.investors.capital,
    )  # fmt: skip


def _token_buyers(venue: Venue) -> int:
    """Return what buyers of newly printed tokens would pay, where a venue's rules print them."""
    share = venue.rules.waterfall.share
    return TOKEN_BUYERS_QUANTA if share is not None and share.kind == "token_print" else 0


def add_funds(
    scenario: Scenario, directory: Directory, roster: Roster, found: Institutions
) -> None:
    """Add each venue's fee account, insurance pools and backstop vaults."""
    for row, venue in enumerate(scenario.venues):
        rows = market_range(directory, row)
        found.fees.append(
            roster.add_dense(rows, venue=row, kind=FEES, status=EXEMPT, wallet=_token_buyers(venue))
        )
        pools = [
            (
                pool.pool,
                "insurance",
                INSURANCE,
                pool.capital,
                [
                    market.asset
                    for market in venue.markets
                    if venue.rules.insurance.pool_of(market.asset) == pool.pool
                ],
            )
            for pool in venue.insurance
        ]
        vaults = [
            (vault.vault, "backstop", BACKSTOP, vault.capital, vault.assets)
            for vault in venue.backstop
        ]
        for name, kind, code, capital, assets in pools + vaults:
            account = roster.add_dense(rows, venue=row, kind=code, status=EXEMPT, balance=capital)
            found.funds.append(Fund(account, row, name, kind, capital, tuple(assets)))


def add_sellers(
    scenario: Scenario, directory: Directory, roster: Roster, found: Institutions
) -> None:
    """Add one seller per sale of the timeline, holding what it will sell."""
    for event in scenario.timeline:
        if event.kind != "sell":
            continue
        market = directory.market(event.venue, event.asset, kind=1)
        rows = market_range(directory, market.venue)
        lots = np.zeros(len(rows), dtype=np.int64)
        lots[market.row - rows.start] = event.amount // market.price_quanta
        found.sellers.append(
            roster.add_dense(rows, lots, venue=market.venue, kind=SELLER, status=EXEMPT)
        )


def add_issuers(directory: Directory, roster: Roster) -> None:
    """Add one issuer per venue that owes what others hold of its spot assets: lots cancel."""
    market, lots = roster.positions.market, roster.positions.lots
    for venue in range(directory.margin_venues):
        rows = market_range(directory, venue)
        owed: Ints = np.zeros(len(rows), dtype=np.int64)
        for place, row in enumerate(rows):
            if directory.markets[row].kind == 1:
                owed[place] = -lots[market == row].sum()
        roster.add_dense(rows, owed, venue=venue, kind=ISSUER, status=EXEMPT)
