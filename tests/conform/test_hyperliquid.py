"""Hyperliquid's published numbers, and cases of the same functions worked out by hand."""

from fractions import Fraction

import pytest

from shared import shared_file
from tacoma.conform.compare import differences
from tacoma.conform.dialects.hyperliquid import FUNCTIONS
from tacoma.conform.document import read
from tacoma.conform.judge import judge

ONE_TIER = [["0", 10]]
TWO_TIERS = [["0", 10], ["1000", 5]]


def served(function, inputs):
    return FUNCTIONS[function](inputs, {})


def test_the_published_cases():
    """Every published example comes out as printed."""
    verdicts = judge(read(shared_file("vectors/venue_hyperliquid_examples.json")))
    assert [failure for verdict in verdicts for failure in verdict.failures] == []
    assert {verdict.function for verdict in verdicts} == FUNCTIONS.keys()


@pytest.mark.parametrize(
    ("value", "size", "mark", "tiers", "other", "price", "backstop"),
    [
        ("200", "10", "100", ONE_TIER, [], "1600/19", "2400/29"),
        ("200", "-10", "100", ONE_TIER, [], "800/7", "3600/31"),
        ("250", "10", "120", TWO_TIERS, [], "100", "2850/29"),
        ("300", "10", "100", ONE_TIER, [["200", ONE_TIER]], "1420/19", "2120/29"),
        ("300", "10", "100", ONE_TIER, [["20", "10", ONE_TIER]], "1420/19", "2120/29"),
        ("130", "1", "40", ONE_TIER, [["8000", [["0", 40]]]], "200/19", None),
        ("1000000", "10", "100", ONE_TIER, [], None, None),
        ("5", "0", "100", ONE_TIER, [], None, None),
    ],
)
def test_liquidation_price_table(value, size, mark, tiers, other, price, backstop):
    """Prices are exact roots of the tier they fall in, and None where no price does it."""
    out = served(
        "liquidation_price",
        {
            "margin_available_value": value,
            "signed_size": size,
            "mark": mark,
            "tiers_lower_maxlev": tiers,
            "other_cross_positions_notional_tiers": other,
        },
    )
    assert differences({"liq_price": price, "backstop_price": backstop}, out) == []


@pytest.mark.parametrize(
    ("value", "size", "mark", "others", "price", "tolerance"),
    [
        ("4.967826", "0.0335", "2985.9", [], "2866.26936529", "0.0001"),
        ("3001412.122254", "-100480.9", "0.12083", ["3819091.723883"], "29.3180423289", "0.000001"),
    ],
)
def test_liquidation_prices_of_the_venue_itself(value, size, mark, others, price, tolerance):
    """The venue's own liquidation prices come out, to the digits that its inputs carry."""
    tiers = [["0", 50]]
    out = served(
        "liquidation_price",
        {
            "margin_available_value": value,
            "signed_size": size,
            "mark": mark,
            "tiers_lower_maxlev": tiers,
            "other_cross_positions_notional_tiers": [[notional, tiers] for notional in others],
        },
    )
    assert differences({"liq_price": price}, out, Fraction(tolerance)) == []


@pytest.mark.parametrize(
    ("size", "rate", "deduction", "margin", "backstop"),
    [
        ("9.999", "0.05", 0, "49.995", "33.33"),
        ("10", "0.1", 50, 50, "100/3"),
        ("-20", "0.1", 50, 150, 100),
        ("0", "0.05", 0, 0, 0),
    ],
)
def test_maintenance_table(size, rate, deduction, margin, backstop):
    """A notional on a bound has the rate of the higher tier and the margin of both."""
    out = served(
        "maintenance_margin",
        {"signed_size": size, "mark": "100", "tiers_lower_maxlev": TWO_TIERS},
    )
    expected = {
        "rate": rate,
        "deduction": deduction,
        "maintenance": margin,
        "backstop_threshold": backstop,
    }
    assert differences(expected, out) == []


@pytest.mark.parametrize(
    ("size", "mark", "leverage", "initial", "transfer"),
    [("2", "100", 5, 40, 40), ("-3", "200", 20, 30, 60), ("1", "10000", 10, 1000, 1000)],
)
def test_transfer_table(size, mark, leverage, initial, transfer):
    """A transfer leaves at least a tenth of the notional behind."""
    inputs = {"signed_size": size, "mark": mark, "leverage": leverage}
    out = served("initial_and_transfer_margin", inputs)
    assert differences({"initial": initial, "transfer_requirement": transfer}, out) == []


