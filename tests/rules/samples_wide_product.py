"""Random arguments for products that are wider than int64."""

from rules.rule_samples import draw, natural, positive, signed


def quotient(r: draw) -> list:
    b, c = natural(r, 2**62 - 1), positive(r, 2**62 - 1)
    return [signed(r, min(2**63 - 1, c * (2**62 // max(b, 1)))), b, c]


def products(r: draw) -> list:
    if r.random() < 0.3:  # equal ones, or nearly
        x, y, z = positive(r, 2**20), positive(r, 2**20), positive(r, 2**20)
        return [x * y, z, x + r.randrange(-1, 2), y * z]
    high = r.choice([3, 2**63 - 1])
    return [signed(r, high), natural(r, high), signed(r, high), natural(r, high)]


ARGUMENTS = {
    "wide_product.compare_products": products,
    "wide_product.mul_div_any_floor": quotient,
}
