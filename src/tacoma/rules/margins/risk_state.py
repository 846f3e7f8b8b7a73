"""How an account stands between equity and margin, and which change of that is allowed."""

from typing import Final

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import sign
from tacoma.rules.numbers.wide_product import compare_products

SUCCESS: Final = 0
NEWLY_UNDERCOLLATERALIZED: Final = 1
STILL_UNDERCOLLATERALIZED: Final = 2


@rule
def is_initially_collateralized(equity_quanta: int, initial_quanta: int) -> bool:
    """
    Say whether equity covers the initial margin; equality does.

    Source: dYdX v4-chain protocol/lib/margin/risk.go, IsInitialCollateralized.
    """
    return equity_quanta >= initial_quanta


@rule
def is_liquidatable(equity_quanta: int, maintenance_quanta: int) -> bool:
    """
    Say whether an account may be liquidated: it needs margin, and has strictly less equity.

    An account without positions needs none; however negative, there is nothing to liquidate.
    Source: dYdX v4-chain protocol/lib/margin/risk.go, IsLiquidatable.
    """
    return maintenance_quanta > 0 and maintenance_quanta > equity_quanta


@rule
def compare_risk(
    first_equity_quanta: int,
    first_maintenance_quanta: int,
    second_equity_quanta: int,
    second_maintenance_quanta: int,
) -> int:
    """
    Return -1, 0 or 1: the first account is less, equally or more risky than the second.

    The account with the smaller equity / maintenance is the riskier, compared exactly by cross
    multiplication. Of two with the same ratio it is the one with the larger maintenance; where
    neither needs margin, the one with less equity.
    Domain: |equity|, maintenance < 2**63, maintenance >= 0.
    Source: dYdX v4-chain protocol/lib/margin/risk.go, Cmp.
    """
    by_ratio = compare_products(
        second_equity_quanta,
        first_maintenance_quanta,
        first_equity_quanta,
        second_maintenance_quanta,
    )
    if by_ratio != 0:
        return by_ratio
    if first_maintenance_quanta == 0 and second_maintenance_quanta == 0:
        return sign(second_equity_quanta - first_equity_quanta)
    return sign(first_maintenance_quanta - second_maintenance_quanta)


@rule
def undercollateralized_transition(
    old_equity_quanta: int,
    old_initial_quanta: int,
    old_maintenance_quanta: int,
    new_equity_quanta: int,
    new_maintenance_quanta: int,
) -> int:
    """
    Return whether an account that does not cover its initial margin after a change may make it.

    SUCCESS where the change leaves it no riskier; else NEWLY_ or STILL_UNDERCOLLATERALIZED, as it
    did or did not cover its initial margin before. Maintenance may never rise. Where either
    maintenance is 0 there is no ratio: allowed only if both are and equity strictly rises.
    Domain: |equity|, margins < 2**62, margins >= 0.
    Source: dYdX v4-chain protocol/x/subaccounts/lib/updates.go,
    IsValidStateTransitionForUndercollateralizedSubaccount.
    """
    refused = STILL_UNDERCOLLATERALIZED
    if old_initial_quanta <= old_equity_quanta:
        refused = NEWLY_UNDERCOLLATERALIZED
    if new_maintenance_quanta > old_maintenance_quanta:
        return refused
    if new_maintenance_quanta == 0 or old_maintenance_quanta == 0:
        if (
            new_maintenance_quanta == 0
            and old_maintenance_quanta == 0
            and new_equity_quanta > old_equity_quanta
        ):
            return SUCCESS
        return refused
    risk = compare_risk(
        new_equity_quanta, new_maintenance_quanta, old_equity_quanta, old_maintenance_quanta
    )
    return refused if risk > 0 else SUCCESS


@rule
def transition(
    old_equity_quanta: int,
    old_initial_quanta: int,
    old_maintenance_quanta: int,
    new_equity_quanta: int,
    new_initial_quanta: int,
    new_maintenance_quanta: int,
) -> int:
    """
    Return whether an account may make a change: SUCCESS if it then covers its initial margin.

    Otherwise `undercollateralized_transition` decides.
    Domain: as there.
    Source: dYdX v4-chain protocol/x/subaccounts/keeper/subaccount.go,
    internalCanUpdateSubaccounts.
    """
    if is_initially_collateralized(new_equity_quanta, new_initial_quanta):
        return SUCCESS
    return undercollateralized_transition(
        old_equity_quanta,
        old_initial_quanta,
        old_maintenance_quanta,
        new_equity_quanta,
        new_maintenance_quanta,
    )
