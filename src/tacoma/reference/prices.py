"""Prices that a venue reads: tops of the books, indexes of sources, and those of collateral."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tacoma.reference.book import best_price
from tacoma.reference.state import SPOT
from tacoma.rules.positions.collateral import redemption_price
from tacoma.rules.prices.index import weighted_mean_capped, weighted_mean_or_median, weighted_median
from tacoma.world.codes import ASK, BID
from tacoma.world.limits import PRICE_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Market, State


def look_up_tops(state: State) -> None:
    """Look up every market's best prices and their mean, rounded down.

    With a side empty the last trade stands for the middle.
    """
    for market in state.markets:
        market.best_bid = best_price(market.book, BID, state.step)
        market.best_ask = best_price(market.book, ASK, state.step)
        has_both = market.best_bid > 0 and market.best_ask > 0
        middle = (market.best_bid + market.best_ask) // 2
        market.middle = middle if has_both else market.last_price


def update_indexes(state: State) -> None:
    """Set the index of every market whose venue looks now; without live sources it stays."""
    for market in state.markets:
        if market.venue is not None and state.step % market.rules.index_interval == 0:
            market.index = index_price(state, market) or market.index


def index_price(state: State, market: Market) -> int:
    """Combine an asset's live sources by the venue's rule; 0 when none is live."""
    assert market.venue is not None
    prices: Any = []
    weights: Any = []
    for source, weight in zip(
        state.sources[market.asset], market.venue.source_weights, strict=True
    ):
        is_fresh = state.step - source.heard <= market.rules.index_stale_steps
        if weight > 0 and source.price > 0 and is_fresh:
            prices.append(source.price)
            weights.append(weight)
    count, order = len(prices), prices.copy()  # the rules sort into `order`
    deviation = market.index_deviation_ppm
    if market.rules.index_kind == "weighted_median":
        return weighted_median(prices, weights, count, order)
    if market.rules.index_kind == "weighted_mean_capped":
        return weighted_mean_capped(prices, weights, count, deviation, order)
    return weighted_mean_or_median(prices, weights, count, deviation, order)


def price_collateral(state: State) -> None:
    """Price every collateral asset by its own rule; a price of 0 changes nothing."""
    for market in state.markets:
        if market.kind == SPOT and market.venue is not None:
            price = collateral_price(market)
            if price > 0:
                market.margin_price = market.mark = min(price, PRICE_QUANTA_MAX)


def collateral_price(market: Market) -> int:
    """Return the middle of the venue's own book, the index, or what the asset redeems for."""
    if market.collateral_price_kind == "own_book":
        return market.middle
    if market.collateral_price_kind == "index":
        return market.index
    if market.underlying is None:
        return market.redemption_ratio_ppb  # of a dollar asset: quanta per lot
    return redemption_price(market.underlying.index, market.redemption_ratio_ppb)
