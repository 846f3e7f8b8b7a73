"""Ranks and weights by risk, against the published worked example."""

import pytest

from tacoma.rules.losses.adl import SCORE_MAX
from tacoma.rules.losses.adl_risk import (
    score_effective_leverage,
    score_pool_profit,
    weight_by_leverage,
)

# arXiv 2512.01112, worked example, winners A, C and E after two steps: notional and equity in
# millionths (effective leverage 1.0307, 0.9250 and 1.5482).
WINNERS = {"A": (1_300_000, 1_261_301), "C": (5_200_000, 5_621_300), "E": (1_300_000, 839_700)}


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        (-1, (0.163, 0.728, 0.109)),
        (1, (0.164, 0.589, 0.247)),
        (2, (0.154, 0.497, 0.348)),
    ],
)
def test_published_shares(power, expected):
    """Shares by wealth, linear and quadratic in leverage are those of the paper."""
    weights = [weight_by_leverage(*winner, power) for winner in WINNERS.values()]
    assert [weight / sum(weights) for weight in weights] == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize(
    ("notional", "equity", "expected"),
    [
        (300, 100, 3_000_000),
        (-300, 100, 3_000_000),
        (300, 0, SCORE_MAX),
        (300, -1, SCORE_MAX),
        (0, 100, 0),
        (0, -5, 0),
    ],
)
def test_effective_leverage(notional, equity, expected):
    """Either side ranks by notional over equity; without equity it comes first."""
    assert score_effective_leverage(notional, equity) == expected


@pytest.mark.parametrize(("pnl", "expected"), [(5, 5), (0, -1), (-7, -1), (2**60, SCORE_MAX)])
def test_pool_profit(pnl, expected):
    """What the pool owes ranks a position; whoever is owed nothing ranks last."""
    assert score_pool_profit(pnl) == expected


@pytest.mark.parametrize(
    ("notional", "equity", "power", "expected"),
    [
        (-400, 100, 0, 400),
        (-400, 100, 1, 1_600),
        (400, 100, 2, 6_400),
        (400, 0, 1, SCORE_MAX),
        (400, -9, -1, 0),
        (0, 100, 2, 0),
    ],
)
def test_weight(notional, equity, power, expected):
    """The weight is the notional times a power of leverage."""
    assert weight_by_leverage(notional, equity, power) == expected
