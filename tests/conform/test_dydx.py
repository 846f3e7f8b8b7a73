"""The dYdX v4 dialect: the published examples, and cases computed by hand."""

from fractions import Fraction

import pytest

from shared import shared_file
from tacoma.conform import document, judge
from tacoma.conform.compare import differences
from tacoma.conform.dialects.dydx_v4 import FUNCTIONS

BTC = {
    "res": -8,
    "price": 5_000_000_000,  # 50,000 USD; one base quantum is worth 500 quote quantums
    "exp": -5,
    "imf_ppm": 200_000,
    "mf_ppm": 500_000,
    "oi_lower": 0,
    "oi_upper": 0,
    "oi": 1_000,
    "funding_index": 0,
}
ETH = BTC | {"res": -9, "price": 3_000_000_000, "exp": -6}  # one base quantum is 3 quote quantums
MARKETS = {"0": BTC, "1": ETH}
CONFIG = {
    "bankruptcy_adj_ppm": 1_000_000,
    "spread_to_mmr_ppm": 100_000,
    "min_pos_notional": 1,
    "max_portion_ppm": 1_000_000,
    "max_notional": 10**30,
}
INVALID = "ErrInvalidPerpetualPositionSizeDelta"
REFUSED = "ErrFailedToUpdateSubaccounts"


def holder(usdc, size=0, market=0):
    position = {"market": market, "size": size, "funding_index": 0, "quote_balance": 0}
    return {"usdc": usdc, "positions": [position] if size else []}


def check(function, expected, **inputs):
    assert differences(expected, FUNCTIONS[function](inputs, {})) == []


def test_published_examples_come_out_as_published():
    """Every function of the example file is served, and no example fails."""
    verdicts = judge.judge(document.read(shared_file("vectors/venue_dydx_examples.json")))
    assert [failure for verdict in verdicts for failure in verdict.failures] == []
    assert {verdict.function for verdict in verdicts} == FUNCTIONS.keys()
    assert sum(verdict.passed for verdict in verdicts) == 31


@pytest.mark.parametrize(
    ("usdc", "size", "delta", "value"),
    [
        (-48_000, 100, -100, 48_000),
        (-48_001, 100, -33, 15_841),  # 33 * 500 - floor(1,999 * 1,650 / 5,000)
        (-50_001, 100, -33, 16_501),  # 33 * 500 - floor(-1 * 1,650 / 5,000)
        (-51_000, 100, -100, 51_000),
        (52_000, -100, 100, -52_000),
        (49_000, -100, 50, -24_500),
        (10, 100, -100, -10),
    ],
)
def test_bankruptcy_price_by_hand(usdc, size, delta, value):
    """A full close gives exactly what the account owes, a part its share rounded up."""
    inputs = {"markets": MARKETS, "account": holder(usdc, size), "market": 0, "delta": delta}
    check("bankruptcy_price_quote_quantums", {"value": value}, **inputs)


@pytest.mark.parametrize("function", ["bankruptcy_price_quote_quantums", "fillable_price"])
@pytest.mark.parametrize(("size", "delta"), [(100, 0), (100, 1), (100, -101), (0, -1), (-100, -1)])
def test_a_delta_that_does_not_reduce_is_an_error(function, size, delta):
    """Both prices exist only for what reduces a position that is there."""
    inputs = {"markets": MARKETS, "account": holder(-1, size), "market": 0, "delta": delta}
    check(function, {"error": INVALID}, **inputs, config=CONFIG)


@pytest.mark.parametrize(
    ("usdc", "size", "value"),
    [
        (-45_000, 100, 500),
        (-46_000, 100, 500 - Fraction(5_000, 1_000) / 5),
        (-50_000, 100, 495),
        (-60_000, 100, 495),
        (55_000, -100, 500),
        (54_000, -100, 501),
        (50_000, -100, 505),
    ],
)
def test_fillable_price_by_hand(usdc, size, value):
    """From the oracle price at the margin to a tenth of the margin away at bankruptcy."""
    inputs = {"account": holder(usdc, size), "market": 0, "delta": -size, "config": CONFIG}
    check("fillable_price", {"value": value}, markets=MARKETS, **inputs)


