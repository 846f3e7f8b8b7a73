"""Random arguments for notionals on a decimal scale and margins that follow open interest."""

from rules.rule_samples import LOTS, NOTIONAL, PPM, draw, natural, positive, signed


def scaled(r: draw) -> list:
    """Draw a size, a price and a scale whose product fits."""
    numerator, denominator = r.choice([(1, 10 ** r.randrange(12)), (10 ** r.randrange(6), 1)])
    price = positive(r, 10**9)
    return [signed(r, min(LOTS, (2**63 - 1) // (price * numerator))), price, numerator, denominator]


def unscaled(r: draw) -> list:
    """Draw a notional, a price and a scale whose product fits."""
    numerator, denominator = r.choice([(1, 10 ** r.randrange(12)), (10 ** r.randrange(6), 1)])
    notional = signed(r, min(NOTIONAL, (2**63 - 1) // denominator))
    return [notional, positive(r, 10**9), numerator, denominator]


def open_interest(r: draw) -> list:
    lower = natural(r, 2**50)
    upper = r.choice([0, lower + positive(r, 2**52 - 1)])
    if upper == 0:
        lower = 0
    between = lower + natural(r, max(upper - lower, 1))
    return [natural(r, PPM), r.choice([between, natural(r, 2**53)]), lower, upper]


ARGUMENTS = {
    "fraction_margin.initial_quanta": lambda r: [natural(r, NOTIONAL), natural(r, PPM)],
    "fraction_margin.maintenance_ppm": lambda r: [natural(r, PPM), natural(r, PPM)],
    "fraction_margin.maintenance_quanta": lambda r: [
        *(natural(r, NOTIONAL), natural(r, PPM), natural(r, PPM)),
    ],
    "notional.notional_truncated": scaled,
    "notional.size_truncated": unscaled,
    "open_interest_scaled.effective_initial_ppm": lambda r: [natural(r, PPM), natural(r, PPM)],
    "open_interest_scaled.scaled_initial_ppm": open_interest,
}
