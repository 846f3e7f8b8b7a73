"""Random arguments of clearing: the default waterfall, scenario margin; and of pools."""

from rules.rule_samples import PPM, natural, positive, signed


def layers(r):
    count = r.randrange(0, 8)
    return [signed(r, 2**61), [signed(r, 2**61) for _ in range(count)], count, [0] * count]


def gains(r):
    count = r.randrange(0, 8)
    return [signed(r, 2**61), [signed(r, 2**57) for _ in range(count)], count, [0] * count]


def losses(r):
    values = [signed(r, r.choice([3, 2**53 - 1])) for _ in range(r.randrange(0, 10))]
    return [values, len(values), r.randrange(0, 12)]


def totals(r):
    values = [signed(r, 2**61) for _ in range(16)]
    return [values, r.choice([0, 16])]


def risk_array(r):
    return [
        *(signed(r, 2**20), [signed(r, 2**30) for _ in range(16)], 16),
        [signed(r, 2**55) for _ in range(16)],
    ]


def months(r):
    lots = [signed(r, 2**27) for _ in range(r.randrange(0, 12))]
    return [lots, len(lots), natural(r, 2**31 - 1)]


def reserves(r):
    high = 2**41 - 1
    return [natural(r, high), natural(r, high), natural(r, high), natural(r, PPM - 1)]


def bought(r):
    """Draw a purchase whose cost stays within int64: at most a millionth above all but one."""
    reserve_in, reserve_out = positive(r, 2**30), positive(r, 2**30)
    return [natural(r, 2 * reserve_out), reserve_in, reserve_out, natural(r, PPM // 2)]


def priced(r):
    reserve_base, reserve_quote = positive(r, 2**30), positive(r, 2**20)
    return [natural(r, 2 * reserve_base), reserve_base, reserve_quote, natural(r, PPM // 2)]


ARGUMENTS = {
    "default_waterfall.assessment_cap_quanta": lambda r: [
        *(natural(r, 2**42 - 1), natural(r, 2**30 - 1), signed(r, 2**61)),
    ],
    "default_waterfall.consume_layers": layers,
    "default_waterfall.cover_n_quanta": losses,
    "default_waterfall.haircut_gains": gains,
    "default_waterfall.skin_in_the_game_quanta": lambda r: [natural(r, 2**53 - 1), natural(r, PPM)],
    "span_scenarios.active_scenario": totals,
    "span_scenarios.add_risk_array": risk_array,
    "span_scenarios.inter_month_charge_quanta": months,
    "span_scenarios.scan_requirement_quanta": lambda r: [signed(r, 2**59) for _ in range(5)],
    "span_scenarios.scan_risk_quanta": totals,
    "span_scenarios.short_option_minimum_quanta": lambda r: [
        *(natural(r, 2**31 - 1), natural(r, 2**31 - 1), natural(r, 2**30), r.randrange(2)),
    ],
    "constant_product.amount_in": bought,
    "constant_product.amount_out": reserves,
    "constant_product.depth_bought": lambda r: [natural(r, 2**62 - 1), natural(r, 2**21 - 1)],
    "constant_product.depth_sold": lambda r: [natural(r, 2**40), natural(r, 2 * PPM)],
    "constant_product.price_after_buy": lambda r: [*priced(r), positive(r, 2**10)],
    "constant_product.price_after_sale": lambda r: [*priced(r), positive(r, 2**30)],
    "constant_product.spot_price": lambda r: [
        *(positive(r, 2**61), natural(r, 2**31), natural(r, 2**30)),
    ],
}