def test_an_order_above_the_leverage_of_its_tier():
    """The margin is that of the user's leverage, and the breach of the tier is a fact beside it."""
    inputs = {
        "signed_size": "1",
        "mark": "10000",
        "leverage": 10,
        "tiers_lower_maxlev": [["0", 10], ["5000", 5]],
    }
    out = served("initial_and_transfer_margin", inputs)
    expected = {"initial": 1000, "tier_index": 1, "max_leverage": 5, "leverage_ok": False}
    assert differences(expected, out) == []


def test_transfer_takes_the_sums_of_an_account():
    """Two positions of 100 at 20 times need 10, and leave 20 behind."""
    position = {"mark": 100, "lev": 20, "max_lev": 40}
    inputs = {
        "cross_value": 1000,
        "cross_positions": [position | {"size": 1}, position | {"size": -1}],
    }
    expected = {"initial": 10, "transfer": 20, "maintenance": "2.5", "max_removable": 980}
    assert differences(expected, served("cross_account", inputs)) == []


@pytest.mark.parametrize(("removal", "removable"), [("allowed", 40), ("strict", 0)])
def test_isolated_positions_stand_alone(removal, removable):
    """An isolated position gives back its excess unless it is strict; the account is untouched."""
    position = {"size": 2, "mark": 100, "lev": 5, "max_lev": 10, "value": 80, "removal": removal}
    out = served("cross_account", {"cross_value": 1000, "isolated_positions": [position]})
    assert differences({"initial": 0, "max_removable": 1000}, out) == []
    expected = {"initial": 40, "maintenance": 10, "max_removable": removable}
    assert differences(expected, out["isolated"][0]) == []


def test_unified_account_over_two_tokens():
    """Each token has its own ratio, and the largest is the account's."""
    dexes = [
        {"token": 0, "mm": "2", "iso": "1"},
        {"token": 0, "mm": "3", "iso": "0.5"},
        {"token": 1, "mm": "1", "iso": "0"},
    ]
    inputs = {"dexes": dexes, "spot_totals": {"0": "11.5", "1": "3"}}
    out = served("unified_account_ratio", inputs)
    assert differences({"ratio": "0.5", "ratios": ["0.5", "1/3"]}, out) == []


@pytest.mark.parametrize(
    ("maintenance", "isolated", "total", "ratio"),
    [("0", "0", "-5", 0), ("0", "0", "0", 0), ("1", "0", "0", None), ("0", "2", "1", None)],
)
def test_unified_account_without_balance(maintenance, isolated, total, ratio):
    """Unused tokens have ratio 0; used ones without balance have none."""
    dexes = [{"token": 0, "mm": maintenance, "iso": isolated}]
    out = served("unified_account_ratio", {"dexes": dexes, "spot_total": total})
    assert differences({"ratio": ratio}, out) == []


@pytest.mark.parametrize(
    ("function", "bid", "ask", "oracle", "premium"),
    [
        ("premium_index", "64706.0", "64707.0", "64716.0", "-0.0001390692"),
        ("premium_index", "1869.3", "1869.4", "1869.0", "0.0001605136"),
        ("premium_index", "0.12072", "0.12092", "0.12091", "0"),
        ("premium_index", "64759.0", "64760.0", "64765.1", "-0.0000787461"),
        ("premium_index_hip3", "381.346", "381.421", "382.12", "-0.001927405"),
        ("premium_index_hip3", "202.22", "202.256", "202.19", "0.0002374005"),
        ("premium_index_hip3", "99.621", "99.649", "99.816", "-0.0018133365"),
    ],
)
def test_premiums_of_the_venue_itself(function, bid, ask, oracle, premium):
    """The venue's own premiums come out to the last of their ten digits."""
    out = served(function, {"impact_bid": bid, "impact_ask": ask, "oracle": oracle})
    assert differences({"premium": premium}, out, Fraction(1, 10**10)) == []


