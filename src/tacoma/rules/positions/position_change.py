"""A trade in a position: its size, what it cost, and what of that cost leaves with closed size."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, trunc_div


@rule
def cost_after_trade(cost: int, base: int, base_change: int, quote_change: int) -> int:
    """
    Return the signed cost of a position after a trade, in the cost's unit.

    `quote_change` is what the trade paid (negative) or took in. Growing adds it; shrinking removes
    the closed part of the cost; turning over starts a new cost with the part of the trade beyond
    the old size. Shares are rounded toward zero.
    Domain: |cost * base_change| and |quote_change * base| < 2**63, base_change != 0.
    Source: Drift v2 controller/position.rs, update_position_and_market (entry and break even).
    """
    if base == 0 or (base > 0) == (base_change > 0):
        return cost + quote_change
    if absolute(base_change) <= absolute(base):
        return cost - trunc_div(cost * absolute(base_change), absolute(base))
    return quote_change - trunc_div(quote_change * absolute(base), absolute(base_change))


@rule
def round_down_to_step(amount: int, step: int) -> int:
    """
    Return the largest multiple of a step that is not above an amount.

    Domain: amount >= 0, step > 0.
    Source: Drift v2 math/orders.rs, standardize_base_asset_amount.
    """
    return amount - amount % step


@rule
def round_up_to_step(amount: int, step: int) -> int:
    """
    Return the smallest multiple of a step that is not below an amount.

    Domain: amount >= 0, step > 0, amount + step < 2**63.
    Source: Drift v2 math/orders.rs, standardize_base_asset_amount_ceil.
    """
    return amount + (-amount) % step
