"""
What must hold for the options of a venue: their underlying, their ranges, and room in 64 bits.

Each check yields findings: the path of a field and what it must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from tacoma.bounds import OPEN_LOTS_MAX, PRICE_QUANTA_MAX
from tacoma.errors import listed
from tacoma.scenario.schema import OptionMarket, Scenario, Venue
from tacoma.units import format_money

Finding = tuple[str, str]

STRIKE_MIN, STRIKE_MAX = Fraction(1, 100), Fraction(10)
VOLATILITY_MAX = Fraction(10)
RESPONSE_MAX = Fraction(10)
YEARS_MAX = 5
YEAR_MS = 365 * 86_400_000
INTEREST_QUANTA_MAX = 2**53  # lots times the larger of price and strike; sums stay in 64 bits


def option_findings(scenario: Scenario, venue: Venue) -> Iterator[Finding]:
    """Yield what is wrong with the options of one venue."""
    at = f"venues.{venue.name}.options"
    assets = [market.asset for market in venue.markets]
    if venue.options and "takeover" not in venue.rules.waterfall.order:
        yield (
            at,
            (
                "needs a take-over stage, the only way by which options leave an account; add "
                f"takeover to venues.{venue.name}.rules.waterfall.order, or list no options"
            ),
        )
    seen: dict[tuple[object, ...], int] = {}
    for i, option in enumerate(venue.options):
        path = f"{at}[{i}]"
        if option.asset not in assets:
            yield (
                f"{path}.asset",
                f"must be the asset of a perpetual of this venue: {listed(assets)}",
            )
            continue
        yield from _terms(scenario, option, path)
        terms = (option.asset, option.kind, option.strike, option.expiry)
        if terms in seen:
            yield path, f"must differ from options[{seen[terms]}] in asset, kind, strike or expiry"
        seen.setdefault(terms, i)


def _terms(scenario: Scenario, option: OptionMarket, path: str) -> Iterator[Finding]:
    """Yield what is wrong with one option's strike, expiry, volatility and size."""
    lot_quanta = scenario.quanta_per_lot(option.asset)
    if not STRIKE_MIN <= option.strike <= STRIKE_MAX:
        yield (
            f"{path}.strike",
            'must be from 1 % to 1000 % of the first price; write it like "110 %"',
        )
    elif not 1 <= option.strike * lot_quanta <= PRICE_QUANTA_MAX:
        yield (
            f"{path}.strike",
            (
                f"makes a strike of {format_money(int(option.strike * lot_quanta))} a lot; it must "
                f"be at most {format_money(PRICE_QUANTA_MAX)}: choose a smaller "
                f"assets.{option.asset}.lot"
            ),
        )
    if not scenario.step_ms <= option.expiry <= YEARS_MAX * YEAR_MS:
        yield f"{path}.expiry", 'must be from one step to 43800 h (5 years); write it like "720 h"'
    if not 0 < option.volatility <= VOLATILITY_MAX:
        yield f"{path}.volatility", 'must be more than 0 % and at most 1000 %; write it like "60 %"'
    lots = option.open_interest / lot_quanta
    worth = option.open_interest * max(option.strike, Fraction(1))
    if not 1 <= lots <= OPEN_LOTS_MAX:
        yield (
            f"{path}.open_interest",
            (
                f"is {int(lots):_} lots; it must be from 1 to {OPEN_LOTS_MAX:_} lots: change it or "
                f"assets.{option.asset}.lot"
            ),
        )
    elif worth >= INTEREST_QUANTA_MAX:
        yield (
            f"{path}.open_interest",
            f"times a strike above 1 must be below {format_money(INTEREST_QUANTA_MAX)}",
        )


def share_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield what is wrong between the options of all venues and the rest of the scenario."""
    if scenario.population.option_share > 0 and not any(v.options for v in scenario.venues):
        yield "population.option_share", "must be 0 unless a venue lists options"
    if scenario.volatility_response > RESPONSE_MAX:
        yield "options.volatility_response", "must be from 0 to 10; write it like 1.0"
