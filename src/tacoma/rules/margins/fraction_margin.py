"""Maintenance margin as a fraction of the initial margin, both rounded against the account."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, mul_div_ceil, mul_div_floor


@rule
def initial_quanta(notional_quanta: int, initial_ppm: int) -> int:
    """
    Return the initial margin of a notional in quanta, rounded up.

    Domain: 0 <= notional_quanta < 2**53, 0 <= initial_ppm <= 1e6.
    Source: dYdX v4-chain protocol/x/perpetuals/types/liquidity_tier.go,
    GetInitialMarginQuoteQuantums.
    """
    return mul_div_ceil(notional_quanta, initial_ppm, PPM)


@rule
def maintenance_quanta(notional_quanta: int, initial_ppm: int, fraction_ppm: int) -> int:
    """
    Return the maintenance margin of a notional in quanta, rounded up twice.

    The initial margin at its base rate (open interest and chosen leverage never scale
    maintenance), rounded up, times the fraction, rounded up again.
    Domain: 0 <= notional_quanta < 2**53, 0 <= initial_ppm, fraction_ppm <= 1e6.
    Source: dYdX v4-chain protocol/x/perpetuals/lib/lib.go,
    GetMarginRequirementsInQuoteQuantums.
    """
    return mul_div_ceil(initial_quanta(notional_quanta, initial_ppm), fraction_ppm, PPM)


@rule
def maintenance_ppm(initial_ppm: int, fraction_ppm: int) -> int:
    """
    Return the maintenance rate in ppm, rounded down; for limits of funding, not for accounts.

    Domain: 0 <= initial_ppm, fraction_ppm <= 1e6.
    Source: dYdX v4-chain protocol/x/perpetuals/types/liquidity_tier.go, GetMaintenanceMarginPpm.
    """
    return mul_div_floor(initial_ppm, fraction_ppm, PPM)
