"""Random arguments for the rules of a pool that is the counterparty, inside their domains."""

from rules.rule_samples import LOTS, NOTIONAL, PPB, PPM, PRICE, draw, natural, positive, signed

SECONDS = 10**6
RATE = 2**30


def next_saved_rate(r: draw) -> list:
    stable = natural(r, PPB)
    return [
        *(signed(r, 2**50), r.randrange(-1, 2), natural(r, PPB), natural(r, SECONDS)),
        *(natural(r, RATE), natural(r, RATE), stable, natural(r, stable)),
        *(natural(r, 2**50), PPB),
    ]


def rate_change(r: draw) -> list:
    high = r.choice([3, PPB])
    return [signed(r, high), r.randrange(-1, 2), *(natural(r, high) for _ in range(3))]


def share_of_limit(r: draw) -> list:
    side = r.choice([-1, 1, 1, 1]) * positive(r, NOTIONAL)
    profit = r.choice([-1, 1, 1, 1]) * natural(r, abs(side))
    return [profit, side, min(side, signed(r, NOTIONAL))]


def deleveraging(r: draw) -> list:
    high = r.choice([3, PPB])
    return [signed(r, high), natural(r, high)]


def usage(r: draw) -> list:
    # A pool of at least one unit: pool value * reserve factor is never 0.
    return [natural(r, 2**42), PPM + natural(r, NOTIONAL), positive(r, PPM), PPM]


def undercollateralised(r: draw) -> list:
    high = r.choice([4, NOTIONAL])
    return [signed(r, high), natural(r, high), natural(r, high), natural(r, PPM), PPM]


def cost(r: draw) -> list:
    return [natural(r, LOTS), natural(r, r.choice([100, NOTIONAL])), positive(r, PRICE)]


ARGUMENTS = {
    "adaptive_funding.charged_rate": lambda r: [signed(r, PPB), natural(r, PPB), natural(r, PPB)],
    "adaptive_funding.next_saved_rate": next_saved_rate,
    "adaptive_funding.rate_change": rate_change,
    "adaptive_funding.skew_factor": lambda r: [natural(r, 2**31), positive(r, NOTIONAL), PPB],
    "adaptive_funding.static_rate": lambda r: [
        *(natural(r, PPB), natural(r, RATE), natural(r, RATE), PPB),
    ],
    "collateral_payout.collateral_returned": cost,
    "collateral_payout.is_undercollateralised": undercollateralised,
    "collateral_payout.profit_tokens": lambda r: [signed(r, NOTIONAL), positive(r, PRICE)],
    "collateral_payout.remaining_collateral": lambda r: [
        *(natural(r, NOTIONAL), signed(r, NOTIONAL), -natural(r, NOTIONAL), natural(r, NOTIONAL)),
    ],
    "collateral_payout.uncovered_cost": cost,
    "pool_debt.market_debt": lambda r: [
        *(signed(r, LOTS), natural(r, PRICE), signed(r, PRICE), signed(r, NOTIONAL)),
        r.choice([1, PPM]),
    ],
    "pool_debt.reported_debt": lambda r: [natural(r, NOTIONAL), signed(r, NOTIONAL)],
    "pool_profit.deleveraging_enabled": deleveraging,
    "pool_profit.limited_profit": lambda r: [
        *(signed(r, NOTIONAL), natural(r, NOTIONAL), natural(r, PPM), PPM),
    ],
    "pool_profit.open_profit": lambda r: [
        *(natural(r, NOTIONAL), natural(r, LOTS), natural(r, PRICE), r.randrange(2)),
    ],
    "pool_profit.position_share_of_limit": share_of_limit,
    "pool_profit.profit_to_pool": lambda r: [signed(r, 2**32), natural(r, NOTIONAL), PPB],
    "pool_profit.usage": usage,
}
