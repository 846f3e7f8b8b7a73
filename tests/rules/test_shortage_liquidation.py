"""One step of a liquidation: what it moves, when it stops, and that nothing is created."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations.shortage_liquidation import Refusal, Terms, liquidate_perp_step
from tacoma.rules.margins.margin_records import (
    ALWAYS_RELAXED,
    Account,
    Markets,
    PerpMarket,
    PerpPosition,
    TokenMarket,
    TokenPosition,
)

USD = 10**6
BASE = 10**9
TOKEN = 10**9
INDEX = 10**10


def markets(price=100 * USD, **perp):
    perp = {
        "initial_ratio": 1000,
        "maintenance_ratio": 500,
        "liquidator_fee": 10_000,
        "insurance_fee": 10_000,
        "average_price": price,
        "step": 10**7,
    } | perp
    return Markets(
        tokens={0: TokenMarket(USD, average_price=USD, decimals=6, deposit_index=INDEX)},
        perps={0: PerpMarket(price, **perp)},
    )


def terms(slot=0, share=10_000, buffer=200):
    return Terms(
        buffer=buffer, initial_share=share, duration_slots=150, divergence_limit=0, slot=slot
    )


def holder(base=2 * BASE, quote=-200 * USD, deposit=5 * TOKEN, **state):
    cost = {"entry": quote, "break_even": quote}
    return Account(
        tokens=[TokenPosition(0, deposit)], perps=[PerpPosition(0, base, quote, **cost)], **state
    )


def rich(deposit=10**6 * TOKEN):
    return Account(tokens=[TokenPosition(0, deposit)])


def run(account, liquidator=None, largest=10**18, limit=None, places=None, rules=None):
    liquidator = liquidator or rich()
    places = places or markets()
    return liquidate_perp_step(account, liquidator, 0, largest, limit, places, rules or terms())


def test_step_by_hand():
    """
    A long of 2 at 100 with 5 USD misses 9 USD (14 with buffer). Each unit sold frees 7 - 1 - 1, so
    1.8 units go at 100, less 1 % to the liquidator and 1 % to the insurance.
    """
    account, liquidator, places = holder(), rich(), markets()
    assert run(account, liquidator, places=places) is None
    left, taken = account.perps[0], liquidator.perps[0]
    assert (left.base, left.quote, left.entry) == (BASE // 5, -23_600_000, -20 * USD)
    assert left.break_even == -23_600_000
    assert (taken.base, taken.quote) == (9 * BASE // 5, -178_200_000)
    assert places.perps[0].liquidation_fees == 1_800_000
    assert not account.is_being_liquidated


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"account": holder(deposit=10 * TOKEN)}, Refusal.SUFFICIENT_MARGIN),
        ({"account": Account()}, Refusal.NO_POSITION),
        ({"account": holder(is_bankrupt=True)}, Refusal.ACCOUNT_BANKRUPT),
        ({"liquidator": Account(is_bankrupt=True)}, Refusal.ACCOUNT_BANKRUPT),
        ({"account": holder(base=0, quote=-6 * USD)}, Refusal.NOTHING_TO_CLOSE),
        ({"largest": 10**7 - 1}, Refusal.SIZE_BELOW_STEP),
        ({"places": markets(average_price=66 * USD)}, Refusal.PRICE_OFF_AVERAGE),
        ({"places": markets(average_price=67 * USD)}, None),
        ({"places": markets(price=0)}, Refusal.PRICE_INVALID),
        ({"limit": 99 * USD - 1}, Refusal.LIMIT_PRICE),
        ({"limit": 99 * USD}, None),
        ({"liquidator": rich(16 * TOKEN)}, Refusal.LIQUIDATOR_MARGIN),
        ({"liquidator": rich(18 * TOKEN)}, None),
    ],
)
def test_refusals(options, refusal):
    """Each reason to refuse, and its boundary."""
    options = dict(options)
    account = options.pop("account", None) or holder()
    assert run(account, **options) is refusal


def test_short_limit():
    """Whoever takes a short sells at the price plus the fee, and wants at least the limit."""
    for limit, refusal in ((101 * USD, None), (101 * USD + 1, Refusal.LIMIT_PRICE)):
        assert run(holder(base=-2 * BASE, quote=200 * USD), limit=limit) is refusal


def test_cancelling_orders_may_be_enough():
    """An account that only its orders made short of margin keeps its position."""
    account = holder(deposit=20 * TOKEN)
    account.perps[0].orders, account.perps[0].bids = 1, 10 * BASE
    assert run(account) is None
    assert account.perps[0].base == 2 * BASE
    assert not account.perps[0].has_orders
    assert not account.is_being_liquidated
    assert account.margin_freed == 0


def test_the_pace_of_a_large_liquidation():
    """Of a shortage above 50 USD a tenth goes at once, the rest as slots pass."""
    account = holder(base=20 * BASE, quote=-2000 * USD, deposit=50 * TOKEN)
    assert run(account, rules=terms(slot=7, share=1_000)) is None
    assert account.perps[0].base == 20 * BASE - 18 * BASE // 10
    assert account.is_being_liquidated
    assert account.last_active_slot == 7
    freed = account.margin_freed
    assert freed > 0
    assert run(account, rules=terms(slot=7, share=1_000)) is None
    assert account.margin_freed >= freed
    assert run(account, rules=terms(slot=157, share=1_000)) is None
    assert not account.is_being_liquidated


def test_an_isolated_position_goes_at_once():
    """Isolated positions know no pace, and the account's freed margin is not touched."""
    account = holder(base=20 * BASE, quote=-2000 * USD, deposit=0)
    account.perps[0].is_isolated = True
    account.perps[0].isolated_balance = 50 * TOKEN
    assert run(account, rules=terms(share=1_000)) is None
    assert account.perps[0].base == 2 * BASE
    assert not account.perps[0].is_being_liquidated
    assert account.margin_freed == 0


