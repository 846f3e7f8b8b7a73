"""The margin of whole accounts, by hand: tokens, orders, perpetuals, isolated positions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.margins import margin_account
from tacoma.rules.margins.margin_records import (
    ALWAYS_RELAXED,
    RELAXED_TO_KEEP,
    Account,
    Markets,
    PerpMarket,
    PerpPosition,
    Purpose,
    TokenMarket,
    TokenPosition,
    Totals,
)
from tacoma.rules.positions.collateral_weight import STAGE_INITIAL, STAGE_MAINTENANCE

USD = 10**6
BASE = 10**9
TOKEN = 10**9  # a stored balance of one token
INDEX = 10**10
OPEN = Purpose(STAGE_INITIAL)
KEEP = Purpose(STAGE_MAINTENANCE)


def markets(price=100 * USD, **perp):
    perp = {
        "initial_ratio": 1000,
        "maintenance_ratio": 500,
        "maintenance_profit_weight": 9000,
    } | perp
    weights = {
        "initial_asset_weight": 8000,
        "maintenance_asset_weight": 9000,
        "initial_debt_weight": 12000,
        "maintenance_debt_weight": 11000,
    }
    indices = {"deposit_index": INDEX, "debt_index": INDEX}
    return Markets(
        tokens={
            0: TokenMarket(USD, average_price=USD, decimals=6, **indices),
            1: TokenMarket(price, average_price=price, decimals=9, **weights, **indices),
        },
        perps={0: PerpMarket(price, average_price=price, step=1, **perp)},
    )


def shared(account, purpose=OPEN, **perp):
    totals = margin_account.margin_of_account(account, markets(**perp), purpose).shared
    return totals.collateral, totals.requirement


@pytest.mark.parametrize(
    ("token", "purpose", "collateral", "requirement"),
    [
        (TokenPosition(0, 5 * TOKEN), OPEN, 5 * USD, 0),
        (TokenPosition(0, 5 * TOKEN, is_debt=True), OPEN, 0, 5 * USD),
        (TokenPosition(1, TOKEN), OPEN, 80 * USD, 0),
        (TokenPosition(1, TOKEN), KEEP, 90 * USD, 0),
        (TokenPosition(1, TOKEN, is_debt=True), OPEN, 0, 120 * USD),
        (TokenPosition(1, TOKEN, is_debt=True), KEEP, 0, 110 * USD),
        # a bid for one: its 100 USD are owed, the token counts 80 %
        (TokenPosition(1, 0, orders=1, bids=BASE), OPEN, 80 * USD, 100 * USD + 10_000),
        # an ask for three out of one: two owed at 120 %, 300 USD come in
        (TokenPosition(1, TOKEN, orders=1, asks=-3 * BASE), OPEN, 300 * USD, 240 * USD + 10_000),
        # a bid that repays a debt is no risk; without it is
        (TokenPosition(1, TOKEN, True, orders=1, bids=BASE), OPEN, 0, 120 * USD + 10_000),
        (TokenPosition(1, 0), OPEN, 0, 0),
    ],
)
def test_tokens(token, purpose, collateral, requirement):
    """Deposits count at their weight, debts are required at theirs, orders as if badly filled."""
    assert shared(Account(tokens=[token]), purpose) == (collateral, requirement)


@pytest.mark.parametrize(
    ("price", "average", "low", "high"), [(99, 98, 98, 99), (99, 102, 99, 102), (99, 99, 99, 99)]
)
def test_strict_prices(price, average, low, high):
    """Strictly, deposits take the lower of price and average and debts the higher."""
    places = markets()
    places.tokens[0].price, places.tokens[0].average_price = price * 10_000, average * 10_000
    account = Account(tokens=[TokenPosition(0, TOKEN)])
    strict = Purpose(STAGE_INITIAL, is_strict=True)
    assert (
        margin_account.margin_of_account(account, places, strict).shared.collateral == low * 10**4
    )
    account.tokens[0].is_debt = True
    totals = margin_account.margin_of_account(account, places, strict).shared
    assert totals.requirement == high * 10**4


@pytest.mark.parametrize(
    ("position", "purpose", "perp", "collateral", "requirement"),
    [
        (PerpPosition(0, BASE, -100 * USD), OPEN, {}, 0, 10 * USD),
        (PerpPosition(0, -BASE, 100 * USD), KEEP, {}, 0, 5 * USD),
        (PerpPosition(0, BASE, -90 * USD), OPEN, {}, 0, 10 * USD),
        (PerpPosition(0, BASE, -90 * USD), KEEP, {}, 9 * USD, 5 * USD),
        (PerpPosition(0, BASE, -110 * USD), OPEN, {}, -10 * USD, 10 * USD),
        (PerpPosition(0, BASE, -90 * USD), OPEN, {"initial_profit_weight": 5000}, 5 * USD, 10**7),
        (
            PerpPosition(0, 100 * BASE, 0),
            OPEN,
            {"initial_profit_weight": 10_000},
            100 * USD,
            1000 * USD,
        ),
        (PerpPosition(0, BASE, -100 * USD, orders=2, bids=BASE), OPEN, {}, 0, 20 * USD + 20_000),
        (PerpPosition(0, BASE, -100 * USD, orders=1, asks=-BASE), OPEN, {}, 0, 10 * USD + 10_000),
        (PerpPosition(0, 0, 7 * USD), KEEP, {"maintenance_profit_weight": 10_000}, 7 * USD, 0),
        (PerpPosition(0, 0, -7 * USD), OPEN, {}, -7 * USD, 0),
        (PerpPosition(0, BASE, -100 * USD, custom_ratio=2000), OPEN, {}, 0, 20 * USD),
        (PerpPosition(0, BASE, -100 * USD, custom_ratio=2000), KEEP, {}, 0, 5 * USD),
        (
            PerpPosition(0, BASE, -100 * USD, orders=1),
            OPEN,
            {"is_settled": True, "settlement_price": 95 * USD},
            -5 * USD,
            10_000,
        ),
        (
            PerpPosition(0, -BASE, 100 * USD),
            OPEN,
            {"short_funding_index": 2 * 10**9},
            0,
            10 * USD,
        ),
        (
            PerpPosition(0, BASE, -100 * USD),
            OPEN,
            {"long_funding_index": 2 * 10**9},
            -2 * USD,
            10 * USD,
        ),
    ],
)
def test_perpetuals(position, purpose, perp, collateral, requirement):
    """Losses count in full, profits at their weight and to a limit, margin on the worst size."""
    assert shared(Account(perps=[position]), purpose, **perp) == (collateral, requirement)


def test_a_large_imbalance_discounts_profits():
    """Where all profits exceed their limit twice over, one counts half as much for opening."""
    perp = {"initial_profit_weight": 10_000, "max_imbalance": 50, "imbalance": 100}
    account = Account(perps=[PerpPosition(0, BASE, -90 * USD)])
    assert shared(account, **perp)[0] == 5 * USD


@pytest.mark.parametrize(
    ("mode", "purpose", "requirement"),
    [
        (0, OPEN, 10 * USD),
        (0, KEEP, 5 * USD),
        (ALWAYS_RELAXED, OPEN, 2 * USD),
        (ALWAYS_RELAXED, KEEP, USD),
        (RELAXED_TO_KEEP, OPEN, 10 * USD),
        (RELAXED_TO_KEEP, KEEP, USD),
    ],
)
def test_relaxed_accounts(mode, purpose, requirement):
    """An account may have the relaxed ratios always, or only for keeping what it has."""
    account = Account(perps=[PerpPosition(0, BASE, -100 * USD)], leverage_mode=mode)
    perp = {"relaxed_initial_ratio": 200, "relaxed_maintenance_ratio": 100}
    assert shared(account, purpose, **perp)[1] == requirement


def test_custom_ratio_acts_on_everything_for_opening():
    """An account's own ratio of 50 % lifts every requirement, when it opens and only then."""
    account = Account(
        tokens=[TokenPosition(1, TOKEN, is_debt=True)],
        perps=[PerpPosition(0, BASE, -100 * USD)],
        custom_ratio=5000,
    )
    assert shared(account) == (0, 200 * USD)
    assert shared(account, KEEP) == (0, 115 * USD)
    assert shared(account, Purpose(STAGE_MAINTENANCE, custom_ratio=5000)) == (0, 200 * USD)


