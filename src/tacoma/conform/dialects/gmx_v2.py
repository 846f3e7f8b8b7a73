"""
Dialect of a pool of long and short tokens: integers of the contracts, or plain numbers.

Fields ending in `_e30` are values over 10**30 and `_e12` prices over 10**12 (value of 10**30 per
10**18 tokens); fields without a scale are plain numbers and are turned into those.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tacoma.conform.compare import number
from tacoma.errors import InputError
from tacoma.rules.fundings import adaptive_funding
from tacoma.rules.liquidations import collateral_payout
from tacoma.rules.losses import pool_profit
from tacoma.rules.numbers import fixed_point
from tacoma.rules.numbers.arithmetic import sign, trunc_div
from tacoma.rules.numbers.fixed_point_power import (
    CONTRACT_MANTISSA_BITS,
    CONTRACT_ROOTS,
    CONTRACT_UNIT,
    roots_of_two,
)
from tacoma.rules.prices import price_impact

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

Inputs = dict[str, Any]

VALUE = 10**30
PRICE = 10**12
TOKENS = 10**18

ROOTS: Any = roots_of_two(CONTRACT_ROOTS)  # integers beyond int64


def _scaled(value: Any, scale: int) -> int:  # noqa: ANN401 - however the file writes a number
    """Return a plain number over a scale, cut toward zero."""
    exact = number(value)
    if exact is None:
        raise InputError(f"{value!r}: must be a number.")
    return trunc_div(exact.numerator * scale, exact.denominator)


def _apply_impact_factor(inputs: Inputs, _tables: Inputs) -> Inputs:
    impact = price_impact.impact_of_imbalance(
        inputs["diff_usd_e30"],
        inputs["factor_e30"],
        VALUE,
        inputs["exponent_e30"],
        VALUE,
        CONTRACT_UNIT,
        ROOTS,
        CONTRACT_MANTISSA_BITS,
    )
    return {"impact_usd_e30": impact}


def _bound_magnitude(inputs: Inputs, _tables: Inputs) -> Inputs:
    bounded = fixed_point.bound_magnitude(inputs["value"], inputs["min"], inputs["max"])
    return {"result": bounded}


def _impact(inputs: Inputs, long_interest: int, short_interest: int) -> int:
    """Return the impact of an order on the open interest that it meets."""
    delta = inputs["size_delta_usd_e30"] * (1 if inputs.get("kind", 1) > 0 else -1)
    is_long = bool(inputs["is_long"])
    if delta < 0 and -delta > (long_interest if is_long else short_interest):
        raise InputError("size_delta_usd_e30: must not exceed the open interest of its side.")
    return price_impact.price_impact(
        long_interest,
        short_interest,
        delta if is_long else 0,
        0 if is_long else delta,
        inputs["positive_factor_e30"],
        inputs["negative_factor_e30"],
        VALUE,
        inputs["exponent_e30"],
        VALUE,
        CONTRACT_UNIT,
        ROOTS,
        CONTRACT_MANTISSA_BITS,
    )


def _price_impact_and_execution_price(inputs: Inputs, _tables: Inputs) -> Inputs:
    size: int = inputs["size_delta_usd_e30"]
    price: int = inputs["index_price_e12"]
    is_long = bool(inputs["is_long"])
    impact = _impact(inputs, inputs["long_oi_usd_e30"], inputs["short_oi_usd_e30"])
    if (virtual := inputs.get("virtual_inventory_usd_e30")) is not None:
        # Tokens sold to the pools on balance stand for shorts, bought ones for longs. Both sides
        # are lifted by the size, which moves no difference: no closing order exceeds its side.
        virtual_impact = _impact(inputs, max(0, -virtual) + size, max(0, virtual) + size)
        impact = price_impact.worse_impact(impact, virtual_impact)
    if (limit := inputs.get("max_positive_factor_e30")) is not None:
        impact = price_impact.limited_gain(impact, size, limit, VALUE)
    if inputs.get("kind", 1) > 0:
        tokens = price_impact.impact_in_tokens(impact, price)
        if size > 0 and price_impact.opened_tokens(size, price, tokens, is_long) <= 0:
            raise InputError("size_delta_usd_e30: must exceed its price impact.")
        execution_price = price_impact.opening_price(size, price, impact, is_long)
    else:
        tokens = 0
        # A position opened at the index price, unless the case tells its size.
        position_size = inputs.get("position_size_usd_e30", size)
        position_tokens = inputs.get("position_size_tokens_e18", position_size // price)
        execution_price = price_impact.closing_price(
            size, price, impact, is_long, position_size, position_tokens
        )
        if execution_price < 0:
            raise InputError("size_delta_usd_e30: its price impact exceeds the price.")
    return {
        "price_impact_usd_e30": impact,
        "execution_price_e12": execution_price,
        "pending_impact_amount_e18": tokens,
    }


def _next_funding_factor_per_second(inputs: Inputs, _tables: Inputs) -> Inputs:
    long_interest = inputs["long_oi_usd_e30"]
    short_interest = inputs["short_oi_usd_e30"]
    increase = inputs.get("increase_per_s_e30", 0)
    difference = abs(long_interest - short_interest)
    if difference == 0 and increase == 0:
        return {"factor_e30": 0, "longs_pay_shorts": True, "next_saved_e30": 0}
    if long_interest + short_interest == 0:
        raise InputError("long_oi_usd_e30: a market without open interest has no funding.")
    raised = price_impact.power_of_imbalance(
        difference,
        inputs.get("exponent_e30", VALUE),
        VALUE,
        CONTRACT_UNIT,
        ROOTS,
        CONTRACT_MANTISSA_BITS,
    )
    skew_factor = adaptive_funding.skew_factor(raised, long_interest + short_interest, VALUE)
    minimum, maximum = inputs.get("min_e30", 0), inputs["max_e30"]
    if increase == 0:
        factor = inputs.get("funding_factor_e30", 0)
        return {
            "factor_e30": adaptive_funding.static_rate(skew_factor, factor, maximum, VALUE),
            "longs_pay_shorts": long_interest > short_interest,
            "next_saved_e30": 0,
        }
    saved = adaptive_funding.next_saved_rate(
        inputs.get("saved_factor_e30", 0),
        sign(long_interest - short_interest),
        skew_factor,
        inputs["seconds"],
        increase,
        inputs.get("decrease_per_s_e30", 0),
        inputs.get("threshold_stable_e30", 0),
        inputs.get("threshold_decrease_e30", 0),
        maximum,
        VALUE,
    )
    charged = adaptive_funding.charged_rate(saved, minimum, maximum)
    return {
        "factor_e30": abs(charged),
        "longs_pay_shorts": charged > 0,
        "next_saved_e30": saved,
    }


def _liquidation_check_and_payout(inputs: Inputs, _tables: Inputs) -> Inputs:
    is_long = bool(inputs["is_long"])
    size = _scaled(inputs["size_usd"], VALUE)
    entry_price = _scaled(inputs["entry_price"], PRICE)
    collateral = _scaled(inputs["collateral_amount"], TOKENS)
    collateral_price = _scaled(inputs["collateral_price"], PRICE)
    tokens = price_impact.opened_tokens(size, entry_price, 0, is_long)
    profit = pool_profit.open_profit(size, tokens, _scaled(inputs["index_price"], PRICE), is_long)
    impact = price_impact.limited_cost(
        _scaled(inputs.get("price_impact_usd", 0), VALUE),
        size,
        _scaled(inputs.get("max_impact_factor", 1), VALUE),
        VALUE,
    )
    fees = _scaled(inputs.get("fees_usd", 0), VALUE)
    remaining = collateral_payout.remaining_collateral(
        collateral * collateral_price, profit, impact, fees
    )
    is_liquidatable = collateral_payout.is_undercollateralised(
        remaining,
        size,
        _scaled(inputs.get("min_collateral_usd", 0), VALUE),
        _scaled(inputs.get("min_collateral_factor", 0), VALUE),
        VALUE,
    )
    if not is_liquidatable:
        return {"liquidatable": False}
    cost = max(0, -profit) - impact + fees
    returned = collateral_payout.collateral_returned(collateral, cost, collateral_price)
    unpaid = collateral_payout.uncovered_cost(collateral, cost, collateral_price)
    # Without a price of the token in which profits are paid (0), none is paid.
    profit_price = _scaled(inputs.get("pnl_token_price", 0), PRICE)
    paid = collateral_payout.profit_tokens(profit, profit_price) if profit_price else 0
    return {
        "liquidatable": True,
        "user_collateral_out": Fraction(returned, TOKENS),
        "pool_pays_pnl_tokens": Fraction(paid, TOKENS),
        "pool_loss_usd": Fraction(unpaid, VALUE),
    }


def _pool_value(inputs: Inputs) -> int:
    """Return the value of a pool's tokens over 10**30."""
    amount = _scaled(inputs["pool_token_amount"], TOKENS)
    return amount * _scaled(inputs["pool_token_price"], PRICE)


