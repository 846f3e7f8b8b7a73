"""Derive (Lyra v2): the shared vectors, published figures beyond them, and hand-computed cases."""

from fractions import Fraction

import pytest

from shared import shared_file
from tacoma.conform.dialects.derive_lyra_v2 import FUNCTIONS
from tacoma.conform.dialects.derive_lyra_v2_doubles import normal_cdf, option_value
from tacoma.conform.document import read
from tacoma.conform.judge import judge
from tacoma.rules.portfolios.option_value import black76_value
from tacoma.rules.portfolios.option_value import normal_cdf as accurate_cdf

UNIT = 10**18
ETH = {"spot": 1500 * UNIT, "forward": 1500833279310993817600}
PARAMETERS = {
    "SkewShock": {
        "LINEAR_SCALE_CAP": "0.15",
        "LINEAR_CBASE": "-0.05",
        "ABS_SCALE_CAP": "0.15",
        "ABS_CBASE": "-0.05",
        "MIN_K_STAR": "0.01",
        "MIN_WIDTH_SCALE": "4.0",
        "VOL_PARAM_STATIC": "0.6",
        "VOL_PARAM_SCALE": "-0.1",
    },
    "VolShock": {
        "VOLRANGEUP": "0.5",
        "MIN_VOL_EVAL_SHOCKED": "0.45",
        "VOLRANGEDOWN": "0.275",
        "SHORTTERMPOWER": "0.3",
        "LONGTERMPOWER": "0.13",
        "DTE_FLOOR": "1.0",
    },
    "Margin": {
        "MM_LOSS_FACTOR": "0.8",
        "IM_LOSS_FACTOR": "1.0",
        "SHORT_RATE_MULTSCALE": "0.5",
        "LONG_RATE_MULTSCALE": 1,
        "SHORT_RATE_ADDSCALE": "0.08",
        "LONG_RATE_ADDSCALE": "0.08",
        "BASE_STATIC_DISCOUNT": "0.95",
        "BASE_STATIC_DISCOUNT_NEG": "1.04",
    },
    "BasisContingency": {
        "SCENARIO_SPOT_UP": "1.045",
        "SCENARIO_SPOT_DOWN": "0.955",
        "BASIS_CONT_ADD_FACTOR": "0.5",
        "BASIS_CONT_MULT_FACTOR": "2.0",
    },
    "OtherContingency": {
        "PEG_LOSS_THRESHOLD": "0.98",
        "PEG_LOSS_FACTOR": "2.0",
        "CONF_THRESHOLD": "0.55",
        "CONF_MARGIN": "1.0",
        "MM_PERP_PERCENT": "0.015",
        "IM_PERP_PERCENT": "0.005000000000000001",
        "MM_OPTION_PERCENT": "0.003",
        "IM_OPTION_PERCENT": "0.002",
    },
}
SCENARIOS = [
    ["1.18", 1, 1],
    ["0.91", 1, 1],
    [1, 0, 1],
    ["0.8200000000000001", 1, 1],
    ["0.33999999999999997", 1, "0.054545454545454536"],
    ["0.6699999999999999", 1, "0.10909090909090907"],
    [1, 2, "1.0"],
    [1, 3, "1.0"],
]
TABLES = {"param_sets": [PARAMETERS], "scenario_sets": [SCENARIOS]}


def test_the_shared_vectors_pass():
    """Every function of the file is served, and every case comes out as published."""
    verdicts = judge(read(shared_file("vectors/venue_derive_examples.json")))
    assert {verdict.function for verdict in verdicts} == set(FUNCTIONS)
    assert sum(verdict.passed for verdict in verdicts) == 4
    assert [failure for verdict in verdicts for failure in verdict.failures] == []


def portfolio_margin(**inputs):
    portfolio = {
        "Cash": 0,
        "SpotPrice": "2681.6029850999994",
        "SpotConfidence": "1.0",
        "NumPerps": 0,
        "StablePrice": "1.00019088635",
        "params_ref": 0,
        "scenarios_ref": 0,
    }
    return FUNCTIONS["portfolio_margin_pmrm2"](portfolio | inputs, TABLES)


