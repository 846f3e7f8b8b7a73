"""Arbitrage desks: buy where it is cheap, sell where it is dear, within capital and gateways."""

import numpy as np

from tacoma.compile import kernel
from tacoma.systems.agents.gateway import order_gets_through
from tacoma.systems.record import write
from tacoma.world.codes import ORDER, REASON_ARBITRAGE
from tacoma.world.limits import LOTS_MAX

FULL_GAP = 0.01  # at this gap a desk trades its full speed


@kernel
def position_lots(accounts, positions, account, market):
    """Signed lots of an account that has a slot in every market of its venue."""
    slot = (
        np.int64(accounts.slot_first[account]) + market - np.int64(accounts.dense_market[account])
    )
    return positions.lots[slot]


@kernel
def trade_pair(
    arbitrage, clock, components, accounts, positions, markets, books, outbox, pair, step
):
    """Trade one pair if its gap pays: an order on each side, either of which may not arrive."""
    market_a, market_b = arbitrage.pairs.market_a[pair], arbitrage.pairs.market_b[pair]
    price_a = markets.middle[market_a]
    price_b = markets.middle[market_b]
    if price_a <= 0 or price_b <= 0:
        return
    gap = float(price_a) / float(price_b) - 1.0
    if abs(gap) <= arbitrage.cost:
        return
    wanted = arbitrage.speed * min((abs(gap) - arbitrage.cost) / FULL_GAP, 1.0)
    depth = min(books.base.calm_depth[market_a], books.base.calm_depth[market_b])
    lots = np.int64(wanted * float(depth) * 0.5)
    direction = -1 if gap > 0.0 else 1  # of the order in market a
    for place in range(2):
        account = arbitrage.pairs.account_a[pair] if place == 0 else arbitrage.pairs.account_b[pair]
        market = market_a if place == 0 else market_b
        way = direction if place == 0 else -direction
        held = position_lots(accounts, positions, account, market) * way
        lots = min(lots, max(arbitrage.pairs.lots_max[pair] - held, 0))
    lots = min(lots, LOTS_MAX)
    if lots <= 0:
        return
    fair = (price_a + price_b) // 2  # neither leg trades beyond the middle of the gap
    for place in range(2):
        account = arbitrage.pairs.account_a[pair] if place == 0 else arbitrage.pairs.account_b[pair]
        market = market_a if place == 0 else market_b
        way = direction if place == 0 else -direction
        if order_gets_through(components, clock, accounts, markets, account, market, step):
            write(outbox, step + 1, ORDER, account, market, way * lots, fair, REASON_ARBITRAGE, 0)


@kernel
def arbitrate(arbitrage, clock, components, accounts, positions, markets, books, outbox, step):
    """Let every desk look at every pair."""
    for pair in range(arbitrage.pairs.shape[0]):
        trade_pair(
            arbitrage, clock, components, accounts, positions, markets, books, outbox, pair, step
        )