def _adl_enabled(inputs: Inputs, _tables: Inputs) -> Inputs:
    profit = pool_profit.open_profit(
        _scaled(inputs["side_size_usd"], VALUE),
        _scaled(inputs["side_size_tokens"], TOKENS),
        _scaled(inputs["index_price"], PRICE),
        bool(inputs.get("is_long", True)),
    )
    ratio = pool_profit.profit_to_pool(profit, _pool_value(inputs), VALUE)
    limit = _scaled(inputs["max_pnl_factor_for_adl"], VALUE)
    return {
        "enabled": pool_profit.deleveraging_enabled(ratio, limit),
        "pnl_to_pool": Fraction(ratio, VALUE),
    }


def _capped_position_pnl(inputs: Inputs, _tables: Inputs) -> Inputs:
    side_profit = _scaled(inputs["pool_pnl"], VALUE)
    limited = pool_profit.limited_profit(
        side_profit, _pool_value(inputs), _scaled(inputs["max_pnl_factor_traders"], VALUE), VALUE
    )
    profit = pool_profit.position_share_of_limit(
        _scaled(inputs["position_pnl"], VALUE), side_profit, limited
    )
    paid = collateral_payout.profit_tokens(profit, _scaled(inputs["pool_token_price"], PRICE))
    return {"capped_pnl_usd": Fraction(profit, VALUE), "paid_tokens": Fraction(paid, TOKENS)}


def _usage_factor(inputs: Inputs, _tables: Inputs) -> Inputs:
    # Longs reserve the tokens that they are owed at today's price, shorts the size that they sold.
    if inputs.get("is_long", True):
        tokens = _scaled(inputs["open_interest_tokens"], TOKENS)
        reserved = tokens * _scaled(inputs["index_price"], PRICE)
    else:
        reserved = _scaled(inputs["open_interest_usd"], VALUE)
    factor = _scaled(inputs["reserve_factor"], VALUE)
    usage = pool_profit.usage(reserved, _pool_value(inputs), factor, VALUE)
    return {"usage_factor": Fraction(usage, VALUE)}


FUNCTIONS: dict[str, Serve] = {
    "adl_enabled": _adl_enabled,
    "apply_impact_factor": _apply_impact_factor,
    "bound_magnitude": _bound_magnitude,
    "capped_position_pnl": _capped_position_pnl,
    "liquidation_check_and_payout": _liquidation_check_and_payout,
    "next_funding_factor_per_second": _next_funding_factor_per_second,
    "price_impact_and_execution_price": _price_impact_and_execution_price,
    "usage_factor": _usage_factor,
}
