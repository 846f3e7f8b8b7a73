"""Paradex's worked examples, and cases of the same functions worked out by hand."""

import pytest

from shared import shared_file
from tacoma.conform.compare import differences
from tacoma.conform.dialects.paradex import FUNCTIONS
from tacoma.conform.document import read
from tacoma.conform.judge import judge

FILE = "vectors/venue_paradex.json"


def served(function, **inputs):
    return FUNCTIONS[function](inputs, {})


def test_the_published_cases():
    """Every worked example comes out, except the one that contradicts its own formula."""
    verdicts = judge(read(shared_file(FILE)))
    assert [failure for verdict in verdicts for failure in verdict.failures] == []
    assert {verdict.function for verdict in verdicts} == FUNCTIONS.keys()


def test_the_scenario_tables():
    """The tables that the file only copies are the ones that the rules hold."""
    tables = [case for case in read(shared_file(FILE)).cases if case.function == "pm_scan_table"]
    assert len(tables) == 4
    for case in tables:
        assert differences(case.expected, FUNCTIONS["pm_scan_table"](case.inputs, {})) == []


@pytest.mark.parametrize(("is_netted", "size", "accepted"), [(True, 10, True), (False, 13, False)])
def test_the_example_that_contradicts_the_formula(is_netted, size, accepted):
    """Netted as in the formula the order is accepted; without netting rejected, as printed."""
    case = next(
        case for case in read(shared_file(FILE)).cases if case.identifier.endswith("check.004")
    )
    assert case.is_skipped
    out = FUNCTIONS["order_risk_check"](case.inputs | {"offsets_net": is_netted}, {})
    assert differences({"open_size_after": size, "accepted": accepted}, out) == []
    if not is_netted:
        assert differences(case.expected, out) == []


@pytest.mark.parametrize(("rate", "share"), [("0.5", "0.4"), ("0.7", "0.6"), ("2", 1)])
def test_the_penalty_rate_decides_the_share(rate, share):
    """The text's 70 % takes more than the table's 50 %; a ruinous rate takes everything."""
    out = served("liquidation_share_select", account_value=80, mmr="88.8", penalty_rate=rate)
    assert differences({"share": share}, out) == []


@pytest.mark.parametrize(("strict", "share"), [(True, "0.4"), (False, "0.2")])
def test_equality_with_the_target_is_a_parameter(strict, share):
    """A ratio of exactly 90 % after one step heals only where the comparison is not strict."""
    out = served(
        "liquidation_share_select", account_value=80, mmr=90, penalty_rate=0, strict=strict
    )
    assert differences({"share": share}, out) == []


def test_a_row_without_equity_has_no_ratio():
    """Where the penalty eats the account its ratio has no value."""
    out = served("liquidation_share_row", account_value=1, mmr=100, share="0.2", penalty_rate="0.7")
    assert differences({"new_account_value": -13, "margin_ratio_pct": None}, out) == []


@pytest.mark.parametrize(
    ("includes_fund", "factor", "received"), [(False, "0.25", 375), (True, "0.2", 400)]
)
def test_the_total_of_a_socialised_loss(includes_fund, factor, received):
    """The printed 25 % counts the users' balances; with the fund's it would be 20 %."""
    out = served(
        "socialized_loss_factor",
        user_balances=[1000] * 3,
        insurance_fund=1000,
        bankrupt_account_usdc=-2000,
        total_includes_fund=includes_fund,
    )
    assert differences({"factor": factor, "withdraw_500_receives": received}, out) == []


def test_a_fund_in_debt_is_a_shortfall():
    """A fund of negative value is itself what withdrawals pay for."""
    out = served("socialized_loss_factor", user_balances=[900], if_account_value=-100)
    assert differences({"exchange_bankruptcy": 100, "factor": "0.1"}, out) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"premium_rate": "0.0002"}, {"raw_rate": "0.0001"}),
        ({"premium_rate": "-0.05"}, {"raw_rate": "-0.02", "pnl": "1.25"}),
        ({"multiplier": "0.5"}, {"raw_rate": "0.00015", "index_delta": "0.01875"}),
        ({"usdc": "0.8"}, {"funding_premium": "22.5", "pnl": "-0.01875"}),
        ({"gap": 30}, {"funding_premium": 18, "index_delta": 0, "pnl": 0}),
    ],
)
def test_funding_table(changes, expected):
    """Clamp, cap, multiplier, depeg and pause each change their own part."""
    inputs = {
        "spot": 60_000,
        "premium_rate": "0.0008",
        "baseline": "0.0001",
        "clamp": "0.0005",
        "max_rate": "0.02",
        "size": "0.5",
        "seconds": 60,
    }
    assert differences(expected, served("funding_step", **(inputs | changes))) == []


@pytest.mark.parametrize(
    ("mark", "width", "low", "high", "sell", "buy"),
    [(100, "0.05", 95, 105, True, False), (80, "0.1", 72, 88, False, True)],
)
def test_price_band_table(mark, width, low, high, sell, buy):
    """A sale at 94 is rejected below the band only, a purchase at 90 above it only."""
    out = served("price_band", mark=mark, bandwidth=width)
    expected = {"down": low, "up": high, "sell_94_rejected": sell, "passive_buy_90_rejected": buy}
    assert differences(expected, out) == []


def test_position_limit_counts_orders_of_the_side():
    """Open orders of a side take from the room of that side only."""
    out = served("position_limit", limit=1000, position="-900", buy_orders=400, sell_orders=50)
    assert differences({"max_sell": 50, "max_buy": 1500}, out) == []
