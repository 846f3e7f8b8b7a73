"""Auto-deleveraging: the order of the queue, how much each gives, and the price."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import shared_file
from tacoma.rules.losses import adl
from tacoma.rules.numbers.arithmetic import ceil_div

CAP = 2**50
MONEY = st.integers(-(2**53) + 1, 2**53 - 1)
NATURAL = st.integers(0, 2**53 - 1)


@pytest.mark.parametrize(
    ("pnl", "entry", "notional", "equity", "score"),
    [
        (10, 100, 200, 100, 200_000),
        (10, -100, -200, 100, 200_000),
        (-10, 100, 200, 100, -50_000),
        (0, 100, 200, 100, 0),
        (10, 100, 200, 0, CAP * 100_000 // 10**6),
        (10, 100, 200, -5, CAP * 100_000 // 10**6),
        (-10, 100, 200, 0, 0),
        (10, 0, 200, 100, CAP),
        (0, 0, 200, 100, 0),
        (-10, 100, 0, 100, -CAP),
        (10, 100, 0, 100, 0),
        (2**53 - 1, 1, 2**53 - 1, 1, CAP),
        (1 - 2**53, 1, 1, 2**53 - 1, -CAP),
    ],
)
def test_profit_times_leverage_table(pnl, entry, notional, equity, score):
    """Winners multiply by leverage, losers divide by it; what has no bound saturates."""
    assert adl.score_profit_times_leverage(pnl, entry, notional, equity) == score


@given(MONEY, MONEY, MONEY, MONEY)
def test_profit_times_leverage_is_the_rounded_product(pnl, entry, notional, equity):
    """The score equals the same steps over unbounded integers."""

    def ratio(numerator, denominator):
        if numerator == 0:
            return 0
        return min(CAP, numerator * 10**6 // denominator) if denominator > 0 else CAP

    profit, leverage = ratio(abs(pnl), abs(entry)), ratio(abs(notional), equity)
    if pnl >= 0:
        expected = min(CAP, profit * leverage // 10**6)
    elif leverage == 0:
        expected = -CAP
    else:
        expected = -min(CAP, profit * 10**6 // leverage)
    assert adl.score_profit_times_leverage(pnl, entry, notional, equity) == expected


@given(st.lists(st.integers(10**6, 10**12), min_size=8, max_size=8))
def test_more_profit_and_more_leverage_come_first(values):
    """Raising a winner's profit or leverage never moves it back in the queue."""
    pnl, entry, notional, equity, *more = values
    score = adl.score_profit_times_leverage(pnl, entry, notional, equity)
    assert score <= adl.score_profit_times_leverage(pnl + more[0], entry, notional, equity)
    assert score <= adl.score_profit_times_leverage(pnl, entry, notional + more[1], equity)
    assert score >= adl.score_profit_times_leverage(pnl, entry, notional, equity + more[2])
    assert score >= adl.score_profit_times_leverage(-more[3], entry, notional, equity)


@pytest.mark.parametrize(
    ("mark", "entry", "lots", "notional", "value", "side", "score"),
    [
        (110, 1000, 10, 2200, 1100, 1, 2_200_000),
        (80, 1000, 10, 1600, 800, -1, 2_500_000),
        (125, 1000, 10, 1600, 800, -1, 1_600_000),
        (110, 1000, 10, 2200, 0, 1, CAP),
        (110, 0, 10, 2200, 1100, 1, CAP),
        (0, 1000, 10, 2200, 1100, -1, CAP),
        (110, 1000, 10, 0, 1100, 1, 0),
    ],
)
def test_hyperliquid_table(mark, entry, lots, notional, value, side, score):
    """The gain is mark over entry for longs and entry over mark for shorts."""
    assert adl.score_price_gain_times_leverage(mark, entry, lots, notional, value, side) == score


def test_hyperliquid_closes_the_profitable_short_first():
    """In a crash a short sold higher stands before one sold lower, all else equal."""
    sold_high = adl.score_price_gain_times_leverage(80, 1200, 10, 800, 1000, -1)
    sold_low = adl.score_price_gain_times_leverage(80, 900, 10, 800, 1000, -1)
    assert sold_high > sold_low


@given(NATURAL, st.integers(1, 2**53 - 1))
def test_capped_ratio_is_the_rounded_quotient(numerator, denominator):
    """The ratio in ppm is exact to the unit until the cap."""
    expected = min(CAP, Fraction(numerator * 10**6, denominator) // 1)
    assert adl.ratio_ppm_capped(numerator, denominator) == expected


@pytest.mark.parametrize(
    ("remaining", "has", "taken"), [(5, 3, 3), (5, 5, 5), (3, 5, 3), (0, 5, 0)]
)
def test_take_is_the_lesser(remaining, has, taken):
    """Nobody gives more than it has, nor more than is needed."""
    assert adl.take(remaining, has) == taken


def test_each_kind_of_price():
    """The kind selects one of the three prices."""
    kinds = (adl.PRICE_BANKRUPTCY, adl.PRICE_PREVIOUS_MARK, adl.PRICE_MARK)
    assert [adl.adl_price(kind, 90, 95, 94) for kind in kinds] == [90, 95, 94]


def published(function):
    cases = json.loads(shared_file("vectors/venue_cex.json").read_text())["cases"]
    found = [case for case in cases if case["fn"] == function]
    assert found
    return found


def ranked(inputs):
    """Return (account, lots) of the published queue in its order."""
    rows = sorted(inputs["accounts_qty_rank"], key=lambda row: -row[2])
    return [(account, lots) for account, lots, _ in rows]


def test_published_quintiles():
    """A position's light is the fifth of all lots in which its own end, in the queue's order."""
    for case in published("adl_quintiles"):
        queue = ranked(case["in"])
        total = sum(lots for _, lots in queue)
        end, lights = 0, []
        for account, lots in queue:
            end += adl.take(total - end, lots)
            lights.append([account, 20 * ceil_div(5 * end, total)])
        assert sorted(lights) == sorted(case["out"]["quintile_pct"])


def test_published_allocation():
    """The queue gives greedily, the last in part, at the bankruptcy price."""
    for case in published("adl_allocation"):
        remaining, taken = case["in"]["liquidated_size"], []
        for account, lots in ranked(case["in"]):
            given_lots = adl.take(remaining, lots)
            remaining -= given_lots
            if given_lots > 0:
                taken.append([account, given_lots])
        assert taken == case["out"]["taken"]
        price = adl.adl_price(adl.PRICE_BANKRUPTCY, case["in"]["bankruptcy_price"], 1, 2)
        assert price == case["out"]["close_price"]
