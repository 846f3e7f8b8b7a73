"""Deleveraging one account against others: sizes, order, skipping, and what is conserved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses import deleverage_offset
from tacoma.rules.losses.deleverage_offset import (
    AT_BANKRUPTCY_PRICE,
    AT_ORACLE_PRICE,
    NO_DELEVERAGING,
    OFFSET_DONE,
    OFFSET_INVALID_SIZE,
    OFFSET_REFUSED,
)
from tacoma.rules.margins.cross_account import (
    Account,
    Market,
    Position,
    account_risk,
    position_risk,
    settled,
    size_in,
    updated,
)

MARKET = Market(100, 1, 1, initial_ppm=200_000, fraction_ppm=500_000, open_interest=1_000)
MARKETS = {0: MARKET, 1: Market(30, 1, 1, initial_ppm=200_000, fraction_ppm=500_000)}


def holder(cash, size, market=0):
    return Account(cash, (Position(market, size),))


@pytest.mark.parametrize(
    ("equity", "settlement", "price"),
    [
        (1, False, NO_DELEVERAGING),
        (0, False, NO_DELEVERAGING),
        (-1, False, AT_BANKRUPTCY_PRICE),
        (-1, True, AT_BANKRUPTCY_PRICE),
        (0, True, AT_ORACLE_PRICE),
        (1, True, AT_ORACLE_PRICE),
    ],
)
def test_price_table(equity, settlement, price):
    """Strictly negative equity goes first; a final settlement asks for nothing else."""
    assert deleverage_offset.deleveraging_price(equity, settlement) == price


@pytest.mark.parametrize(
    ("size", "delta", "valid"),
    [
        (10, -10, True),
        (10, -1, True),
        (10, -11, False),
        (10, 1, False),
        (-10, 10, True),
        (-10, -1, False),
        (10, 0, False),
        (0, 1, False),
        (0, 0, False),
    ],
)
def test_reduction_table(size, delta, valid):
    """A reduction has the other sign, is not nothing, and does not pass zero."""
    assert deleverage_offset.is_reduction(size, delta) is valid


@pytest.mark.parametrize(
    ("remaining", "other", "amount"),
    [(5, 3, 3), (3, 5, 3), (-5, -3, -3), (-3, -5, -3), (5, -3, 0), (5, 0, 0), (0, 5, 0)],
)
def test_offset_size_table(remaining, other, amount):
    """A counterparty takes the smaller of the two, and only on its own side."""
    assert deleverage_offset.offset_size(remaining, other) == amount


@pytest.mark.parametrize(
    ("liquidated", "other", "outcome"),
    [
        (holder(1_100, -10), holder(0, 10), OFFSET_DONE),
        (holder(1_000, -10), holder(-1_000, 10), OFFSET_DONE),
        (holder(1_000, -10), holder(-1_001, 10), OFFSET_REFUSED),
        (holder(990, -10), holder(-1_000, 10), OFFSET_REFUSED),
        (holder(990, -10), holder(-990, 10), OFFSET_DONE),
        (holder(990, -10), holder(0, -10), OFFSET_INVALID_SIZE),
        (holder(990, -10), holder(0, 9), OFFSET_INVALID_SIZE),
        (holder(990, -9), holder(0, 10), OFFSET_INVALID_SIZE),
        (holder(990, 10), holder(0, 10), OFFSET_INVALID_SIZE),
        (holder(990, -10), Account(0), OFFSET_INVALID_SIZE),
    ],
)
def test_offset_needs_bankruptcy_prices_that_overlap(liquidated, other, outcome):
    """An account that would be left with debt refuses; sizes must fit both positions."""
    quote = -liquidated.cash
    offset = deleverage_offset.offset_pair(liquidated, other, MARKETS, 0, 10, quote)
    assert offset.outcome == outcome
    if outcome == OFFSET_DONE:
        assert (offset.liquidated, offset.counterparty.positions) == (Account(0), ())
        assert offset.counterparty.cash == other.cash - quote
        assert offset.markets[0].open_interest == 990
    else:
        assert (offset.liquidated, offset.counterparty) == (liquidated, other)
        assert offset.markets == MARKETS


def test_a_quote_that_would_leave_the_liquidated_account_riskier_is_refused():
    """Closing at the oracle price is no way out of negative equity."""
    offset = deleverage_offset.offset_pair(holder(990, -10), holder(0, 10), MARKETS, 0, 10, -1_000)
    assert offset.outcome == OFFSET_REFUSED


def test_takeover_price_counts_funding_as_settled():
    """What an account owes in funding lowers the price at which it is bankrupt."""
    account = Account(-900, (Position(0, 10),))
    assert deleverage_offset.account_takeover(account, MARKETS, 0, -10) == 900
    due = {**MARKETS, 0: MARKET._replace(funding_index=1_500_000)}
    assert deleverage_offset.account_takeover(account, due, 0, -10) == 915
    assert deleverage_offset.account_takeover(account, MARKETS, 0, 10) is None


def test_sequence_takes_in_order_and_skips():
    """The first that fits is taken in full, the next in part; the others stay as they were."""
    accounts = [
        holder(990, -10),
        holder(-2_000, 6),  # bankrupt itself: refused
        holder(0, -5),  # wrong side
        holder(0, 50, market=1),  # another market
        holder(0, 6),
        holder(100, 6),
        holder(100, 6),
    ]
    result = deleverage_offset.offset_sequence(
        accounts, 0, range(1, 7), MARKETS, 0, 10, is_final_settlement=False
    )
    assert result.fills == ((4, 6), (5, 4))
    assert result.remaining == 0
    assert result.accounts[0] == Account(0)
    assert result.accounts[5].positions == (Position(0, 2),)
    unchanged = [1, 2, 3, 6]
    assert [result.accounts[k] for k in unchanged] == [accounts[k] for k in unchanged]


def test_sequence_leaves_what_nobody_takes():
    """With too few counterparties a part remains, and the part that was closed stays closed."""
    accounts = [holder(990, -10), holder(0, 4)]
    result = deleverage_offset.offset_sequence(
        accounts, 0, [1], MARKETS, 0, 10, is_final_settlement=False
    )
    assert (result.fills, result.remaining) == (((1, 4),), 6)
    assert size_in(result.accounts[0], 0) == -6


def test_final_settlement_closes_at_the_oracle_price():
    """Solvent accounts are closed against each other at the oracle price, in the order given."""
    accounts = [holder(2_000, -10), holder(0, 6), holder(0, 6)]
    result = deleverage_offset.offset_sequence(
        accounts, 0, [2, 1], MARKETS, 0, 10, is_final_settlement=True
    )
    assert result.fills == ((2, 6), (1, 4))
    assert result.accounts == (Account(1_000), holder(400, 2), Account(600))


CASH = st.integers(-5_000, 5_000)
SIZES = st.integers(-20, 20).filter(bool)


@given(CASH, st.integers(1, 20), st.lists(st.tuples(CASH, SIZES), max_size=6), st.data())
def test_money_and_positions_are_conserved_and_nobody_gets_riskier(cash, size, others, data):
    """Whatever the order: sums stay, only closing happens, and equity falls for nobody refused."""
    side = data.draw(st.sampled_from([-1, 1]))
    accounts = [holder(cash, side * size), *(holder(*other) for other in others)]
    order = data.draw(st.permutations(range(1, len(accounts))))
    result = deleverage_offset.offset_sequence(
        accounts, 0, order, MARKETS, 0, -side * size, is_final_settlement=False
    )
    assert sum(account.cash for account in result.accounts) == sum(a.cash for a in accounts)
    assert sum(size_in(a, 0) for a in result.accounts) == sum(size_in(a, 0) for a in accounts)
    filled = sum(amount for _, amount in result.fills)
    assert abs(result.remaining) == size - filled
    for before, after in zip(accounts, result.accounts, strict=True):
        assert abs(size_in(after, 0)) <= abs(size_in(before, 0))
        risk = account_risk(after, MARKETS)
        if after != before and risk.maintenance == 0:
            assert risk.equity >= 0 or before is accounts[0]


def test_accounts_settle_all_funding_in_one_rounding():
    """Half a quantum owed twice is one quantum, not two."""
    markets = {number: market._replace(funding_index=1) for number, market in MARKETS.items()}
    account = Account(10, (Position(0, 500_000), Position(1, 500_000)))
    paid = settled(account, markets)
    assert paid.cash == 9
    assert [position.funding_index for position in paid.positions] == [1, 1]
    assert settled(paid, markets) == paid


def test_updates_open_change_and_close_positions():
    """New positions start at the market's index, empty ones vanish, a quote balance keeps one."""
    markets = {number: market._replace(funding_index=4) for number, market in MARKETS.items()}
    account = Account(5, (Position(1, 7, 4, 0),))
    opened = updated(account, -1, [Position(0, 2)], markets)
    assert opened == Account(4, (Position(0, 2, 4), Position(1, 7, 4)))
    assert updated(account, 0, [Position(1, -7)], markets) == Account(5)
    kept = updated(account, 0, [Position(1, -7, 0, 3)], markets)
    assert kept.positions == (Position(1, 0, 4, 3),)
    twice = updated(account, 0, [Position(1, -3), Position(1, -4)], markets)
    assert twice == Account(5)


def test_open_interest_and_leverage_raise_initial_margin_only():
    """Maintenance follows the base rate, whatever the market and the account ask on top."""
    crowded = MARKET._replace(open_interest_lower=50_000, open_interest_upper=150_000)
    assert position_risk(MARKET, -10) == (-1_000, 200, 100)
    assert position_risk(crowded, -10) == (-1_000, 600, 100)
    assert position_risk(MARKET._replace(chosen_initial_ppm=500_000), 10) == (1_000, 500, 100)
