"""Funding of sampled premiums: averaged with zeros for what is missing, limited, then indexed."""

from collections.abc import Sequence

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, clamp, floor_div, mul_div_floor, trunc_div


@rule
def removed_samples(count: int, removal_ppm: int) -> int:
    """
    Return how many samples are removed at both ends together, rounded down.

    None are removed where the rate would take them all.
    Domain: 0 <= count < 2**31, 0 <= removal_ppm <= 2**31.
    Source: dYdX v4-chain protocol/x/perpetuals/keeper/perpetual.go, GetRemoveSampleTailsFunc.
    """
    removed = count * (2 * removal_ppm) // PPM
    return 0 if removed >= count else removed


def without_tails(samples: Sequence[int], removal_ppm: int) -> list[int]:
    """
    Return samples without the smallest and the largest, in ascending order.

    Of an odd number the top loses one more. Where none is removed the order stays as it was.
    Exact; a plain function, for a list changes its length.
    Source: dYdX v4-chain protocol/x/perpetuals/keeper/perpetual.go, GetRemoveSampleTailsFunc.
    """
    removed = removed_samples(len(samples), removal_ppm)
    if removed == 0:
        return list(samples)
    bottom = removed // 2
    return sorted(samples)[bottom : len(samples) - (removed - bottom)]


@rule
def zero_padded_mean(total: int, count: int, count_min: int) -> int:
    """
    Return the mean of `count` samples that sum to `total`, rounded toward zero.

    Missing samples up to count_min count as zeros; without any sample the mean is 0.
    Domain: |total| < 2**63, counts >= 0.
    Source: dYdX v4-chain protocol/x/perpetuals/keeper/perpetual.go, processStoredPremiums;
    protocol/lib/math.go, AvgInt32.
    """
    divisor = max(count, count_min)
    return trunc_div(total, divisor) if divisor > 0 else 0


def premium_ppm(samples: Sequence[int], count_min: int, removal_ppm: int) -> int:
    """
    Return the premium of one interval: samples padded with zeros, tails removed, mean truncated.

    A plain function, for a list changes its length.
    Source: dYdX v4-chain protocol/x/perpetuals/keeper/perpetual.go, processStoredPremiums.
    """
    padded = [*samples, *[0] * max(0, count_min - len(samples))]
    kept = without_tails(padded, removal_ppm)
    return int(zero_padded_mean(sum(kept), len(kept), 0))


@rule
def rate_limit_ppm(factor_ppm: int, initial_ppm: int, maintenance_ppm: int) -> int:
    """
    Return the largest funding rate in ppm: factor * (initial - maintenance rate), rounded down.

    Domain: 0 <= factor_ppm < 2**32, 0 <= maintenance_ppm <= initial_ppm <= 1e6.
    Source: dYdX v4-chain protocol/x/perpetuals/types/liquidity_tier.go, GetMaxAbsFundingClampPpm.
    """
    return mul_div_floor(factor_ppm, initial_ppm - maintenance_ppm, PPM)


@rule
def rate_ppm(premium_ppm: int, default_ppm: int, limit_ppm: int) -> int:
    """
    Return the funding rate in ppm: premium plus the market's default, within +-limit.

    Domain: |premium|, |default| < 2**62, limit_ppm >= 0.
    Source: dYdX v4-chain protocol/x/perpetuals/keeper/perpetual.go,
    MaybeProcessNewFundingTickEpoch.
    """
    return clamp(premium_ppm + default_ppm, -limit_ppm, limit_ppm)


@rule
def index_delta_ppm(
    rate_ppm: int,
    elapsed_s: int,
    period_s: int,
    price: int,
    numerator: int,
    denominator: int,
) -> int:
    """
    Return how much a funding index rises, in ppm of money per unit of size.

    rate * elapsed * price on the scale of `notional_truncated`, rounded toward zero, then divided
    by the period of the rate, rounded toward zero again.
    Domain: |rate| * elapsed * price * numerator < 2**63, denominator, period_s > 0.
    Source: dYdX v4-chain protocol/x/perpetuals/funding/funding.go, GetFundingIndexDelta.
    """
    return trunc_div(trunc_div(rate_ppm * elapsed_s * price * numerator, denominator), period_s)


@rule
def settlement_ppm(index_now: int, index_then: int, size: int) -> int:
    """
    Return what a position receives since its index was set, in millionths of money; exact.

    Longs pay when the index rises.
    Domain: |index_now - index_then| * |size| < 2**63.
    Source: dYdX v4-chain protocol/x/perpetuals/lib/lib.go, GetSettlementPpmWithPerpetual.
    """
    return -(index_now - index_then) * size


@rule
def settled_quanta(settlement_ppm: int) -> int:
    """
    Return the settlement of all positions of an account together in quanta, rounded down.

    Source: dYdX v4-chain protocol/x/subaccounts/lib/updates.go,
    GetSettledSubaccountWithPerpetuals.
    """
    return floor_div(settlement_ppm, PPM)
