"""Random arguments for the rules of fixed_point and fixed_point_power, inside their domains."""

from rules.rule_samples import draw, natural, positive, signed
from tacoma.rules.numbers.fixed_point_power import roots_of_two

WORD = 2**62 - 1


def product(r: draw) -> list:
    """Draw a, b, c with a * b / c within int64."""
    c = positive(r, WORD)
    b = natural(r, WORD)
    return [natural(r, min(WORD, WORD * c // max(b, 1))), b, c]


def signs(r: draw, values: list, places: tuple) -> list:
    return [r.choice([-1, 1]) * v if place in places else v for place, v in enumerate(values)]


def ratio(r: draw) -> list:
    """Draw a, b, unit with a * unit / b within int64."""
    a, unit, b = product(r)
    return signs(r, [a, b, max(1, unit)], (0, 1))


def half_up(r: draw) -> list:
    unit = 2 * positive(r, 2**30)
    b = natural(r, (2**62 - unit) // unit)
    return [natural(r, min(WORD, WORD * unit // max(b, 1))), b, unit]


def digits(r: draw) -> list:
    """Draw roots and mantissa bits."""
    return [list(roots_of_two(r.randrange(1, 31))), r.randrange(1, 32)]


def even_unit(r: draw) -> int:
    return 2 * positive(r, 2**29 - 1)


def largest_base(unit: int, exponent: int, bits: int) -> int:
    """Return a bound of x for which (x / unit) ** (exponent / unit) stays below 2**bits units."""
    return min(2**60, unit << min(60, bits * unit // max(exponent, 1)))


def exponential(r: draw) -> list:
    unit = positive(r, 2**30 - 1)
    return [natural(r, (60 - unit.bit_length()) * unit), unit, *digits(r)]


def power(r: draw) -> list:
    unit = even_unit(r)
    exponent = natural(r, 4 * unit)
    high = largest_base(unit, exponent, 58 - unit.bit_length())
    return [unit + natural(r, high - unit), exponent, unit, *digits(r)]


def logarithm(r: draw) -> list:
    unit = 1 + positive(r, 1_499_999_999)
    return [unit + natural(r, 2**61), unit]


ARGUMENTS = {
    "fixed_point.bound_magnitude": lambda r: [signed(r, WORD), natural(r, WORD), natural(r, WORD)],
    "fixed_point.divide_truncated": ratio,
    "fixed_point.multiply_half_up": half_up,
    "fixed_point.multiply_truncated": lambda r: signs(r, product(r), (0, 1)),
    "fixed_point_power.exponential_base_2": exponential,
    "fixed_point_power.logarithm_base_2": logarithm,
    "fixed_point_power.power": power,
}
