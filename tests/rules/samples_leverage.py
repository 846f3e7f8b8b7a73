"""Random arguments of margin by leverage, and of the prices that solve for it."""

from rules.rule_samples import NARROW, draw, natural, positive, signed


def leverages(r: draw) -> list:
    return [r.choice([3, 5, 10, 25, 40, 50]) for _ in range(r.randrange(1, 6))]


def write_schedule(r: draw) -> list:
    """Draw bounds and leverages with a schedule before them, and three arrays to write."""
    before = r.randrange(0, 3)
    leverage = [positive(r, 2**15) for _ in range(before)] + leverages(r)
    count = len(leverage) - before
    lower = [0] * before + [0, *sorted(natural(r, NARROW) for _ in range(count - 1))]
    return [lower, leverage, before, count, *([0] * len(leverage) for _ in range(3))]


def solved(r: draw) -> list:
    """Draw an account, a schedule by leverage, and the multiple of its margin."""
    leverage = leverages(r)
    count = len(leverage)
    lower = [0, *sorted(natural(r, NARROW) for _ in range(count - 1))]
    lots = positive(r, 2**31 - 1)
    mark = natural(r, min(2**31, NARROW // lots))
    return [
        *(r.choice([-1, 1]) * lots, mark, signed(r, NARROW), natural(r, NARROW)),
        *(lower, [1] * count, [2 * maximum for maximum in leverage]),
        *([natural(r, bound) for bound in lower], 0, count),
        *r.choice([(1, 1), (2, 3), (1, 2), (0, 1)]),
    ]


def slope(r: draw) -> list:
    return [signed(r, 2**31), 1, positive(r, 200), natural(r, 3), positive(r, 3)]


def used_share(r: draw) -> list:
    cross, isolated = natural(r, NARROW), natural(r, NARROW)
    unit = positive(r, 10**6)
    balance = isolated + signed(r, (2**63 - 1) // (2 * unit)) // 2**10
    return [min(cross, 2**40), isolated, balance, unit]


ARGUMENTS = {
    "leverage_margin.backstop_quanta": lambda r: [
        natural(r, NARROW),
        *sorted([natural(r, 2**31 - 1), positive(r, 2**31 - 1)]),
    ],
    "leverage_margin.removable_quanta": lambda r: [
        *(signed(r, 2**61), natural(r, 2**61), r.randrange(2)),
    ],
    "leverage_margin.transfer_requirement_quanta": lambda r: [
        *(natural(r, NARROW), natural(r, NARROW)),
        *sorted([natural(r, 2**31 - 1), positive(r, 2**31 - 1)]),
    ],
    "leverage_margin.used_share": used_share,
    "leverage_margin.write_leverage_schedule": write_schedule,
    "liquidation_price.price_at_margin": lambda r: [*solved(r), r.choice([1, 2, 16])],
    "liquidation_price.root_slope": slope,
    "liquidation_price.root_tier": solved,
}
