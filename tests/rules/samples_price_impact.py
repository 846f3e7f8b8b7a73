"""Random arguments for the rules of price_impact, inside their domains."""

from rules.rule_samples import PPB, PRICE, draw, natural, positive, signed
from rules.samples_fixed_point import WORD, digits, largest_base

VALUE = 2**53 - 1


def curve(r: draw) -> tuple[int, list]:
    """Draw the largest imbalance that a curve takes, and the curve's arguments."""
    power_unit = 2 * positive(r, 2**19)
    ratio = positive(r, 2**10)
    unit = power_unit * ratio
    exponent = r.choice([unit, natural(r, 4 * unit)])
    bits = 58 - unit.bit_length()
    high = largest_base(power_unit, exponent // ratio, bits) * ratio
    return min(high, 2**60), [exponent, unit, power_unit, *digits(r)]


def power_of_imbalance(r: draw) -> list:
    high, arguments = curve(r)
    return [natural(r, high), *arguments]


def impact_of_imbalance(r: draw) -> list:
    high, arguments = curve(r)
    factor_unit = positive(r, WORD)
    return [natural(r, high), natural(r, factor_unit), factor_unit, *arguments]


def price_impact(r: draw) -> list:
    high, arguments = curve(r)
    factor_unit = positive(r, WORD)
    before = [natural(r, high // 2), natural(r, high // 2)]
    after = [natural(r, high // 2) if r.random() < 0.5 else interest for interest in before]
    deltas = [new - old for old, new in zip(before, after, strict=True)]
    factors = [natural(r, factor_unit), natural(r, factor_unit)]
    return [*before, *deltas, *factors, factor_unit, *arguments]


def limit(r: draw) -> list:
    return [signed(r, VALUE), natural(r, VALUE), natural(r, PPB), PPB]


def tokens(r: draw) -> list:
    return [natural(r, VALUE), positive(r, PRICE), signed(r, VALUE), r.randrange(2)]


def opening(r: draw) -> list:
    """Draw an order whose impact leaves some tokens."""
    price = positive(r, PRICE)
    size = natural(r, VALUE)
    if size < 2 * price:
        return [0, price, signed(r, VALUE), r.randrange(2)]
    return [size, price, signed(r, size - 2 * price), r.randrange(2)]


def closing(r: draw) -> list:
    position = positive(r, VALUE)
    owned = natural(r, 2**31)
    impact = signed(r, min(VALUE, WORD * max(owned, 1) // position))
    return [natural(r, VALUE), natural(r, PRICE), impact, r.randrange(2), position, owned]


ARGUMENTS = {
    "price_impact.closing_price": closing,
    "price_impact.crossover_impact": lambda r: [natural(r, WORD), natural(r, WORD)],
    "price_impact.impact_in_tokens": lambda r: [signed(r, WORD), positive(r, PRICE)],
    "price_impact.impact_of_imbalance": impact_of_imbalance,
    "price_impact.keeps_side": lambda r: [natural(r, r.choice([2, WORD])) for _ in range(4)],
    "price_impact.limited_cost": limit,
    "price_impact.limited_gain": limit,
    "price_impact.opened_tokens": tokens,
    "price_impact.opening_price": opening,
    "price_impact.power_of_imbalance": power_of_imbalance,
    "price_impact.price_impact": price_impact,
    "price_impact.same_side_impact": lambda r: [natural(r, WORD), natural(r, WORD), r.randrange(2)],
    "price_impact.worse_impact": lambda r: [signed(r, WORD), signed(r, WORD)],
}
