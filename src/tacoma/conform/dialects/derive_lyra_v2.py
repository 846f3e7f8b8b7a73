"""
Derive (Lyra v2): portfolio margin by a scenario grid, standard margin, Dutch auctions.

Source: derivexyz/v2-core at 7736900d395703c4f675376caa4c315402943831.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tacoma.conform.compare import number
from tacoma.conform.dialects.derive_lyra_v2_auction import dutch_auction_bid
from tacoma.conform.dialects.derive_lyra_v2_doubles import option_value, printed, printed_18
from tacoma.conform.dialects.derive_lyra_v2_standard import standard_margin
from tacoma.rules.portfolios.scenario_grid import (
    Collateral,
    Expiry,
    Grid,
    GridMargin,
    Lot,
    Portfolio,
    Scenario,
    VolatilityShock,
    grid_margin,
)

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

Json = Any

# In the last half hour the forward price settles as an average.
SETTLEMENT_SECONDS = 30 * 60


def _double(value: Json) -> float:
    """Return a number of the file as the double nearest to it; nothing counts as 0."""
    exact = number(value)
    return 0.0 if exact is None else float(exact)


def _grid(parameters: dict[str, dict[str, Json]]) -> Grid:
    """Translate the source's names of parameters."""

    def figure(group: str, name: str) -> float:
        return _double(parameters[group][name])

    skew, shock, margin = "SkewShock", "VolShock", "Margin"
    basis, other = "BasisContingency", "OtherContingency"
    return Grid(
        volatility_range_up=figure(shock, "VOLRANGEUP"),
        volatility_range_down=figure(shock, "VOLRANGEDOWN"),
        volatility_least_up=figure(shock, "MIN_VOL_EVAL_SHOCKED"),
        power_short=figure(shock, "SHORTTERMPOWER"),
        power_long=figure(shock, "LONGTERMPOWER"),
        days_floor=figure(shock, "DTE_FLOOR"),
        linear_cap_base=figure(skew, "LINEAR_SCALE_CAP"),
        linear_cap_slope=figure(skew, "LINEAR_CBASE"),
        absolute_cap_base=figure(skew, "ABS_SCALE_CAP"),
        absolute_cap_slope=figure(skew, "ABS_CBASE"),
        skew_width_least=figure(skew, "MIN_K_STAR"),
        skew_width_scale=figure(skew, "MIN_WIDTH_SCALE"),
        skew_static=figure(skew, "VOL_PARAM_STATIC"),
        skew_slope=figure(skew, "VOL_PARAM_SCALE"),
        initial_loss_factor=figure(margin, "IM_LOSS_FACTOR"),
        maintenance_loss_factor=figure(margin, "MM_LOSS_FACTOR"),
        asset_discount_base=figure(margin, "BASE_STATIC_DISCOUNT"),
        asset_rate_multiple=figure(margin, "LONG_RATE_MULTSCALE"),
        asset_rate_add=figure(margin, "LONG_RATE_ADDSCALE"),
        debt_discount_base=figure(margin, "BASE_STATIC_DISCOUNT_NEG"),
        debt_rate_multiple=figure(margin, "SHORT_RATE_MULTSCALE"),
        debt_rate_add=figure(margin, "SHORT_RATE_ADDSCALE"),
        basis_spot_up=figure(basis, "SCENARIO_SPOT_UP"),
        basis_spot_down=figure(basis, "SCENARIO_SPOT_DOWN"),
        basis_add_factor=figure(basis, "BASIS_CONT_ADD_FACTOR"),
        basis_multiply_factor=figure(basis, "BASIS_CONT_MULT_FACTOR"),
        peg_threshold=figure(other, "PEG_LOSS_THRESHOLD"),
        peg_factor=figure(other, "PEG_LOSS_FACTOR"),
        confidence_threshold=figure(other, "CONF_THRESHOLD"),
        confidence_factor=figure(other, "CONF_MARGIN"),
        perpetual_initial_rate=figure(other, "IM_PERP_PERCENT"),
        perpetual_maintenance_rate=figure(other, "MM_PERP_PERCENT"),
        short_option_initial_rate=figure(other, "IM_OPTION_PERCENT"),
        short_option_maintenance_rate=figure(other, "MM_OPTION_PERCENT"),
    )


