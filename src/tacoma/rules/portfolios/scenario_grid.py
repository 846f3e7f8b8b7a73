"""
Portfolio margin by a grid of scenarios: what the worst of stated shocks costs, and surcharges.

A model: floats in one money of the caller's choice, years of 365 days, shocks as factors (1.18 is
18 % up). Nothing here knows an asset or a venue: every figure is in `Grid`. Results are margins in
the sense of "value less requirement", so that an account below 0 lacks margin.

Options are valued by a function of the caller's choice, Black's formula unless stated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from tacoma.rules.portfolios.margin_contingency import (
    basis_surcharge,
    confidence_surcharge,
    discount_of_assets,
    discount_of_debts,
    peg_loss_factor,
)
from tacoma.rules.portfolios.option_value import black76_value, discount_factor
from tacoma.rules.portfolios.shock_term_structure import volatility_shock
from tacoma.rules.portfolios.volatility_shock import (
    power_to_30_days,
    skew_cap,
    skew_multiplier,
    skew_width,
    volatility_down,
    volatility_up,
)

SECONDS_PER_DAY: Final = 86_400
SECONDS_PER_YEAR: Final = 365 * SECONDS_PER_DAY

# (forward, strike, years, volatility, discount, is_call) -> value
OptionValue = Callable[[float, float, float, float, float, bool], float]


class VolatilityShock(IntEnum):
    """What a scenario does to volatilities."""

    DOWN = -1
    NONE = 0
    UP = 1
    LINEAR_SKEW = 2  # one wing up, the other down; each expiry takes its worse direction
    ABSOLUTE_SKEW = 3  # both wings up or both down; each expiry takes its worse direction


class Scenario(NamedTuple):
    """One scenario: the factor on spot prices, the shock of volatility, how much of it counts."""

    spot_factor: float
    volatility: VolatilityShock
    dampening: float


class Lot(NamedTuple):
    """Options of one strike and side; a negative amount is short."""

    strike: float
    is_call: bool
    volatility: float
    amount: float


@dataclass(frozen=True)
class Expiry:
    """
    The options that expire together, and their market.

    The fixed part of the forward price is settled already and moves no more with the spot. A
    negative rate counts as 0. `confidence` is the least of the feeds of this expiry.
    """

    seconds: int
    forward_fixed: float
    forward_floating: float
    rate: float
    confidence: float
    lots: tuple[Lot, ...]

    @property
    def years(self) -> float:
        """Years to expiry, 0 once expired."""
        return max(0, self.seconds) / SECONDS_PER_YEAR

    @property
    def days(self) -> float:
        """Days to expiry, 0 once expired."""
        return max(0, self.seconds) / SECONDS_PER_DAY

    @property
    def stressed_rate(self) -> float:
        """The interest rate, never below 0."""
        return max(0.0, self.rate)

    @property
    def discount(self) -> float:
        """Today's value of 1 paid at expiry."""
        return discount_factor(self.years, self.stressed_rate)


class Collateral(NamedTuple):
    """One kind of collateral; haircuts are shares of its value."""

    value: float
    confidence: float
    moves_with_spot: bool  # its profit in a scenario offsets losses
    initial_haircut: float  # on top of the maintenance haircut
    maintenance_haircut: float


@dataclass(frozen=True)
class Portfolio:
    """Everything that one account holds of one underlying; confidences are 0 .. 1."""

    cash: float
    spot: float
    spot_confidence: float
    stable_price: float
    perpetual_amount: float = 0.0
    perpetual_price: float = 0.0
    perpetual_confidence: float = 1.0
    perpetual_profit: float = 0.0  # not yet settled, funding included
    collaterals: tuple[Collateral, ...] = ()
    expiries: tuple[Expiry, ...] = ()

    @property
    def confidence(self) -> float:
        """The confidence in the spot price, and in that of the perpetual where one is held."""
        if self.perpetual_amount == 0.0:
            return self.spot_confidence
        return min(self.spot_confidence, self.perpetual_confidence)


@dataclass(frozen=True)
class Grid:
    """Every figure of the method but the scenarios."""

    volatility_range_up: float
    volatility_range_down: float
    volatility_least_up: float
    power_short: float
    power_long: float
    days_floor: float
    linear_cap_base: float
    linear_cap_slope: float
    absolute_cap_base: float
    absolute_cap_slope: float
    skew_width_least: float
    skew_width_scale: float
    skew_static: float
    skew_slope: float
    initial_loss_factor: float
    maintenance_loss_factor: float
    asset_discount_base: float
    asset_rate_multiple: float
    asset_rate_add: float
    debt_discount_base: float
    debt_rate_multiple: float
    debt_rate_add: float
    basis_spot_up: float
    basis_spot_down: float
    basis_add_factor: float
    basis_multiply_factor: float
    peg_threshold: float
    peg_factor: float
    confidence_threshold: float
    confidence_factor: float
    perpetual_initial_rate: float  # on top of the maintenance rate
    perpetual_maintenance_rate: float
    short_option_initial_rate: float  # on top of the maintenance rate
    short_option_maintenance_rate: float


