"""Auto-deleveraging started by the drawdown of a shared insurance pool, and where it stops."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, ceil_div, mul_div_ceil, mul_div_floor


@rule
def drawdown_passed(
    pnl_quanta: int, pnl_peak_quanta: int, pool_peak_quanta: int, limit_ppm: int, is_strict: bool
) -> bool:
    """
    Say whether a symbol has lost too much of its pool since the peak of its own result.

    (pnl - peak of pnl) / peak of the pool below the limit (negative, -300,000 ppm for -30 %).
    `is_strict` decides the case of equality: the rule of the source says <, its second example,
    at exactly -30 %, says <=. A pool that never held anything passes no limit.
    Exact: an integer is below limit * pool precisely when it is below that rounded up.
    Domain: all below 2**62 in absolute value, pool_peak_quanta >= 0, -2**30 < limit_ppm <= 0.
    Source: Bybit API docs v5 market/adl-alert (pnl ratio over 8 hours).
    """
    if pool_peak_quanta <= 0:
        return False
    drawdown = pnl_quanta - pnl_peak_quanta
    if is_strict:
        return drawdown < -mul_div_floor(pool_peak_quanta, -limit_ppm, PPM)
    return drawdown <= -mul_div_ceil(pool_peak_quanta, -limit_ppm, PPM)


@rule
def is_deleveraging(
    pnl_quanta: int,
    pnl_peak_quanta: int,
    pool_peak_quanta: int,
    balance_quanta: int,
    threshold_quanta: int,
    limit_ppm: int,
    is_strict: bool,
) -> bool:
    """
    Say whether deleveraging starts: the pool is empty, or a symbol drew it down too fast.

    An empty pool (balance 0 or less) always does. Otherwise the balance must exceed the threshold
    and the drawdown pass its limit, see `drawdown_passed` for `is_strict`.
    Domain: as `drawdown_passed`.
    Source: Bybit API docs v5 market/adl-alert (cases 1 and 2).
    """
    if balance_quanta <= 0:
        return True
    if balance_quanta <= threshold_quanta:
        return False
    return drawdown_passed(pnl_quanta, pnl_peak_quanta, pool_peak_quanta, limit_ppm, is_strict)


@rule
def is_recovered(
    pnl_quanta: int, pnl_peak_quanta: int, pool_peak_quanta: int, stop_ppm: int
) -> bool:
    """
    Say whether deleveraging by drawdown stops: the ratio is strictly above the stop (-25 %).

    Domain: all below 2**53 in absolute value, -2**30 < stop_ppm <= 0.
    Source: Bybit API docs v5 market/adl-alert (deleveraging ends above the stop ratio).
    """
    if pool_peak_quanta <= 0:
        return True
    return pnl_quanta - pnl_peak_quanta > -mul_div_ceil(pool_peak_quanta, -stop_ppm, PPM)


@rule
def winners_subsidy_quanta(
    pnl_quanta: int, pnl_peak_quanta: int, pool_peak_quanta: int, limit_ppm: int
) -> int:
    """
    Return the part of a symbol's loss that its winners carry instead of the pool, in quanta.

    What the drawdown exceeds the limit by: max(0, limit * pool peak - (pnl - peak of pnl)), rounded
    up, so that the pool carries no quantum beyond its limit.
    Domain: all below 2**53 in absolute value, pool_peak_quanta >= 0, -2**30 < limit_ppm <= 0.
    Source: Bybit API docs v5 market/adl-alert (scenario 1: 350,000 of 1,000,000 leaves 50,000).
    """
    carried = mul_div_floor(pool_peak_quanta, -limit_ppm, PPM)
    return max(0, pnl_peak_quanta - pnl_quanta - carried)


@rule
def drawdown_ratio(pnl_quanta: int, pnl_peak_quanta: int, pool_peak_quanta: int, unit: int) -> int:
    """
    Return (pnl - peak of pnl) / peak of the pool in 1 / unit, rounded up (toward no drawdown).

    Domain: pool_peak_quanta > 0, |pnl - peak| * unit < 2**63.
    Source: Bybit API docs v5 market/adl-alert.
    """
    return ceil_div((pnl_quanta - pnl_peak_quanta) * unit, pool_peak_quanta)
