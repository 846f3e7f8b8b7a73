"""
Mango v4: liquidation up to a health, as its table-driven unit tests write it.

Its tests count whole native units; here a native unit is 1,000,000 quanta, so that the rules'
rounding stays far below what the tests can tell apart. Weights are in ppm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tacoma.conform.compare import number
from tacoma.rules.liquidations.health_liquidation import (
    insured_loss,
    insured_payment,
    loss_per_lot,
    loss_to_health_zero,
    reduce_and_settle,
    settled_loss,
    socialised_loss,
)
from tacoma.rules.liquidations.oracle_takeover import takeover_quote_quanta
from tacoma.rules.margins.health_weights import (
    asset_price,
    balance_health,
    balance_taken_for_health_zero,
    liability_price,
    profit_health,
    unsettled_health,
    weighted_asset_price_ppm,
    weighted_liability_price_ppm,
)
from tacoma.rules.numbers.arithmetic import PPM

if TYPE_CHECKING:
    from fractions import Fraction

    from tacoma.conform.dialects import Serve

NATIVE = 1_000_000  # quanta
HEALTH_TARGET = -NATIVE // 2  # the source's guard against rounding

Inputs = dict[str, Any]


def _scaled(inputs: Inputs, key: str, default: int | Fraction = 0) -> int:
    """Return a number of native units in quanta, or a weight or a price in ppm, rounded down."""
    value = number(inputs.get(key, default))
    if value is None:
        raise ValueError(f"{key} = {inputs.get(key)!r}: must be a number.")
    return value * NATIVE // 1


def _native(quanta: int) -> Fraction:
    """Return quanta in native units, exactly."""
    value = number(quanta)
    assert value is not None
    return value / NATIVE


class _Token:
    """A token's weighted prices, for what is owned and for what is owed."""

    def __init__(self, inputs: Inputs, prefix: str, price_key: str) -> None:
        """Read weights and price; both default to 1, a liability's weight to 2 - the asset's."""
        price_ppm = _scaled(inputs, price_key, 1)
        asset_ppm = _scaled(inputs, f"{prefix}_asset_weight", 1)
        liability_ppm = 2 * PPM - asset_ppm
        if f"{prefix}_liab_weight" in inputs:
            liability_ppm = _scaled(inputs, f"{prefix}_liab_weight")
        self.price_ppm = price_ppm
        self.weighted = (
            weighted_asset_price_ppm(price_ppm, asset_ppm),
            weighted_liability_price_ppm(price_ppm, liability_ppm),
        )

    def health(self, balance: int) -> int:
        """Return what a balance adds to health."""
        return balance_health(balance, *self.weighted)


