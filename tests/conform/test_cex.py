"""Numbers that centralised exchanges print, and cases of the same functions worked out by hand."""

import pytest

from shared import shared_file
from tacoma.conform.compare import differences
from tacoma.conform.dialects.cex_mixed import FUNCTIONS
from tacoma.conform.document import read
from tacoma.conform.judge import judge

FILE = "vectors/venue_cex.json"


def served(function, **inputs):
    return FUNCTIONS[function](inputs, {})


def test_the_published_cases():
    """Every printed number comes out, except two that contradict the rule beside them."""
    verdicts = judge(read(shared_file(FILE)))
    assert [failure for verdict in verdicts for failure in verdict.failures] == []
    assert {verdict.function for verdict in verdicts} == FUNCTIONS.keys()
    assert sum(verdict.skipped for verdict in verdicts) == 2


def test_the_two_contradictions():
    """Two deductions of a widely copied table break its continuity; the rule says otherwise."""
    cases = {case.identifier: case for case in read(shared_file(FILE)).cases}
    for identifier, deduction in (("cex.tier_btc.03", 11_300), ("cex.tier_btc.04", 316_300)):
        assert cases[identifier].is_skipped
        out = FUNCTIONS["tier_deduction"](cases[identifier].inputs, {})
        assert differences({"deduction": deduction}, out) == []
    repaired = served(
        "tier_deduction", prev_rate="0.01", rate="0.025", lower_bound=10**6, prev_deduction=1300
    )
    assert differences({"deduction": 16_300}, repaired) == []


@pytest.mark.parametrize(("strict", "is_on"), [(False, True), (True, False)])
def test_equality_of_the_drawdown_is_a_parameter(strict, is_on):
    """At exactly -30 % the example deleverages and the written rule does not."""
    out = served(
        "bybit_adl_trigger",
        symbol_pnl=400_000,
        symbol_8h_max_pnl=10**6,
        pool_8h_max=2 * 10**6,
        balance=2 * 10**6,
        trigger_threshold=1,
        strict=strict,
    )
    assert differences({"adl": is_on, "winners_subsidy": 0, "stopped": False}, out) == []


def test_a_pool_without_a_peak_has_no_ratio():
    """Where the pool never held anything the ratio is None, and an empty pool deleverages."""
    out = served(
        "bybit_adl_trigger",
        symbol_pnl=-1,
        symbol_8h_max_pnl=0,
        pool_8h_max=0,
        balance=0,
        trigger_threshold=1,
    )
    assert differences({"pnl_ratio": None, "adl": True}, out) == []


@pytest.mark.parametrize(
    ("function", "inputs", "price"),
    [
        ("inverse_bankruptcy_price", {"side": -1, "entry": 4900, "leverage": 50}, 5000),
        ("inverse_bankruptcy_price", {"side": 1, "entry": 5100, "leverage": 50}, 5000),
        (
            "linear_bankruptcy_price",
            {"side": -1, "entry": 500, "size": 100, "position_margin": 1000, "wallet_balance": 100},
            511,
        ),
        (
            "linear_bankruptcy_price",
            {"side": 1, "entry": 10, "size": 3, "position_margin": 1, "wallet_balance": 0},
            "29/3",
        ),
    ],
)
def test_bankruptcy_prices_of_both_sides(function, inputs, price):
    """A short goes bankrupt above its entry, a long below."""
    assert differences({"price": price}, served(function, **inputs)) == []


@pytest.mark.parametrize(("side", "fill", "expected"), [(-1, 90, 1), (-1, 110, -1), (1, 100, 0)])
def test_the_fund_gains_beside_the_bankruptcy_price(side, fill, expected):
    """A short bought back below its bankruptcy price feeds the fund; at the price nothing moves."""
    out = served("insurance_fund_sign", side=side, bankruptcy=100, fill=fill)
    assert differences({"if_sign": expected}, out) == []


def test_a_queue_too_short_gives_all_it_has():
    """Everybody is closed out where the queue does not hold the size."""
    out = served(
        "adl_allocation",
        accounts_qty_rank=[[1, 10, 3], [2, "2.5", 6]],
        liquidated_size=20,
        bankruptcy_price=650,
    )
    assert differences({"taken": [[2, "2.5"], [1, 10]]}, out) == []


@pytest.mark.parametrize(
    ("elapsed", "delta", "net"), [(0, 1, "0.7"), (20, "1/3", "7/30"), (40, 0, 0)]
)
def test_delta_over_the_window(elapsed, delta, net):
    """The delta falls along a line and stays at zero behind the window."""
    out = served("delta_decay", delta=1, mark="0.3", elapsed_min=elapsed, window_min=30)
    assert differences({"delta_now": delta, "net_delta": net}, out) == []


@pytest.mark.parametrize(
    ("size", "equity", "price"),
    [(-1, 5, "105000/1004"), (1, 200, None), (1, 5, "95000/996")],
)
def test_cross_liquidation_of_both_sides(size, equity, price):
    """A short is liquidated above the mark; a long with ample equity at no price."""
    out = served("cross_liq_price", equity=equity, size=size, mark=100, mm_rate="0.004", other_mm=0)
    assert differences({"liq_price": price}, out) == []
