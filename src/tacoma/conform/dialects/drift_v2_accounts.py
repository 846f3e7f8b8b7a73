"""How the Drift v2 examples write markets and accounts, and the functions that take them whole."""

from __future__ import annotations

from typing import Any

from tacoma.conform.compare import number
from tacoma.rules.liquidations.shortage_liquidation import Refusal, Terms, liquidate_perp_step
from tacoma.rules.margins.margin_account import (
    margin_of_account,
    perp_margin,
    token_asset_weight,
    token_debt_weight,
)
from tacoma.rules.margins.margin_records import (
    ALWAYS_RELAXED,
    NEVER_RELAXED,
    RELAXED_TO_KEEP,
    Account,
    Markets,
    PerpMarket,
    PerpPosition,
    Purpose,
    Scales,
    TokenMarket,
    TokenPosition,
)
from tacoma.rules.positions.collateral_weight import STAGE_FILL, STAGE_INITIAL, STAGE_MAINTENANCE
from tacoma.rules.positions.perp_value import position_value

Fields = dict[str, Any]

SCALES = Scales()
STAGES = {"Initial": STAGE_INITIAL, "Fill": STAGE_FILL, "Maintenance": STAGE_MAINTENANCE}
LEVERAGE_MODES = {
    "Default": NEVER_RELAXED,
    "HighLeverage": ALWAYS_RELAXED,
    "HighLeverageMaintenance": RELAXED_TO_KEEP,
    0: NEVER_RELAXED,
    1: ALWAYS_RELAXED,
    2: RELAXED_TO_KEEP,
}
BEING_LIQUIDATED, BANKRUPT = 1, 2  # bits of an account's status
ISOLATED, ISOLATED_BEING_LIQUIDATED, ISOLATED_BANKRUPT = 1, 2, 4  # of a position's flag
REFUSALS = {
    Refusal.ACCOUNT_BANKRUPT: "UserBankrupt",
    Refusal.NO_POSITION: "UserHasNoPositionInMarket",
    Refusal.NOTHING_TO_CLOSE: "PositionDoesntHaveOpenPositionOrOrders",
    Refusal.SUFFICIENT_MARGIN: "SufficientCollateral",
    Refusal.PRICE_INVALID: "InvalidOracle",
    Refusal.PRICE_OFF_AVERAGE: "PriceBandsBreached",
    Refusal.SIZE_BELOW_STEP: "InvalidBaseAssetAmountForLiquidatePerp",
    Refusal.LIMIT_PRICE: "LiquidationDoesntSatisfyLimitPrice",
    Refusal.LIQUIDATOR_MARGIN: "InsufficientCollateral",
}


def integer(fields: Fields, *names: str) -> int:
    """Return the first of these fields that is there, 0 where none is."""
    for name in names:
        if (exact := number(fields.get(name))) is not None:
            return int(exact)
    return 0


def token_market(fields: Fields, price: int = 0) -> TokenMarket:
    """Return a spot market."""
    oracle = fields.get("historical_oracle_data", {})
    return TokenMarket(
        price=price,
        average_price=integer(fields, "oracle_twap_5min")
        or integer(oracle, "last_oracle_price_twap_5min"),
        decimals=integer(fields, "decimals"),
        initial_asset_weight=integer(fields, "initial_asset_weight"),
        maintenance_asset_weight=integer(fields, "maintenance_asset_weight"),
        initial_debt_weight=integer(fields, "initial_liability_weight"),
        maintenance_debt_weight=integer(fields, "maintenance_liability_weight"),
        size_factor_ppm=integer(fields, "imf_factor"),
        deposit_index=integer(fields, "cumulative_deposit_interest"),
        debt_index=integer(fields, "cumulative_borrow_interest"),
        deposit_balance=integer(fields, "deposit_balance"),
        scale_weight_start=integer(fields, "scale_initial_asset_weight_start"),
    )


