"""
dYdX v4: the table tests of its chain, in base and quote quantums.

A case that the source refuses gives `error` with the name of its error. The functions over whole
accounts are in `dydx_v4_accounts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tacoma.conform.compare import number
from tacoma.conform.dialects import dydx_v4_accounts
from tacoma.conform.dialects.dydx_v4_accounts import failure, market_of, power_of_ten, price_scale
from tacoma.rules.fundings import premium_funding
from tacoma.rules.liquidations import fillable_price
from tacoma.rules.losses import insurance_delta, isolated_pool
from tacoma.rules.margins import cross_account, fraction_margin, open_interest_scaled, risk_state
from tacoma.rules.numbers import notional
from tacoma.rules.numbers.arithmetic import ceil_div

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

Json = Any
Result = dict[str, Any]

SUBTICKS_MAX = 2**64 - 1
RATE_MAX_PPM = 2**31 - 1
FUNDING_PERIOD_S = 8 * 60 * 60
LIQUIDATION_FEE_MAX_PPM = 5_000
MAINTENANCE_FRACTION_MAX_PPM = 1_000_000
TRANSITIONS = {
    risk_state.SUCCESS: "success",
    risk_state.NEWLY_UNDERCOLLATERALIZED: "newly_undercollateralized",
    risk_state.STILL_UNDERCOLLATERALIZED: "still_undercollateralized",
}


def _subticks(inputs: Json, _tables: Json) -> Result:
    price = number(inputs["price"])
    if price is None or price < 0:
        return failure("FillablePrice should not be negative")
    numerator, denominator = power_of_ten(inputs["quantum_conversion_exponent"])
    value = fillable_price.price_in_ticks(
        price.numerator * denominator,
        price.denominator * numerator,
        inputs["is_liquidating_long"],
        inputs["subticks_per_tick"],
        SUBTICKS_MAX,
    )
    return {"value": value}


def _insurance_delta_valid(inputs: Json, _tables: Json) -> Result:
    return {"value": insurance_delta.is_insurance_delta_covered(inputs["balance"], inputs["delta"])}


def _net_notional(inputs: Json, _tables: Json) -> Result:
    scale = price_scale(inputs)
    return {"value": notional.notional_truncated(inputs["size"], inputs["price"], *scale)}


def _notional_to_base(inputs: Json, _tables: Json) -> Result:
    scale = price_scale(inputs)
    return {"value": notional.size_truncated(inputs["notional"], inputs["price"], *scale)}


def _margin_requirements(inputs: Json, _tables: Json) -> Result:
    market = market_of(inputs["market"])
    chosen = inputs.get("custom_imf_ppm", market.chosen_initial_ppm)
    risk = cross_account.position_risk(market._replace(chosen_initial_ppm=chosen), inputs["size"])
    return {"nc": risk.equity, "imr": risk.initial, "mmr": risk.maintenance}


def scaled_initial(inputs: Json) -> int:
    """Return the initial margin rate at the open interest of a case."""
    rate: int = open_interest_scaled.scaled_initial_ppm(
        inputs["imf_ppm"],
        inputs.get("oi_notional", 0),
        inputs.get("oi_lower", 0),
        inputs.get("oi_upper", 0),
    )
    return rate


def _adjusted_initial_ppm(inputs: Json, _tables: Json) -> Result:
    return {"value": scaled_initial(inputs)}


def _scaled_initial_margin(inputs: Json, _tables: Json) -> Result:
    rate = open_interest_scaled.effective_initial_ppm(
        scaled_initial(inputs), inputs.get("custom_imf_ppm", 0)
    )
    return {"value": fraction_margin.initial_quanta(inputs["notional"], rate)}


def _maintenance_ppm(inputs: Json, _tables: Json) -> Result:
    if inputs["mf_ppm"] > MAINTENANCE_FRACTION_MAX_PPM:
        return failure("ErrMaintenanceFractionPpmExceedsMax")
    return {"value": fraction_margin.maintenance_ppm(inputs["imf_ppm"], inputs["mf_ppm"])}


def clamp_ppm(factor_ppm: int, initial_ppm: int, fraction_ppm: int) -> int:
    """Return the largest funding rate of a liquidity tier."""
    maintenance = fraction_margin.maintenance_ppm(initial_ppm, fraction_ppm)
    limit: int = premium_funding.rate_limit_ppm(factor_ppm, initial_ppm, maintenance)
    return limit


def _funding_clamp(inputs: Json, _tables: Json) -> Result:
    if inputs["mf_ppm"] > MAINTENANCE_FRACTION_MAX_PPM:
        return failure("ErrMaintenanceFractionPpmExceedsMax")
    return {"value": clamp_ppm(inputs["clamp_factor_ppm"], inputs["imf_ppm"], inputs["mf_ppm"])}


def _funding_settlement(inputs: Json, _tables: Json) -> Result:
    settlement = premium_funding.settlement_ppm(
        inputs["market_funding_index"], inputs["position_funding_index"], inputs["size"]
    )
    return {"value": settlement}


def index_delta(source: Json, rate_ppm: int, elapsed_s: int) -> int:
    """Return how much a perpetual's funding index rises at an 8-hour rate."""
    delta: int = premium_funding.index_delta_ppm(
        rate_ppm, elapsed_s, FUNDING_PERIOD_S, source["price"], *price_scale(source)
    )
    return delta


