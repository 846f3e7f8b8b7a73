"""Random arguments for rules of weights, shortages and funds, inside their domains."""

from rules.rule_samples import NOTIONAL, PPM, draw, natural, positive, signed

RATIO = 10**4
WIDE = 2**62 - 1


def product_below(r: draw, high: int, *, count: int = 2) -> list:
    """Draw positive factors whose product stays below 2**high."""
    bits = [r.randrange(1, max(2, high // count)) for _ in range(count)]
    return [positive(r, 2**bit) for bit in bits]


def size_and_unit(r: draw) -> list:
    unit = 10 ** r.randrange(0, 13)
    return [natural(r, min(2**57 * unit // 10**9, 2**57)), unit]


def root(r: draw) -> int:
    return natural(r, 2**31)


def ratio_near(r: draw, other: int) -> int:
    return max(0, other + signed(r, r.choice([2, 2**30])))


def relaxed(r: draw) -> list:
    ordinary = natural(r, 2**39)
    return [ordinary, ratio_near(r, ordinary), natural(r, 2**39)]


def scaled(r: draw) -> list:
    weight, start = product_below(r, 62)
    return [r.choice([0, weight]), signed(r, r.choice([start + 1, WIDE])), r.choice([0, start])]


def balance(r: draw) -> list:
    stored, index = product_below(r, 62)
    return [r.choice([0, stored]), index, positive(r, 10**14)]


def valued(r: draw) -> list:
    base, price = product_below(r, 61)
    return [signed(r, base), signed(r, price)]


def liability(r: draw) -> list:
    base, price = valued(r)
    highest = r.choice([0, 0, positive(r, max(1, abs(price)))])
    return [base, price, highest, positive(r, PPM)]


def worst(r: draw) -> list:
    return [
        *(signed(r, 2**28), natural(r, 2**28), -natural(r, 2**28)),
        *(signed(r, 2**30), r.choice([0, positive(r, 2**30)]), positive(r, PPM)),
    ]


def profit(r: draw) -> list:
    unit = positive(r, PPM)
    return [signed(r, 2**40), natural(r, unit), unit, natural(r, 2**21), positive(r, PPM)]


def funding(r: draw) -> list:
    base, index = product_below(r, 60)
    return [signed(r, base), signed(r, index), signed(r, index), positive(r, 10**12)]


def trade(r: draw) -> list:
    base = signed(r, 2**30)
    change = r.choice([signed(r, 2**30), -base]) or 1
    return [signed(r, 2**31), base, change, signed(r, 2**31)]


def step(r: draw) -> list:
    return [natural(r, 2**61), positive(r, 2**60)]


def base_to_cover(r: draw) -> list:
    shortage, unit = product_below(r, 62)
    ratio = natural(r, PPM)
    return [
        *(shortage, ratio, natural(r, PPM), natural(r, PPM), PPM),
        *(natural(r, 2**31), natural(r, 2 * PPM), PPM, unit, WIDE),
    ]


def debt_to_cover(r: draw) -> list:
    shortage, unit = product_below(r, 40)
    weights = natural(r, 2 * RATIO), natural(r, 2 * RATIO)
    multipliers = positive(r, 2 * PPM), positive(r, 2 * PPM)
    return [
        *(shortage, weights[0], multipliers[0], weights[1], multipliers[1], RATIO),
        *(natural(r, 2**31), natural(r, PPM), PPM, unit, WIDE),
    ]


def exchange(r: draw) -> list:
    amount = natural(r, 2**10)
    side = [positive(r, 2 * PPM), 10 ** r.randrange(0, 3), positive(r, 2**16)]
    other = [positive(r, 2 * PPM), 10 ** r.randrange(0, 3), positive(r, 2**16)]
    return [amount, *side, *other]


def dust(r: draw) -> list:
    whole = natural(r, 2**28)
    return [
        *(natural(r, 2**28), whole, natural(r, 2**31), positive(r, PPM)),
        *(r.choice([1, 8]), r.choice([1, 8]), natural(r, PPM)),
    ]


def exchange_price(r: draw) -> list:
    return [
        *(natural(r, 2**20), 10 ** r.randrange(0, 6)),
        *(positive(r, 2**30), 10 ** r.randrange(0, 6), PPM),
    ]


def worst_price(r: draw) -> list:
    return [
        *(natural(r, 2**21), positive(r, 2 * PPM)),
        *(positive(r, 2**31), positive(r, 2 * PPM), PPM),
    ]


def fee_from_margin(r: draw) -> list:
    shortage, unit = product_below(r, 40)
    return [
        *(shortage, natural(r, 2**31), natural(r, PPM), natural(r, PPM)),
        *(natural(r, 2**31), natural(r, 2 * PPM), PPM, unit, PPM, natural(r, PPM)),
    ]


def fee_from_weights(r: draw) -> list:
    shortage, unit = product_below(r, 40)
    return [
        *(shortage, natural(r, 2**31), natural(r, 2 * PPM), natural(r, 2 * PPM)),
        *(natural(r, 2 * PPM), natural(r, 2 * PPM), PPM, unit),
        *(natural(r, 2**31), natural(r, PPM)),
    ]


def share(r: draw) -> list:
    return [
        *(natural(r, 2**47), natural(r, 2**47), natural(r, 2**40), natural(r, 2**40)),
        *(natural(r, RATIO), RATIO, positive(r, NOTIONAL)),
    ]


def shares(r: draw) -> list:
    total = natural(r, 2**30)
    return [natural(r, total), total, natural(r, 2**30)]


def waiting(r: draw) -> list:
    held, total, vault = shares(r)
    return [held, natural(r, 2**30), total, vault]


def price_state(r: draw) -> list:
    price = signed(r, 2**40)
    return [
        *(price, ratio_near(r, price), natural(r, 2**40), natural(r, 200), r.randrange(2)),
        *(natural(r, 10), natural(r, PPM), PPM, natural(r, 200), natural(r, 200)),
    ]


def strict(r: draw) -> list:
    return [signed(r, WIDE), signed(r, WIDE), r.randrange(2)]


def custom(r: draw) -> list:
    return [natural(r, 2**60), natural(r, r.choice([RATIO, 2**60])), RATIO]


def premium(r: draw) -> list:
    return [root(r), natural(r, PPM), natural(r, 2**39), 10 ** r.randrange(0, 7)]


def haircut(r: draw) -> list:
    index, loss = product_below(r, 62)
    return [index, r.choice([0, loss]), natural(r, WIDE)]


def charge(r: draw) -> list:
    loss, unit = product_below(r, 50)
    return [r.choice([-1, 1]) * loss, positive(r, WIDE), unit, positive(r, 1000)]


ARGUMENTS = {
    "both_sides_funding.deposit_index_haircut": haircut,
    "both_sides_funding.funding_index_charge": charge,
    "both_sides_funding.insurance_payment": lambda r: [natural(r, WIDE) for _ in range(4)],
    "collateral_weight.asset_weight_with_custom": custom,
    "collateral_weight.debt_weight_with_custom": custom,
    "collateral_weight.price_for_asset": strict,
    "collateral_weight.price_for_debt": strict,
    "collateral_weight.ratio_at_stage": lambda r: [
        *(r.randrange(3), natural(r, 2**61), natural(r, 2**61)),
    ],
    "collateral_weight.weight_scaled_above": scaled,
    "insurance_shares.amount_of_shares": shares,
    "insurance_shares.rebase_exponent": lambda r: [natural(r, WIDE), positive(r, 2**40)],
    "insurance_shares.shares_lost_by_waiting": waiting,
    "insurance_shares.shares_of_amount": lambda r: [natural(r, 2**30) for _ in range(3)],
    "interest_balance.tokens_of_debt": balance,
    "interest_balance.tokens_of_deposit": balance,
    "interest_balance.value_of_tokens": lambda r: [*valued(r), positive(r, 10**12)],
    "liquidation_fee_ramp.fee_after_idle_time": lambda r: [
        *(natural(r, PPM), natural(r, PPM), natural(r, 2**40), natural(r, 10**4)),
        natural(r, 2**20),
    ],
    "liquidation_fee_ramp.fee_within_margin": lambda r: [natural(r, PPM), natural(r, PPM)],
    "liquidation_fee_ramp.insurance_fee_from_margin": fee_from_margin,
    "liquidation_fee_ramp.insurance_fee_from_weights": fee_from_weights,
    "liquidation_fee_ramp.largest_fee": lambda r: [natural(r, PPM), natural(r, 9), natural(r, PPM)],
    "liquidation_fee_ramp.share_liquidatable": share,
    "oracle_guard.is_price_off_average": lambda r: [
        *(signed(r, 2**40), signed(r, 2**40), PPM, natural(r, PPM), natural(r, PPM)),
    ],
    "oracle_guard.is_spread_too_wide": lambda r: [signed(r, PPM), natural(r, PPM), natural(r, PPM)],
    "oracle_guard.price_allows": lambda r: [r.randrange(7), r.randrange(9)],
    "oracle_guard.price_fault": price_state,
    "oracle_guard.spread_of_mark": lambda r: [positive(r, 2**40), signed(r, 2**40), PPM],
    "perp_value.funding_from_index": funding,
    "perp_value.liability_value": liability,
    "perp_value.position_value": lambda r: [*valued(r), positive(r, PPM)],
    "perp_value.weighted_profit": profit,
    "perp_value.worst_base": worst,
    "position_change.cost_after_trade": trade,
    "position_change.round_down_to_step": step,
    "position_change.round_up_to_step": step,
    "shortage.asset_for_debt": exchange,
    "shortage.base_to_cover_shortage": base_to_cover,
    "shortage.debt_paid_by_asset": exchange,
    "shortage.debt_to_cover_shortage": debt_to_cover,
    "shortage.exchange_price": exchange_price,
    "shortage.whole_if_dust_remains": dust,
    "shortage.worst_exchange_price": worst_price,
    "size_premium.relaxed_ratio_by_size": relaxed,
    "size_premium.size_discount_weight": lambda r: [
        *(root(r), natural(r, PPM), natural(r, 2**39), positive(r, PPM)),
    ],
    "size_premium.size_premium_ratio": premium,
    "size_premium.size_premium_unbounded": premium,
    "size_premium.size_root": size_and_unit,
}