def perp_market(fields: Fields, price: int = 0) -> PerpMarket:
    """Return a perpetual market; amounts of the AMM may stand in it or beside it."""
    amm = fields.get("amm", {}) | fields
    oracle = amm.get("historical_oracle_data", {})
    imbalance = position_value(
        integer(amm, "base_asset_amount_with_amm"),
        integer(oracle, "last_oracle_price") or price,
        SCALES.base,
    )
    return PerpMarket(
        price=price,
        average_price=integer(amm, "oracle_twap_5min")
        or integer(oracle, "last_oracle_price_twap_5min"),
        initial_ratio=integer(fields, "margin_ratio_initial"),
        maintenance_ratio=integer(fields, "margin_ratio_maintenance"),
        relaxed_initial_ratio=integer(fields, "high_leverage_margin_ratio_initial"),
        relaxed_maintenance_ratio=integer(fields, "high_leverage_margin_ratio_maintenance"),
        size_factor_ppm=integer(fields, "imf_factor"),
        initial_profit_weight=integer(fields, "unrealized_pnl_initial_asset_weight"),
        maintenance_profit_weight=integer(fields, "unrealized_pnl_maintenance_asset_weight"),
        profit_factor_ppm=integer(fields, "unrealized_pnl_imf_factor"),
        max_imbalance=integer(fields, "unrealized_pnl_max_imbalance"),
        imbalance=imbalance + integer(amm, "quote_asset_amount"),
        liquidator_fee=integer(fields, "liquidator_fee"),
        insurance_fee=integer(fields, "if_liquidation_fee"),
        step=max(1, integer(amm, "order_step_size")),
        is_settled=fields.get("status") == "Settlement",
        settlement_price=integer(fields, "expiry_price"),
        is_binary=fields.get("contract_type") in {"Prediction", 2},
        quote_token=integer(fields, "quote_spot_market_index"),
        long_funding_index=integer(amm, "cumulative_funding_rate_long"),
        short_funding_index=integer(amm, "cumulative_funding_rate_short"),
        liquidation_fees=integer(amm, "total_liquidation_fee"),
    )


def markets(env: Fields) -> Markets:
    """Return all markets of an example's surroundings, by number."""
    prices = env.get("prices", {})
    return Markets(
        tokens={
            int(place): token_market(fields, integer(prices, f"spot{place}"))
            for place, fields in env.get("spot_markets", {}).items()
        },
        perps={
            int(place): perp_market(fields, integer(prices, f"perp{place}"))
            for place, fields in env.get("perp_markets", {}).items()
        },
        scales=SCALES,
    )


def perp_position(fields: Fields) -> PerpPosition:
    """Return a perpetual position; what it cost is its quote where that is not stated."""
    flag = integer(fields, "position_flag")
    return PerpPosition(
        market=integer(fields, "market_index"),
        base=integer(fields, "base_asset_amount"),
        quote=integer(fields, "quote_asset_amount"),
        entry=integer(fields, "quote_entry_amount", "quote_asset_amount"),
        break_even=integer(fields, "quote_break_even_amount", "quote_asset_amount"),
        orders=integer(fields, "open_orders"),
        bids=integer(fields, "open_bids"),
        asks=integer(fields, "open_asks"),
        last_funding_index=integer(fields, "last_cumulative_funding_rate"),
        custom_ratio=integer(fields, "max_margin_ratio"),
        is_isolated=bool(flag & ISOLATED),
        isolated_balance=integer(fields, "isolated_position_scaled_balance"),
        is_being_liquidated=bool(flag & ISOLATED_BEING_LIQUIDATED),
        is_bankrupt=bool(flag & ISOLATED_BANKRUPT),
    )


def account(fields: Fields) -> Account:
    """Return a user's account."""
    status = integer(fields, "status")
    return Account(
        tokens=[
            TokenPosition(
                market=integer(spot, "market_index"),
                balance=integer(spot, "scaled_balance"),
                is_debt=bool(spot.get("borrow")),
                orders=integer(spot, "open_orders"),
                bids=integer(spot, "open_bids"),
                asks=integer(spot, "open_asks"),
            )
            for spot in fields.get("spots", [])
        ],
        perps=[perp_position(perp) for perp in fields.get("perps", [])],
        custom_ratio=integer(fields, "max_margin_ratio"),
        leverage_mode=LEVERAGE_MODES[fields.get("margin_mode", 0)],
        is_being_liquidated=bool(status & BEING_LIQUIDATED),
        is_bankrupt=bool(status & BANKRUPT),
        margin_freed=integer(fields, "liquidation_margin_freed"),
        last_active_slot=integer(fields, "last_active_slot"),
    )


def account_margin(inputs: Fields, _tables: Fields) -> Fields:
    """Serve account_margin."""
    holder, places = account(inputs["user"]), markets(inputs["env"])
    purpose = Purpose(
        stage=STAGES[inputs["type"]],
        buffer=integer(inputs, "buffer"),
        is_strict=bool(inputs.get("strict")),
        custom_ratio=integer(inputs, "margin_ratio_override"),
    )
    used = [places.tokens[token.market] for token in holder.tokens if token.is_open]
    if any(m.price <= 0 or (purpose.is_strict and m.average_price <= 0) for m in used):
        return {"error": "InvalidOracle"}
    margin = margin_of_account(holder, places, purpose)
    shared = margin.shared
    with_buffer = shared.requirement_with_buffer if purpose.buffer else 0
    return {
        "margin_requirement": shared.requirement,
        "total_collateral": shared.collateral,
        "total_collateral_buffer": shared.collateral_buffer,
        "margin_requirement_plus_buffer": with_buffer,
        "isolated": {
            str(market): {
                "margin_requirement": part.requirement,
                "total_collateral": part.collateral,
                "margin_requirement_plus_buffer": part.requirement_with_buffer,
            }
            for market, part in margin.isolated.items()
        },
    }