@pytest.mark.parametrize(
    ("premium", "interest", "clamp", "uncapped", "hourly"),
    [
        ("0.01", "0.0005", ["-0.0005", "0.0005"], "0.0011875", "0.0011875"),
        ("1", "0.0005", ["-0.0005", "0.0005"], "0.1249375", "0.04"),
        ("-1", "0.0001", ["-0.0005", "0.0005"], "-0.1249375", "-0.04"),
        ("0.001", "0.0001", ["-0.0002", "0.0005"], "0.0001", "0.0001"),
        ("-0.001", "0.0001", ["-0.0005", "0.0003"], "-0.0000875", "-0.0000875"),
        ("-0.0001801475", "0.0001", "0.0005", "0.0000125", "0.0000125"),
    ],
)
def test_funding_rate_table(premium, interest, clamp, uncapped, hourly):
    """The clamp may be lopsided, the cap holds for both signs, and a calm hour is 0.00125 %."""
    inputs = {"premium": premium, "interest": interest, "clamp": clamp, "hourly_cap": "0.04"}
    out = served("funding_rate", inputs | {"hours": 8})
    assert differences({"uncapped_hourly": uncapped, "hourly": hourly}, out) == []


@pytest.mark.parametrize(
    ("size", "rate", "delta"),
    [("-3", "0.01", 3), ("3", "0.01", -3), ("3", "-0.0000125", "0.00375")],
)
def test_funding_payment_table(size, rate, delta):
    """A long pays a positive rate and receives a negative one."""
    out = served("funding_payment", {"signed_size": size, "oracle": "100", "rate": rate})
    assert differences({"account_delta": delta, "payment": -Fraction(delta)}, out) == []


@pytest.mark.parametrize(
    ("position", "fill", "after", "profits"),
    [
        (("2", "100"), (-1, "0.5", "110", 1), ("1.5", "100"), (5, 4)),
        (("2", "100"), (-1, "3", "100", 3), ("-1", "100"), (0, -3)),
        (("-2", "100"), (1, "0", "90", 0), ("-2", "100"), (0, 0)),
        (("0", None), (1, "2", "100", 1), ("2", "100"), (0, -1)),
        (("5", "100"), (1, "1", "160", 0), ("6", "110"), (0, 0)),
        (("2", "100"), ("buy", "1", "103", 0), ("3", "101"), (0, 0)),
        (("-2", "100"), (1, "2", "90", 0), ("0", None), (20, 20)),
        (("-2", "100"), ("sell", "1", "101", 0), ("-3", "301/3"), (0, 0)),
    ],
)
def test_fill_table(position, fill, after, profits):
    """Opening, increasing, reducing, closing, flipping; a flat position has no entry price."""
    side, size, price, fee = fill
    inputs = {"signed_size": position[0], "entry": position[1]}
    out = served("apply_fill", inputs | {"side": side, "size": size, "price": price, "fee": fee})
    expected = {"signed_size": after[0], "entry": after[1]}
    expected |= {"gross_pnl": profits[0], "closed_pnl": profits[1]}
    assert differences(expected, out) == []


@pytest.mark.parametrize(("size", "mark", "profit"), [("2", "110", 20), ("-2", "90", 20)])
def test_unrealised_table(size, mark, profit):
    """A short gains where a long loses."""
    out = served("unrealized_pnl", {"signed_size": size, "entry": "100", "mark": mark})
    assert differences({"upnl": profit}, out) == []


@pytest.mark.parametrize(
    ("order", "notional", "average", "unfilled"),
    [
        ({"buy_size": "3"}, "304.75", "1219/12", 0),
        ({"buy_size": "9"}, "534.25", "53425/525", "3.75"),
        ({"buy_notional": "200", "sz_decimals": 2}, "199.69", "19969/197", "0.31"),
        ({"buy_size": "0"}, 0, None, 0),
    ],
)
def test_book_table(order, notional, average, unfilled):
    """A book gives what it holds; a budget stops at a whole step of the last level."""
    out = served("book_vwap", {"asks": [["101.0", "1.25"], ["102.0", "4"]]} | order)
    assert differences({"notional": notional, "vwap": average, "unfilled": unfilled}, out) == []


def test_a_sale_walks_the_bids():
    """A sale takes the bids from the best down."""
    inputs = {"bids": [["100", "2.5"], ["99.5", "3"]], "sell_size": "3", "reference": "101"}
    expected = {
        "notional": "299.75",
        "slippage_bps": Fraction(3 * 101 * 100 - 29_975, 30_300) * 10_000,
    }
    assert differences(expected, served("book_vwap", inputs)) == []