def test_a_box_at_a_negative_rate_keeps_the_last_digits_of_doubles():
    """
    A box does not move with spot or volatility; what is printed is what doubles leave over.

    Figures: derivexyz/v2-core .../portfolio_cases/test_55_discounting_negative_rate.json.
    """
    near, far = "0.5543377511787965", "0.5592157396329432"
    margin = portfolio_margin(
        SpotPrice="95663.50604855",
        Feeds_sec_fwd_fwdconf_rate_rateconf_volconf=[
            [18938852, "100374.61000117072", 1, "-1.2", 1, "0.95"]
        ],
        Options_sec_strike_iscall_vol_amount=[
            [18938852, 100000, 1, near, -1],
            [18938852, 110000, 1, far, 1],
            [18938852, 100000, 0, near, 1],
            [18938852, 110000, 0, far, -1],
        ],
    )
    noise, less = Fraction("0.000000000003637979"), Fraction("0.000000000000793741")
    assert margin["OptionMTM"] == -10000
    assert margin["IM"] == margin["MM"] == Fraction("-10000.000000000004")
    assert margin["ScenarioPnL"] == [0, -noise, 0, noise, -less, less, 0, 0]


def test_a_forward_price_is_fixed_by_and_by_in_the_last_half_hour():
    """
    After expiry nothing moves; only the surcharge for the short option is left of the margin.

    Figures: derivexyz/v2-core .../portfolio_cases/test_66_misc_post_expiry.json.
    """
    margin = portfolio_margin(
        Feeds_sec_fwd_fwdconf_rate_rateconf_volconf=[[0, "2691.6029850999994", 1, "0.22", 1, 1]],
        Options_sec_strike_iscall_vol_amount=[[0, 2500, 1, "2511.421980938193", -1]],
    )
    assert set(margin["ScenarioPnL"]) == {0}
    assert float(margin["OptionMTM"]) == pytest.approx(-191.6029850999994, rel=1e-14)
    assert float(margin["IM"]) == pytest.approx(-205.01100002549938, rel=1e-14)
    assert float(margin["MM"]) == pytest.approx(-199.64779405529939, rel=1e-14)
    half = portfolio_margin(
        Feeds_sec_fwd_fwdconf_rate_rateconf_volconf=[[900, 3000, 1, 0, 1, 1]],
        Options_sec_strike_iscall_vol_amount=[[900, 1, 1, 1, 1]],
    )
    # 1.18 of the half that floats, discounted to 0.95 of what is left
    assert float(half["ScenarioPnL"][0]) == pytest.approx(3269 * 0.95 - 2999, rel=1e-4)


def test_a_far_option_has_all_its_digits():
    """
    The value of a call far out of the money is not lost in rounding.

    Figures: derivexyz/v2-core .../portfolio_cases/test_38_tails_super_otm.json.
    """
    margin = portfolio_margin(
        Feeds_sec_fwd_fwdconf_rate_rateconf_volconf=[
            [794852, "2682.9997436016715", 1, "0.15000000000000002", 1, "0.95"]
        ],
        Options_sec_strike_iscall_vol_amount=[[794852, 5000, 1, "0.8833255402190362", -1]],
    )
    assert float(margin["OptionMTM"]) == pytest.approx(-0.00047701289617664, rel=1e-12)
    assert float(margin["BasisContingency"]) == pytest.approx(-0.000908052551085257, rel=1e-12)
    profits = [float(profit) for profit in margin["ScenarioPnL"]]
    assert profits[:4] == pytest.approx(
        [-10.435667282358105, -0.336441391271010914, -1.806850701675e-6, -0.063521648149920992]
    )
    assert profits[6:] == pytest.approx([-0.006385577691344867] * 2)


def test_a_hedged_perpetual_still_pays_for_distrust():
    """
    Confidence 0.1 in the perpetual and 0.2 in the spot; collateral does not share the former.

    Figures: derivexyz/v2-core .../portfolio_cases/test_32_perps_perp_hedging.json.
    """
    margin = portfolio_margin(
        SpotPrice=100000,
        SpotConfidence="0.2",
        NumPerps=-1,
        PerpPrice=100000,
        PerpConfidence="0.1",
        Collaterals_amount_price_conf_riskcancel_imh_mmh=[[1, 100000, 1, 1, "0.015", "0.03"]],
    )
    assert float(margin["IM"]) == pytest.approx(-76506.39347229843, rel=1e-14)
    assert float(margin["MM"]) == pytest.approx(95478.73931898379, rel=1e-14)


