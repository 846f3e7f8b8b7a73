"""The index: what each venue takes from the sources that it hears."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.positions.collateral import PRICE_OWN_BOOK, PRICE_REDEMPTION, redemption_price
from tacoma.rules.prices.index import weighted_mean_capped, weighted_mean_or_median, weighted_median
from tacoma.world.codes import SPOT
from tacoma.world.limits import PRICE_QUANTA_MAX

KIND_WEIGHTED_MEDIAN = 0
KIND_WEIGHTED_MEAN_CAPPED = 1


@kernel
def index_price(markets, rules, oracles, market, step):
    """Combine the live sources of a market's asset by its venue's rule; 0 when none is live."""
    venue, asset = markets.venue[market], markets.asset[market]
    count = 0
    for source in range(oracles.heard.shape[1]):
        weight = oracles.source_weight[venue, source]
        age = step - oracles.heard.heard[asset, source]
        if (
            weight > 0
            and oracles.heard.price[asset, source] > 0
            and age <= rules.index_stale_steps[venue]
        ):
            oracles.scratch[0, count] = oracles.heard.price[asset, source]
            oracles.scratch[1, count] = weight
            count += 1
    prices, weights, order = oracles.scratch[0], oracles.scratch[1], oracles.scratch[2]
    deviation = markets.index_deviation_ppm[market]
    if rules.index_kind[venue] == KIND_WEIGHTED_MEDIAN:
        return weighted_median(prices, weights, count, order)
    if rules.index_kind[venue] == KIND_WEIGHTED_MEAN_CAPPED:
        return weighted_mean_capped(prices, weights, count, deviation, order)
    return weighted_mean_or_median(prices, weights, count, deviation, order)


@kernel
def update_indexes(markets, rules, oracles, step):
    """Set the index of every market of a margin venue; without live sources it keeps its last."""
    for market in range(markets.kind.shape[0]):
        venue = markets.venue[market]
        if venue >= rules.index_kind.shape[0] or step % rules.index_interval[venue] != 0:
            continue
        price = index_price(markets, rules, oracles, market, step)
        if price > 0:
            markets.index[market] = price


@kernel
def price_collateral(markets, rules, books, step):
    """Price collateral by its own rule: the venue's own book, the index, or redemption."""
    for market in range(markets.kind.shape[0]):
        if markets.kind[market] != SPOT or markets.venue[market] >= rules.index_kind.shape[0]:
            continue
        kind = markets.collateral_price_kind[market]
        price = markets.index[market]
        if kind == PRICE_OWN_BOOK:
            price = markets.middle[market]
        elif kind == PRICE_REDEMPTION:
            underlying = markets.underlying_market[market]
            base = np.int64(0)
            if underlying >= 0:
                base = markets.index[underlying]
            price = redemption_price(base, markets.redemption_ratio_ppb[market])
            if underlying < 0:
                price = markets.redemption_ratio_ppb[market]  # quanta per lot of a dollar asset
        if price > 0:
            price = min(price, PRICE_QUANTA_MAX)
            markets.margin_price[market] = price
            markets.mark[market] = price
