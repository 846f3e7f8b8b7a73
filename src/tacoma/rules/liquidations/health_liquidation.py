"""
Liquidation up to a health: no more of a position is taken than its account needs.

Two phases. First a liquidator takes over lots at the oracle price less a fee, and positive profit
against the settlement token less a fee, in an order in which each step raises health. When only a
loss is left, it takes the loss over against the account's token, then against the insurance fund,
and what no fund covers is shared by all open positions. Units as in `health_weights`.
"""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.margins.health_weights import (
    WITHOUT_BOUND,
    balance_given_for_health_zero,
    balance_health,
)
from tacoma.rules.numbers.arithmetic import (
    PPM,
    absolute,
    clamp,
    mul_div_ceil,
    mul_div_floor,
    mul_div_wide_capped,
    mul_mod_wide,
)


@rule
def health_gain_per_lot(
    is_long: bool, price: int, asset_weight_ppm: int, liability_weight_ppm: int, fee_ppm: int
) -> int:
    """
    Return how much weighted profit one lot taken over frees, in quanta * PPM.

    A long loses price * asset weight and gains price * (1 - fee); a short sheds price * liability
    weight and pays price * (1 + fee). `fee_ppm` is the sum of all fees of the take-over. A result
    of zero or less means that the fee eats the gain: no liquidation can help. Exact.
    Domain: price < 2**31, weights and fee below 2**23.
    Source: blockworks-foundation/mango-v4,
    programs/mango-v4/src/instructions/perp_liq_base_or_positive_pnl.rs (uhupnl_per_lot).
    """
    if is_long:
        return price * (PPM - fee_ppm - asset_weight_ppm)
    return price * (liability_weight_ppm - PPM - fee_ppm)


@rule
def units_for_gain(gain_quanta: int, gain_per_unit_quanta_ppm: int, units_max: int) -> int:
    """
    Return how many units (lots, or quanta of profit) bring a gain, rounded up, at most a limit.

    A gain of zero or less needs none, and where a unit gains nothing none is taken.
    Domain: gain < 2**63, gain_per_unit_quanta_ppm < 2**62, units_max < 2**62.
    Source: mango-v4 perp_liq_base_or_positive_pnl.rs (reduce_base, settle_pnl).
    """
    if gain_quanta <= 0 or units_max <= 0 or gain_per_unit_quanta_ppm <= 0:
        return 0
    units = mul_div_wide_capped(gain_quanta, PPM, gain_per_unit_quanta_ppm, units_max)
    if units < units_max and mul_mod_wide(gain_quanta, PPM, gain_per_unit_quanta_ppm) > 0:
        units += 1
    return units


@rule
def reduce_and_settle(
    lots: int,
    price: int,
    unsettled_quanta: int,
    balance_quanta: int,
    health_quanta: int,
    asset_weight_ppm: int,
    liability_weight_ppm: int,
    overall_weight_ppm: int,
    position_fee_ppm: int,
    profit_fee_ppm: int,
    asset_weighted_ppm: int,
    liability_weighted_ppm: int,
    lots_max: int,
    profit_max_quanta: int,
    health_target_quanta: int,
    out: NDArray[np.int64],
) -> int:
    """
    Write how many lots and how much profit a liquidator takes over; return the health after it.

    out[0] becomes the lots (0 or more, towards a smaller position), out[1] the profit in quanta.
    `unsettled_quanta` is the weighted profit (`unsettled_health`), `balance_quanta` the settlement
    token with that profit weighted overall, `health_quanta` the health at which liquidation ends.
    Order: lots while the weighted profit is negative; profit; lots whose gain can then be settled;
    profit; then lots for their own sake, if profit counts at all and health is below the target.
    Each step stops where health reaches 0; lots are rounded up to a whole lot.
    Domain: |lots| * price, |unsettled|, |balance|, |health| < 2**50, weights and fees 0 .. 2**21,
    weighted prices as in `balance_given_for_health_zero`, limits 0 .. 2**50; `out` has two places.
    Source: mango-v4 perp_liq_base_or_positive_pnl.rs, liquidation_action (target -0.5 native unit).
    """
    per_lot = health_gain_per_lot(
        lots > 0, price, asset_weight_ppm, liability_weight_ppm, position_fee_ppm
    )
    lots_left = min(absolute(lots), lots_max) if per_lot > 0 else 0
    per_unit_ppm = PPM - profit_fee_ppm
    settled_ppm = per_unit_ppm - overall_weight_ppm
    out[0] = 0
    out[1] = 0
    for step in range(5):
        needed = balance_given_for_health_zero(
            health_quanta, balance_quanta, asset_weighted_ppm, liability_weighted_ppm
        )
        taken = 0
        gain = 0
        if step == 1 or step == 3:
            if unsettled_quanta >= 0 and settled_ppm > 0:
                left = min(profit_max_quanta - out[1], unsettled_quanta)
                settled = units_for_gain(needed, settled_ppm, left)
                gain = mul_div_floor(settled, settled_ppm, PPM)
                unsettled_quanta -= settled
                out[1] += settled
        elif step == 0:
            if unsettled_quanta < 0:
                taken = units_for_gain(min(needed, -unsettled_quanta), per_lot, lots_left)
                gain = mul_div_floor(per_lot, taken, PPM)
        elif step == 2:
            left = profit_max_quanta - out[1]
            if unsettled_quanta >= 0 and left > 0 and per_unit_ppm > 0:
                expected = mul_div_floor(per_lot, per_unit_ppm, PPM)
                taken = units_for_gain(min(needed, left), expected, lots_left)
                gain = mul_div_floor(mul_div_floor(per_lot, taken, PPM), overall_weight_ppm, PPM)
        elif health_quanta < health_target_quanta and overall_weight_ppm > 0:
            weighted = mul_div_floor(per_lot, overall_weight_ppm, PPM)
            taken = units_for_gain(needed, weighted, lots_left)
            gain = mul_div_floor(weighted, taken, PPM)
        unsettled_quanta += mul_div_floor(per_lot, taken, PPM)
        lots_left -= taken
        out[0] += taken
        before = balance_health(balance_quanta, asset_weighted_ppm, liability_weighted_ppm)
        balance_quanta += gain
        after = balance_health(balance_quanta, asset_weighted_ppm, liability_weighted_ppm)
        health_quanta += after - before
    return health_quanta


