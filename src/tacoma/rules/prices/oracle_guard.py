"""Whether a price may be used: a ladder of faults, what each allows, limits of distance."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, trunc_div

# From the worst fault to none.
NOT_POSITIVE = 0
TOO_VOLATILE = 1
TOO_UNCERTAIN = 2
STALE_FOR_MARGIN = 3
TOO_FEW_SOURCES = 4
STALE_FOR_QUOTING = 5
VALID = 6

ACTION_UPDATE_FUNDING = 0
ACTION_SETTLE_PROFIT = 1
ACTION_TRIGGER_ORDER = 2
ACTION_MATCH_ORDERS = 3
ACTION_QUOTE = 4  # the venue itself takes the other side
ACTION_LIQUIDATE = 5
ACTION_MARGIN = 6
ACTION_UPDATE_AVERAGE = 7
ACTION_PRICE_ORDER = 8  # orders that state a distance to the price


@rule
def price_fault(
    price: int,
    average_price: int,
    confidence: int,
    age: int,
    has_enough_sources: bool,
    volatile_ratio: int,
    max_confidence: int,
    confidence_unit: int,
    margin_age: int,
    quoting_age: int,
) -> int:
    """
    Return the first fault of a price that applies, from NOT_POSITIVE to VALID.

    Not positive; further from its average than the ratio (larger / smaller, rounded down, strictly
    above); confidence / price strictly above its limit; strictly older than margin allows; too few
    sources; strictly older than quoting allows.
    Domain: confidence, age >= 0, confidence * confidence_unit < 2**63.
    Source: Drift v2 math/oracle.rs, oracle_validity (5; 2 % by tier; 120 slots; 10 slots).
    """
    if price <= 0:
        return NOT_POSITIVE
    if max(price, average_price) // max(1, min(price, average_price)) > volatile_ratio:
        return TOO_VOLATILE
    if confidence * confidence_unit // price > max_confidence:
        return TOO_UNCERTAIN
    if age > margin_age:
        return STALE_FOR_MARGIN
    if not has_enough_sources:
        return TOO_FEW_SOURCES
    if age > quoting_age:
        return STALE_FOR_QUOTING
    return VALID


@rule
def price_allows(fault: int, action: int) -> bool:
    """
    Say whether a price with a fault may be used for an action.

    Quoting needs a valid price. Orders priced by it also take a price stale for quoting or of too
    few sources, and so does the margin calculation; funding and settling of profit also take one
    stale for margin; matching the same; liquidation and triggers also an uncertain one; an average
    takes any positive price.
    Domain: 0 <= fault <= 6, 0 <= action <= 8.
    Source: Drift v2 math/oracle.rs, is_oracle_valid_for_action.
    """
    if action == ACTION_QUOTE:
        return fault == VALID
    if action == ACTION_MARGIN or action == ACTION_PRICE_ORDER:
        return fault > STALE_FOR_MARGIN
    if action == ACTION_LIQUIDATE or action == ACTION_TRIGGER_ORDER:
        return fault > TOO_VOLATILE
    if action == ACTION_UPDATE_AVERAGE:
        return fault > NOT_POSITIVE
    return fault > TOO_UNCERTAIN


@rule
def spread_of_mark(mark: int, average_price: int, unit: int) -> int:
    """
    Return how far a mark is from an average of the oracle, over the mark, rounded toward zero.

    Positive when the mark is above. Domain: mark > 0, |mark - average_price| * unit < 2**63.
    Source: Drift v2 math/amm.rs, calculate_oracle_twap_5min_price_spread_pct.
    """
    return trunc_div((mark - average_price) * unit, mark)


@rule
def is_spread_too_wide(spread: int, limit: int, least_limit: int) -> bool:
    """
    Say whether a spread is strictly wider than its limit, which is never below a least limit.

    Source: Drift v2 math/amm.rs, is_oracle_mark_too_divergent (at least 10 %; blocks funding).
    """
    return absolute(spread) > max(limit, least_limit)


@rule
def is_price_off_average(
    price: int, average_price: int, unit: int, limit: int, least_limit: int
) -> bool:
    """
    Say whether a price is as far from its average as a limit allows, or further.

    |price - average| * unit / |average|, rounded down, at or above the limit, which is never below
    a least limit. Without an average there is no distance: false.
    Domain: |price - average_price| * unit < 2**63.
    Source: Drift v2 math/orders.rs, is_oracle_too_divergent_with_twap_5min; state/state.rs,
    max_oracle_twap_5min_percent_divergence (at least 50 %; blocks liquidation of perpetuals).
    """
    if average_price == 0:
        return False
    distance = absolute(price - average_price) * unit // absolute(average_price)
    return distance >= max(limit, least_limit)
