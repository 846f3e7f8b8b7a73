"""Random arguments of deleveraging many at once, from a random start, and by risk."""

from rules.rule_samples import NOTIONAL, natural, positive, signed


def allocation(r):
    count = r.randrange(0, 12)
    weights = [natural(r, r.choice([3, 2**50])) for _ in range(count)]
    caps = [natural(r, r.choice([5, 2**50])) for _ in range(count)]
    return [natural(r, r.choice([20, 2**54])), weights, caps, count, [0] * count]


def queue(r):
    caps = [natural(r, 2**50) for _ in range(r.randrange(0, 12))]
    return [natural(r, 2**54), caps, len(caps), [0] * len(caps)]


def walk(r):
    count = positive(r, 2**31)
    return [r.randrange(count), natural(r, 2**60), count]


ARGUMENTS = {
    "adl_allocation.allocate_capped": allocation,
    "adl_allocation.allocate_in_order": queue,
    "adl_random.first_position": lambda r: [
        *(signed(r, 2**63 - 1), signed(r, 2**63 - 1), positive(r, 2**31)),
    ],
    "adl_random.mix": lambda r: [signed(r, 2**63 - 1)],
    "adl_random.mix_pair": lambda r: [signed(r, 2**63 - 1), signed(r, 2**63 - 1)],
    "adl_random.walked_position": walk,
    "adl_risk.score_effective_leverage": lambda r: [signed(r, NOTIONAL), signed(r, NOTIONAL)],
    "adl_risk.score_pool_profit": lambda r: [signed(r, 2**62)],
    "adl_risk.weight_by_leverage": lambda r: [
        *(signed(r, NOTIONAL), signed(r, NOTIONAL), r.randrange(-1, 5)),
    ],
}
