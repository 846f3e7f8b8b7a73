"""Names for the numbers: which row of the world is which market, venue, fund or source."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from tacoma.rules.portfolios.option_value import black76_value
from tacoma.scenario.schema import OptionMarket
from tacoma.world.codes import OPTION, PERPETUAL, SPOT
from tacoma.world.limits import PPM

if TYPE_CHECKING:
    from tacoma.scenario.schema import PerpMarket, Scenario, SpotMarket

YEAR_MS = 365.0 * 86_400_000.0


@dataclass(frozen=True, slots=True)
class Market:
    """One instrument: row in the world, venue (row and name), asset (row and symbol), kind."""

    row: int
    venue: int
    venue_name: str
    asset: int
    symbol: str
    kind: int
    entry: PerpMarket | SpotMarket | OptionMarket
    price_quanta: int  # of one lot at the start

    @property
    def depth(self) -> int:
        """The calm depth within 1 % on one side in quanta; options have no book."""
        return getattr(self.entry, "depth", 0)

    @property
    def half_spread(self) -> Fraction:
        """Half the calm spread, relative; options have no book."""
        return getattr(self.entry, "half_spread", Fraction(0))


@dataclass(frozen=True, slots=True)
class Fund:
    """A backstop vault or an insurance pool: account, venue, name, kind, assets it serves."""

    account: int
    venue: int
    name: str
    kind: str
    capital_quanta: int
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """All names of one world; venues are followed by the spot market."""

    venues: tuple[str, ...]
    assets: tuple[str, ...]
    lots: tuple[Fraction, ...]
    sources: tuple[str, ...]
    markets: tuple[Market, ...]
    funds: tuple[Fund, ...] = ()

    @property
    def margin_venues(self) -> int:
        """How many venues have rulebooks; the spot market comes after them."""
        return len(self.venues) - 1

    def market(self, venue: str, symbol: str, kind: int = PERPETUAL) -> Market:
        """Return the market of a venue in an asset; KeyError if there is none."""
        for market in self.markets:
            if (market.venue_name, market.symbol, market.kind) == (venue, symbol, kind):
                return market
        raise KeyError(f"{venue} {symbol}")

    @property
    def has_options(self) -> bool:
        """Whether any venue lists options."""
        return any(market.kind == OPTION for market in self.markets)

    def of_venue(self, venue: int) -> tuple[Market, ...]:
        """Return the markets of a venue in order of row."""
        return tuple(market for market in self.markets if market.venue == venue)


def option_price(scenario: Scenario, option: OptionMarket) -> int:
    """Return an option's value at the first price in quanta per lot, to the nearest."""
    value = black76_value(
        float(int(scenario.quanta_per_lot(option.asset))), float(scenario.strike_quanta(option)),
        option.expiry / YEAR_MS, int(option.volatility * PPM) / PPM, 1.0, option.kind == "call",
    )  # fmt: skip
    return int(value + 0.5)


def directory_of(scenario: Scenario) -> Directory:
    """Number every market: each venue's perpetuals, its spot books and options, then spot."""
    symbols = tuple(asset.symbol for asset in scenario.assets)
    price = {symbol: int(scenario.quanta_per_lot(symbol)) for symbol in symbols}
    names = (*(venue.name for venue in scenario.venues), scenario.spot.name)
    listed: list[tuple[int, PerpMarket | SpotMarket | OptionMarket, int]] = []
    for row, venue in enumerate(scenario.venues):
        listed += [(row, market, PERPETUAL) for market in venue.markets]
        listed += [(row, market, SPOT) for market in venue.spot_markets]
        listed += [(row, option, OPTION) for option in venue.options]
    listed += [(len(scenario.venues), market, SPOT) for market in scenario.spot.markets]
    markets = tuple(
        Market(
            row,
            venue,
            names[venue],
            symbols.index(entry.asset),
            entry.asset,
            kind,
            entry,
            option_price(scenario, entry)
            if isinstance(entry, OptionMarket)
            else price[entry.asset],
        )
        for row, (venue, entry, kind) in enumerate(listed)
    )
    return Directory(
        venues=names,
        assets=symbols,
        lots=tuple(asset.lot for asset in scenario.assets),
        sources=tuple(source.name for source in scenario.sources),
        markets=markets,
    )


def is_pool(scenario: Scenario, directory: Directory, venue: int) -> bool:
    """Say whether a venue's perpetuals trade against a constant-product pool."""
    on_venue = venue < directory.margin_venues
    return on_venue and scenario.venues[venue].rules.liquidity.kind == "constant_product"


def depth_shares(scenario: Scenario, directory: Directory, market: Market) -> tuple[Fraction, ...]:
    """Return each maker's part of a market's depth; a pool has all of it."""
    if is_pool(scenario, directory, market.venue) and market.kind == PERPETUAL:
        return (Fraction(1), *(Fraction(0) for _ in scenario.makers.shares[1:]))
    return scenario.makers.shares
