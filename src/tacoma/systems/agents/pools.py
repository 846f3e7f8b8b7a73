"""A constant-product pool as liquidity: its price follows from what it holds, and nothing else.

The pool starts at the market's first price with reserves that give the scenario's depth within 1 %.
What it has bought and sold since moves the reserves along x * y = k; it never withdraws. Between
two quotes the ladder's levels stand for the curve, which is the model's approximation.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.numbers.arithmetic import mul_div_ceil, mul_div_wide_floor
from tacoma.rules.prices.constant_product import depth_bought, depth_sold, spot_price
from tacoma.systems.record import write
from tacoma.world.codes import QUOTE
from tacoma.world.limits import LOTS_MAX, PPM, PRICE_QUANTA_MAX

DEPTH_REACH_PPM = 10_000  # "depth" means within 1 %


@kernel
def quote_pool(pools, accounts, positions, markets, rules, books, outbox, market, step):
    """Write the curve that the pool's reserves imply."""
    account = books.quotes.maker[market, 0]
    slot = (
        np.int64(accounts.slot_first[account]) + market - np.int64(accounts.dense_market[account])
    )
    base_start, price_start = pools.base_lots[market], pools.price[market]
    base = max(base_start + positions.lots[slot], 1)
    quote = mul_div_wide_floor(base_start * price_start, base_start, base)
    price = min(max(spot_price(base, quote, 1), 1), PRICE_QUANTA_MAX)
    fee = rules.liquidity_fee_ppm[markets.venue[market]]
    write(
        outbox, step + 1, QUOTE, account, market, price, max(mul_div_ceil(price, fee, PPM), 1),
        min(depth_sold(base, DEPTH_REACH_PPM), LOTS_MAX),
        min(depth_bought(base, DEPTH_REACH_PPM), LOTS_MAX),
    )  # fmt: skip
