"""Mango v4: liquidation up to a health, as its unit tests print it."""

import pytest

from shared import shared_file
from tacoma.conform.dialects.mango_v4 import FUNCTIONS
from tacoma.conform.document import read
from tacoma.conform.judge import judge

BASE = {
    "base_asset_weight": 0.5,
    "overall_asset_weight": 0.5,
    "price": 1,
    "max_base": 100,
    "max_pnl": 100,
}


def test_every_published_case_passes():
    """No case of the shared file fails."""
    verdicts = judge(read(shared_file("vectors/venue_mango.json")))
    assert {verdict.function for verdict in verdicts} == FUNCTIONS.keys()
    assert [verdict.failures for verdict in verdicts] == [[]] * len(verdicts)
    assert sum(verdict.passed for verdict in verdicts) == 42


def test_the_transcribed_case_holds_too():
    """The three healths with a stable price, skipped as transcribed, come out all the same."""
    document = read(shared_file("vectors/venue_mango.json"))
    case = next(case for case in document.cases if case.function == "health_types")
    result = FUNCTIONS["health_types"](case.inputs, document.tables)
    assert result == pytest.approx(case.expected)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        # A long pays the fee: ten lots free 10 * (0.95 - 0.5) = 4.5 of the 4.5 missing.
        (
            {"spot": 5.5, "base": 20, "quote": -20, "base_liquidation_fee": 0.05},
            {"spot": 5.5, "base": 10, "quote": -10.5},
        ),
        # A short pays it the other way round: 5 * (1.5 - 1.05) = 2.25.
        (
            {"spot": 5.25, "base": -5, "quote": 0, "max_base": -9, "base_liquidation_fee": 0.05},
            {"spot": 5.25, "base": 0, "quote": -5.25},
        ),
        # At a price of 10 the same account in lots a tenth as many.
        ({"spot": 5, "base": 2, "quote": -20, "price": 10}, {"spot": 5, "base": 1, "quote": -10}),
        # The settlement token's weight makes a debt of 10 count 12: profit of 12 less fee.
        (
            {
                "spot": -10,
                "base": 0,
                "quote": 20,
                "max_base": 0,
                "overall_asset_weight": 0,
                "settle_token_asset_weight": 0.8,
                "positive_pnl_liq_fee": 0.5,
            },
            {"spot": 0, "base": 0, "quote": 0},
        ),
        ({"spot": 5, "base": 2, "quote": 0, "max_base": -1}, {"error": True}),
        ({"spot": 5, "base": -2, "quote": 0, "max_base": 1}, {"error": True}),
    ],
)
def test_hand_computed_liquidation(account, expected):
    """Fees, prices and weights of the settlement token enter as the source has them."""
    result = FUNCTIONS["perp_liq_base_or_positive_pnl"](BASE | account, {})
    assert {key: result[key] for key in expected} == pytest.approx(expected)


def test_insurance_pays_the_liquidation_fee():
    """With a fee of 10 % the fund's 11 move a loss of 10; a fund that is left shares nothing."""
    case = {"perp_quote": -10, "insurance_vault": 50, "max_liab_transfer": 10}
    serve = FUNCTIONS["perp_negative_pnl_or_bankruptcy"]
    result = serve(case | {"base_liquidation_fee": 0.1}, {})
    assert result["insurance_paid"] == 11
    assert result["liqor_perp_quote"] == -10
    assert result["socialized_loss"] == 0


def test_a_shared_loss_per_lot():
    """Four lots open share a loss of ten by two and a half each."""
    serve = FUNCTIONS["perp_negative_pnl_or_bankruptcy"]
    result = serve({"perp_quote": -10, "open_interest": 4}, {})
    assert (result["socialized_loss"], result["funding_per_lot"]) == (10, 2.5)


def test_a_profit_is_no_loss():
    """A position without a loss is refused."""
    assert FUNCTIONS["perp_negative_pnl_or_bankruptcy"]({"perp_quote": 0}, {}) == {"error": True}


def test_words_are_refused():
    """A field that is no number is named."""
    with pytest.raises(ValueError, match="spot = 'much'"):
        FUNCTIONS["perp_liq_base_or_positive_pnl"](BASE | {"base": 1, "spot": "much"}, {})
