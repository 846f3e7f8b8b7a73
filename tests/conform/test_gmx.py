"""A pool's price impact, funding, flag and payout: published numbers, and more of the same."""

import pytest

from shared import shared_file
from tacoma.conform.dialects.gmx_v2 import FUNCTIONS
from tacoma.conform.document import read
from tacoma.conform.judge import judge
from tacoma.errors import InputError

USD = 10**30
CURVE = {
    "index_price_e12": 5 * 10**15,
    "positive_factor_e30": 5 * 10**21,
    "negative_factor_e30": 10**22,
    "exponent_e30": 2 * USD,
}


def test_published_cases_come_out():
    """Every case of the shared file is reproduced to the last digit."""
    verdicts = judge(read(shared_file("vectors/venue_gmx.json")))
    assert [verdict.failures for verdict in verdicts if verdict.failures] == []
    assert sum(verdict.passed for verdict in verdicts) == 77


def order(**inputs):
    serve = FUNCTIONS["price_impact_and_execution_price"]
    given = {"kind": 1, "is_long": 1, "long_oi_usd_e30": 0, "short_oi_usd_e30": 0}
    return serve(CURVE | given | inputs, {})


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        # test/exchange/PositionPriceImpact/PairMarket.ts, capped price impact
        (
            {
                "is_long": 0,
                "size_delta_usd_e30": 200_000 * USD,
                "long_oi_usd_e30": 400_000 * USD,
                "short_oi_usd_e30": 200_000 * USD,
                "max_positive_factor_e30": 10**26,
            },
            {"price_impact_usd_e30": 20 * USD, "execution_price_e12": 5000500050005000},
        ),
        # the same file, difference in pnl should be equal to price impact amount
        (
            {"size_delta_usd_e30": 100_000 * USD, "long_oi_usd_e30": 200_000 * USD},
            {
                "execution_price_e12": 5025125628140703,
                "pending_impact_amount_e18": -99999999999999999,
            },
        ),
        (
            {
                "kind": -1,
                "size_delta_usd_e30": 150_000 * USD,
                "long_oi_usd_e30": 300_000 * USD,
                "position_size_usd_e30": 300_000 * USD,
            },
            {
                "price_impact_usd_e30": 337499999999999994450071536280000,
                "execution_price_e12": 5011249999999999,
            },
        ),
        # test/exchange/VirtualPositionPriceImpact.ts
        (
            {
                "size_delta_usd_e30": 200_000 * USD,
                "virtual_inventory_usd_e30": -200_000 * USD,
            },
            {"price_impact_usd_e30": -1199999999999999977764056140040000},
        ),
        (
            {
                "kind": -1,
                "is_long": 0,
                "size_delta_usd_e30": 200_000 * USD,
                "short_oi_usd_e30": 200_000 * USD,
                "virtual_inventory_usd_e30": 0,
            },
            {"price_impact_usd_e30": 199999999999999996294009356670000},
        ),
        ({"size_delta_usd_e30": 0}, {"price_impact_usd_e30": 0, "execution_price_e12": 5 * 10**15}),
    ],
)
def test_further_numbers_of_the_source(inputs, expected):
    """Orders that the source's tests print beside the shared cases come out too."""
    assert expected.items() <= order(**inputs).items()


@pytest.mark.parametrize(
    "inputs",
    [
        {"size_delta_usd_e30": 500_000 * USD, "negative_factor_e30": 10**26},
        {"kind": -1, "size_delta_usd_e30": USD},
    ],
)
def test_impossible_orders_are_refused(inputs):
    """An impact above the order and a close beyond the open interest are errors, not prices."""
    with pytest.raises(InputError):
        order(**inputs)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"long_oi_usd_e30": USD, "short_oi_usd_e30": USD}, (0, True, 0)),
        (
            {"long_oi_usd_e30": USD, "short_oi_usd_e30": 3 * USD, "funding_factor_e30": 10**20},
            (5 * 10**19, False, 0),
        ),
        (
            {"long_oi_usd_e30": 3 * USD, "short_oi_usd_e30": USD, "funding_factor_e30": 10**26},
            (10**24, True, 0),
        ),
        (
            {
                "long_oi_usd_e30": USD,
                "short_oi_usd_e30": USD,
                "increase_per_s_e30": 10**20,
                "min_e30": 10**10,
            },
            (10**10, True, 0),
        ),
    ],
)
def test_funding_without_adaptation_and_without_skew(inputs, expected):
    """A static market charges skew times factor, capped; an idle rate charges +minimum."""
    result = FUNCTIONS["next_funding_factor_per_second"](
        {"seconds": 60, "max_e30": 10**24} | inputs, {}
    )
    fields = ("factor_e30", "longs_pay_shorts", "next_saved_e30")
    assert tuple(result[field] for field in fields) == expected


def test_fees_and_impact_come_out_of_the_collateral():
    """100 in fees and a cost of 40, cut to 30, leave 0.974 of one token worth 5000."""
    result = FUNCTIONS["liquidation_check_and_payout"](
        {
            "is_long": 1,
            "size_usd": 30_000,
            "entry_price": 15,
            "index_price": 15,
            "collateral_amount": 1,
            "collateral_price": 5000,
            "min_collateral_usd": 4871,
            "fees_usd": 100,
            "price_impact_usd": -40,
            "max_impact_factor": "1/1000",
        },
        {},
    )
    assert result["liquidatable"]
    assert result["user_collateral_out"] == pytest.approx(0.974)
    assert result["pool_loss_usd"] == 0


def test_shorts_mirror_the_flag_and_reserve_their_size():
    """A short side profits from a fall, and reserves what it sold, not what it owes."""
    pool = {"pool_token_amount": 1000, "pool_token_price": 5000}
    flag = FUNCTIONS["adl_enabled"](
        pool
        | {
            "side_size_usd": 2_000_000,
            "side_size_tokens": 100_000,
            "index_price": 14,
            "is_long": 0,
            "max_pnl_factor_for_adl": "1/10",
        },
        {},
    )
    assert flag["enabled"]
    usage = FUNCTIONS["usage_factor"](
        pool | {"is_long": 0, "open_interest_usd": 500_000, "reserve_factor": "1/2"}, {}
    )
    assert usage["usage_factor"] * 5 == 1
