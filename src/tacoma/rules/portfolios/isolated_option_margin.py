"""
Margin of options without a portfolio model: each short for itself, or the worst at expiry.

Amounts, prices and rates are integers over one `unit` (10**18 of a venue, 10**6 for ppm); the
sign is that of the account, so a requirement is negative and a short amount is negative. Products
truncate toward zero. The value of an option comes from a model, as an integer.
"""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import trunc_div


@rule
def out_of_the_money_rate(strike: int, spot: int, is_call: bool, unit: int) -> int:
    """
    Return how far an option is out of the money as a share of the spot price, never below 0.

    Domain: prices >= 0, spot > 0, price * unit < 2**63.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getIsolatedMarginForCall and
    ...ForPut: otmRatio).
    """
    distance = strike - spot if is_call else spot - strike
    if distance <= 0:
        return 0
    return distance * unit // spot


@rule
def initial_spot_rate(out_of_the_money: int, rate_most: int, rate_least: int) -> int:
    """
    Return the share of spot that a short option asks for: most less how far out, at least least.

    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getIsolatedMarginForCall and
    ...ForPut: imMultiplier).
    """
    return max(rate_most - out_of_the_money, rate_least)


@rule
def spot_requirement(rate: int, spot: int, amount: int, unit: int) -> int:
    """
    Return rate * spot * amount, truncated after each product; negative for a short amount.

    Domain: rate, spot >= 0, rate * spot < 2**63, rate * spot / unit * |amount| < 2**63.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getIsolatedMarginForCall).
    """
    return trunc_div(rate * spot // unit * amount, unit)


@rule
def short_call_maintenance(value: int, spot: int, amount: int, rate: int, unit: int) -> int:
    """
    Return the maintenance margin of a short call: its value and a share of spot.

    Domain: as `spot_requirement`; value, amount <= 0.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getIsolatedMarginForCall).
    """
    return value + spot_requirement(rate, spot, amount, unit)


@rule
def short_call_initial(
    value: int, strike: int, spot: int, amount: int, rate_most: int, rate_least: int, unit: int
) -> int:
    """
    Return the initial margin of a short call: its value and a share of spot by moneyness.

    Domain: as `spot_requirement` and `out_of_the_money_rate`; value, amount <= 0.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getIsolatedMarginForCall).
    """
    out = out_of_the_money_rate(strike, spot, True, unit)
    rate = initial_spot_rate(out, rate_most, rate_least)
    return value + spot_requirement(rate, spot, amount, unit)


@rule
def short_put_maintenance(
    value: int, spot: int, amount: int, spot_rate: int, value_rate: int, unit: int
) -> int:
    """
    Return the maintenance margin of a short put: its value and the larger of two shares.

    One is a share of spot, the other of the value itself.
    Domain: as `spot_requirement`; value, amount <= 0, value_rate >= 0, |value| * value_rate <
    2**63.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getIsolatedMarginForPut).
    """
    by_spot = spot_requirement(spot_rate, spot, amount, unit)
    return value + min(by_spot, trunc_div(value_rate * value, unit))


@rule
def short_put_initial(
    value: int,
    maintenance: int,
    strike: int,
    spot: int,
    amount: int,
    rate_most: int,
    rate_least: int,
    maintenance_multiple: int,
    unit: int,
) -> int:
    """
    Return the initial margin of a short put: by moneyness, or a multiple of maintenance margin.

    The larger requirement of the two.
    Domain: as `spot_requirement` and `out_of_the_money_rate`; value, maintenance, amount <= 0,
    |maintenance| * multiple < 2**63.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getIsolatedMarginForPut).
    """
    out = out_of_the_money_rate(strike, spot, False, unit)
    rate = initial_spot_rate(out, rate_most, rate_least)
    by_spot = value + spot_requirement(rate, spot, amount, unit)
    return min(by_spot, trunc_div(maintenance * maintenance_multiple, unit))


@rule
def settlement_value(strike: int, is_call: bool, amount: int, price: int, unit: int) -> int:
    """
    Return what an option pays at a settlement price, truncated.

    Domain: |price - strike| * |amount| < 2**63.
    Source: derivexyz/v2-core src/assets/OptionAsset.sol (getSettlementValue).
    """
    gain = price - strike if is_call else strike - price
    if gain <= 0:
        return 0
    return trunc_div(gain * amount, unit)


@rule
def loss_at_price(
    strikes: NDArray[np.int64],
    calls: NDArray[np.int64],
    amounts: NDArray[np.int64],
    count: int,
    price: int,
    unit: int,
) -> int:
    """
    Return what options of one expiry pay at a settlement price, 0 where that is a gain.

    `calls` holds 1 for a call and 0 for a put.
    Domain: as `settlement_value`, for the sum too.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_calcMaxLoss).
    """
    payoff = 0
    for place in range(count):
        payoff += settlement_value(strikes[place], calls[place] == 1, amounts[place], price, unit)
    return min(payoff, 0)


@rule
def worst_loss(
    strikes: NDArray[np.int64],
    calls: NDArray[np.int64],
    amounts: NDArray[np.int64],
    count: int,
    forward: int,
    unpaired_rate: int,
    unit: int,
) -> int:
    """
    Return the worst payoff of options of one expiry, 0 or less.

    At a price of 0 and at each strike; beyond the last strike, calls that are short on balance
    lose without bound and count rate * forward each.
    Domain: as `loss_at_price`; forward, rate >= 0, rate * forward < 2**63,
    rate * forward / unit * |balance of calls| < 2**63.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol
    (_calcNetBasicMarginSingleExpiry).
    """
    worst = loss_at_price(strikes, calls, amounts, count, 0, unit)
    call_balance = 0
    for place in range(count):
        if calls[place] == 1:
            call_balance += amounts[place]
        at_strike = loss_at_price(strikes, calls, amounts, count, strikes[place], unit)
        worst = min(worst, at_strike)
    if call_balance < 0:
        worst += spot_requirement(unpaired_rate, forward, call_balance, unit)
    return worst


@rule
def expiry_margin(isolated: int, worst_loss: int) -> int:
    """
    Return the margin of options of one expiry: the smaller requirement of the two methods.

    `isolated` is the sum over the short options, each for itself.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol
    (_calcNetBasicMarginSingleExpiry).
    """
    return max(isolated, worst_loss)
