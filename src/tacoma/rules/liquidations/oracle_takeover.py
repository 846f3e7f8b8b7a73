"""Take-over at the oracle price: a liquidator or a pool accepts a position at a discount to it."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, mul_div_ceil, mul_div_floor


@rule
def takeover_price(oracle: int, is_long: bool, fee_ppm: int) -> int:
    """
    Return the price in quanta per lot at which a position changes hands, to its owner's expense.

    A long goes at oracle * (1 - fee), rounded down and never below 0; a short at oracle *
    (1 + fee), rounded up.
    Domain: 0 <= oracle < 2**42, 0 <= fee_ppm < 2**20.
    Source: drift-labs/protocol-v2 programs/drift/src/math/liquidation.rs
    (calculate_liquidation_multiplier); blockworks-foundation/mango-v4
    programs/mango-v4/src/instructions/perp_liq_base_or_positive_pnl.rs (base_fee_factor).
    """
    if is_long:
        return mul_div_floor(oracle, max(0, PPM - fee_ppm), PPM)
    return mul_div_ceil(oracle, PPM + fee_ppm, PPM)


@rule
def takeover_quote_quanta(lots: int, oracle: int, fee_ppm: int) -> int:
    """
    Return what an account receives (negative: pays) for lots taken over, in quanta, rounded down.

    `lots` is signed as the position that is given away: +3 sells three lots at oracle * (1 - fee),
    -3 buys them back at oracle * (1 + fee). The fee is taken from the whole notional, so it is
    exact to a quantum where a price per lot would be exact to a quantum per lot.
    Domain: |lots| * oracle < 2**61, 0 <= fee_ppm < 2**20.
    Source: mango-v4 perp_liq_base_or_positive_pnl.rs (quote_transfer_liqee).
    """
    if lots > 0:
        return mul_div_floor(lots * oracle, max(0, PPM - fee_ppm), PPM)
    return mul_div_floor(lots * oracle, PPM + fee_ppm, PPM)


@rule
def takeover_price_by_weight(oracle: int, weight_ppm: int, divisor: int, minimum_ppm: int) -> int:
    """
    Return the take-over price that a maintenance weight implies, in quanta per lot.

    oracle * (1 + (weight - 1) / divisor): a long has a weight below 1 and goes below the oracle,
    rounded down; a short has one above 1 and goes above it, rounded up. With divisor 5, a fifth of
    what the weight takes off is the liquidator's discount. It is `minimum_ppm` at least; a weight
    of exactly 1 counts as a long's.
    Domain: 0 <= oracle < 2**31, 0 <= weight_ppm < 2**22, 1 <= divisor <= 100,
    0 <= minimum_ppm <= PPM.
    Source: vertex-protocol/vertex-contracts core/contracts/ClearinghouseStorage.sol,
    getLiqPriceX18 (divisor 5; later versions floor the discount at 0.5 %).
    """
    denominator = divisor * PPM
    if weight_ppm <= PPM:
        discount = max(PPM - weight_ppm, minimum_ppm * divisor)
        return mul_div_floor(oracle, max(0, denominator - discount), denominator)
    discount = max(weight_ppm - PPM, minimum_ppm * divisor)
    return mul_div_ceil(oracle, denominator + discount, denominator)


@rule
def insurance_share_quanta(
    lots: int, oracle: int, price: int, share_numerator: int, share_denominator: int
) -> int:
    """
    Return the insurance fund's share of a take-over's discount, in quanta, rounded down.

    |oracle - price| * |lots| * numerator / denominator; the liquidator keeps the rest.
    Domain: |lots| * |oracle - price| < 2**53, 0 <= numerator <= denominator < 2**31,
    denominator > 0.
    Source: vertex-contracts core/contracts/ClearinghouseLiq.sol (liquidationFees: half of the
    discount); Drift math/liquidation.rs (if_liquidation_fee).
    """
    discount = (oracle - price) * lots
    if discount < 0:
        discount = -discount
    return mul_div_floor(discount, share_numerator, share_denominator)
