"""
The margin of an account that holds tokens and perpetuals: what it has, what it must have.

Pure Python over whole accounts, exact over unbounded integers; the scalar rules that it composes
are `size_premium`, `collateral_weight`, `interest_balance` and `perp_value`.
"""

from tacoma.rules.margins.margin_records import (
    ALWAYS_RELAXED,
    QUOTE_TOKEN,
    RELAXED_TO_KEEP,
    Account,
    Margin,
    Markets,
    PerpMarket,
    PerpPosition,
    Purpose,
    Scales,
    TokenMarket,
    TokenPosition,
    Totals,
)
from tacoma.rules.margins.size_premium import (
    relaxed_ratio_by_size,
    size_discount_weight,
    size_premium_ratio,
    size_premium_unbounded,
    size_root,
)
from tacoma.rules.numbers.arithmetic import trunc_div
from tacoma.rules.positions.collateral_weight import (
    STAGE_INITIAL,
    STAGE_MAINTENANCE,
    asset_weight_with_custom,
    debt_weight_with_custom,
    price_for_asset,
    price_for_debt,
    ratio_at_stage,
    weight_scaled_above,
)
from tacoma.rules.positions.interest_balance import (
    tokens_of_debt,
    tokens_of_deposit,
    value_of_tokens,
)
from tacoma.rules.positions.perp_value import (
    funding_from_index,
    liability_value,
    position_value,
    weighted_profit,
    worst_base,
)


def margin_of_account(account: Account, markets: Markets, purpose: Purpose) -> Margin:
    """
    Return what an account has and must have for a purpose, in quote units.

    Tokens first, then perpetuals; isolated positions stand apart with their own collateral. The
    account's own ratio counts for opening only, the purpose's in every stage.
    Source: Drift v2 state/margin_calculation.rs; math/margin.rs,
    calculate_margin_requirement_and_total_collateral_and_liability_info.
    """
    margin = Margin()
    own = account.custom_ratio if purpose.stage == STAGE_INITIAL else 0
    custom = max(own, purpose.custom_ratio)
    unit = markets.scales.ratio
    for token in account.tokens:
        if token.is_open:
            _add_token(margin.shared, token, markets, purpose, custom)
    relaxed = account.leverage_mode == ALWAYS_RELAXED or (
        account.leverage_mode == RELAXED_TO_KEEP and purpose.stage == STAGE_MAINTENANCE
    )
    for perp in account.perps:
        if not perp.is_open:
            continue
        chosen = perp.custom_ratio if purpose.stage == STAGE_INITIAL else 0
        required, profit, liability = perp_margin(
            perp, markets, purpose, max(custom, chosen), relaxed
        )
        totals = margin.shared
        if perp.is_isolated:
            totals = margin.isolated.setdefault(perp.market, Totals())
            totals.collateral += _isolated_collateral(perp, markets, purpose)
        totals.require(required, liability, purpose.buffer, unit)
        totals.credit(profit, purpose.buffer, unit)
        margin.requirement_by_perp[perp.market] = required
    return margin


def perp_margin(
    perp: PerpPosition, markets: Markets, purpose: Purpose, custom_ratio: int, is_relaxed: bool
) -> tuple[int, int, int]:
    """
    Return (requirement, weighted profit, liability) of a perpetual position, in quote units.

    The requirement is the worst liability after all bids or all asks filled times the ratio,
    rounded down, plus a fixed amount for each open order. In settlement only the latter.
    Source: Drift v2 math/margin.rs, calculate_perp_position_value_and_pnl.
    """
    market, scales = markets.perps[perp.market], markets.scales
    quote = markets.tokens.get(market.quote_token) or TokenMarket(price=scales.quote)
    index = market.long_funding_index if perp.base > 0 else market.short_funding_index
    profit = position_value(perp.base, market.valuation_price, scales.base) + perp.quote
    profit += funding_from_index(perp.base, index, perp.last_funding_index, scales.funding)

    highest = scales.highest_binary_price if market.is_binary else 0
    worst = worst_base(perp.base, perp.bids, perp.asks, market.price, highest, scales.base)
    debt_price = price_for_debt(quote.price, quote.average_price, purpose.is_strict)
    liability = liability_value(worst, market.price, highest, scales.base)
    liability = liability * debt_price // scales.quote
    requirement = perp.orders * scales.order_margin
    if not market.is_settled:
        ratio = perp_ratio(market, abs(worst), purpose.stage, is_relaxed, scales)
        requirement += liability * max(custom_ratio, ratio) // scales.ratio

    price = quote.price
    if profit > 0:
        price = price_for_asset(quote.price, quote.average_price, purpose.is_strict)
    elif profit < 0:
        price = debt_price
    weight = _profit_weight(market, profit, purpose.stage, scales)
    counted = weighted_profit(profit, weight, scales.ratio, price, scales.quote)
    if purpose.stage == STAGE_INITIAL:
        counted = min(counted, scales.initial_profit_cap)
    return requirement, counted, liability


def perp_ratio(market: PerpMarket, size: int, stage: int, is_relaxed: bool, scales: Scales) -> int:
    """
    Return the margin ratio that a size asks for in a stage; 0 in settlement.

    Source: Drift v2 state/perp_market.rs, get_margin_ratio.
    """
    if market.is_settled:
        return 0
    ordinary = ratio_at_stage(stage, market.initial_ratio, market.maintenance_ratio)
    root = size_root(size, scales.base)
    if not (is_relaxed and market.allows_relaxed):
        return size_premium_ratio(root, market.size_factor_ppm, ordinary, scales.ratio)
    relaxed = ratio_at_stage(stage, market.relaxed_initial_ratio, market.relaxed_maintenance_ratio)
    if stage == STAGE_MAINTENANCE:
        return size_premium_ratio(root, market.size_factor_ppm, relaxed, scales.ratio)
    sized = size_premium_unbounded(root, market.size_factor_ppm, ordinary, scales.ratio)
    return relaxed_ratio_by_size(ordinary, sized, relaxed)