def test_both_distributions_agree():
    """The source's normal distribution is the accurate one within some last digits."""
    for step in range(-300, 301):
        assert normal_cdf(step / 10) == pytest.approx(accurate_cdf(step / 10), rel=1e-13)
    assert (normal_cdf(-40.0), normal_cdf(40.0)) == (0.0, 1.0)


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize(
    ("strike", "years", "volatility"), [(90.0, 0.5, 0.6), (250.0, 2.0, 1.5), (100.0, 0.0, 0.5)]
)
def test_both_valuations_agree(strike, years, volatility, is_call):
    """The source's valuation by parity is Black's."""
    arguments = (100.0, strike, years, volatility, 0.97, is_call)
    assert option_value(*arguments) == pytest.approx(black76_value(*arguments), rel=1e-12)


def standard_margin(options=(), **inputs):
    expiries, strikes, calls, amounts, volatilities = zip(*options, strict=True) if options else [
        ()
    ] * 5  # fmt: skip
    account = {
        "OptionUnderlying": [0] * len(options),
        "OptionExpiries": list(expiries),
        "OptionStrikes": [strike * UNIT for strike in strikes],
        "OptionIsCall": list(calls),
        "OptionAmounts": [amount * UNIT for amount in amounts],
        "OptionVols": list(volatilities),
        "OptionVolConfidences": [UNIT] * len(options),
        "FeedExpiries": list(expiries),
        "Forwards": [ETH["forward"]] * len(options),
        "ForwardConfidences": [UNIT] * len(options),
        "Cash": 0,
        "ETHSpotPrice": ETH["spot"],
        "BTCSpotPrice": 28000 * UNIT,
        "PerpPrice": [1505 * UNIT, 27990 * UNIT],
        "USDCValue": UNIT,
        "LastEntryETH": None,
        "AccountETHFundingIndex": None,
        "params": {
            "max_spot_req": Fraction("0.15"),
            "min_spot_req": Fraction("0.1"),
            "mm_call": Fraction("0.075"),
            "mm_put": Fraction("0.075"),
            "mm_put_mtm": Fraction("0.075"),
            "unpaired_im": Fraction("1.2"),
            "unpaired_mm": Fraction("1.1"),
            "mm_offset": Fraction("1.05"),
            "perp_mm": Fraction("0.05"),
            "perp_im": Fraction("0.065"),
            "depeg_threshold": Fraction("0.98"),
            "depeg_factor": Fraction("1.2"),
            "oc_threshold": Fraction("0.4"),
            "oc_factor": Fraction("0.4"),
            "base_factor": Fraction("0.1"),
            "base_im_scale": 1,
        },
    }
    return FUNCTIONS["standard_margin"](account | inputs, {})


