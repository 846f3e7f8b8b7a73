"""Random arguments of shared pools: their drawdown, deleveraging lights, shares and haircuts."""

from rules.rule_samples import NOTIONAL, PPM, draw, natural, positive, signed


def drawdown(r: draw) -> list:
    """Draw result, peak and pool, now and then with the drawdown exactly at a limit."""
    pool = natural(r, NOTIONAL // 4)
    limit = natural(r, PPM)
    peak = signed(r, NOTIONAL // 4)
    pnl = r.choice([signed(r, NOTIONAL // 4), peak - pool * limit // PPM + r.randrange(-1, 2)])
    return [pnl, peak, pool, -limit]


def triggered(r: draw) -> list:
    pnl, peak, pool, limit = drawdown(r)
    balance, threshold = signed(r, 100), natural(r, 100)
    return [pnl, peak, pool, balance, threshold, limit, r.randrange(2)]


def place(r: draw) -> list:
    before, size, after = (natural(r, 2**50) for _ in range(3))
    return [before, size, before + size + after, positive(r, 10)]


def taken(r: draw) -> list:
    steps = positive(r, 2**10)
    return [natural(r, NOTIONAL), natural(r, steps), steps]


def healing(r: draw) -> list:
    margin = natural(r, r.choice([NOTIONAL, 2**60]))
    return [
        *(r.choice([signed(r, NOTIONAL), signed(r, 2**60), margin * 9 // 10]), margin),
        *(positive(r, 20), natural(r, 512), positive(r, 512)),
        *(natural(r, PPM), PPM, r.randrange(2)),
    ]


ARGUMENTS = {
    "adl_lights.light_by_end": place,
    "adl_lights.light_by_start": lambda r: [
        value for k, value in enumerate(place(r)) if k in {0, 2, 3}
    ],
    "fund_drawdown.drawdown_passed": lambda r: [*drawdown(r), r.randrange(2)],
    "fund_drawdown.drawdown_ratio": lambda r: [
        *(signed(r, 2**40), signed(r, 2**40), positive(r, 2**40), positive(r, PPM)),
    ],
    "fund_drawdown.is_deleveraging": triggered,
    "fund_drawdown.is_recovered": drawdown,
    "fund_drawdown.winners_subsidy_quanta": drawdown,
    "liquidation_share.is_ratio_healed": lambda r: [
        *(signed(r, 2**61), natural(r, 2**61)),
        *(natural(r, 512), positive(r, 512), r.randrange(2)),
    ],
    "liquidation_share.margin_ratio": lambda r: [
        *(signed(r, NOTIONAL), natural(r, 2**40), positive(r, PPM)),
    ],
    "liquidation_share.share_maintenance_quanta": taken,
    "liquidation_share.share_penalty_quanta": lambda r: [*taken(r), natural(r, PPM), PPM],
    "liquidation_share.share_steps_to_heal": healing,
    "socialised_loss.shortfall_quanta": lambda r: [natural(r, 2**61), signed(r, 2**61)],
    "socialised_loss.withdrawal_haircut_quanta": lambda r: [
        *(natural(r, 2**61), natural(r, 2**60 - 1), natural(r, 2**60 - 1)),
    ],
}