def token_asset_weight(market: TokenMarket, tokens: int, stage: int, scales: Scales) -> int:
    """
    Return what a deposit of a size weighs in a stage.

    The initial weight shrinks when all deposits together exceed their start, a large deposit's
    weight with the root of its size.
    Source: Drift v2 state/spot_market.rs, get_asset_weight and get_scaled_initial_asset_weight.
    """
    initial = market.initial_asset_weight
    if market.scale_weight_start > 0:
        scale = 10 ** (scales.balance_digits - market.decimals)
        deposits = tokens_of_deposit(market.deposit_balance, market.deposit_index, scale)
        value = value_of_tokens(deposits, market.price, market.unit)
        initial = weight_scaled_above(initial, value, market.scale_weight_start)
    weight = ratio_at_stage(stage, initial, market.maintenance_asset_weight)
    root = size_root(tokens, market.unit)
    return size_discount_weight(root, market.size_factor_ppm, weight, scales.ratio)


def token_debt_weight(market: TokenMarket, tokens: int, stage: int, scales: Scales) -> int:
    """
    Return what a debt of a size weighs in a stage; a large one more, with the root of its size.

    Source: Drift v2 state/spot_market.rs, get_liability_weight.
    """
    weight = ratio_at_stage(stage, market.initial_debt_weight, market.maintenance_debt_weight)
    root = size_root(tokens, market.unit)
    return size_premium_ratio(root, market.size_factor_ppm, weight, scales.ratio)


def _profit_weight(market: PerpMarket, profit: int, stage: int, scales: Scales) -> int:
    """Return what an unrealised profit weighs; a loss weighs all."""
    if profit <= 0:
        return scales.ratio
    if stage == STAGE_MAINTENANCE:
        return market.maintenance_profit_weight
    weight = weight_scaled_above(
        market.initial_profit_weight, market.imbalance, market.max_imbalance
    )
    if weight == 0:
        return 0
    root = size_root(profit, scales.quote)
    return size_discount_weight(root, market.profit_factor_ppm, weight, scales.ratio)


def _isolated_collateral(perp: PerpPosition, markets: Markets, purpose: Purpose) -> int:
    """Return the value of an isolated position's own deposit."""
    quote = markets.tokens[markets.perps[perp.market].quote_token]
    scale = 10 ** (markets.scales.balance_digits - quote.decimals)
    tokens = tokens_of_deposit(perp.isolated_balance, quote.deposit_index, scale)
    price = price_for_asset(quote.price, quote.average_price, purpose.is_strict)
    return value_of_tokens(tokens, price, quote.unit)


def _add_token(
    totals: Totals, token: TokenPosition, markets: Markets, purpose: Purpose, custom_ratio: int
) -> None:
    """Add a deposit or debt with its open orders, filled on the side that leaves less."""
    market, scales = markets.tokens[token.market], markets.scales
    buffer, unit = purpose.buffer, scales.ratio
    scale = 10 ** (scales.balance_digits - market.decimals)
    low = price_for_asset(market.price, market.average_price, purpose.is_strict)
    high = price_for_debt(market.price, market.average_price, purpose.is_strict)
    if token.is_debt:
        tokens = -tokens_of_debt(token.balance, market.debt_index, scale)
    else:
        tokens = tokens_of_deposit(token.balance, market.deposit_index, scale)
    value = value_of_tokens(tokens, low if tokens > 0 else high, market.unit)
    if token.market == QUOTE_TOKEN:
        if token.is_debt:
            totals.require(-value, -value, buffer, unit)
        else:
            totals.credit(value, buffer, unit)
        return

    after = []
    for orders in (token.asks, token.bids):  # of two equal sides the asks count
        paid = value_of_tokens(-orders, high, market.unit)
        filled = _weighted(market, tokens + orders, value - paid, purpose.stage, 0, scales)
        after.append((filled, tokens + orders, value - paid, paid))
    weighted, tokens, value, paid = min(after, key=lambda side: side[0] + side[3])
    # The custom ratio acts on initial weights whatever the stage, and not on the choice of side.
    stage = purpose.stage if custom_ratio == 0 else STAGE_INITIAL
    if weighted != 0:
        weighted = _weighted(market, tokens, value, stage, custom_ratio, scales)
    totals.require(token.orders * scales.order_margin, 0, buffer, unit)
    if value > 0:
        totals.credit(weighted, buffer, unit)
    elif value < 0:
        totals.require(-weighted, -value, buffer, unit)
    if paid > 0:
        totals.credit(paid, buffer, unit)
    elif paid < 0:
        totals.require(-paid, -paid, buffer, unit)


def _weighted(
    market: TokenMarket, tokens: int, value: int, stage: int, custom_ratio: int, scales: Scales
) -> int:
    """Return value * weight, rounded toward zero; the sign of the value decides which weight."""
    if value > 0:
        weight = token_asset_weight(market, abs(tokens), stage, scales)
        weight = asset_weight_with_custom(weight, custom_ratio, scales.ratio)
    else:
        weight = token_debt_weight(market, abs(tokens), stage, scales)
        weight = debt_weight_with_custom(weight, custom_ratio, scales.ratio)
    return trunc_div(value * weight, scales.ratio)
