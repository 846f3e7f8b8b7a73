"""
Dialect of perpetuals against a pool of lenders: exact rationals, counted over 10**18.

Fields ending in `_wei` are integers over 10**18 already; all others are plain numbers, "a/b" an
exact ratio. Results are plain numbers again.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tacoma.conform.compare import number
from tacoma.errors import InputError
from tacoma.rules.fundings import velocity_funding
from tacoma.rules.liquidations import keeper_reward, window_cap
from tacoma.rules.losses import pool_debt
from tacoma.rules.margins import skew_margin
from tacoma.rules.numbers.arithmetic import trunc_div
from tacoma.rules.numbers.fixed_point import multiply_truncated
from tacoma.rules.numbers.wide_product import mul_div_any_floor
from tacoma.rules.prices import skew_fill_price

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

Inputs = dict[str, Any]

UNIT = 10**18


def _wei(value: Any) -> int:  # noqa: ANN401 - however the file writes a number
    """Return a plain number over 10**18, cut toward zero."""
    exact = number(value)
    if exact is None:
        raise InputError(f"{value!r}: must be a number.")
    return trunc_div(exact.numerator * UNIT, exact.denominator)


def _plain(wei: int) -> Fraction:
    return Fraction(wei, UNIT)


def _profit(position: Inputs) -> int:
    """Return the profit of a position, without funding, over 10**18."""
    move = _wei(position["index"]) - _wei(position["fill"])
    return multiply_truncated(_wei(position["size"]), move, UNIT)


def _position_pnl(inputs: Inputs, _tables: Inputs) -> Inputs:
    return {"pnl": _plain(_profit(inputs))}


def _account(inputs: Inputs) -> dict[str, int]:
    """Return an account's margins over 10**18."""
    positions = inputs.get("positions", [])
    profits = [_profit(position) for position in positions]
    initial = maintenance = reward = 0
    for position in positions:
        size = abs(_wei(position["size"]))
        if size == 0:
            continue
        ratio = skew_margin.initial_ratio(
            size, _wei(position["scale"]), _wei(position["frac"]), _wei(position["minr"]), UNIT
        )
        maintenance_ratio = skew_margin.maintenance_ratio(ratio, _wei(position["scalar"]), UNIT)
        notional = mul_div_any_floor(size, _wei(position["index"]), UNIT)
        fixed_part = _wei(position.get("mpm", 0))
        initial += skew_margin.required_margin(notional, ratio, fixed_part, UNIT)
        maintenance += skew_margin.required_margin(notional, maintenance_ratio, fixed_part, UNIT)
        reward += mul_div_any_floor(notional, _wei(position.get("reward", 0)), UNIT)
    return {
        "available": _wei(inputs["collateral"]) + sum(profits) - _wei(inputs.get("debt", 0)),
        "initial": initial,
        "maintenance": maintenance,
        "reward": reward,
    }


def _account_margin(inputs: Inputs, _tables: Inputs) -> Inputs:
    margins = _account(inputs)
    available, reward = margins["available"], margins["reward"]
    withdrawable = skew_margin.withdrawable_margin(available, margins["initial"], reward)
    is_liquidatable = skew_margin.is_eligible_for_liquidation(
        available, margins["maintenance"], reward
    )
    return {
        "pnls": [_plain(_profit(position)) for position in inputs.get("positions", [])],
        "available": _plain(available),
        "initial_ex_reward": _plain(margins["initial"]),
        "maintenance_ex_reward": _plain(margins["maintenance"]),
        "liquidation_reward_uncapped": _plain(reward),
        "withdrawable": _plain(withdrawable),
        # An account without positions has nothing to liquidate.
        "liquidatable": is_liquidatable and bool(inputs.get("positions")),
    }


def _account_available(inputs: Inputs, _tables: Inputs) -> Inputs:
    debt = _wei(inputs.get("debt", 0))
    return {"available": _plain(_wei(inputs["collateral"]) + _wei(inputs["pnl"]) - debt)}


def _fill_price(inputs: Inputs, _tables: Inputs) -> Inputs:
    size, price = _wei(inputs["size"]), _wei(inputs["price"])
    fill = skew_fill_price.fill_price(
        _wei(inputs["skew"]), size, price, _wei(inputs["skew_scale"]), UNIT
    )
    return {
        "fill": _plain(fill),
        "pnl_at_index": _plain(multiply_truncated(size, price - fill, UNIT)),
    }


