"""Random arguments of premiums, of clamped rates and of funding by an index."""

from rules.rule_samples import PPB, PRICE, draw, natural, positive, signed


def book(r: draw) -> list:
    return [natural(r, PRICE), natural(r, PRICE), positive(r, PRICE)]


def blend(r: draw) -> list:
    full = positive(r, 10**6)
    return [signed(r, 2**40), signed(r, 2**40), natural(r, full), full]


def amount(r: draw) -> list:
    return [signed(r, 10**8), positive(r, PPB), natural(r, 2**20), positive(r, 2**20), 2**10]


def tick(r: draw) -> list:
    full = positive(r, 10**6)
    return [natural(r, full), r.randrange(2), full, natural(r, 10**6)]


ARGUMENTS = {
    "continuous_funding.accrued_funding": lambda r: [signed(r, 2**31), signed(r, 2**31)],
    "continuous_funding.fair_basis": blend,
    "continuous_funding.funding_amount": amount,
    "continuous_funding.index_advance": lambda r: [
        *(signed(r, 2**45), natural(r, 10**5), positive(r, 10**5), natural(r, 100)),
    ],
    "continuous_funding.weight_after_tick": tick,
    "interest_clamped_funding.capped_rate": lambda r: [signed(r, 2**60), natural(r, 2**60)],
    "interest_clamped_funding.interval_rate": lambda r: [
        *(signed(r, 2**60), signed(r, 2**60)),
        *sorted([signed(r, 2**60), signed(r, 2**60)]),
    ],
    "interest_clamped_funding.scaled_rate": lambda r: [
        *(signed(r, 2**40), natural(r, 10**6), positive(r, 10**6)),
    ],
    "premium.impact_difference": lambda r: [signed(r, 2**61) for _ in range(3)],
    "premium.impact_premium": lambda r: [*book(r), positive(r, 2**31)],
    "premium.middle_premium": lambda r: [*book(r), positive(r, 2**30)],
    "premium.middle_premium_ppb": book,
}