@pytest.mark.parametrize(
    ("is_buy", "usdc", "size", "fill", "subticks", "expected"),
    [
        (False, -48_000, 100, 100, 490 * 10**8, {"value": 245}),
        (False, -48_000, 100, 100, 481 * 10**8, {"value": 100}),
        (False, -48_000, 100, 100, 479 * 10**8, {"value": -100}),
        (True, 52_000, -100, 100, 521 * 10**8, {"value": -100}),
        (True, 52_000, -100, 100, 1, {"value": 0}),
        (True, 52_000, -100, 0, 1, {"error": "ErrInvalidQuantumsForInsuranceFundDeltaCalculation"}),
        (False, 52_000, -100, 100, 1, {"error": INVALID}),
    ],
)
def test_insurance_delta_by_hand(is_buy, usdc, size, fill, subticks, expected):
    """Half a percent of the fill at most flows in; a shortfall flows out whole."""
    inputs = {"is_buy": is_buy, "fill_amount": fill, "subticks": subticks, "market": 0}
    inputs |= {"quantum_conversion_exponent": -8, "max_liq_fee_ppm": 5_000}
    account = holder(usdc, size)
    check("insurance_fund_delta", expected, markets=MARKETS, account=account, **inputs)


@pytest.mark.parametrize(
    ("size", "change", "step", "value"),
    [
        (100, {}, 5, -100),
        (-100, {"max_portion_ppm": 333_333}, 5, 30),
        (100, {"max_notional": 20_000}, 7, -35),
        (100, {"max_portion_ppm": 1}, 5, -5),
        (4, {"max_portion_ppm": 1}, 5, -4),
        (100, {"max_portion_ppm": 1, "min_pos_notional": 30_000}, 5, -60),
    ],
)
def test_liquidatable_size_by_hand(size, change, step, value):
    """The smaller limit decides, in whole steps, with the sign that reduces the position."""
    inputs = {"account": holder(0, size), "market": 0, "config": CONFIG | change}
    check(
        "liquidatable_size_delta",
        {"value": value},
        markets=MARKETS,
        step_base_quantums=step,
        **inputs,
    )


def test_limits_that_are_overrun_are_errors():
    """A block's limit that is already exceeded is refused by name."""
    limits = {"max_notional": 50, "max_insurance_lost": 50}
    overrun = "ErrLiquidationExceedsSubaccountMax"
    for used, error in (
        ({"notional_liquidated": 51, "insurance_lost": 0}, f"{overrun}NotionalLiquidated"),
        ({"notional_liquidated": 0, "insurance_lost": 51}, f"{overrun}InsuranceLost"),
    ):
        check("block_limits_remaining", {"error": error}, **limits, **used)
    rest = {"max_notional": 0, "max_insurance_lost": 50}
    check("block_limits_remaining", rest, **limits, notional_liquidated=50, insurance_lost=0)


@pytest.mark.parametrize(
    ("function", "usdc", "other", "delta", "expected"),
    [
        ("bankruptcy", 49_000, (2_000, 100), 100, {"liquidated": holder(0)}),
        ("bankruptcy", 49_000, (-48_999, 100), 100, {"offsetting": holder(1)}),
        ("bankruptcy", 49_000, (-49_001, 100), 100, {"error": REFUSED}),
        ("bankruptcy", 49_000, (0, 100), -100, {"error": INVALID}),
        ("bankruptcy", 49_000, (0, 99), 100, {"error": INVALID}),
        ("bankruptcy", 49_000, (0, 100), 50, {"liquidated": holder(24_500, -50)}),
        ("oracle", 51_000, (0, 100), 100, {"offsetting": holder(50_000)}),
        ("oracle", 51_000, (0, 100), 20, {"liquidated": holder(41_000, -80)}),
        ("oracle", 49_000, (0, 100), 100, {"error": REFUSED, "liquidated": holder(49_000, -100)}),
    ],
)
def test_deleveraging_by_hand(function, usdc, other, delta, expected):
    """Two accounts close at one price, or both stay as they are and the error says why."""
    inputs = {"liquidated": holder(usdc, -100), "offsetting": holder(*other), "delta": delta}
    function = f"process_deleveraging_at_{function}_price"
    check(function, expected, markets=MARKETS, market=0, **inputs)


