"""Drift v2's published numbers, all of them, and inputs that its examples leave out."""

import pytest

from shared import shared_file
from tacoma.conform.dialects.drift_v2 import FUNCTIONS
from tacoma.conform.document import read
from tacoma.conform.judge import judge


def test_published_numbers():
    """Every published case of every function comes out exactly."""
    verdicts = judge(read(shared_file("vectors/venue_drift.json")))
    assert {verdict.function for verdict in verdicts} == set(FUNCTIONS)
    assert [failure for verdict in verdicts for failure in verdict.failures] == []
    assert sum(verdict.passed for verdict in verdicts) == 158


@pytest.mark.parametrize(
    ("function", "inputs", "expected"),
    [
        ("transfer_satisfies_limit_price", {"limit_price": None}, {"ok": True}),
        ("if_rebase_info", {"total_shares": 100, "vault_balance": 0}, {"error": "MathError"}),
        (
            "if_shares_lost",
            {"stake": {"last_withdraw_request_shares": 2}, "spot_market": {}, "vault_balance": 1},
            {"error": "InvalidIFSharesDetected"},
        ),
        (
            "liquidation_fee_ramp",
            {"base_fee": 20_000, "max_fee": 50_000, "last_active_slot": 0, "slot": 1_500},
            {"value": 21_500},
        ),
        (
            "max_pct_to_liquidate",
            {"margin_shortage": 50_000_000, "slot": 5, "initial_pct": 1000, "duration_slots": 10},
            {"value": 6000},
        ),
        (
            "oracle_validity",
            {"oracle_price": 0, "last_oracle_twap": 5, "guard_rails": {}},
            {"validity": "NonPositive"},
        ),
    ],
)
def test_edges_of_inputs(function, inputs, expected):
    """Missing options have their natural defaults, and impossible inputs the source's errors."""
    assert FUNCTIONS[function](inputs, {}) == expected


@pytest.mark.parametrize(
    ("vault", "claim", "pool", "paid"),
    [
        (0, 0, 50_000_000, (0, 50_000_000, 50_000_000)),
        (10**9, 10**9, 0, (100_000_000, 0, 0)),
        (30_000_001, 10**9, 20_000_000, (30_000_000, 20_000_000, 50_000_000)),
        (10**9, 10_000_000, 0, (10_000_000, 0, 90_000_000)),
        (0, 0, 10**9, (0, 100_000_000, 0)),
    ],
)
def test_bankruptcy_is_paid_in_order(vault, claim, pool, paid):
    """The insurance fund first, the fee pool next, then both sides' funding by what is left."""
    result = FUNCTIONS["resolve_perp_bankruptcy"](
        {
            "loss": -100_000_000,
            "insurance_vault_balance": vault,
            "max_insurance_remaining": claim,
            "fee_pool_tokens": pool,
            "base_long": 5_000_000_000,
            "base_short": -5_000_000_000,
            "cumulative_funding_rate_long": 10**12,
            "cumulative_funding_rate_short": -(10**12),
        },
        {},
    )
    insured, pooled, shared = paid
    assert result["if_payment"] == insured
    assert result["fee_pool_payment"] == pooled
    assert result["market_after.amm.total_social_loss"] == shared
    assert result["market_after.amm.cumulative_funding_rate_long"] == 10**12 + shared * 100
    assert result["market_after.amm.cumulative_funding_rate_short"] == -(10**12) - shared * 100
    assert result["user.total_social_loss"] == 100_000_000


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"loss": 5}, "InvalidPerpPositionToLiquidate"),
        ({"base_long": 0, "base_short": 0}, "CantResolvePerpBankruptcy"),
    ],
)
def test_bankruptcy_that_cannot_be_resolved(change, error):
    """Without a loss there is nothing to resolve, without open positions nobody to charge."""
    inputs = {"loss": -5, "base_long": 1, "base_short": 0} | change
    assert FUNCTIONS["resolve_perp_bankruptcy"](inputs, {}) == {"error": error}
