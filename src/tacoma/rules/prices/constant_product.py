"""
A pool of two tokens whose reserves keep a constant product, less a fee.

Amounts are integers of any precision. Results favour the pool: what comes out is rounded down, what
must go in is rounded up.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, integer_square_root
from tacoma.rules.numbers.wide_product import mul_div_any_floor

WITHOUT_BOUND = 2**62
ROOT_UNIT = 10**9


@rule
def amount_out(amount_in: int, reserve_in: int, reserve_out: int, fee_ppm: int) -> int:
    """
    Return what a swap of an exact input pays out, rounded down.

    The fee is taken from the input and stays in the pool. An empty pool pays nothing.
    Domain: amounts and reserves in 0 .. 2**41 - 1 (beyond, Python's exact form), 0 <= fee < PPM.
    Source: Uniswap v2, contracts/libraries/UniswapV2Library.sol (getAmountOut, fee 3,000 ppm).
    """
    if amount_in <= 0 or reserve_in <= 0 or reserve_out <= 0:
        return 0
    after_fee = amount_in * (PPM - fee_ppm)
    return mul_div_any_floor(after_fee, reserve_out, reserve_in * PPM + after_fee)


@rule
def amount_in(amount_out: int, reserve_in: int, reserve_out: int, fee_ppm: int) -> int:
    """
    Return what a swap with an exact output costs: rounded down plus one, as the source does.

    So an exact quotient costs one unit too many. The whole reserve and more cannot be bought: 2**62
    (the source refuses it).
    Domain: as `amount_out`, result < 2**62.
    Source: Uniswap v2, contracts/libraries/UniswapV2Library.sol (getAmountIn).
    """
    if amount_out <= 0:
        return 0
    if amount_out >= reserve_out or reserve_in <= 0:
        return WITHOUT_BOUND
    return (
        mul_div_any_floor(
            amount_out, reserve_in * PPM, (reserve_out - amount_out) * (PPM - fee_ppm)
        )
        + 1
    )


@rule
def spot_price(reserve_base: int, reserve_quote: int, unit: int) -> int:
    """
    Return the price of one unit of the base token at the margin, without the fee, rounded down.

    quote reserve * unit / base reserve: with unit 10**18 the price of a whole 18-decimal token in
    the quote's smallest unit. The price after a swap is that of the reserves after it.
    Domain: 0 < reserve_base < 2**62, 0 <= reserve_quote, unit < 2**62, result < 2**62.
    Source: Uniswap v2 docs, concepts/how Uniswap works.
    """
    return mul_div_any_floor(reserve_quote, unit, reserve_base)


@rule
def price_after_buy(
    base_out: int, reserve_base: int, reserve_quote: int, fee_ppm: int, unit: int
) -> int:
    """
    Return the spot price after buying an exact amount of the base token, rounded down.

    The whole reserve cannot be bought: 2**62.
    Domain: as `amount_in` and `spot_price`.
    Source: Uniswap v2 (getAmountIn on the reserves before, price of the reserves after).
    """
    if base_out >= reserve_base:
        return WITHOUT_BOUND
    paid = amount_in(base_out, reserve_quote, reserve_base, fee_ppm)
    return spot_price(reserve_base - base_out, reserve_quote + paid, unit)


@rule
def price_after_sale(
    base_in: int, reserve_base: int, reserve_quote: int, fee_ppm: int, unit: int
) -> int:
    """
    Return the spot price after selling an exact amount of the base token, rounded down.

    Domain: as `amount_out` and `spot_price`.
    Source: Uniswap v2 (getAmountOut on the reserves before, price of the reserves after).
    """
    received = amount_out(base_in, reserve_base, reserve_quote, fee_ppm)
    return spot_price(reserve_base + base_in, reserve_quote - received, unit)


@rule
def depth_bought(reserve_base: int, move_ppm: int) -> int:
    """
    Return how much of the base token can be bought before the price has risen by a move.

    reserve * (1 - 1 / sqrt(1 + move)), the root to nine digits, rounded down; fees not counted,
    which stay in the pool and only push the price further.
    Domain: 0 <= reserve_base < 2**62, 0 <= move_ppm < 2**21.
    Source: elementary (constant product: price goes with 1 / base reserve squared).
    """
    root = integer_square_root((PPM + move_ppm) * (ROOT_UNIT * ROOT_UNIT // PPM))
    return mul_div_any_floor(reserve_base, root - ROOT_UNIT, root)


@rule
def depth_sold(reserve_base: int, move_ppm: int) -> int:
    """
    Return how much of the base token can be sold before the price has fallen by a move.

    reserve * (1 / sqrt(1 - move) - 1), the root to nine digits rounded up, the result down; fees
    not counted. A move of all the price has no bound: 2**62.
    Domain: 0 <= reserve_base < 2**52, 0 <= move_ppm.
    Source: elementary (constant product).
    """
    if move_ppm >= PPM:
        return WITHOUT_BOUND
    square = (PPM - move_ppm) * (ROOT_UNIT * ROOT_UNIT // PPM)
    root = integer_square_root(square)
    if root * root < square:
        root += 1
    return mul_div_any_floor(reserve_base, ROOT_UNIT - root, root)
