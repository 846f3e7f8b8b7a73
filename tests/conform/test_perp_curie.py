"""Perp Curie: liquidation of collateral, and the median mark price."""

from fractions import Fraction

import pytest

from shared import shared_file
from tacoma.conform.dialects.perp_curie import FUNCTIONS
from tacoma.conform.document import read
from tacoma.conform.judge import judge
from tacoma.rules.liquidations.collateral_liquidation import max_repaid


def test_every_published_case_passes():
    """All cases of the shared file come out to the unit."""
    verdicts = judge(read(shared_file("vectors/venue_perp_curie.json")))
    assert {verdict.function for verdict in verdicts} == FUNCTIONS.keys()
    assert [failure for verdict in verdicts for failure in verdict.failures] == []
    assert sum(verdict.passed for verdict in verdicts) == 11


def test_the_rounded_input():
    """One case prints 3,000 for a debt of 24 units of 10**-18 less: the dialect puts them back."""
    case = {"dust": 500, "liq_ratio": Fraction(1, 2), "if_fee": Fraction(3, 100)}
    serve = FUNCTIONS["max_repaid_settlement"]
    exact = serve(case | {"debt_or_margin_req": 3_000 - Fraction(24, 10**18)}, {})
    assert exact["max_repaid_1e18"] == 1546391752577319587616
    assert serve(case | {"debt_or_margin_req": 3_000}, {}) == exact
    # The rule itself, on a debt of exactly 3,000:
    assert max_repaid(3_000 * 10**18, 0, 500 * 10**18, 500_000, 30_000) == 1546391752577319587628


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"market_twap_15s": 100, "market_twap_30m": 95, "index": 100}, 100),
        ({"market_twap_15s": 90, "market_twap_30m": 95, "index": 100}, 95),
        (
            {
                "market_twap_15s": 90,
                "market_twap_30m": 95,
                "index": 100,
                "market_twap_15m": 92,
                "index_twap_15m": Fraction("100.5"),
            },
            Fraction("91.5"),
        ),
    ],
)
def test_mark_price(inputs, expected):
    """The middle one of short mean, long mean and index with the premium of 15 minutes."""
    assert FUNCTIONS["mark_price_median"](inputs, {}) == {"mark": expected}


def test_other_decimals():
    """A debt of 450 at 9,000 dollars with 10 % off buys a twentieth of a coin of 8 decimals."""
    inputs = {"debt": 405, "dust": 500, "discount": Fraction(1, 10), "price": 9_000,
              "collateral": Fraction(1, 25), "collateral_decimals": 8}  # fmt: skip
    result = FUNCTIONS["max_repaid_and_collateral"](inputs, {})
    assert result["max_collateral_1e8"] == 4_000_000  # all that there is: 0.04
    assert result["max_repaid_1e6"] == 324_000_000


def test_words_are_refused():
    """A field that is no number is named."""
    with pytest.raises(ValueError, match="price = 'high'"):
        FUNCTIONS["repaid_by_collateral"]({"collateral": 1, "price": "high"}, {})
