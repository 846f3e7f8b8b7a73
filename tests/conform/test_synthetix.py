"""Margins, windows, funding and debt of a market with a skew scale: published numbers and more."""

from fractions import Fraction

import pytest

from shared import shared_file
from tacoma.conform.dialects.synthetix_perps_v3 import FUNCTIONS
from tacoma.conform.document import read
from tacoma.conform.judge import judge

WINDOW = {
    "maker_fee": "7/1000",
    "taker_fee": "3/1000",
    "skew_scale": 1000,
    "multiplier": 1,
    "window_s": 10,
}


def test_published_cases_come_out():
    """Every case of the shared file is reproduced."""
    verdicts = judge(read(shared_file("vectors/venue_synthetix.json")))
    assert [verdict.failures for verdict in verdicts if verdict.failures] == []
    assert sum(verdict.passed for verdict in verdicts) == 83


@pytest.mark.parametrize(
    ("inputs", "liquidated"),
    [
        ({"prior_liquidations_t_amount": [[0, 100]], "t": 9, "account_size": 50}, 0),
        ({"prior_liquidations_t_amount": [[0, 100]], "t": 10, "account_size": 50}, 50),
        (
            {
                "prior_liquidations_t_amount": [[0, 100]],
                "t": 1,
                "account_size": 50,
                "endorsed_liquidator": True,
            },
            50,
        ),
        ({"t": 0, "account_size": 500, "multiplier": 0}, 500),
        ({"t": 0, "account_size": "1/2"}, Fraction(1, 2)),
    ],
)
def test_windows_at_their_edges(inputs, liquidated):
    """A window ends after exactly its seconds; an endorsed liquidator knows none."""
    result = FUNCTIONS["window_capped_liquidation"](WINDOW | inputs, {})
    assert result["liquidated"] == liquidated
    assert result["liquidated"] + result["remaining"] == Fraction(inputs["account_size"])


def test_an_account_without_positions_cannot_be_liquidated():
    """Nothing is required of an account that holds collateral alone, even of a negative one."""
    result = FUNCTIONS["account_margin_multi"]({"collateral": 5, "debt": 9, "positions": []}, {})
    assert result["available"] == -4
    assert not result["liquidatable"]


def test_the_reward_decides_between_margin_and_reward():
    """An account that could pay its margin but not the reward on top is liquidatable."""
    position = {
        "size": 10,
        "fill": 100,
        "index": 100,
        "scale": 1000,
        "frac": 1,
        "minr": 0,
        "scalar": 1,
        "reward": "1/20",
    }
    at_threshold = FUNCTIONS["account_margin"]({"collateral": 60, "positions": [position]}, {})
    assert (at_threshold["maintenance_ex_reward"], at_threshold["liquidatable"]) == (10, False)
    below = FUNCTIONS["account_margin"]({"collateral": 59, "positions": [position]}, {})
    assert below["liquidatable"]


def test_an_order_that_halves_the_skew_fills_below_the_premium():
    """From a skew of 10 % to 5 % the fill is at 7.5 %."""
    fill = FUNCTIONS["fill_price"]({"skew": 10, "skew_scale": 100, "size": -5, "price": 1000}, {})
    assert fill == {"fill": 1075, "pnl_at_index": 375}


def test_velocity_is_bounded():
    """A skew beyond the scale moves the rate no faster than the maximum."""
    inputs = {"skew": -500, "skew_scale": 100, "max_velocity": 3}
    assert FUNCTIONS["funding_velocity"](inputs, {})["velocity"] == -3