def _window_capped_liquidation(inputs: Inputs, _tables: Inputs) -> Inputs:
    requested = _wei(inputs["account_size"])
    now = _seconds(inputs["t"])
    prior = inputs.get("prior_liquidations_t_amount", [])
    times: Any = [_seconds(time) for time, _ in prior]
    sizes: Any = [_wei(size) for _, size in prior]
    window = _seconds(inputs["window_s"])
    skew_scale = _wei(inputs["skew_scale"])
    cap = window_cap.window_cap(
        _wei(inputs["maker_fee"]),
        _wei(inputs["taker_fee"]),
        skew_scale,
        _wei(inputs["multiplier"]),
        window,
        UNIT,
    )
    if inputs.get("endorsed_liquidator", False):
        liquidated = requested  # nothing limits the venue's own liquidator
    else:
        liquidated = window_cap.liquidatable_now(
            requested,
            cap,
            window_cap.used_in_window(times, sizes, now, window),
            now not in times,
            _wei(inputs.get("skew", 0)),
            skew_scale,
            _wei(inputs.get("max_liquidation_pd", 0)),
            UNIT,
        )
    return {
        "window_cap": _plain(cap),
        "liquidated": _plain(liquidated),
        "remaining": _plain(requested - liquidated),
    }


def _seconds(value: Any) -> int:  # noqa: ANN401 - however the file writes a number
    """Return whole seconds; a block's time has no parts of them."""
    exact = number(value)
    if exact is None or exact.denominator != 1:
        raise InputError(f"{value!r}: must be a whole number of seconds.")
    return exact.numerator


def _funding_velocity(inputs: Inputs, _tables: Inputs) -> Inputs:
    velocity = velocity_funding.velocity(
        _wei(inputs["skew"]), _wei(inputs["skew_scale"]), _wei(inputs["max_velocity"]), UNIT
    )
    return {"velocity": _plain(velocity)}


def _funding_accrual(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Return the rate after some days and what the position owes; the rules say what it gets."""
    before = _wei(inputs["prev_rate"])
    days = _wei(inputs["days"])
    rate = velocity_funding.rate_after(before, _wei(inputs["velocity"]), days, UNIT)
    per_size = velocity_funding.funding_per_size(before, rate, days, _wei(inputs["price"]), UNIT)
    received = velocity_funding.accrued(_wei(inputs["size"]), 0, per_size, UNIT)
    return {
        "rate": _plain(rate),
        "accrued": _plain(_wei(inputs.get("prev_accrued", 0)) - received),
    }


def _keeper_reward(inputs: Inputs, _tables: Inputs) -> Inputs:
    paid = keeper_reward.keeper_reward(
        inputs["reward_wei"],
        inputs["execution_cost_wei"],
        inputs.get("available_margin_wei", 0),
        inputs["min_reward_wei"],
        inputs["min_profit_ratio_wei"],
        inputs["max_reward_wei"],
        inputs.get("max_scaling_ratio_wei", 0),
        UNIT,
    )
    return {"paid_wei": paid}


def _market_debt(inputs: Inputs, _tables: Inputs) -> Inputs:
    collateral = skew = correction = 0
    for account_collateral, size, entry in inputs["accounts_collateral_size_entry"]:
        collateral += _wei(account_collateral)
        skew += _wei(size)
        correction += multiply_truncated(_wei(size), _wei(entry), UNIT)
    funding = _wei(inputs.get("funding_per_size", 0))
    debt = pool_debt.market_debt(skew, _wei(inputs["price"]), funding, correction, UNIT)
    return {"reported_debt": _plain(pool_debt.reported_debt(collateral, debt))}


FUNCTIONS: dict[str, Serve] = {
    "account_available": _account_available,
    "account_margin": _account_margin,
    "account_margin_multi": _account_margin,
    "fill_price": _fill_price,
    "funding_accrual": _funding_accrual,
    "funding_velocity": _funding_velocity,
    "keeper_reward": _keeper_reward,
    "market_debt": _market_debt,
    "position_pnl": _position_pnl,
    "window_capped_liquidation": _window_capped_liquidation,
}
