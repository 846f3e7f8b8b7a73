"""Auto-deleveraging: who is closed first, how much, and at which price."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, absolute, mul_div_wide_capped

PRICE_BANKRUPTCY = 0
PRICE_PREVIOUS_MARK = 1
PRICE_MARK = 2

SCORE_MAX = 2**50


@rule
def ratio_ppm_capped(numerator: int, denominator: int) -> int:
    """
    Return numerator / denominator in ppm, rounded down, at most SCORE_MAX (2**50).

    A denominator of zero or less stands for "without bound": it returns SCORE_MAX, or 0 when the
    numerator is 0 too.
    Domain: 0 <= numerator < 2**62, denominator < 2**62.
    Source: elementary.
    """
    if numerator <= 0:
        return 0
    if denominator <= 0:
        return SCORE_MAX
    return mul_div_wide_capped(numerator, PPM, denominator, SCORE_MAX)


@rule
def score_profit_times_leverage(
    pnl_quanta: int, entry_notional_quanta: int, notional_quanta: int, equity_quanta: int
) -> int:
    """
    Return a deleveraging score in ppm: the bigger, the earlier.

    A winner scores PNL% * effective leverage, a loser PNL% / effective leverage (negative), with
    PNL% = pnl / |entry notional| and effective leverage = |notional| / equity. Each factor and the
    result are in ppm, rounded toward zero and limited to +-SCORE_MAX (2**50).
    Equity of zero or less counts as the highest leverage; a zero entry as the highest PNL%; zero
    notional as no leverage, which ranks a loser last.
    Domain: all below 2**62 in absolute value.
    Source: BitMEX "Auto-Deleveraging" (ranking); Binance USD-M "Auto-Deleveraging" (PNL% *
    effective leverage, divided by it for losses).
    """
    profit_ppm = ratio_ppm_capped(absolute(pnl_quanta), absolute(entry_notional_quanta))
    leverage_ppm = ratio_ppm_capped(absolute(notional_quanta), equity_quanta)
    if pnl_quanta >= 0:
        return mul_div_wide_capped(profit_ppm, leverage_ppm, PPM, SCORE_MAX)
    if leverage_ppm == 0:
        return -SCORE_MAX
    return -mul_div_wide_capped(profit_ppm, PPM, leverage_ppm, SCORE_MAX)


@rule
def score_price_gain_times_leverage(
    mark_quanta: int,
    entry_quanta_abs: int,
    lots_abs: int,
    notional_account_quanta: int,
    account_value_quanta: int,
    side: int,
) -> int:
    """
    Return a deleveraging score of price gain and leverage in ppm: the bigger, the earlier.

    Price gain * (notional / account value). The price gain is mark / entry price for longs
    (side > 0) and entry price / mark for shorts. Each factor and the result are in ppm, rounded
    down and limited to SCORE_MAX (2**50). An account value of zero or less counts as the highest
    leverage, a price of zero in a denominator as the highest gain.

    Reading: the documents print one formula, (mark / entry) * (notional / account value), and
    name no side. Taken literally it would close the least profitable shorts first. But they say
    that unrealized profit and leverage decide, and 99.45 % of the users deleveraged in the crash of
    10 October 2025 closed in profit; hence entry / mark for shorts.
    Domain: mark_quanta is the price per lot, entry_quanta_abs the absolute cost of all lots_abs
    lots; mark * lots and the rest below 2**62.
    Source: Hyperliquid docs, trading/auto-deleveraging.
    """
    mark_notional_quanta = mark_quanta * lots_abs
    if side > 0:
        gain_ppm = ratio_ppm_capped(mark_notional_quanta, entry_quanta_abs)
    else:
        gain_ppm = ratio_ppm_capped(entry_quanta_abs, mark_notional_quanta)
    leverage_ppm = ratio_ppm_capped(absolute(notional_account_quanta), account_value_quanta)
    return mul_div_wide_capped(gain_ppm, leverage_ppm, PPM, SCORE_MAX)


@rule
def take(remaining_lots: int, counterparty_lots_abs: int) -> int:
    """
    Return how many lots one counterparty gives: all it has, or all that is still needed.

    Domain: both >= 0. Exact.
    Source: BitMEX "Auto-Deleveraging Examples" (greedy along the queue, the last one in part).
    """
    if counterparty_lots_abs < remaining_lots:
        return counterparty_lots_abs
    return remaining_lots


@rule
def adl_price(kind: int, bankruptcy_price: int, previous_mark: int, mark: int) -> int:
    """
    Return the price in quanta per lot at which deleveraged positions are closed.

    kind: PRICE_BANKRUPTCY (0), PRICE_PREVIOUS_MARK (1) or PRICE_MARK (2). Exact.
    Source: BitMEX and Binance USD-M (bankruptcy price of the liquidated account), Hyperliquid docs,
    trading/auto-deleveraging (previous mark), OKX (current mark).
    """
    if kind == PRICE_BANKRUPTCY:
        return bankruptcy_price
    if kind == PRICE_PREVIOUS_MARK:
        return previous_mark
    return mark
