"""
Liquidation of collateral: a liquidator repays an account's debt and gets collateral at a discount.

Amounts are integers in the smallest unit of their token; `unit` arguments say how many of them
make one whole (10**6, 10**18), so one source serves every precision. A price is money per whole
collateral token, times `price_unit`. Ratios are in ppm.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, mul_div_ceil, mul_div_floor


@rule
def discounted_price(price: int, discount_ppm: int) -> int:
    """
    Return the price less the liquidator's discount, rounded down.

    Domain: price >= 0, 0 <= discount_ppm <= PPM.
    Source: perpetual-protocol/perp-curie-contract contracts/Vault.sol (indexTwap.mulRatio).
    """
    return mul_div_floor(price, PPM - discount_ppm, PPM)


@rule
def max_repaid(
    debt: int,
    margin_requirement: int,
    dust: int,
    liquidation_ratio_ppm: int,
    insurance_fee_ppm: int,
) -> int:
    """
    Return the most that a liquidator may repay at once, the insurance fund's fee included.

    The greater of debt and margin requirement counts. Above the dust (strictly) only the ratio of
    it may be repaid, rounded down; up to the dust all of it. That is divided by 1 - fee, rounded
    down.
    Domain: amounts in 0 .. 2**62 / PPM, 0 <= ratio <= PPM, 0 <= fee < PPM.
    Source: perp-curie-contract contracts/Vault.sol, _getMaxRepaidSettlement.
    """
    owed = max(0, debt, margin_requirement)
    if owed > dust:
        owed = mul_div_floor(owed, liquidation_ratio_ppm, PPM)
    return mul_div_floor(owed, PPM, PPM - insurance_fee_ppm)


@rule
def rescaled(amount: int, from_unit: int, to_unit: int) -> int:
    """
    Return an amount counted in another precision, rounded down.

    Domain: amount >= 0, from_unit * to_unit < 2**63.
    Source: perp-curie-contract contracts/lib/SettlementTokenMath.sol (convertTokenDecimals).
    """
    return mul_div_floor(amount, to_unit, from_unit)


@rule
def settlement_for_collateral(collateral: int, price: int, price_unit: int) -> int:
    """
    Return what collateral is worth, in its own precision, rounded down.

    Domain: collateral >= 0, price * price_unit < 2**63.
    Source: perp-curie-contract contracts/Vault.sol, _getSettlementByCollateral.
    """
    return mul_div_floor(collateral, price, price_unit)


@rule
def collateral_for_settlement(settlement: int, price: int, price_unit: int) -> int:
    """
    Return how much collateral a repayment buys, in the repayment's precision, rounded up.

    Domain: settlement >= 0, 0 < price, price * price_unit < 2**63.
    Source: perp-curie-contract contracts/Vault.sol, _getCollateralBySettlement.
    """
    return mul_div_ceil(settlement, price_unit, price)


@rule
def liquidatable_collateral(
    repaid: int, price: int, price_unit: int, unit: int, collateral_unit: int, balance: int
) -> int:
    """
    Return the most collateral that a repayment may buy, at most what the account holds.

    `repaid` counts `unit` to the whole, the result and `balance` `collateral_unit`. The quantity is
    rounded up in `unit` and then down in `collateral_unit`.
    Domain: as `collateral_for_settlement` and `rescaled`, each result within int64.
    Source: perp-curie-contract contracts/Vault.sol,
    getMaxRepaidSettlementAndLiquidatableCollateral.
    """
    bought = rescaled(collateral_for_settlement(repaid, price, price_unit), unit, collateral_unit)
    return min(bought, balance)


@rule
def repaid_for_collateral(
    repaid: int, price: int, price_unit: int, unit: int, collateral_unit: int, balance: int
) -> int:
    """
    Return the most to repay after all: less where the account holds less than it would buy.

    Then it is the value of all the collateral, rounded down, so that paying it never buys more.
    Domain: as `liquidatable_collateral`.
    Source: perp-curie-contract contracts/Vault.sol,
    getMaxRepaidSettlementAndLiquidatableCollateral.
    """
    bought = rescaled(collateral_for_settlement(repaid, price, price_unit), unit, collateral_unit)
    if bought <= balance:
        return repaid
    return settlement_for_collateral(rescaled(balance, collateral_unit, unit), price, price_unit)


@rule
def insurance_fee(repaid: int, fee_ppm: int) -> int:
    """
    Return the insurance fund's part of a repayment, rounded down; the rest reduces the debt.

    Domain: 0 <= repaid < 2**62, 0 <= fee_ppm <= PPM.
    Source: perp-curie-contract contracts/Vault.sol, _liquidateCollateral.
    """
    return mul_div_floor(repaid, fee_ppm, PPM)


@rule
def is_collateral_liquidatable(
    account_value: int,
    margin_requirement: int,
    debt: int,
    collateral_value: int,
    debt_ratio_ppm: int,
    debt_threshold: int,
) -> bool:
    """
    Say whether collateral may be liquidated: too little value, or too much debt (all strictly).

    Account value below the requirement; debt above a ratio of the weighted collateral, rounded
    down; or debt above the account's threshold. All amounts in one unit.
    Domain: |amounts| < 2**62, 0 <= debt_ratio_ppm < 2**20; debt is 0 for a positive balance.
    Source: perp-curie-contract contracts/Vault.sol, isLiquidatable.
    """
    if account_value < margin_requirement:
        return True
    if debt > mul_div_floor(collateral_value, debt_ratio_ppm, PPM):
        return True
    return debt > debt_threshold