def _funding_index_delta(inputs: Json, _tables: Json) -> Result:
    return {"value": index_delta(inputs, inputs["rate_8h_ppm"], inputs["seconds"])}


def _funding_trim_tails(inputs: Json, _tables: Json) -> Result:
    kept = premium_funding.without_tails(samples_of(inputs["samples"]), inputs["removal_rate_ppm"])
    return {"value": kept}


def samples_of(source: Json) -> list[int]:
    """
    Read samples: a list of them, one constant and how many, or several of each.

    Several are {"values": [...], "counts": [...]} or a list of such parts or [value, count].
    """
    if isinstance(source, dict):
        if "constant" in source:
            return [source["constant"]] * source["count"]
        pairs = zip(source["values"], source["counts"], strict=True)
        return [value for value, count in pairs for _ in range(count)]
    samples: list[int] = []
    for part in source:
        if isinstance(part, dict):
            samples += samples_of(part)
        elif isinstance(part, list):
            samples += [part[0]] * part[1]
        else:
            samples.append(part)
    return samples


def _funding_tick(inputs: Json, _tables: Json) -> Result:
    market = inputs["market"]
    premium = premium_funding.premium_ppm(
        samples_of(inputs["samples_ppm"]),
        ceil_div(inputs["tick_seconds"], inputs["sample_seconds"]),
        inputs.get("tail_removal_ppm", 0),
    )
    limit = clamp_ppm(inputs["clamp_factor_ppm"], market["imf_ppm"], market["mf_ppm"])
    rate = premium_funding.rate_ppm(premium, inputs.get("default_funding_ppm", 0), limit)
    if rate > RATE_MAX_PPM:
        return failure("ErrFundingRateInt32Overflow")
    return {
        "rate_8h_ppm": rate,
        "index_delta": index_delta(market, rate, inputs["tick_seconds"]),
    }


def _risk_is_liquidatable(inputs: Json, _tables: Json) -> Result:
    return {"value": risk_state.is_liquidatable(inputs["nc"], inputs["mmr"])}


def _risk_compare(inputs: Json, _tables: Json) -> Result:
    first, second = inputs["first"], inputs["second"]
    return {
        "value": risk_state.compare_risk(first["nc"], first["mmr"], second["nc"], second["mmr"])
    }


def _undercollateralized_transition(inputs: Json, _tables: Json) -> Result:
    old, new = inputs["old"], inputs["new"]
    outcome = risk_state.undercollateralized_transition(
        old["nc"], old.get("imr", 0), old["mmr"], new["nc"], new["mmr"]
    )
    return {"value": TRANSITIONS[outcome]}


def _isolated_pool_ordering(inputs: Json, _tables: Json) -> Result:
    """
    Serve a liquidation that closes the last two positions of a market with its own pool.

    The short is the liquidated account. It pays the match price; what it lacks the insurance fund
    pays into the pool, before or after both accounts' money is transferred out of it. Where that
    transfer fails everything is rolled back.
    """
    price = inputs["match_price"]
    received = inputs["short_base"] * price
    delta = insurance_delta.insurance_delta_quanta(
        received, -inputs["short_usdc"], inputs.get("max_liq_fee_ppm", LIQUIDATION_FEE_MAX_PPM)
    )
    short_after = inputs["short_usdc"] + received - delta
    long_after = inputs["long_usdc"] + inputs["long_base"] * price
    transfer = short_after + long_after
    is_first = inputs["order"] == "insurance_first"
    pool = inputs["isolated_pool"]
    result: Result = {"insurance_fund_delta": delta, "transfer_out_of_pool": transfer}
    if isolated_pool.is_transfer_covered(pool, transfer, delta, is_first):
        return result | {
            "ok": 1,
            "short_final_usdc": short_after,
            "long_final_usdc": long_after,
        }
    held = isolated_pool.pool_before_transfer_quanta(pool, delta, is_first)
    return result | {
        "ok": 0,
        "error": f"spendable balance {held} is smaller than {transfer}",
        "short_final_usdc": inputs["short_usdc"],
        "long_final_usdc": inputs["long_usdc"],
    }


FUNCTIONS: dict[str, Serve] = dydx_v4_accounts.FUNCTIONS | {
    "fillable_price_to_subticks": _subticks,
    "funding_clamp_ppm": _funding_clamp,
    "funding_index_delta": _funding_index_delta,
    "funding_settlement_ppm": _funding_settlement,
    "funding_tick": _funding_tick,
    "funding_trim_tails": _funding_trim_tails,
    "initial_margin_oi_scaled": _scaled_initial_margin,
    "insurance_fund_delta_valid": _insurance_delta_valid,
    "isolated_pool_liquidation_ordering": _isolated_pool_ordering,
    "maintenance_margin_ppm": _maintenance_ppm,
    "margin_requirements": _margin_requirements,
    "net_notional_quote_quantums": _net_notional,
    "notional_to_base_quantums": _notional_to_base,
    "oi_adjusted_imf_ppm": _adjusted_initial_ppm,
    "risk_compare": _risk_compare,
    "risk_is_liquidatable": _risk_is_liquidatable,
    "undercollateralized_transition": _undercollateralized_transition,
}
