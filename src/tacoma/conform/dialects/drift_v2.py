"""
How Drift v2 writes its examples: fixed-point integers, errors by name.

Base 1e9, prices and quote 1e6, margin ratios and weights 1e4, fees and percentages 1e6, funding
rates 1e9, stored balances 1e9 with an interest index of 1e10.

Two oddities of the source are kept. A transfer of an asset is rounded to the whole deposit when
the rest is worth less than a dollar, but the rest's value is scaled by the token's decimals the
wrong way round: for nine decimals it counts a million-fold, for five a hundredth. And the
liquidator's fee jumps when the grace period ends, since all of the idle time counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tacoma.conform.dialects.drift_v2_accounts import (
    Fields,
    account_margin,
    integer,
    liquidate_perp,
    perp_margin_and_pnl,
    scaled_initial_asset_weight,
    spot_asset_weight,
    spot_liability_weight,
)
from tacoma.rules.liquidations import liquidation_fee_ramp, shortage
from tacoma.rules.losses import both_sides_funding, insurance_shares
from tacoma.rules.positions.interest_balance import tokens_of_deposit
from tacoma.rules.prices.oracle_guard import (
    NOT_POSITIVE,
    STALE_FOR_MARGIN,
    STALE_FOR_QUOTING,
    TOO_FEW_SOURCES,
    TOO_UNCERTAIN,
    TOO_VOLATILE,
    VALID,
    is_spread_too_wide,
    price_fault,
    spread_of_mark,
)

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

BASE = 10**9
QUOTE = 10**6
RATIO = 10**4
FEE = 10**6
FUNDING_PER_QUOTE = 1000
U64_MAX = 2**64 - 1
U128_MAX = 2**128 - 1
GRACE_SLOTS = 1_500
FEE_PER_SLOT = 1
SMALL_SHORTAGE = 50 * QUOTE
VAULT_RESERVE = 1
DUST = QUOTE
FAULTS = {
    NOT_POSITIVE: "NonPositive",
    TOO_VOLATILE: "TooVolatile",
    TOO_UNCERTAIN: "TooUncertain",
    STALE_FOR_MARGIN: "StaleForMargin",
    TOO_FEW_SOURCES: "InsufficientDataPoints",
    STALE_FOR_QUOTING: "StaleForAMM",
    VALID: "Valid",
}


def _base_to_cover(inputs: Fields, _tables: Fields) -> Fields:
    price, quote_price = integer(inputs, "oracle_price"), integer(inputs, "quote_price")
    base = shortage.base_to_cover_shortage(
        integer(inputs, "margin_shortage"),
        integer(inputs, "margin_ratio") * (FEE // RATIO),
        integer(inputs, "liquidator_fee"),
        integer(inputs, "if_fee"),
        *(FEE, price, quote_price, QUOTE, BASE, U64_MAX),
    )
    return {"value": base}


def _debt_to_cover(inputs: Fields, _tables: Fields) -> Fields:
    debt = shortage.debt_to_cover_shortage(
        integer(inputs, "margin_shortage"),
        integer(inputs, "asset_weight"),
        integer(inputs, "asset_liq_multiplier"),
        integer(inputs, "liability_weight"),
        integer(inputs, "liability_liq_multiplier"),
        RATIO,
        integer(inputs, "liability_price"),
        integer(inputs, "if_fee"),
        *(FEE, 10 ** integer(inputs, "liability_decimals"), U128_MAX),
    )
    return {"value": debt}


def _exchange(inputs: Fields) -> tuple[int, ...]:
    """Return multiplier, unit and price of the asset, then of the debt."""
    return (
        integer(inputs, "asset_liq_multiplier"),
        10 ** integer(inputs, "asset_decimals"),
        integer(inputs, "asset_price"),
        integer(inputs, "liability_liq_multiplier"),
        10 ** integer(inputs, "liability_decimals"),
        integer(inputs, "liability_price"),
    )


def _debt_implied(inputs: Fields, _tables: Fields) -> Fields:
    asset = integer(inputs, "asset_amount")
    return {"value": shortage.debt_paid_by_asset(asset, *_exchange(inputs))}


def _asset_for_debt(inputs: Fields, _tables: Fields) -> Fields:
    decimals = integer(inputs, "asset_decimals")
    amount = shortage.whole_if_dust_remains(
        shortage.asset_for_debt(integer(inputs, "liability_amount"), *_exchange(inputs)),
        integer(inputs, "asset_amount"),
        integer(inputs, "asset_price"),
        QUOTE,
        10 ** max(0, decimals - 6),
        10 ** max(0, 6 - decimals),
        DUST,
    )
    return {"value": amount}


def _limit_price(inputs: Fields, _tables: Fields) -> Fields:
    if inputs.get("limit_price") is None:
        return {"ok": True}
    price = shortage.exchange_price(
        integer(inputs, "asset_transfer"),
        10 ** integer(inputs, "asset_decimals"),
        integer(inputs, "liability_transfer"),
        10 ** integer(inputs, "liability_decimals"),
        QUOTE,
    )
    if price < integer(inputs, "limit_price"):
        return {"error": "LiquidationDoesntSatisfyLimitPrice"}
    return {"ok": True}


def _swap_bounds(inputs: Fields, _tables: Fields) -> Fields:
    price = shortage.exchange_price(
        integer(inputs, "liability_transfer"),
        10 ** integer(inputs, "liability_decimals"),
        integer(inputs, "asset_transfer"),
        10 ** integer(inputs, "asset_decimals"),
        QUOTE,
    )
    worst = shortage.worst_exchange_price(
        integer(inputs, "asset_price"),
        integer(inputs, "asset_liq_multiplier"),
        integer(inputs, "liability_price"),
        integer(inputs, "liability_liq_multiplier"),
        QUOTE,
    )
    return {"error": "InvalidLiquidation"} if price < worst else {"ok": True}


def _perp_insurance_fee(inputs: Fields, _tables: Fields) -> Fields:
    fee = liquidation_fee_ramp.insurance_fee_from_margin(
        integer(inputs, "margin_shortage"),
        integer(inputs, "base"),
        integer(inputs, "margin_ratio") * (FEE // RATIO),
        integer(inputs, "liquidator_fee"),
        integer(inputs, "oracle_price"),
        integer(inputs, "quote_price"),
        *(QUOTE, BASE, QUOTE),
        integer(inputs, "max_if_fee"),
    )
    return {"value": fee}


def _spot_insurance_fee(inputs: Fields, _tables: Fields) -> Fields:
    fee = liquidation_fee_ramp.insurance_fee_from_weights(
        integer(inputs, "margin_shortage"),
        integer(inputs, "token_amount"),
        integer(inputs, "asset_weight") * (FEE // RATIO),
        integer(inputs, "asset_liq_multiplier"),
        integer(inputs, "liability_weight") * (FEE // RATIO),
        integer(inputs, "liability_liq_multiplier"),
        *(FEE, 10 ** integer(inputs, "liability_decimals")),
        integer(inputs, "liability_price"),
        integer(inputs, "max_if_fee"),
    )
    return {"value": fee}


def _fee_ramp(inputs: Fields, _tables: Fields) -> Fields:
    idle = integer(inputs, "slot") - integer(inputs, "last_active_slot")
    fees = integer(inputs, "base_fee"), integer(inputs, "max_fee")
    fee = liquidation_fee_ramp.fee_after_idle_time(*fees, idle, GRACE_SLOTS, FEE_PER_SLOT)
    return {"value": fee}


def _largest_share(inputs: Fields, _tables: Fields) -> Fields:
    user = inputs.get("user", {})
    share = liquidation_fee_ramp.share_liquidatable(
        integer(inputs, "margin_shortage"),
        integer(user, "liquidation_margin_freed"),
        integer(inputs, "slot") - integer(user, "last_active_slot"),
        integer(inputs, "duration_slots"),
        integer(inputs, "initial_pct"),
        RATIO,
        SMALL_SHORTAGE,
    )
    return {"value": share}


def _funding_charge(inputs: Fields, _tables: Fields) -> Fields:
    market: dict[str, Any] = inputs.get("market", {})
    amm = market | market.get("amm", {})
    longs, shorts = (integer(amm, f"base_asset_amount_{side}") for side in ("long", "short"))
    open_base = abs(longs) + abs(shorts)
    if open_base == 0:
        return {"error": "CantResolvePerpBankruptcy"}
    loss = integer(inputs, "loss")
    charge = both_sides_funding.funding_index_charge(loss, open_base, BASE, FUNDING_PER_QUOTE)
    return {"value": charge}


def _deposit_haircut(inputs: Fields, _tables: Fields) -> Fields:
    market = inputs.get("spot_market", {})
    index = integer(market, "cumulative_deposit_interest")
    scale = 10 ** (19 - integer(market, "decimals"))
    deposits = tokens_of_deposit(integer(market, "deposit_balance"), index, scale)
    loss = integer(inputs, "borrow")
    return {"value": both_sides_funding.deposit_index_haircut(index, loss, deposits)}


def _resolve_bankruptcy(inputs: Fields, _tables: Fields) -> Fields:
    loss = -integer(inputs, "loss")
    if loss <= 0:
        return {"error": "InvalidPerpPositionToLiquidate"}
    insured = both_sides_funding.insurance_payment(
        loss,
        integer(inputs, "insurance_vault_balance"),
        integer(inputs, "max_insurance_remaining"),
        VAULT_RESERVE,
    )
    pool = integer(inputs, "fee_pool_tokens")
    pooled = both_sides_funding.insurance_payment(loss - insured, pool, loss, 0)
    shared = loss - insured - pooled
    longs, shorts = integer(inputs, "base_long"), integer(inputs, "base_short")
    open_base = abs(longs) + abs(shorts)
    if open_base == 0:
        return {"error": "CantResolvePerpBankruptcy"}
    charge = both_sides_funding.funding_index_charge(shared, open_base, BASE, FUNDING_PER_QUOTE)
    long_index, short_index = (
        integer(inputs, f"cumulative_funding_rate_{side}") for side in ("long", "short")
    )
    return {
        "user.total_social_loss": loss,
        "user.perp_positions[0].quote_asset_amount": 0,
        "if_payment": insured,
        "fee_pool_payment": pooled,
        "market_after.amm.total_social_loss": shared,
        "market_after.amm.cumulative_funding_rate_long": long_index + charge,
        "market_after.amm.cumulative_funding_rate_short": short_index - charge,
        "cumulative_funding_rate_delta": charge,
    }


def _rebase(inputs: Fields, _tables: Fields) -> Fields:
    vault = integer(inputs, "vault_balance")
    if vault == 0:
        return {"error": "MathError"}
    exponent = insurance_shares.rebase_exponent(integer(inputs, "total_shares"), vault)
    return {"value0": exponent, "value1": 10**exponent}


def _shares_lost(inputs: Fields, _tables: Fields) -> Fields:
    stake = inputs["stake"]
    shares = integer(stake, "last_withdraw_request_shares")
    total = integer(inputs["spot_market"].get("insurance_fund", {}), "total_shares")
    if shares > total:
        return {"error": "InvalidIFSharesDetected"}
    lost = insurance_shares.shares_lost_by_waiting(
        shares,
        integer(stake, "last_withdraw_request_value"),
        total,
        integer(inputs, "vault_balance"),
    )
    return {"value": lost}


def _oracle_validity(inputs: Fields, _tables: Fields) -> Fields:
    rails = inputs["guard_rails"]
    largest = integer(rails, "confidence_interval_max_size")
    fault = price_fault(
        integer(inputs, "oracle_price"),
        integer(inputs, "last_oracle_twap"),
        integer(inputs, "confidence"),
        integer(inputs, "delay_slots"),
        bool(inputs.get("sufficient_data", True)),
        integer(rails, "too_volatile_ratio"),
        largest * int(inputs.get("confidence_multiplier", 1)),
        FEE,
        integer(rails, "slots_before_stale_for_margin"),
        integer(rails, "slots_before_stale_for_amm"),
    )
    return {"validity": FAULTS[fault]}


def _mark_divergence(inputs: Fields, _tables: Fields) -> Fields:
    mark = integer(inputs, "reserve_price")
    spread = spread_of_mark(mark, integer(inputs, "oracle_twap_5min"), FEE)
    limit = integer(inputs, "mark_oracle_percent_divergence")
    return {
        "spread_pct": spread,
        "too_divergent": is_spread_too_wide(spread, limit, FEE // 10),
    }


FUNCTIONS: dict[str, Serve] = {
    "account_margin": account_margin,
    "asset_transfer_for_liability": _asset_for_debt,
    "base_to_cover_margin_shortage": _base_to_cover,
    "if_rebase_info": _rebase,
    "if_shares_lost": _shares_lost,
    "liability_transfer_implied": _debt_implied,
    "liability_transfer_to_cover": _debt_to_cover,
    "liquidate_perp": liquidate_perp,
    "liquidation_fee_ramp": _fee_ramp,
    "mark_oracle_divergence": _mark_divergence,
    "max_pct_to_liquidate": _largest_share,
    "oracle_validity": _oracle_validity,
    "perp_insurance_fee": _perp_insurance_fee,
    "perp_margin_and_pnl": perp_margin_and_pnl,
    "resolve_perp_bankruptcy": _resolve_bankruptcy,
    "scaled_initial_asset_weight": scaled_initial_asset_weight,
    "socialize_perp_loss_funding_delta": _funding_charge,
    "socialize_spot_loss_interest_delta": _deposit_haircut,
    "spot_asset_weight": spot_asset_weight,
    "spot_insurance_fee": _spot_insurance_fee,
    "spot_liability_weight": spot_liability_weight,
    "swap_within_bounds": _swap_bounds,
    "transfer_satisfies_limit_price": _limit_price,
}