@dataclass(frozen=True)
class GridMargin:
    """
    What the method says of a portfolio.

    `worst` is the place of the worst scenario, or their number where the basis surcharge is worse
    than all.
    """

    initial: float
    maintenance: float
    option_value: float
    collateral_value: float
    basis_surcharge: float
    scenario_profits: tuple[float, ...]
    worst: int


def shocked_volatility(
    lot: Lot, expiry: Expiry, shock: VolatilityShock, grid: Grid, forward: float
) -> float:
    """
    Return the volatility of a lot under a shock.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_addVolShocks,
    _getExpiryShockedMTM, _getExpirySkewedShockedMTM).
    """
    if shock == VolatilityShock.NONE or min(expiry.seconds, forward, lot.strike) <= 0:
        return lot.volatility  # without time or a price it counts for nothing
    if shock in {VolatilityShock.UP, VolatilityShock.DOWN}:
        power = power_to_30_days(expiry.days, grid.power_short, grid.power_long)
        is_up = shock == VolatilityShock.UP
        width = grid.volatility_range_up if is_up else grid.volatility_range_down
        relative = volatility_shock(expiry.days, width, power, grid.days_floor)
        if is_up:
            return volatility_up(lot.volatility, relative, grid.volatility_least_up)
        return volatility_down(lot.volatility, relative)
    distance = math.log(lot.strike / forward)
    if shock == VolatilityShock.LINEAR_SKEW:
        cap = skew_cap(expiry.years, grid.linear_cap_base, grid.linear_cap_slope)
    else:
        distance = abs(distance)
        cap = skew_cap(expiry.years, grid.absolute_cap_base, grid.absolute_cap_slope)
    kstar = skew_width(
        expiry.years,
        grid.skew_width_scale,
        grid.skew_static,
        grid.skew_slope,
        grid.skew_width_least,
    )
    return lot.volatility * skew_multiplier(distance, cap, kstar)


def expiry_value(
    expiry: Expiry,
    spot_factor: float,
    shock: VolatilityShock,
    grid: Grid,
    option_value: OptionValue = black76_value,
) -> float:
    """
    Return what the options of an expiry are worth under a shock.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_getExpiryShockedMTM).
    """
    forward = expiry.forward_floating * spot_factor + expiry.forward_fixed
    years, discount = expiry.years, expiry.discount
    total = 0.0
    for lot in expiry.lots:
        volatility = shocked_volatility(lot, expiry, shock, grid, forward)
        value = option_value(forward, lot.strike, years, volatility, discount, lot.is_call)
        total += lot.amount * value
    return total


def naked_shorts(lots: tuple[Lot, ...]) -> float:
    """
    Return how many options are short on balance, strike by strike; calls and puts net.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_addOptionContingency).
    """
    balance: dict[float, float] = {}
    for lot in lots:
        balance[lot.strike] = balance.get(lot.strike, 0.0) + lot.amount
    return sum(max(0.0, -amount) for amount in balance.values())


def expiry_profit(
    expiry: Expiry, value: float, scenario: Scenario, grid: Grid, option_value: OptionValue
) -> float:
    """
    Return what a scenario adds to the value of an expiry, discounted and dampened.

    A skew shock counts as a loss whichever way it goes, and leaves the spot alone.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (getScenarioPnL).
    """
    is_skew = scenario.volatility >= VolatilityShock.LINEAR_SKEW
    factor = 1.0 if is_skew else scenario.spot_factor
    shocked = expiry_value(expiry, factor, scenario.volatility, grid, option_value)
    years, rate = expiry.years, expiry.stressed_rate
    if shocked >= 0.0:
        shocked *= discount_of_assets(
            years, rate, grid.asset_discount_base, grid.asset_rate_multiple, grid.asset_rate_add
        )
    else:
        shocked *= discount_of_debts(
            years,
            rate,
            grid.debt_discount_base,
            grid.debt_rate_multiple,
            grid.debt_rate_add,
            1.0 / expiry.discount,
        )
    profit = (shocked - value) * scenario.dampening
    return -abs(profit) if is_skew else profit


