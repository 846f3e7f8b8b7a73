"""Random arguments of take-overs at the oracle price, and of liquidated collateral and loans."""

from rules.rule_samples import NOTIONAL, PPM, natural, position, positive, signed


def side(r):
    return r.choice([-1, 1])


def signed_position(r):
    lots, price = position(r)
    return side(r) * lots, price


def oracle_and_price(r):
    lots, price = position(r)
    other = natural(r, price)
    return [side(r) * lots, *r.choice([(price, other), (other, price)])]


def settlement(r):
    return [natural(r, 2**40), positive(r, 2**20), positive(r, 2**20)]


def liquidated(r):
    """Draw amounts small enough for the widest ratio of units and price."""
    ratios = [positive(r, 2**20) for _ in range(4)]
    return [natural(r, 2**22), *ratios, natural(r, 2**22)]


def share(r):
    denominator = positive(r, 2**30)
    return [natural(r, 2**60), natural(r, denominator), denominator]


def loan(r):
    prices = [positive(r, 2**15) for _ in range(4)]
    return [natural(r, 2**25), *prices, r.randrange(PPM, 2**21)]


ARGUMENTS = {
    "oracle_takeover.insurance_share_quanta": lambda r: [
        *(*oracle_and_price(r), *sorted([natural(r, 2**31 - 1), positive(r, 2**31 - 1)])),
    ],
    "oracle_takeover.takeover_price": lambda r: [
        *(natural(r, 2**42 - 1), r.randrange(2), natural(r, 2**20 - 1)),
    ],
    "oracle_takeover.takeover_price_by_weight": lambda r: [
        *(natural(r, 2**31 - 1), natural(r, 2**22 - 1), r.randrange(1, 101), natural(r, PPM)),
    ],
    "oracle_takeover.takeover_quote_quanta": lambda r: [
        *(*signed_position(r), natural(r, 2**20 - 1)),
    ],
    "collateral_liquidation.collateral_for_settlement": settlement,
    "collateral_liquidation.discounted_price": lambda r: [natural(r, 2**62), natural(r, PPM)],
    "collateral_liquidation.insurance_fee": lambda r: [natural(r, 2**62 - 1), natural(r, PPM)],
    "collateral_liquidation.is_collateral_liquidatable": lambda r: [
        *(signed(r, 2**61), signed(r, 2**61), natural(r, 2**61), natural(r, 2**61)),
        *(natural(r, 2**20 - 1), natural(r, 2**61)),
    ],
    "collateral_liquidation.liquidatable_collateral": liquidated,
    "collateral_liquidation.max_repaid": lambda r: [
        *(natural(r, 2**42), natural(r, 2**42), natural(r, 2**42)),
        *(natural(r, PPM), natural(r, PPM - 1)),
    ],
    "collateral_liquidation.repaid_for_collateral": liquidated,
    "collateral_liquidation.rescaled": settlement,
    "collateral_liquidation.settlement_for_collateral": settlement,
    "close_factor.collateral_for_debt": loan,
    "close_factor.debt_for_collateral": loan,
    "close_factor.is_health_factor_above": lambda r: [
        *(natural(r, 2**61), signed(r, 2**61), natural(r, 2**20 - 1)),
    ],
    "close_factor.is_health_factor_below": lambda r: [
        *(natural(r, 2**61), signed(r, 2**61), natural(r, 2**20 - 1)),
    ],
    "close_factor.leaves_dust": lambda r: [natural(r, 2**61) for _ in range(5)],
    "close_factor.max_liquidatable_debt": lambda r: [
        *(natural(r, 2**61), natural(r, 2**61), natural(r, 2**61), natural(r, 2**61)),
        *(natural(r, PPM), natural(r, PPM), natural(r, r.choice([0, 2**61]))),
    ],
    "close_factor.protocol_fee": lambda r: [
        *(natural(r, NOTIONAL), r.randrange(PPM, 2**21), natural(r, PPM)),
    ],
    "close_factor.share_half_up": share,
    "close_factor.weighted_collateral": lambda r: [natural(r, 2**62 - 1), natural(r, PPM)],
}
