"""The bounds of the door: the last value that enters, and the first that does not."""

import pytest

from systems import worlds
from tacoma.world.codes import CANCEL, LIMIT, ORDER, PERPETUAL, QUOTE, SOURCE, TRANSFER
from tacoma.world.limits import LOTS_MAX, MONEY_QUANTA_MAX, PRICE_QUANTA_MAX


@pytest.fixture(scope="module")
def built():
    """A calm world; the door only looks at it."""
    return worlds.small()


def enters(package, built, kind, account, market, *numbers):
    """Say whether a record is let in."""
    numbers = (*numbers, 0, 0, 0, 0)[:4]
    return bool(package.intake.is_sound(built.world, kind, account, market, *numbers))


def holder(built):
    """Return (account, market) of a slot in a perpetual."""
    world = built.world
    slot = int((world.markets.kind[world.positions.market] == PERPETUAL).argmax())
    return int(world.positions.account[slot]), int(world.positions.market[slot])


@pytest.mark.parametrize(
    ("price", "accepted"),
    [(-1, False), (0, False), (1, True), (PRICE_QUANTA_MAX, True), (PRICE_QUANTA_MAX + 1, False)],
)
def test_the_bounds_of_a_source(package, built, price, accepted):
    """A source's price is at least 1 and at most the stated limit."""
    assert enters(package, built, SOURCE, 0, 0, price) == accepted


@pytest.mark.parametrize(
    ("lots", "limit", "order", "resting"),
    [
        (LOTS_MAX, 1, True, True),
        (-LOTS_MAX, PRICE_QUANTA_MAX, True, True),
        (LOTS_MAX + 1, 1, False, False),
        (-LOTS_MAX - 1, 1, False, False),
        (0, 1, False, False),
        (1, 0, True, False),  # no limit: an order may, one that rests may not
        (1, -1, False, False),
        (1, PRICE_QUANTA_MAX + 1, False, False),
    ],
)
def test_the_bounds_of_an_order(package, built, lots, limit, order, resting):
    """Orders hold lots and a limit inside the stated maxima; a resting one has a price."""
    assert enters(package, built, ORDER, *holder(built), lots, limit) == order
    assert enters(package, built, LIMIT, *holder(built), lots, limit) == resting


@pytest.mark.parametrize(
    ("numbers", "accepted"),
    [
        ((1, 0, 0, 0), True),
        ((PRICE_QUANTA_MAX, PRICE_QUANTA_MAX, LOTS_MAX, LOTS_MAX), True),
        ((0, 0, 0, 0), False),
        ((PRICE_QUANTA_MAX + 1, 0, 0, 0), False),
        ((1, -1, 0, 0), False),
        ((1, 0, -1, 0), False),
        ((1, 0, 0, -1), False),
        ((1, 0, LOTS_MAX + 1, 0), False),
        ((1, 0, 0, LOTS_MAX + 1), False),
    ],
)
def test_the_bounds_of_a_quote(package, built, numbers, accepted):
    """A quote has a price, a spread that is not negative, and lots inside the stated maximum."""
    assert enters(package, built, QUOTE, *holder(built), *numbers) == accepted


@pytest.mark.parametrize("kind", [TRANSFER, CANCEL])
def test_the_bounds_of_accounts_and_markets(package, built, kind):
    """The first and the last account and market exist, and none beside them."""
    accounts, markets = len(built.world.accounts), len(built.world.markets)
    for account, market, accepted in [
        (0, 0, True), (accounts - 1, 0, True), (0, markets - 1, True),
        (-1, 0, False), (accounts, 0, False), (0, -1, False), (0, markets, False),
    ]:  # fmt: skip
        assert enters(package, built, kind, account, market) == accepted


@pytest.mark.parametrize("excess", [0, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_bounds_of_a_transfer(package, built, sign, excess):
    """A transfer is at most the stated maximum, either way."""
    quanta = sign * (MONEY_QUANTA_MAX + excess)
    assert enters(package, built, TRANSFER, 0, 0, quanta) == (excess == 0)