def perp_margin_and_pnl(inputs: Fields, _tables: Fields) -> Fields:
    """Serve perp_margin_and_pnl."""
    quote = inputs.get("quote_strict", {})
    average = quote.get("twap_5min")
    is_strict = number(average) is not None
    price = integer(quote, "current") or SCALES.quote
    position = perp_position(inputs["position"])
    market = perp_market(inputs["market"], integer(inputs["oracle"], "price"))
    token = TokenMarket(price, average_price=integer(quote, "twap_5min"), decimals=6)
    places = Markets({market.quote_token: token}, {position.market: market}, SCALES)
    requirement, profit, liability = perp_margin(
        position,
        places,
        Purpose(STAGES[inputs["type"]], is_strict=is_strict),
        integer(inputs, "custom_ratio"),
        bool(inputs.get("high_leverage")),
    )
    return {"value0": requirement, "value1": profit, "value2": liability}


def spot_asset_weight(inputs: Fields, _tables: Fields) -> Fields:
    """Serve spot_asset_weight."""
    market = token_market(inputs["market"], integer(inputs, "oracle_price"))
    size, stage = integer(inputs, "size"), STAGES[inputs["type"]]
    return {"value": token_asset_weight(market, size, stage, SCALES)}


def spot_liability_weight(inputs: Fields, _tables: Fields) -> Fields:
    """Serve spot_liability_weight."""
    market = token_market(inputs["market"], integer(inputs, "oracle_price"))
    size, stage = integer(inputs, "size"), STAGES[inputs["type"]]
    return {"value": token_debt_weight(market, size, stage, SCALES)}


def scaled_initial_asset_weight(inputs: Fields, _tables: Fields) -> Fields:
    """Serve scaled_initial_asset_weight: the initial weight of an amount too small to matter."""
    market = token_market(inputs["market"], integer(inputs, "oracle_price"))
    market.size_factor_ppm = 0
    return {"value": token_asset_weight(market, 0, STAGE_INITIAL, SCALES)}


def liquidate_perp(inputs: Fields, _tables: Fields) -> Fields:
    """Serve liquidate_perp: one step, then both accounts and the market."""
    user, liquidator = account(inputs["user"]), account(inputs["liquidator"])
    places, config = markets(inputs["env"]), inputs.get("config", {})
    place = integer(inputs, "market_index")
    limit = inputs.get("limit_price")
    refusal = liquidate_perp_step(
        user,
        liquidator,
        place,
        integer(inputs, "max_base"),
        None if limit is None else integer(inputs, "limit_price"),
        places,
        Terms(
            buffer=integer(config, "margin_buffer_ratio"),
            initial_share=integer(config, "initial_pct"),
            duration_slots=integer(config, "duration_slots"),
            divergence_limit=integer(config, "oracle_twap_5min_percent_divergence"),
            slot=integer(inputs, "slot"),
        ),
    )
    if refusal is not None:
        return {"error": REFUSALS[refusal]}
    fees = places.perps[place].liquidation_fees
    return {
        **_fields_of("user", user),
        **_fields_of("liquidator", liquidator),
        "market_after.amm.total_liquidation_fee": fees,
    }


def _fields_of(who: str, holder: Account) -> Fields:
    """Return the fields of an account after a liquidation, each under its full name."""
    status = BEING_LIQUIDATED * holder.is_being_liquidated | BANKRUPT * holder.is_bankrupt
    fields: Fields = {
        f"{who}.status": status,
        f"{who}.last_active_slot": holder.last_active_slot,
        f"{who}.liquidation_margin_freed": holder.margin_freed,
    }
    for place, perp in enumerate(holder.perps):
        flag = ISOLATED * perp.is_isolated
        flag |= ISOLATED_BEING_LIQUIDATED * perp.is_being_liquidated
        flag |= ISOLATED_BANKRUPT * perp.is_bankrupt
        after = {
            "base_asset_amount": perp.base,
            "quote_asset_amount": perp.quote,
            "quote_entry_amount": perp.entry,
            "quote_break_even_amount": perp.break_even,
            "open_orders": perp.orders,
            "open_bids": perp.bids,
            "open_asks": perp.asks,
            "last_cumulative_funding_rate": perp.last_funding_index,
            "position_flag": flag,
        }
        fields |= {f"{who}.perp_positions[{place}].{name}": one for name, one in after.items()}
    return fields
