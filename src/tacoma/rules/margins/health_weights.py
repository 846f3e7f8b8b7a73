"""
Health of an account: what it has and owes, each weighted by how far it is trusted.

Assets count for less than their price and liabilities for more. Three kinds of health differ in
weights and prices only: the initial one (may new positions be opened?) takes initial weights and
the worse of oracle and stable price; the maintenance one (does liquidation start?) maintenance
weights and the oracle; the one at which a liquidation ends initial weights and the oracle.

A token's price is in quanta of account money per quantum of the token, in ppm (a dollar token has
1,000,000); a position's price is in quanta of its settlement token per lot; weights are in ppm.
Every rounding is to the account's disadvantage.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, mul_div_ceil, mul_div_floor

WITHOUT_BOUND = 2**62


@rule
def asset_price(oracle: int, stable: int, is_initial: bool) -> int:
    """
    Return the price at which an asset counts: the lower one for initial health, else the oracle's.

    Exact.
    Source: blockworks-foundation/mango-v4, programs/mango-v4/src/health/cache.rs,
    Prices::asset.
    """
    if is_initial and stable < oracle:
        return stable
    return oracle


@rule
def liability_price(oracle: int, stable: int, is_initial: bool) -> int:
    """
    Return the price at which a debt counts: the higher one for initial health, else the oracle's.

    Exact.
    Source: mango-v4 health/cache.rs, Prices::liab.
    """
    if is_initial and stable > oracle:
        return stable
    return oracle


@rule
def scaled_asset_weight_ppm(weight_ppm: int, deposits_quanta: int, start_quanta: int) -> int:
    """
    Return an initial weight for assets that falls once all deposits exceed a start, rounded down.

    weight * start / deposits above the start (strictly), so that the weighted total stays constant.
    Domain: 0 <= start_quanta < 2**42, 0 <= weight_ppm <= PPM, deposits_quanta < 2**62.
    Source: mango-v4 programs/mango-v4/src/state/bank.rs, scaled_init_asset_weight.
    """
    if deposits_quanta <= start_quanta:
        return weight_ppm
    return weight_ppm * start_quanta // deposits_quanta


@rule
def scaled_liability_weight_ppm(weight_ppm: int, borrows_quanta: int, start_quanta: int) -> int:
    """
    Return an initial weight for debts that rises once all borrows exceed a start, rounded up.

    weight * borrows / start above the start (strictly). A start of 0 leaves no borrow: 2**62.
    Domain: 0 <= borrows_quanta < 2**40, 0 <= weight_ppm < 2**23.
    Source: mango-v4 programs/mango-v4/src/state/bank.rs, scaled_init_liab_weight.
    """
    if borrows_quanta <= start_quanta:
        return weight_ppm
    if start_quanta <= 0:
        return WITHOUT_BOUND
    return -((-weight_ppm * borrows_quanta) // start_quanta)


@rule
def weighted_asset_price_ppm(price_ppm: int, weight_ppm: int) -> int:
    """
    Return what one quantum of a token that is owned counts for, in ppm, rounded down.

    Domain: 0 <= price_ppm < 2**42, 0 <= weight_ppm <= 2**20.
    Source: mango-v4 health/cache.rs, TokenInfo::asset_weighted_price.
    """
    return mul_div_floor(price_ppm, weight_ppm, PPM)


@rule
def weighted_liability_price_ppm(price_ppm: int, weight_ppm: int) -> int:
    """
    Return what one quantum of a token that is owed counts for, in ppm, rounded up.

    Domain: 0 <= price_ppm < 2**42, 0 <= weight_ppm < 2**23.
    Source: mango-v4 health/cache.rs, TokenInfo::liab_weighted_price.
    """
    return mul_div_ceil(price_ppm, weight_ppm, PPM)


@rule
def balance_health(
    balance_quanta: int, asset_weighted_ppm: int, liability_weighted_ppm: int
) -> int:
    """
    Return what a balance of a token contributes to health in quanta, rounded down.

    A balance of zero or more counts at the asset's weighted price, a debt at the liability's.
    Domain: |balance| < 2**53, weighted prices 0 .. 2**28 - 1.
    Source: mango-v4 health/cache.rs, TokenInfo::health_contribution.
    """
    if balance_quanta < 0:
        return mul_div_floor(balance_quanta, liability_weighted_ppm, PPM)
    return mul_div_floor(balance_quanta, asset_weighted_ppm, PPM)


@rule
def unsettled_health(
    lots: int,
    quote_quanta: int,
    asset_price: int,
    liability_price: int,
    asset_weight_ppm: int,
    liability_weight_ppm: int,
) -> int:
    """
    Return the weighted profit of a position in quanta of its settlement token, rounded down.

    quote + lots * price * weight: a long takes the asset's price and weight, a short the
    liability's. `quote_quanta` is minus the signed cost of the position, payments included.
    Domain: |lots| * price < 2**53, weights 0 .. 2**23 - 1, |quote| < 2**53.
    Source: mango-v4 health/cache.rs, PerpInfo::unweighted_health_unsettled_pnl (no orders).
    """
    if lots < 0:
        return quote_quanta + mul_div_floor(lots * liability_price, liability_weight_ppm, PPM)
    return quote_quanta + mul_div_floor(lots * asset_price, asset_weight_ppm, PPM)


@rule
def unsettled_health_with_orders(
    lots: int,
    bid_lots: int,
    ask_lots: int,
    quote_quanta: int,
    asset_price: int,
    liability_price: int,
    asset_weight_ppm: int,
    liability_weight_ppm: int,
) -> int:
    """
    Return the weighted profit of a position should its worse side of orders be filled, in quanta.

    All bids fill at the liability's price or all asks at the asset's; the lower result counts.
    Rounded down.
    Domain: bid_lots, ask_lots >= 0, (|lots| + orders) * price < 2**53, else as `unsettled_health`.
    Source: mango-v4 health/cache.rs, PerpInfo::unweighted_health_unsettled_pnl.
    """
    with_bids = unsettled_health(
        lots + bid_lots,
        quote_quanta - bid_lots * liability_price,
        asset_price,
        liability_price,
        asset_weight_ppm,
        liability_weight_ppm,
    )
    with_asks = unsettled_health(
        lots - ask_lots,
        quote_quanta + ask_lots * asset_price,
        asset_price,
        liability_price,
        asset_weight_ppm,
        liability_weight_ppm,
    )
    return min(with_bids, with_asks)


@rule
def profit_health(unsettled_quanta: int, overall_weight_ppm: int) -> int:
    """
    Return what a weighted profit adds to the balance of the settlement token, rounded down.

    A loss counts in full, a profit by the market's overall weight (0 for an isolated market).
    Domain: |unsettled_quanta| < 2**62, 0 <= overall_weight_ppm <= PPM.
    Source: mango-v4 health/cache.rs, PerpInfo::weigh_uhupnl_overall.
    """
    if unsettled_quanta <= 0:
        return unsettled_quanta
    return mul_div_floor(unsettled_quanta, overall_weight_ppm, PPM)


@rule
def balance_taken_for_health_zero(
    health_quanta: int, balance_quanta: int, asset_weighted_ppm: int, liability_weighted_ppm: int
) -> int:
    """
    Return how much of a token an account can lose before its health is used up, rounded down.

    What it owns goes first, at the asset's weighted price; beyond that it becomes a debt, at the
    liability's. 0 if health is not positive. A debt that costs no health has no bound: 2**62
    (the source refuses it).
    Domain: |health|, |balance| < 2**53, weighted prices 0 or 2**12 .. 2**28 - 1.
    Source: mango-v4 health/cache.rs, spot_amount_taken_for_health_zero.
    """
    if health_quanta <= 0:
        return 0
    left = health_quanta
    taken = 0
    if balance_quanta > 0:
        worth = mul_div_ceil(balance_quanta, asset_weighted_ppm, PPM)
        if worth >= left and asset_weighted_ppm > 0:
            return min(balance_quanta, mul_div_floor(left, PPM, asset_weighted_ppm))
        taken = balance_quanta
        left -= worth
    if left > 0:
        if liability_weighted_ppm <= 0:
            return WITHOUT_BOUND
        taken += mul_div_floor(left, PPM, liability_weighted_ppm)
    return taken


@rule
def balance_given_for_health_zero(
    health_quanta: int, balance_quanta: int, asset_weighted_ppm: int, liability_weighted_ppm: int
) -> int:
    """
    Return how much of a token an account must gain for its health to reach 0, rounded up.

    A debt is repaid first, at the liability's weighted price; beyond that the gain counts at the
    asset's. 0 if health is not negative; 2**62 if no amount suffices (the source refuses it).
    Domain: as `balance_taken_for_health_zero`.
    Source: mango-v4 health/cache.rs, spot_amount_given_for_health_zero. It truncates at 2**-48.
    """
    if health_quanta >= 0:
        return 0
    left = -health_quanta
    given = 0
    if balance_quanta < 0:
        worth = mul_div_floor(-balance_quanta, liability_weighted_ppm, PPM)
        if worth >= left:
            return min(-balance_quanta, mul_div_ceil(left, PPM, liability_weighted_ppm))
        given = -balance_quanta
        left -= worth
    if asset_weighted_ppm <= 0:
        return WITHOUT_BOUND
    return given + mul_div_ceil(left, PPM, asset_weighted_ppm)
