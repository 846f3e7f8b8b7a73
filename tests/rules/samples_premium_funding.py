"""Random arguments for funding of sampled premiums."""

from rules.rule_samples import PPM, PRICE, draw, natural, positive, signed


def limit(r: draw) -> list:
    maintenance, initial = sorted([natural(r, PPM), natural(r, PPM)])
    return [natural(r, 2**32 - 1), initial, maintenance]


def index(r: draw) -> list:
    elapsed, price, numerator = positive(r, 86_400), natural(r, PRICE), 10 ** r.randrange(3)
    rate = signed(r, (2**63 - 1) // (elapsed * max(price, 1) * numerator))
    return [rate, elapsed, positive(r, 86_400), price, numerator, 10 ** r.randrange(9)]


ARGUMENTS = {
    "premium_funding.index_delta_ppm": index,
    "premium_funding.rate_limit_ppm": limit,
    "premium_funding.rate_ppm": lambda r: [
        *(signed(r, 2**61), signed(r, 2**61), natural(r, 2**62)),
    ],
    "premium_funding.removed_samples": lambda r: [natural(r, 2**31 - 1), natural(r, 2**31)],
    "premium_funding.settled_quanta": lambda r: [signed(r, 2**63 - 1)],
    "premium_funding.settlement_ppm": lambda r: [
        *(signed(r, 2**30), signed(r, 2**30), signed(r, 2**31)),
    ],
    "premium_funding.zero_padded_mean": lambda r: [
        *(signed(r, 2**63 - 1), natural(r, 2**31), natural(r, 2**31)),
    ],
}