@rule
def settled_loss(
    loss_quanta: int, collateral_quanta: int, settleable_quanta: int, requested_quanta: int
) -> int:
    """
    Return how much of a loss a liquidator takes over against the account's own token, in quanta.

    The least of the loss, the token that backs it (`balance_taken_for_health_zero` of the health
    without losses), the settlement limit and what the liquidator asks for; never below 0. Exact.
    Source: mango-v4 programs/mango-v4/src/instructions/perp_liq_negative_pnl_or_bankruptcy.rs.
    """
    return max(0, min(loss_quanta, collateral_quanta, settleable_quanta, requested_quanta))


@rule
def insured_payment(
    loss_quanta: int,
    token_price_ppm: int,
    fee_ppm: int,
    insurance_price_ppm: int,
    insurance_step: int,
    insurance_quanta: int,
) -> int:
    """
    Return what the insurance fund pays a liquidator for taking a loss over, in its own quanta.

    loss * price * (1 + fee) / price of the fund's token, rounded up to a whole step, at most what
    the fund has.
    Domain: loss < 2**50, prices 2**12 .. 2**24 - 1 ppm, 0 <= fee_ppm < 2**20, insurance_step > 0.
    Source: mango-v4 perp_liq_negative_pnl_or_bankruptcy.rs (insurance_transfer).
    """
    with_fee_ppm = mul_div_ceil(token_price_ppm, PPM + fee_ppm, PPM)
    paid = mul_div_ceil(max(0, loss_quanta), with_fee_ppm, insurance_price_ppm)
    steps = -((-paid) // insurance_step)
    return min(insurance_quanta, steps * insurance_step)


@rule
def insured_loss(
    paid_quanta: int, token_price_ppm: int, fee_ppm: int, insurance_price_ppm: int, loss_quanta: int
) -> int:
    """
    Return how much loss a payment of the insurance fund moves to the liquidator, rounded down.

    payment * price of the fund's token / (price * (1 + fee)), at most the loss.
    Domain: as `insured_payment`.
    Source: mango-v4 perp_liq_negative_pnl_or_bankruptcy.rs (insurance_liab_transfer).
    """
    with_fee_ppm = mul_div_ceil(token_price_ppm, PPM + fee_ppm, PPM)
    return min(loss_quanta, mul_div_floor(paid_quanta, insurance_price_ppm, with_fee_ppm))


@rule
def socialised_loss(
    loss_quanta: int, insured_quanta: int, paid_quanta: int, insurance_quanta: int
) -> int:
    """
    Return what is left of a loss for all open positions to share, in quanta.

    Nothing as long as the fund still holds something: the rest stays with the account until a
    liquidator claims it. Exact.
    Source: mango-v4 perp_liq_negative_pnl_or_bankruptcy.rs (insurance_fund_exhausted).
    """
    if paid_quanta < insurance_quanta:
        return 0
    return max(0, loss_quanta - insured_quanta)


@rule
def loss_to_health_zero(
    loss_quanta: int,
    health_quanta: int,
    balance_quanta: int,
    asset_weighted_ppm: int,
    liability_weighted_ppm: int,
) -> int:
    """
    Return how much of a loss must be taken off an account for its health to reach 0, at most all.

    Rounded up.
    Domain: as `balance_given_for_health_zero`, loss below 2**62.
    Source: mango-v4 perp_liq_negative_pnl_or_bankruptcy.rs (max_liab_transfer_from_liqee).
    """
    needed = balance_given_for_health_zero(
        health_quanta, balance_quanta, asset_weighted_ppm, liability_weighted_ppm
    )
    return clamp(needed, 0, max(0, min(loss_quanta, WITHOUT_BOUND)))


@rule
def loss_per_lot(loss_quanta: int, open_lots: int, sides: int, scale: int) -> int:
    """
    Return what each open lot pays of a shared loss, in quanta times `scale`, rounded up.

    loss * scale / (lots * sides): with `open_lots` counted over both sides, sides is 1; with one
    side's count, 2. No open lot pays nothing: the loss stays unshared. Longs owe it when the
    funding index rises by it, shorts when theirs falls by it.
    Domain: 0 <= loss, loss * scale < 2**62, scale * open_lots * sides < 2**62.
    Source: mango-v4 programs/mango-v4/src/state/perp_market.rs, socialize_loss (both sides);
    Vertex ClearinghouseLiq.sol (loss / open interest / 2).
    """
    if open_lots <= 0:
        return 0
    return mul_div_ceil(loss_quanta, scale, open_lots * sides)