def scenario_profit(
    portfolio: Portfolio,
    values: tuple[float, ...],
    scenario: Scenario,
    grid: Grid,
    option_value: OptionValue = black76_value,
) -> float:
    """
    Return what a scenario adds to the value of a portfolio; `values` are those of its expiries.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (getScenarioPnL).
    """
    move = scenario.spot_factor - 1.0
    perpetual = portfolio.perpetual_amount * (move * portfolio.perpetual_price)
    profit = perpetual * scenario.dampening
    for expiry, value in zip(portfolio.expiries, values, strict=True):
        profit += expiry_profit(expiry, value, scenario, grid, option_value)
    for collateral in portfolio.collaterals:
        if collateral.moves_with_spot:
            profit += collateral.value * move * scenario.dampening
    return profit


def basis_loss(
    portfolio: Portfolio,
    values: tuple[float, ...],
    grid: Grid,
    option_value: OptionValue = black76_value,
) -> float:
    """
    Return the basis surcharges of all expiries, 0 or less: the least loss that a grid counts.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_addBasisContingency).
    """
    loss = 0.0
    for expiry, value in zip(portfolio.expiries, values, strict=True):
        up, down = (
            expiry_value(expiry, factor, VolatilityShock.NONE, grid, option_value)
            for factor in (grid.basis_spot_up, grid.basis_spot_down)
        )
        loss += basis_surcharge(
            value, up, down, expiry.years, grid.basis_add_factor, grid.basis_multiply_factor
        )
    return loss


def surcharges(portfolio: Portfolio, grid: Grid) -> tuple[float, float]:
    """
    Return the surcharge of initial margin on top of that of maintenance margin, and the latter.

    On the notional of perpetuals and of options short on balance, on collateral, and for low
    confidence in any price.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (addPrecomputes).
    """
    limits = grid.confidence_threshold, grid.confidence_factor
    notional = abs(portfolio.perpetual_amount) * portfolio.spot
    initial = notional * grid.perpetual_initial_rate
    initial += confidence_surcharge(portfolio.confidence, *limits, notional)
    maintenance = notional * grid.perpetual_maintenance_rate
    for expiry in portfolio.expiries:
        short = naked_shorts(expiry.lots) * portfolio.spot
        initial += short * grid.short_option_initial_rate
        maintenance += short * grid.short_option_maintenance_rate
        confidence = min(portfolio.confidence, expiry.confidence)
        gross = sum(abs(lot.amount) for lot in expiry.lots) * portfolio.spot
        initial += confidence_surcharge(confidence, *limits, gross)
    for collateral in portfolio.collaterals:
        initial += collateral.value * collateral.initial_haircut
        maintenance += collateral.value * collateral.maintenance_haircut
        confidence = min(portfolio.spot_confidence, collateral.confidence)
        initial += confidence_surcharge(confidence, *limits, collateral.value)
    return initial, maintenance


def grid_margin(
    portfolio: Portfolio,
    scenarios: tuple[Scenario, ...],
    grid: Grid,
    option_value: OptionValue = black76_value,
) -> GridMargin:
    """
    Return both margins of a portfolio, with the figures on the way.

    The worst of all scenarios and the basis surcharge, times a loss factor that a stable coin off
    its peg raises for initial margin, less surcharges, plus value and cash.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (getMarginAndMarkToMarket).
    """
    values = tuple(
        expiry_value(expiry, 1.0, VolatilityShock.NONE, grid, option_value)
        for expiry in portfolio.expiries
    )
    basis = basis_loss(portfolio, values, grid, option_value)
    profits = tuple(
        scenario_profit(portfolio, values, scenario, grid, option_value) for scenario in scenarios
    )
    worst, place = basis, len(scenarios)
    for candidate, profit in enumerate(profits):
        if profit < worst:
            worst, place = profit, candidate
    initial, maintenance = surcharges(portfolio, grid)
    collateral = sum(held.value for held in portfolio.collaterals)
    profit = portfolio.perpetual_profit if portfolio.perpetual_amount != 0.0 else 0.0
    value = profit + sum(values) + collateral + portfolio.cash
    factor = grid.initial_loss_factor
    factor += peg_loss_factor(portfolio.stable_price, grid.peg_threshold, grid.peg_factor)
    return GridMargin(
        initial=worst * factor - initial - maintenance + value,
        maintenance=worst * grid.maintenance_loss_factor - maintenance + value,
        option_value=float(sum(values)),
        collateral_value=float(collateral),
        basis_surcharge=basis,
        scenario_profits=profits,
        worst=place,
    )
