"""When a price may be used: each fault at its boundary, and what each fault still allows."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import shared_file
from tacoma.rules.prices import oracle_guard as guard

NAMES = {
    "NonPositive": guard.NOT_POSITIVE,
    "TooVolatile": guard.TOO_VOLATILE,
    "TooUncertain": guard.TOO_UNCERTAIN,
    "StaleForMargin": guard.STALE_FOR_MARGIN,
    "InsufficientDataPoints": guard.TOO_FEW_SOURCES,
    "StaleForAMM": guard.STALE_FOR_QUOTING,
    "Valid": guard.VALID,
}
ACTIONS = {
    "FillOrderAmmImmediate": guard.ACTION_QUOTE,
    "UpdateFunding": guard.ACTION_UPDATE_FUNDING,
    "OracleOrderPrice": guard.ACTION_PRICE_ORDER,
    "MarginCalc": guard.ACTION_MARGIN,
    "TriggerOrder": guard.ACTION_TRIGGER_ORDER,
    "SettlePnl": guard.ACTION_SETTLE_PROFIT,
    "FillOrderMatch": guard.ACTION_MATCH_ORDERS,
    "Liquidate": guard.ACTION_LIQUIDATE,
}


def fault(price=100, average=100, confidence=0, age=0, has_enough_sources=True):
    limits = (5, 20_000, 10**6, 120, 10)
    return guard.price_fault(price, average, confidence, age, has_enough_sources, *limits)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, guard.VALID),
        ({"price": 0}, guard.NOT_POSITIVE),
        ({"price": -5, "confidence": 10**9, "age": 10**9}, guard.NOT_POSITIVE),
        ({"average": 599}, guard.VALID),
        ({"average": 600}, guard.TOO_VOLATILE),
        ({"price": 600, "age": 999}, guard.TOO_VOLATILE),
        ({"average": 0}, guard.TOO_VOLATILE),
        ({"confidence": 2}, guard.VALID),
        ({"confidence": 3}, guard.TOO_UNCERTAIN),
        ({"age": 120}, guard.STALE_FOR_QUOTING),
        ({"age": 121}, guard.STALE_FOR_MARGIN),
        ({"age": 121, "has_enough_sources": False}, guard.STALE_FOR_MARGIN),
        ({"age": 120, "has_enough_sources": False}, guard.TOO_FEW_SOURCES),
        ({"age": 10}, guard.VALID),
        ({"age": 11}, guard.STALE_FOR_QUOTING),
    ],
)
def test_fault_table(state, expected):
    """The worst fault that applies is named; every limit itself is still allowed."""
    assert fault(**state) == expected


def test_actions_as_published():
    """For each action the faults that it tolerates are those of the published matrix."""
    path = shared_file("vectors/oracle_drift.json")
    matrix = json.loads(path.read_text(encoding="utf-8"))["action_matrix"]
    for name, action in ACTIONS.items():
        allowed = {fault for fault in NAMES.values() if guard.price_allows(fault, action)}
        assert allowed == {NAMES[validity] for validity in matrix[name]}, name


@given(st.integers(0, 5), st.integers(0, 8))
def test_a_lesser_fault_allows_no_less(worse, action):
    """What a price may be used for, a better one may be used for too."""
    assert guard.price_allows(worse + 1, action) >= guard.price_allows(worse, action)


@pytest.mark.parametrize(
    ("mark", "average", "limit", "spread", "wide"),
    [
        (33_000_000, 32_000_000, 1, 30_303, False),
        (33_000_000, 29_000_000, 1, 121_212, True),
        (10, 9, 1, 100_000, False),
        (10, 11, 1, -100_000, False),
        (100, 111, 1, -110_000, True),
        (100, 111, 110_000, -110_000, False),
        (3, 4, 1, -333_333, True),
    ],
)
def test_mark_spread_table(mark, average, limit, spread, wide):
    """The spread is over the mark, toward zero; only strictly beyond its limit it is too wide."""
    assert guard.spread_of_mark(mark, average, 10**6) == spread
    assert guard.is_spread_too_wide(spread, limit, 100_000) is wide


@pytest.mark.parametrize(
    ("price", "average", "limit", "is_off"),
    [
        (149, 100, 0, False),
        (150, 100, 0, True),
        (50, 100, 0, True),
        (51, 100, 0, False),
        (150, 100, 600_000, False),
        (160, 100, 600_000, True),
        (100, 0, 0, False),
    ],
)
def test_off_average_table(price, average, limit, is_off):
    """At half of the average, or the larger limit, a price is off: the limit itself counts."""
    assert guard.is_price_off_average(price, average, 10**6, limit, 500_000) is is_off
