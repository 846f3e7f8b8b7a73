"""
Margin that grows with the square root of a position's size, and weights that shrink with it.

The root is of the size in whole units and carries five decimals; ratios and weights are numerators
over a unit that the caller names (10,000, or a million for ppm), the premium's factor is in ppm.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, integer_square_root

ROOT_UNIT = 100_000
SIZE_UNIT = 1_000_000_000


@rule
def size_root(size: int, unit: int) -> int:
    """
    Return the square root of size / unit in 1e-5, rounded down.

    The size is first rounded down to 1e-9 of a whole unit, and one tenth of that is added under
    the root, as the source does. `unit` is how many of the size's steps make a whole unit.
    Domain: size >= 0, unit a power of ten, size * 1e9 / unit < 2**58.
    Source: Drift v2 math/margin.rs, calculate_size_premium_liability_weight; state/spot_market.rs
    (size in reserve precision).
    """
    if unit > SIZE_UNIT:
        fine = size // (unit // SIZE_UNIT)
    else:
        fine = size * (SIZE_UNIT // unit)
    return integer_square_root(10 * fine + 1)


@rule
def size_premium_unbounded(root: int, factor_ppm: int, ratio: int, ratio_unit: int) -> int:
    """
    Return four fifths of a ratio plus factor * root, which may be below the ratio, in its unit.

    A fifth of the ratio and the premium are each rounded down. A factor of 0 returns the ratio.
    Domain: `root` of `size_root`, 0 <= factor_ppm <= 1e6, 0 <= ratio < 2**40,
    ratio_unit a power of ten up to 1e6.
    Source: Drift v2 math/margin.rs, calculate_size_premium_liability_weight, not bounded.
    """
    if factor_ppm == 0:
        return ratio
    premium = root * factor_ppm // (ROOT_UNIT * PPM // ratio_unit)
    return ratio - ratio // 5 + premium


@rule
def size_premium_ratio(root: int, factor_ppm: int, ratio: int, ratio_unit: int) -> int:
    """
    Return the larger of a ratio and four fifths of it plus factor * root, in the ratio's unit.

    So nothing changes below the size at which the premium exceeds a fifth of the ratio. Rounded
    as `size_premium_unbounded`. Serves margin ratios and weights of debts alike.
    Domain: as `size_premium_unbounded`.
    Source: Drift v2 math/margin.rs, calculate_size_premium_liability_weight.
    """
    return max(ratio, size_premium_unbounded(root, factor_ppm, ratio, ratio_unit))


@rule
def size_discount_weight(root: int, factor_ppm: int, weight: int, weight_unit: int) -> int:
    """
    Return the smaller of an asset's weight and 1.1 / (1 + factor * root), in the weight's unit.

    The product and the quotient are each rounded down. A factor of 0 returns the weight.
    Domain: `root` of `size_root`, 0 <= factor_ppm <= 1e6, weight >= 0, 0 < weight_unit <= 1e6.
    Source: Drift v2 math/margin.rs, calculate_size_discount_asset_weight.
    """
    if factor_ppm == 0:
        return weight
    discounted = (PPM + PPM // 10) * weight_unit // (PPM + root * factor_ppm // ROOT_UNIT)
    return min(weight, discounted)


@rule
def relaxed_ratio_by_size(ordinary_ratio: int, sized_ratio: int, relaxed_ratio: int) -> int:
    """
    Return the initial ratio of an account with more leverage than the market's ordinary ratio.

    `sized_ratio` is the ordinary ratio's `size_premium_unbounded`. Where it is above the ordinary
    ratio, the relaxation has ended and it holds itself. Below, the ratio runs in a straight line
    from the relaxed to the ordinary one as the premium uses up its fifth; the share is rounded
    down in ppm, so is the part added, and the distance is at least 1. Where the two are equal the
    relaxed ratio holds, without a premium: so for a factor of 0, but also at the one size where the
    premium is just a fifth.
    Domain: 0 <= relaxed_ratio, ordinary_ratio, sized_ratio < 2**40.
    Source: Drift v2 math/margin.rs, calc_high_leverage_mode_initial_margin_ratio_from_size.
    """
    if sized_ratio == ordinary_ratio:
        return relaxed_ratio
    if sized_ratio > ordinary_ratio:
        return sized_ratio
    left_ppm = (ordinary_ratio - sized_ratio) * PPM // max(1, ordinary_ratio // 5)
    distance = max(1, ordinary_ratio - relaxed_ratio)
    return relaxed_ratio + distance * max(0, PPM - left_ppm) // PPM
