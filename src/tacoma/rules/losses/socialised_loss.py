"""Loss sharing by withdrawal: whoever leaves while the venue is short pays a part of the hole."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import mul_div_wide_floor


@rule
def shortfall_quanta(bankruptcies_quanta: int, fund_quanta: int) -> int:
    """
    Return what bankrupt accounts owe beyond the insurance fund, in quanta, never below 0.

    A fund of negative value adds to it. Exact.
    Domain: 0 <= bankruptcies_quanta < 2**62, |fund_quanta| < 2**62.
    Source: Paradex docs, risk-system/socialized-losses (exchange bankruptcy amount).
    """
    return max(0, bankruptcies_quanta - fund_quanta)


@rule
def withdrawal_haircut_quanta(
    withdrawal_quanta: int, shortfall_quanta: int, total_balance_quanta: int
) -> int:
    """
    Return what a withdrawal leaves behind for the insurance fund, in quanta, rounded up.

    withdrawal * shortfall / (total balance + shortfall). What counts as the total balance is the
    caller's: the source's formula adds the shortfall to all balances, 4,000 in its example, but
    its result of 25 % needs the three users' 3,000 without the fund.
    Domain: 0 <= withdrawal_quanta < 2**62, 0 <= shortfall_quanta, total_balance_quanta < 2**60.
    Source: Paradex docs, risk-system/socialized-losses (socialized loss factor).
    """
    if shortfall_quanta == 0 or withdrawal_quanta == 0:
        return 0
    kept = mul_div_wide_floor(
        withdrawal_quanta, total_balance_quanta, total_balance_quanta + shortfall_quanta
    )
    return withdrawal_quanta - kept
