"""Value investors: on the spot market, slow buyers below value and sellers above it."""

import numpy as np

from tacoma.compile import kernel
from tacoma.systems.agents.gateway import order_gets_through
from tacoma.systems.record import write
from tacoma.world.codes import ORDER, REASON_USER


@kernel
def invest(investors, value, clock, components, accounts, positions, markets, books, outbox, step):
    """Trade each asset in proportion to its gap beyond the threshold, within capital."""
    account = investors.account
    for asset in range(value.assets.shape[0]):
        market = value.assets.spot_market[asset]
        if market < 0:
            continue
        middle = markets.middle[market]
        gap = value.price[asset, step] / float(max(middle, 1)) - 1.0
        if abs(gap) <= investors.threshold:
            continue
        part = min((abs(gap) - investors.threshold) / investors.full_gap, 1.0)
        lots = np.int64(investors.speed * part * 0.5 * float(books.base.calm_depth[market]))
        slot = (
            np.int64(accounts.slot_first[account]) + market
            - np.int64(accounts.dense_market[account])
        )  # fmt: skip
        held = positions.lots[slot]
        room = investors.lots_max[asset] - (held if gap > 0.0 else -held)
        lots = min(lots, max(room, 0))
        if lots > 0 and order_gets_through(
            components, clock, accounts, markets, account, market, step
        ):
            signed = lots if gap > 0.0 else -lots
            write(outbox, step + 1, ORDER, account, market, signed, 0, REASON_USER, 0)