def test_isolated_positions_stand_apart():
    """An isolated position has its own collateral and takes nothing of the account's."""
    position = PerpPosition(0, BASE, -110 * USD, is_isolated=True, isolated_balance=15 * TOKEN)
    account = Account(tokens=[TokenPosition(0, 1000 * TOKEN)], perps=[position])
    margin = margin_account.margin_of_account(account, markets(), OPEN)
    assert margin.shared == Totals(collateral=1000 * USD)
    assert margin.isolated[0].collateral == 5 * USD
    assert margin.isolated[0].requirement == 10 * USD
    assert margin.shared.is_sufficient
    assert not margin.is_sufficient


@pytest.mark.parametrize(
    ("collateral", "enters", "leaves"),
    [(4_999_999, True, False), (5_000_000, False, False), (7_000_000, False, True)],
)
def test_entering_and_leaving(collateral, enters, leaves):
    """Below maintenance a liquidation starts; with the buffer covered it ends."""
    account = Account(
        tokens=[TokenPosition(0, collateral * 1000)], perps=[PerpPosition(0, BASE, -100 * USD)]
    )
    keep = Purpose(STAGE_MAINTENANCE, buffer=200)
    totals = margin_account.margin_of_account(account, markets(), keep).shared
    assert totals.is_sufficient is not enters
    assert totals.may_leave is leaves
    assert totals.shortage == max(0, 7_000_000 - collateral)


def test_the_buffer_weighs_losses_too():
    """A loss of 10 USD lacks another 2 % of itself, so that leaving needs more than a margin."""
    account = Account(perps=[PerpPosition(0, BASE, -110 * USD)])
    totals = margin_account.margin_of_account(
        account, markets(), Purpose(STAGE_MAINTENANCE, buffer=200)
    ).shared
    assert totals.collateral_buffer == -200_000
    assert totals.shortage == 7 * USD + 10 * USD + 200_000


@given(
    st.integers(-(10**15), 10**15),
    st.integers(-(10**15), 10**15),
    st.integers(0, 10**14),
    st.integers(0, 10**6),
)
def test_a_higher_stage_never_leaves_more(base, quote, deposit, factor):
    """Opening never has more collateral, nor asks for less, than keeping."""
    account = Account(tokens=[TokenPosition(1, deposit)], perps=[PerpPosition(0, base, quote)])
    perp = {"size_factor_ppm": factor, "initial_profit_weight": 5000}
    have, must = shared(account, OPEN, **perp)
    kept, needed = shared(account, KEEP, **perp)
    assert have <= kept
    assert must >= needed
