"""Options in the market table at the start of a run: terms, margin parameters, scenario grids."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tacoma.scenario.rulebook_margin import IsolatedOptionMargin, ScenarioGrid, of_asset
from tacoma.world import layout
from tacoma.world.codes import OPTION, PERPETUAL
from tacoma.world.limits import PPM, SHOCKS_MAX
from tacoma.world.rules_table import ceil_ppm, ppm
from tacoma.world.tables import first_option_margins

if TYPE_CHECKING:
    from tacoma.scenario.rulebook_margin import Margin
    from tacoma.scenario.schema import OptionMarket, Scenario
    from tacoma.world.directory import Directory, Market

Shock = tuple[Fraction, Fraction, Fraction]  # move of the price, factor on volatility, part

# Where a rulebook knows no options: those of Derive's standard manager, an assumption.
DEFAULT_CALL = DEFAULT_PUT = DEFAULT_PUT_MARK = Fraction(9, 100)


def grid_of(margin: Margin, asset: str) -> list[Shock]:
    """Return the scenarios of an asset in the rulebook's order; none without portfolio margin.

    Prices from -range to +range, each with volatility up, as it is, and down; then the extremes
    either way, with volatility up.
    """
    if not isinstance(margin, ScenarioGrid):
        return []
    widest, steps = of_asset(margin.price_range, asset), margin.price_steps
    up, down = 1 + margin.volatility_up, 1 - margin.volatility_down
    one = Fraction(1)
    grid = [
        (widest * place / steps, volatility, one)
        for place in range(-steps, steps + 1)
        for volatility in (up, one, down)
    ]
    grid += [
        (move, up, margin.extreme_share)
        for extreme in margin.extremes
        for move in (-extreme, extreme)
    ]
    return grid


def _away_ppm(move: Fraction) -> int:
    """Return a move in parts per million, rounded away from zero."""
    return ceil_ppm(move) if move >= 0 else -ceil_ppm(-move)


def _terms(scenario: Scenario, directory: Directory, market: Market) -> dict[str, int]:
    """Return what an option is, and what a short one asks for under standard margin."""
    option: OptionMarket = market.entry  # type: ignore[assignment]
    underlying = directory.market(market.venue_name, market.symbol, PERPETUAL)
    margin = scenario.venues[market.venue].rules.margin
    call, put, put_mark = DEFAULT_CALL, DEFAULT_PUT, DEFAULT_PUT_MARK
    if isinstance(margin, IsolatedOptionMargin):
        call, put = margin.options.maintenance_call, margin.options.maintenance_put
        put_mark = margin.options.maintenance_put_mark
    return {
        "kind": OPTION,
        "weight_ppm": PPM,
        "underlying_perpetual": underlying.row,
        "is_call": int(option.kind == "call"),
        "strike_quanta": scenario.strike_quanta(option),
        "expiry_seconds": -(-option.expiry // 1000),
        "volatility_ppm": ppm(option.volatility),
        "response_ppm": ppm(scenario.volatility_response),
        "first_underlying": underlying.price_quanta,
        "spot_rate_ppm": ceil_ppm(call if option.kind == "call" else put),
        "value_rate_ppm": ceil_ppm(put_mark),
    }


def fill_options(scenario: Scenario, directory: Directory, markets: layout.Table) -> layout.Table:
    """Write options and grids into a market table, margins at the first prices included.

    Returns the scenarios of every market, (M, SHOCKS_MAX), or one empty row where no venue with
    portfolio margin lists options.
    """
    grids = [
        market
        for market in directory.markets
        if market.venue < directory.margin_venues
        and scenario.venues[market.venue].options
        and market.kind in (PERPETUAL, OPTION)
        and isinstance(scenario.venues[market.venue].rules.margin, ScenarioGrid)
    ]
    shape = (len(directory.markets), SHOCKS_MAX) if grids else (1, 1)
    shocks = layout.table(layout.SHOCKS, *shape)
    for market in directory.markets:
        markets.margin_price[market.row] = market.price_quanta
        if market.kind == OPTION:
            for name, value in _terms(scenario, directory, market).items():
                markets[name][market.row] = value
    for market in grids:
        margin = scenario.venues[market.venue].rules.margin
        assert isinstance(margin, ScenarioGrid)
        rows = grid_of(margin, market.symbol)
        markets.shock_count[market.row] = len(rows)
        markets.loss_factor_ppm[market.row] = ceil_ppm(margin.maintenance_factor)
        markets.contingency_ppm[market.row] = ceil_ppm(margin.contingency)
        for place, (move, volatility, cover) in enumerate(rows):
            shocks[market.row, place] = (_away_ppm(move), ppm(volatility), ppm(cover))
    if any(venue.options for venue in scenario.venues):
        first_option_margins(markets, shocks)
    return shocks