WEEK = 500400
ATM, WIDE = 1047884494084986240, 1326538658030860032
LOW = [[15 * UNIT // 100, UNIT], [UNIT, UNIT]]


@pytest.mark.parametrize(
    ("options", "inputs", "initial", "maintenance"),
    [
        ([(WEEK, 1900, 1, -1, 1179993832279113216)], {}, -156.008261835, -118.508261835),
        ([(WEEK, 1300, 0, -1, 1083189415509876480)], {}, -164.322794294, -126.822794294),
        ([(WEEK, 4500, 0, -1, 1597344442228649472)], {}, -3385.309438430, -3224.104227076),
        (  # a short box loses its width, whatever the price
            [(WEEK, 1500, 1, -1, ATM), (WEEK, 1500, 0, 1, ATM),
             (WEEK, 2500, 1, 1, WIDE), (WEEK, 2500, 0, -1, WIDE)],
            {}, -1000.0, -1000.0,
        ),
        (  # a stable coin at 0.30: 1.2 * 0.68 of one short call at 1500, initial margin only
            [(WEEK, 1500, 1, -1, ATM)], {"USDCValue": 3 * UNIT // 10}, -1528.371585189,
            -191.871585189,
        ),
        (  # 0.05 and 0.065 of 1505, a loss of 30, funding received of 10
            [], {"Perps_ETH": UNIT, "LastEntryETH": 1535 * UNIT,
                 "AccountETHFundingIndex": 10 * UNIT}, -117.825, -95.25,
        ),
        ([], {"wETH": UNIT}, 150.0, 150.0),
        ([], {"wETH": UNIT, "SpotPerpConfidences": LOW}, -360.0, 150.0),
        ([], {"Cash": 7 * UNIT}, 7.0, 7.0),
        ([], {"Cash": 10000}, 10000.0, 10000.0),  # whole dollars, as the source's results count
    ],
)  # fmt: skip
def test_published_standard_margins(options, inputs, initial, maintenance):
    """Figures: derivexyz/v2-core .../StandardManager/test-cases.json, Tests 3 to 22."""
    margin = standard_margin(options, **inputs)
    assert margin["IM"] / UNIT == pytest.approx(initial, rel=1e-9)
    assert margin["MM"] / UNIT == pytest.approx(maintenance, rel=1e-9)


def test_an_expiring_option_takes_the_settlement_price():
    """In its last hour the settlement price replaces the forward."""
    lots = [(900, 1000, 1, 1, ATM)]
    price = 1450 * UNIT
    assert standard_margin(lots, SettlementPriceETH=price)["MTM"] == pytest.approx(450 * UNIT)
    assert standard_margin(lots)["MTM"] == pytest.approx(ETH["forward"] - 1000 * UNIT)


def test_value_of_the_underlying_counts_in_the_stable_coin():
    """At 0.75 a coin of 1500 is worth 2000, but counts 150 of margin."""
    margin = standard_margin(wETH=UNIT, USDCValue=75 * UNIT // 100)
    assert (margin["MTM"], margin["MM"]) == (2000 * UNIT, 150 * UNIT)


def auction(**inputs):
    quote = {
        "t": 30,
        "percent_want": 1,
        "mtm": Fraction("118.42583427825202"),
        "mm": Fraction("-81.73109368534716"),
        "buffer_pct": Fraction("0.2"),
        "reserved_cash": 0,
        "start": Fraction("0.98"),
        "cutoff": Fraction("0.8"),
        "fast_len": 100,
        "slow_len": 14400,
    }
    return FUNCTIONS["dutch_auction_bid"](quote | inputs, {})


def test_a_second_bid_leaves_the_reserved_cash():
    """Figures: derivexyz/v2-core .../liquidation/liquidationTests.json, Test4, second action."""
    quote = auction(
        percent_want=Fraction("0.11111111111111112"), reserved_cash=Fraction("11.047987360634837")
    )
    assert quote == {
        "buffer_margin": Fraction("-121.76247927806698"),
        "max_proportion": Fraction("0.5242905859581388"),
        "bid": Fraction("11.047987360634837"),
    }


def test_a_bid_in_the_slow_stage():
    """Figures: derivexyz/v2-core .../liquidation/liquidationTests.json, Test5, second action."""
    quote = auction(
        t=600,
        percent_want=Fraction("0.5"),
        mtm=Fraction("137.37340920803504"),
        mm=Fraction("-46.11136202036238"),
        reserved_cash=Fraction("9.54862625958839"),
    )
    assert quote["max_proportion"] == Fraction("0.43340144971158817")
    assert quote["bid"] == Fraction("42.780683484503875")


@pytest.mark.parametrize(
    ("inputs", "bid"),
    [
        ({"t": 14500}, 0),
        ({"mm": 5, "buffer_pct": 0}, 0),
        ({"mtm": -10, "mm": -50, "t": 300}, -30),
        ({"mtm": -10, "mm": -50, "t": 300, "percent_want": Fraction("0.5")}, -15),
        ({"mtm": -10, "mm": -50, "t": 600}, -50),
        ({"mtm": 0, "mm": -50, "t": 0}, 0),
    ],
)
def test_auctions_that_end_or_turn_insolvent(inputs, bid):
    """At the end nothing is paid; an insolvent account's fund pays, up to maintenance margin."""
    assert auction(**inputs)["bid"] == bid
