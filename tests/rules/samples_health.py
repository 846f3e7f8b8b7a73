"""Random arguments of the rules of health, and of liquidation up to a health."""

from rules.rule_samples import LOTS, NARROW, PPM, natural, positive, signed

WEIGHT = 2 * PPM
AMOUNT = 2**49


def lots_and_price(r):
    lots = positive(r, LOTS)
    return r.choice([-1, 1]) * lots, natural(r, min(2**31 - 1, AMOUNT // lots))


def weighted(r):
    return natural(r, 1) * r.randrange(2**12, 2**28)


def unsettled(r):
    lots, price = lots_and_price(r)
    return [lots, signed(r, NARROW), price, price, natural(r, WEIGHT), natural(r, WEIGHT)]


def orders(r):
    lots, price = lots_and_price(r)
    filled = min(2**31, AMOUNT // max(price, 1))
    return [
        *(lots, natural(r, filled), natural(r, filled), signed(r, NARROW), price, price),
        *(natural(r, WEIGHT), natural(r, WEIGHT)),
    ]


def health_zero(r):
    return [signed(r, NARROW), signed(r, NARROW), weighted(r), weighted(r)]


def liquidation(r):
    lots, price = lots_and_price(r)
    return [
        *(lots, price, signed(r, AMOUNT), signed(r, AMOUNT), signed(r, AMOUNT)),
        *(natural(r, PPM), PPM + natural(r, PPM), natural(r, PPM)),
        *(natural(r, PPM // 4), natural(r, PPM // 4), weighted(r), weighted(r)),
        *(natural(r, LOTS), natural(r, AMOUNT), -natural(r, 10**6), [0, 0]),
    ]


def insured(r):
    prices = [r.randrange(2**12, 2**24), natural(r, 2**20 - 1), r.randrange(2**12, 2**24)]
    return [natural(r, AMOUNT), *prices]


ARGUMENTS = {
    "health_weights.asset_price": lambda r: [natural(r, 2**60), natural(r, 2**60), r.randrange(2)],
    "health_weights.balance_given_for_health_zero": health_zero,
    "health_weights.balance_health": lambda r: [signed(r, NARROW), weighted(r), weighted(r)],
    "health_weights.balance_taken_for_health_zero": health_zero,
    "health_weights.liability_price": lambda r: [
        *(natural(r, 2**60), natural(r, 2**60), r.randrange(2)),
    ],
    "health_weights.profit_health": lambda r: [signed(r, 2**61), natural(r, PPM)],
    "health_weights.scaled_asset_weight_ppm": lambda r: [
        *(natural(r, PPM), natural(r, 2**61), natural(r, 2**42 - 1)),
    ],
    "health_weights.scaled_liability_weight_ppm": lambda r: [
        *(natural(r, 2**23 - 1), natural(r, 2**40 - 1), natural(r, 2**40 - 1)),
    ],
    "health_weights.unsettled_health": unsettled,
    "health_weights.unsettled_health_with_orders": orders,
    "health_weights.weighted_asset_price_ppm": lambda r: [
        *(natural(r, 2**42 - 1), natural(r, 2**20)),
    ],
    "health_weights.weighted_liability_price_ppm": lambda r: [
        *(natural(r, 2**42 - 1), natural(r, 2**22)),
    ],
    "health_liquidation.health_gain_per_lot": lambda r: [
        *(r.randrange(2), natural(r, 2**31 - 1), natural(r, 2**22), natural(r, 2**22)),
        natural(r, 2**22),
    ],
    "health_liquidation.insured_loss": lambda r: [*insured(r), natural(r, AMOUNT)],
    "health_liquidation.insured_payment": lambda r: [
        *(*insured(r), positive(r, 2**30), natural(r, AMOUNT)),
    ],
    "health_liquidation.loss_per_lot": lambda r: [
        *(natural(r, 2**40), natural(r, 2**31 - 1), r.randrange(1, 3), positive(r, 2**20)),
    ],
    "health_liquidation.loss_to_health_zero": lambda r: [signed(r, 2**61), *health_zero(r)],
    "health_liquidation.reduce_and_settle": liquidation,
    "health_liquidation.settled_loss": lambda r: [signed(r, 2**60) for _ in range(4)],
    "health_liquidation.socialised_loss": lambda r: [natural(r, 2**60) for _ in range(4)],
    "health_liquidation.units_for_gain": lambda r: [
        *(signed(r, 2**62), natural(r, 2**62 - 1), natural(r, 2**62 - 1)),
    ],
}
