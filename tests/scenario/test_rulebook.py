"""Margin tiers: exact rates for every asset, whichever way the venue states them."""

from fractions import Fraction

import pytest

from tacoma.scenario import load, load_rulebook

USD = 10**6


@pytest.mark.parametrize(
    ("asset", "table"),
    [
        ("BTC", [(0, 1, 80), (150_000_000 * USD, 1, 40)]),
        ("SOL", [(0, 1, 40), (70_000_000 * USD, 1, 20)]),
        ("DOT", [(0, 1, 20), (20_000_000 * USD, 1, 10)]),
    ],
)
def test_leverage_tiers(asset, table):
    """A maximum leverage of 40 is a maintenance rate of half of 1/40; others have the default."""
    assert table == load_rulebook("hyperliquid").margin.tier_table(asset)


def test_rate_tiers():
    """Brackets of rates are taken over exactly."""
    table = load_rulebook("binance-usdm").margin.tier_table("BTC")
    assert table[:3] == [(0, 1, 250), (50_000 * USD, 1, 200), (250_000 * USD, 1, 100)]


@pytest.mark.parametrize("venue", ["binance", "hyperliquid"])
def test_every_market_has_rising_rates(venue):
    """The first bracket starts at 0 USD; bounds and rates rise strictly, below 100 %."""
    found = load("oct-2025").venue(venue)
    for market in found.markets:
        table = found.rules.margin.tier_table(market.asset)
        lowers = [lower for lower, _, _ in table]
        rates = [Fraction(numerator, denominator) for _, numerator, denominator in table]
        assert lowers[0] == 0
        assert lowers == sorted(set(lowers))
        assert rates == sorted(set(rates))
        assert 0 < rates[0] <= rates[-1] < 1


def test_none_means_no_slices():
    """`first_slice_above = "none"` is None; an amount is quanta."""
    binance = load_rulebook("binance-usdm").waterfall.market
    hyperliquid = load_rulebook("hyperliquid").waterfall.market
    assert binance.first_slice_above is None
    assert hyperliquid.first_slice_above == 100_000 * USD
    assert (hyperliquid.deviation, binance.deviation) == (Fraction(1, 10), None)