def _base_or_positive_pnl(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Liquidate lots and positive profit; the liquidatee's spot, base and quote come out."""
    base, max_base = int(inputs["base"]), int(inputs.get("max_base", 0))
    if (base > 0 and max_base < 0) or (base <= 0 and max_base > 0):
        return {"error": True}
    token = _Token(inputs, "settle_token", "settle_price")
    price = _scaled(inputs, "price", 1)
    quote, spot = _scaled(inputs, "quote"), _scaled(inputs, "spot")
    overall = _scaled(inputs, "overall_asset_weight")
    asset_weight = _scaled(inputs, "base_asset_weight")
    liability_weight = 2 * PPM - asset_weight
    if "base_liab_weight" in inputs:
        liability_weight = _scaled(inputs, "base_liab_weight")
    profit_fee = _scaled(inputs, "positive_pnl_liq_fee")
    base_fee = _scaled(inputs, "base_liquidation_fee") + _scaled(inputs, "platform_liquidation_fee")
    unsettled = unsettled_health(base, quote, price, price, asset_weight, liability_weight)
    balance = spot + profit_health(unsettled, overall)
    health = token.health(balance) + _scaled(inputs, "other_token")
    taken: Any = [0, 0]
    reduce_and_settle(
        *(base, price, unsettled, balance, health),
        *(asset_weight, liability_weight, overall, base_fee, profit_fee, *token.weighted),
        *(abs(max_base), _scaled(inputs, "max_pnl"), HEALTH_TARGET),
        taken,
    )
    lots, profit = taken
    closed = lots if base > 0 else -lots
    return {
        "spot": _native(spot + profit * (PPM - profit_fee) // PPM),
        "base": base - closed,
        "quote": _native(quote + takeover_quote_quanta(closed, price, base_fee) - profit),
        "base_transfer": -closed,
        "pnl_transfer": _native(profit),
    }


def _negative_pnl_or_bankruptcy(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Take a loss over: against the account's token, then the fund, then everybody."""
    loss = -_scaled(inputs, "perp_quote")
    if loss <= 0:
        return {"error": True}
    token = _Token(inputs, "settle_token", "settle_price")
    spot, other = _scaled(inputs, "settle_token"), _scaled(inputs, "other_health")
    requested = _scaled(inputs, "max_liab_transfer")
    # What backs the loss: health without it, in the token's own quanta.
    backed = balance_taken_for_health_zero(token.health(spot) + other, spot, *token.weighted)
    settleable = _scaled(inputs, "settle_limit")
    possible = settled_loss(loss, backed, settleable, loss)
    settled = settled_loss(loss, backed, settleable, requested)
    paid = insured = shared = 0
    if settled == possible and settled < loss:
        health = token.health(spot - loss) + other
        due = loss_to_health_zero(loss - settled, health, spot - loss, *token.weighted)
        taken_over = min(due, requested - settled)
        fund = _scaled(inputs, "insurance_vault")
        fee_ppm = _scaled(inputs, "base_liquidation_fee")
        insurance_price = _scaled(inputs, "insurance_price", 1)
        prices = (token.price_ppm, fee_ppm, insurance_price)
        paid = insured_payment(taken_over, *prices, NATIVE, fund)
        insured = insured_loss(paid, *prices, taken_over)
        shared = socialised_loss(due, insured, paid, fund)
    return {
        "liqee_settle_token": _native(spot - settled),
        "liqee_perp_quote": _native(settled + insured + shared - loss),
        "liqor_settle_token": _native(settled),
        "liqor_perp_quote": _native(-settled - insured),
        "insurance_paid": _native(paid),
        "socialized_loss": _native(shared),
        "funding_per_lot": _native(loss_per_lot(shared, int(inputs.get("open_interest", 1)), 1, 1)),
    }


def _health_types(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Return the three kinds of health, and the position that a liquidation leaves."""
    base, quote, spot = int(inputs["base"]), _scaled(inputs, "quote"), _scaled(inputs, "spot")
    oracle = _scaled(inputs, "oracle", 1)
    stable = _scaled(inputs, "stable") if "stable" in inputs else oracle
    token = _Token(inputs, "settle_token", "settle_price")
    overall = _scaled(inputs, "overall_asset_weight", 1)

    def health(kind: str, *, is_initial: bool) -> int:
        asset_weight = _scaled(inputs, f"{kind}_base_asset_weight", 1)
        liability_weight = 2 * PPM - asset_weight
        if f"{kind}_base_liab_weight" in inputs:
            liability_weight = _scaled(inputs, f"{kind}_base_liab_weight")
        unsettled = unsettled_health(
            *(base, quote),
            asset_price(oracle, stable, is_initial),
            liability_price(oracle, stable, is_initial),
            *(asset_weight, liability_weight),
        )
        balance = spot + profit_health(unsettled, overall)
        return token.health(balance) + _scaled(inputs, "other_token")

    limits = {"max_base": 100 if base > 0 else -100, "max_pnl": 0}
    weights = {
        "price": inputs.get("oracle", 1),
        "base_asset_weight": inputs.get("init_base_asset_weight", 1),
        "overall_asset_weight": inputs.get("overall_asset_weight", 1),
    }
    if "init_base_liab_weight" in inputs:
        weights["base_liab_weight"] = inputs["init_base_liab_weight"]
    after = _base_or_positive_pnl(limits | inputs | weights, {})
    return {
        "init_health": _native(health("init", is_initial=True)),
        "liq_end_health": _native(health("init", is_initial=False)),
        "maint_health": _native(health("maint", is_initial=False)),
        "base_after_liq": after["base"],
    }


FUNCTIONS: dict[str, Serve] = {
    "perp_liq_base_or_positive_pnl": _base_or_positive_pnl,
    "perp_negative_pnl_or_bankruptcy": _negative_pnl_or_bankruptcy,
    "health_types": _health_types,
}
