"""Vaults and insurance funds that sell what they took over, and the timeline's sellers."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.numbers.arithmetic import mul_div_ceil, mul_div_floor
from tacoma.systems.record import write
from tacoma.world.codes import ASK, BID, ORDER, PERPETUAL, REASON_SELL, REASON_UNWIND
from tacoma.world.limits import PPM


@kernel
def unwind(keepers, accounts, positions, markets, books, outbox, step):
    """Work each fund's inventory into the book: a share of it, bounded by a share of the depth."""
    for fund in range(keepers.fund_account.shape[0]):
        account = keepers.fund_account[fund]
        for slot in range(
            np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
        ):
            lots = positions.lots[slot]
            market = np.int64(positions.market[slot])
            if lots == 0 or markets.kind[market] != PERPETUAL:
                continue
            side = BID if lots > 0 else ASK
            depth = np.int64(0)
            for maker in range(books.quotes.shape[1]):
                depth += books.depth[market, maker, side]
            wanted = mul_div_ceil(abs(lots), keepers.unwind_ppm, PPM)
            wanted = min(wanted, mul_div_floor(depth, keepers.participation_ppm, PPM))
            if wanted > 0:
                signed = -wanted if lots > 0 else wanted
                write(outbox, step + 1, ORDER, account, market, signed, 0, REASON_UNWIND, 1)


@kernel
def sell(keepers, outbox, step):
    """Send this step's part of every sale; the parts add up to the whole, to the lot."""
    for seller in range(keepers.sales.shape[0]):
        begin, end = keepers.sales.begin[seller], keepers.sales.end[seller]
        if not begin <= step + 1 < end:
            continue
        whole, place = keepers.sales.lots[seller], step + 1 - begin
        lots = whole * (place + 1) // (end - begin) - whole * place // (end - begin)
        if lots > 0:
            write(
                outbox, step + 1, ORDER, keepers.sales.account[seller],
                keepers.sales.market[seller], -lots, 0, REASON_SELL, 0,
            )  # fmt: skip
