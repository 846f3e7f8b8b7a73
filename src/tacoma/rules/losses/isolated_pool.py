"""
A market with its own collateral pool: payments that must happen in the right order.

When the last positions of a market close, their accounts' money leaves its pool for the common
one. If a loss is to be paid by insurance, that payment belongs into the pool before, not after.
"""

from tacoma.compile import rule


@rule
def pool_before_transfer_quanta(
    pool_quanta: int, insurance_delta_quanta: int, is_insurance_first: bool
) -> int:
    """
    Return what a pool holds when the collateral of closed accounts is to leave it.

    `insurance_delta_quanta` is what the fund receives; negative, it is paid into the pool.
    Domain: |all| < 2**62.
    Source: dYdX v4-chain protocol/x/clob/keeper,
    process_single_match_isolated_insurance_fund_test.go (fix #3140).
    """
    return pool_quanta - insurance_delta_quanta if is_insurance_first else pool_quanta


@rule
def is_transfer_covered(
    pool_quanta: int, transfer_quanta: int, insurance_delta_quanta: int, is_insurance_first: bool
) -> bool:
    """
    Say whether a transfer out of a pool succeeds; where it does not, the venue halts.

    Domain: |all| < 2**62.
    Source: dYdX v4-chain protocol/x/clob/keeper,
    process_single_match_isolated_insurance_fund_test.go (fix #3140; the halt of 10 October 2025).
    """
    held = pool_before_transfer_quanta(pool_quanta, insurance_delta_quanta, is_insurance_first)
    return held >= transfer_quanta