@pytest.mark.parametrize(
    ("order", "fills"),
    [
        ("listed", [[0, 60], [2, 40]]),
        ("reversed", [[3, 60], [2, 40]]),
        (1, [[2, 60], [3, 40]]),
        ([3, 0], [[3, 60], [0, 40]]),
    ],
)
def test_iteration_order_is_an_input(order, fills):
    """Who is deleveraged depends on the order alone, and the order can be stated."""
    accounts = [holder(0, 60), holder(49_000, -100), holder(0, 60), holder(0, 60)]
    inputs = {"accounts": accounts, "liquidated_index": 1, "delta": 100}
    expected = {"fills": fills, "remaining": 0}
    inputs |= {"market": 0, "iteration_order": order}
    check("offset_position_sequence", expected, markets=MARKETS, **inputs)
    with pytest.raises(ValueError, match="iteration_order"):
        FUNCTIONS["offset_position_sequence"](
            {"markets": MARKETS, **inputs, "iteration_order": "shuffled"}, {}
        )


def test_risk_after_update_settles_funding_first():
    """Funding since the position's index is paid before the update counts."""
    markets = {"0": BTC | {"funding_index": 7_500_001}}
    update = {"usdc": 5, "positions": [{"market": 0, "size": -50}]}
    expected = {"nc": 1_000 - 751 + 5 + 25_000, "imr": 5_000, "mmr": 2_500}
    account = holder(1_000, 100)
    check("account_risk_after_update", expected, markets=markets, account=account, update=update)
    unknown = {"positions": [{"market": 5, "size": 1}]}
    expected = {"error": "ErrPerpetualDoesNotExist"}
    check("account_risk_after_update", expected, markets={}, account=holder(1), update=unknown)


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ((5, 5, 3), (1, 4), "newly_undercollateralized"),
        ((4, 5, 3), (1, 4), "still_undercollateralized"),
        ((4, 5, 3), (4, 3), "success"),
    ],
)
def test_transitions_have_the_source_s_names(old, new, value):
    """Outcomes are written as words."""
    inputs = {"old": dict(zip(("nc", "imr", "mmr"), old, strict=True))}
    inputs["new"] = dict(zip(("nc", "mmr"), new, strict=True))
    check("undercollateralized_transition", {"value": value}, **inputs)


@pytest.mark.parametrize(
    "samples",
    [
        [10] * 3 + [20] * 3,
        [{"constant": 10, "count": 3}, {"constant": 20, "count": 3}],
        [[10, 3], [20, 3]],
        {"values": [10, 20], "counts": [3, 3]},
    ],
)
def test_samples_may_be_written_in_several_ways(samples):
    """Nine tenths of an hour's samples are missing and count as zeros."""
    expected = {"rate_8h_ppm": 1, "index_delta": 62}
    check(
        "funding_tick",
        expected,
        samples_ppm=samples,
        tick_seconds=3_600,
        sample_seconds=60,
        clamp_factor_ppm=6_000_000,
        market=BTC,
    )


def test_the_order_that_halted_the_chain_still_does():
    """With the collateral transferred first the pool is short by what insurance would have paid."""
    inputs = {
        "isolated_pool": 149,
        "short_usdc": 49,
        "short_base": -1,
        "long_usdc": 100,
        "long_base": 1,
        "match_price": 100,
    }
    function = "isolated_pool_liquidation_ordering"
    check(function, {"ok": 1, "insurance_fund_delta": -51}, **inputs, order="insurance_first")
    failed = {"ok": 0, "error": "spendable balance 149 is smaller than 200"}
    check(function, failed | {"short_final_usdc": 49}, **inputs, order="collateral_first")