@pytest.mark.parametrize("is_isolated", [False, True])
def test_a_debt_without_anything_else_is_bankruptcy(is_isolated):
    """Once the position is gone, and a debt is all that is left, the account is bankrupt."""
    account = holder(base=BASE, quote=-150 * USD, deposit=0)
    account.perps[0].is_isolated = is_isolated
    assert run(account, places=markets(maintenance_ratio=500), rules=terms(buffer=200)) is None
    assert account.perps[0].base == 0
    assert account.perps[0].quote == -51 * USD
    assert account.is_bankrupt is not is_isolated
    assert account.perps[0].is_bankrupt is is_isolated
    assert run(account) is Refusal.ACCOUNT_BANKRUPT


def test_a_deposit_keeps_an_account_from_bankruptcy():
    """Where a deposit is left, the account stays in liquidation."""
    account = holder(base=BASE, quote=-150 * USD, deposit=TOKEN)
    assert run(account) is None
    assert account.is_being_liquidated
    assert not account.is_bankrupt


def test_an_idle_account_pays_more():
    """After 3500 slots in liquidation the liquidator gets 1.35 % instead of 1 %."""
    account, liquidator = holder(is_being_liquidated=True, last_active_slot=0), rich()
    places = markets(insurance_fee=0)
    assert run(account, liquidator, places=places, rules=terms(slot=3500)) is None
    taken = liquidator.perps[0]
    value = taken.base * 100 * USD // BASE
    assert taken.quote == -value + value * 13_500 // 10**6


def test_a_relaxed_account_pays_within_its_margin():
    """With 1 % of maintenance the fee is at most 0.8 %."""
    account = holder(deposit=TOKEN, leverage_mode=ALWAYS_RELAXED)
    liquidator = rich()
    places = markets(relaxed_initial_ratio=200, relaxed_maintenance_ratio=100)
    assert run(account, liquidator, places=places) is None
    taken = liquidator.perps[0]
    value = taken.base * 100 * USD // BASE
    assert taken.quote == -value + value * 8 // 1000


@given(
    st.integers(1, 1000),
    st.sampled_from([-1, 1]),
    st.integers(0, 300),
    st.integers(50, 150),
    st.integers(1, 2000),
)
def test_nothing_is_created(steps, side, deposit, price, largest):
    """Sizes and quote of both accounts and the insurance fee sum to what they were before."""
    base = side * steps * 10**7
    account = holder(base=base, quote=-base // 10, deposit=deposit * 10**7)
    liquidator, places = rich(), markets(price=price * USD)
    refusal = run(account, liquidator, largest * 10**7, places=places)
    if refusal is not None:
        assert refusal is Refusal.SUFFICIENT_MARGIN
        return
    left, taken = account.perps[0], liquidator.perps[0]
    assert left.base + taken.base == base
    assert left.quote + taken.quote + places.perps[0].liquidation_fees == -base // 10
    assert 0 <= left.base * side <= base * side
