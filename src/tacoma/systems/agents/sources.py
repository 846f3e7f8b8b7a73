"""Price sources: each exchange's spot price as the venues hear it, live, late, frozen or lying."""

import math

import numpy as np

from tacoma.compile import kernel
from tacoma.systems.random import STREAM_SOURCE_NOISE, gaussian
from tacoma.systems.record import write
from tacoma.world.codes import SOURCE, SOURCE_DEAD, SOURCE_FROZEN, SOURCE_LYING
from tacoma.world.limits import LAG_SECONDS_MAX, PPM, PRICE_QUANTA_MAX

PUBLISH_INTERVAL = 3  # steps; sooner when the price has moved
PUBLISH_MOVE = 0.001


@kernel
def true_price(value, markets, books, asset, step):
    """What the asset trades at elsewhere: its spot middle, or its redemption value."""
    market = value.assets.spot_market[asset]
    if market >= 0:
        return float(markets.middle[market])
    underlying = value.assets.underlying[asset]
    if underlying < 0 or value.assets.spot_market[underlying] < 0:
        return value.price[asset, step]
    ratio = value.price[asset, step] / value.price[underlying, step]
    return ratio * float(markets.middle[value.assets.spot_market[underlying]])


@kernel
def seen_price(publishers, components, markets, books, clock, asset, source, step):
    """Price that one source shows: the (lagged) spot price, part of a venue's gap, and noise."""
    lag = publishers.sources.lag[source] + components.sources.lag[asset, source]
    seen = max(step - min(lag, LAG_SECONDS_MAX - 1), 0)
    price = float(publishers.history[asset, seen % LAG_SECONDS_MAX])
    local = publishers.said.local_market[asset, source]
    if local >= 0 and price > 0.0:
        gap = float(markets.middle[local]) / price - 1.0
        price *= 1.0 + publishers.sources.local_share[source] * gap
    noise = gaussian(clock.seed[0], STREAM_SOURCE_NOISE, publishers.said.key[asset, source], step)
    price *= math.exp(publishers.sources.noise[source] * noise)
    if components.sources.mode[asset, source] == SOURCE_LYING:
        price *= float(components.sources.factor_ppm[asset, source]) / PPM
    return max(np.int64(min(price, float(PRICE_QUANTA_MAX))), 1)  # beyond 64 bits no cast is safe


@kernel
def publish(value, publishers, components, markets, books, clock, outbox, step):
    """Let every source that lives and has news speak."""
    assets, sources = publishers.said.shape
    for asset in range(assets):
        publishers.history[asset, step % LAG_SECONDS_MAX] = np.int64(
            true_price(value, markets, books, asset, step)
        )
        for source in range(sources):
            mode = components.sources.mode[asset, source]
            if mode == SOURCE_DEAD:
                continue
            said = publishers.said.price[asset, source]
            if mode == SOURCE_FROZEN:
                price = said
            else:
                price = seen_price(
                    publishers, components, markets, books, clock, asset, source, step
                )
            due = step - publishers.said.step[asset, source] >= PUBLISH_INTERVAL
            if due or abs(price - said) > PUBLISH_MOVE * said:
                publishers.said.price[asset, source] = price
                publishers.said.step[asset, source] = step
                write(outbox, step + 1, SOURCE, asset, source, price, 0, 0, 0)
