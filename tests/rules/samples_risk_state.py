"""Random arguments for an account's standing, its take-over and what a liquidation may do."""

from rules.rule_samples import LOTS, NOTIONAL, PPM, PRICE, draw, natural, positive, signed


def standing(r: draw, margins: int) -> list:
    """Draw an equity and margins, small ones often so that they meet."""
    high = r.choice([2, 2**62 - 1])
    return [signed(r, high), *(natural(r, high) for _ in range(margins))]


def rating(r: draw) -> list:
    maintenance = positive(r, NOTIONAL)
    equity = signed(r, min(NOTIONAL, maintenance * 2**20))
    return [equity, maintenance, r.choice([PPM, natural(r, 2**32 - 1)])]


def fillable(r: draw) -> list:
    equity, maintenance, adjustment = rating(r)
    lots = r.choice([-1, 1]) * positive(r, LOTS)
    return [
        *(lots, natural(r, PRICE), equity, maintenance),
        *(natural(r, maintenance), adjustment, natural(r, PPM)),
    ]


def ticks(r: draw) -> list:
    tick = positive(r, 10**6)
    return [
        *(natural(r, 2**62 - 1), positive(r, 2**40), r.randrange(2)),
        *(tick, tick + natural(r, 2**61)),
    ]


def takeover(r: draw) -> list:
    maintenance = positive(r, NOTIONAL)
    return [
        *(signed(r, NOTIONAL), signed(r, NOTIONAL)),
        *(-natural(r, maintenance), maintenance),
    ]


ARGUMENTS = {
    "deleverage_offset.deleveraging_price": lambda r: [signed(r, NOTIONAL), r.randrange(2)],
    "deleverage_offset.is_reduction": lambda r: [signed(r, LOTS), signed(r, LOTS)],
    "deleverage_offset.offset_size": lambda r: [signed(r, LOTS), signed(r, LOTS)],
    "fillable_price.bankruptcy_rating_ppm": rating,
    "fillable_price.fillable_price": fillable,
    "fillable_price.price_in_ticks": ticks,
    "insurance_delta.insurance_delta_quanta": lambda r: [
        *(signed(r, NOTIONAL), signed(r, NOTIONAL), natural(r, PPM)),
    ],
    "insurance_delta.is_insurance_delta_covered": lambda r: [
        *(natural(r, 2**62 - 1), signed(r, 2**62 - 1)),
    ],
    "isolated_pool.is_transfer_covered": lambda r: [
        *(natural(r, 2**61), natural(r, 2**61), signed(r, 2**61), r.randrange(2)),
    ],
    "isolated_pool.pool_before_transfer_quanta": lambda r: [
        *(natural(r, 2**61), signed(r, 2**61), r.randrange(2)),
    ],
    "liquidatable_size.largest_liquidatable_quanta": lambda r: [
        *(natural(r, 2**62 - 1), natural(r, 2**62), natural(r, PPM)),
    ],
    "liquidatable_size.liquidatable_size": lambda r: [
        *(natural(r, LOTS), natural(r, NOTIONAL), natural(r, NOTIONAL)),
        *(natural(r, LOTS), positive(r, 1000)),
    ],
    "liquidatable_size.remaining_limit": lambda r: [natural(r, 2**62), natural(r, 2**62)],
    "liquidatable_size.smallest_liquidatable_quanta": lambda r: [
        *(natural(r, 2**62), natural(r, 2**62)),
    ],
    "ratio_invariant.takeover_quanta": takeover,
    "risk_state.compare_risk": lambda r: [*standing(r, 1), *standing(r, 1)],
    "risk_state.is_initially_collateralized": lambda r: standing(r, 1),
    "risk_state.is_liquidatable": lambda r: standing(r, 1),
    "risk_state.transition": lambda r: [*standing(r, 2), *standing(r, 2)],
    "risk_state.undercollateralized_transition": lambda r: [*standing(r, 2), *standing(r, 1)],
}