def _expiries(inputs: dict[str, Json]) -> tuple[Expiry, ...]:
    """Return the expiries in which options are held, in the order of their first options."""
    lots: dict[int, list[Lot]] = {}
    for seconds, strike, is_call, volatility, amount in inputs.get(
        "Options_sec_strike_iscall_vol_amount", []
    ):
        lot = Lot(_double(strike), bool(is_call), _double(volatility), _double(amount))
        lots.setdefault(int(_double(seconds)), []).append(lot)
    feeds = {
        int(_double(feed[0])): [_double(value) for value in feed[1:]]
        for feed in inputs.get("Feeds_sec_fwd_fwdconf_rate_rateconf_volconf", [])
    }
    return tuple(_expiry(seconds, feeds[seconds], held) for seconds, held in lots.items())


def _expiry(seconds: int, feed: list[float], lots: list[Lot]) -> Expiry:
    """Return one expiry; near its end a growing part of the forward price is fixed."""
    forward, forward_confidence, rate, rate_confidence, volatility_confidence = feed
    fixed = 0.0
    floating = forward
    if seconds < SETTLEMENT_SECONDS:
        left = max(0, seconds)
        fixed = forward * (SETTLEMENT_SECONDS - left) / SETTLEMENT_SECONDS
        floating = forward * left / SETTLEMENT_SECONDS
    confidence = min(forward_confidence, rate_confidence, volatility_confidence)
    return Expiry(seconds, fixed, floating, rate, confidence, tuple(lots))


def _portfolio(inputs: dict[str, Json]) -> Portfolio:
    """Return the account; collateral counts in the stable coin of the account."""
    stable = _double(inputs.get("StablePrice", 1))
    collaterals = tuple(
        Collateral(
            _double(amount) * _double(price) / stable,
            _double(confidence),
            bool(is_risk_cancelling),
            _double(initial),
            _double(maintenance),
        )
        for amount, price, confidence, is_risk_cancelling, initial, maintenance in inputs.get(
            "Collaterals_amount_price_conf_riskcancel_imh_mmh", []
        )
    )
    profit = _double(inputs.get("UnrealisedPerpPNL")) + _double(inputs.get("UnrealisedFunding"))
    return Portfolio(
        cash=_double(inputs.get("Cash")),
        spot=_double(inputs.get("SpotPrice")),
        spot_confidence=_double(inputs.get("SpotConfidence", 1)),
        stable_price=stable,
        perpetual_amount=_double(inputs.get("NumPerps")),
        perpetual_price=_double(inputs.get("PerpPrice")),
        perpetual_confidence=_double(inputs.get("PerpConfidence", 1)),
        perpetual_profit=profit,
        collaterals=collaterals,
        expiries=_expiries(inputs),
    )


def portfolio_margin(inputs: dict[str, Json], tables: dict[str, Json]) -> GridMargin:
    """Return both margins of a portfolio, valued as the source's table of results was."""
    scenarios = tuple(
        Scenario(_double(spot), VolatilityShock(int(_double(shock))), _double(dampening))
        for spot, shock, dampening in tables["scenario_sets"][inputs["scenarios_ref"]]
    )
    grid = _grid(tables["param_sets"][inputs["params_ref"]])
    return grid_margin(_portfolio(inputs), scenarios, grid, option_value)


def portfolio_margin_pmrm2(inputs: dict[str, Json], tables: dict[str, Json]) -> dict[str, Json]:
    """Serve `portfolio_margin_pmrm2`: margins, values and the profit of each scenario."""
    margin = portfolio_margin(inputs, tables)
    return {
        "IM": printed(margin.initial),
        "MM": printed(margin.maintenance),
        "OptionMTM": printed(margin.option_value),
        "CollateralMTM": printed(margin.collateral_value),
        "BasisContingency": printed(margin.basis_surcharge),
        "ScenarioPnL": [printed_18(profit) for profit in margin.scenario_profits],
    }


FUNCTIONS: dict[str, Serve] = {
    "dutch_auction_bid": dutch_auction_bid,
    "portfolio_margin_pmrm2": portfolio_margin_pmrm2,
    "standard_margin": standard_margin,
}
