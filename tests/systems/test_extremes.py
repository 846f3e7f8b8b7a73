"""Nothing overflows and nobody leaves a stated maximum, whatever enters the door."""

import numpy as np
import pytest

from systems import extremes, option_worlds, transplants, worlds
from systems.exact import required
from tacoma.bounds import (
    BALANCE_QUANTA_MAX,
    GROSS_QUANTA_MAX,
    LOTS_MAX,
    MARGIN_QUANTA_MAX,
    MARGIN_RATE_MAX,
    OPEN_LOTS_MAX,
    PREMIUM_PPB_MAX,
    PRICE_QUANTA_MAX,
    TOTAL_QUANTA_MAX,
)
from tacoma.errors import ConservationError
from tacoma.lab.drive import raise_violation
from tacoma.scenario import from_dict
from tacoma.systems.audit import TOO_LARGE
from tacoma.world.codes import (
    ASK,
    DESK,
    ISOLATED,
    ORDER,
    PERPETUAL,
    REASON_LIQUIDATION,
    REASON_STOP,
    SPOT,
)
from tacoma.world.layout import FLOW_TRADED

STEPS = 8
# Quotes whose far levels are the fullest, and that fill again the fastest.
STEEPEST = {"makers.depth_exponent": 1, "makers.reach": 1, "makers.replenish_time": "34 ms"}


@pytest.fixture(scope="module")
def trapping():
    """The engine in plain Python, every overflow an error."""
    return extremes.trapping_package()


def stays_inside(built, before):
    """Check lots, prices and balances against their maxima, and that nothing was made."""
    world = built.world
    assert np.abs(world.positions.lots.astype(np.int64)).max() <= OPEN_LOTS_MAX
    for venue in range(len(built.directory.venues)):
        held = np.zeros(len(world.markets), dtype=np.int64)
        np.add.at(held, world.positions.market, np.maximum(world.positions.lots, 0))
        assert held[world.markets.venue == venue].sum() <= OPEN_LOTS_MAX
        assert (held == world.markets.open_lots).all()
    for name in ("mark", "margin_price", "index", "last_price", "best_ask", "middle"):
        assert world.markets[name].max() <= PRICE_QUANTA_MAX, name
    assert worlds.worth(world) == before
    assert worlds.net_lots(world) == [0] * len(world.markets)


def is_fine(built, code, package):
    """Say whether a run reached its end, or was stopped since a balance left its bounds."""
    state = built.world.audit.state
    if code == package.engine.REACHED:
        return True
    return code == package.engine.VIOLATED and state.failed_market[0] == TOO_LARGE


@pytest.mark.parametrize("rulebook", transplants.RULEBOOKS)
def test_no_rulebook_overflows(trapping, rulebook):
    """Under every rulebook a venue with all its lots open survives prices at both their ends."""
    scenario = transplants.under(rulebook, calm=True, fields=STEEPEST)
    built = worlds.start(scenario)
    extremes.enlarge(built, trapping)
    extremes.hurry(built)
    before = worlds.worth(built.world)
    inputs = extremes.shaken(built, STEPS)
    code = extremes.run(trapping, built, inputs, STEPS, agents=False)
    assert is_fine(built, code, trapping)
    stays_inside(built, before)


@pytest.mark.parametrize("agents", [False, True])
def test_no_option_overflows(trapping, agents):
    """Neither do portfolio margins and the margins of short options, agents acting or not."""
    built = worlds.start(from_dict(option_worlds.table(100)))
    extremes.enlarge(built, trapping, OPEN_LOTS_MAX // 2)
    extremes.hurry(built)
    before = worlds.worth(built.world)
    code = extremes.run(trapping, built, extremes.shaken(built, STEPS), STEPS, agents=agents)
    assert is_fine(built, code, trapping)
    stays_inside(built, before)


@pytest.mark.parametrize("rulebook", ["binance-usdm", "hyperliquid", "amm-pool"])
def test_no_agent_overflows(trapping, rulebook):
    """Agents that look at prices at both ends write sound records, and overflow nowhere."""
    built = worlds.start(transplants.under(rulebook, calm=True, fields=STEEPEST))
    extremes.enlarge(built, trapping)
    extremes.hurry(built)
    before = worlds.worth(built.world)
    code = extremes.run(trapping, built, extremes.shaken(built, STEPS), STEPS, agents=True)
    assert is_fine(built, code, trapping)
    stays_inside(built, before)


def test_the_extremes_reach_every_stage(trapping):
    """The worlds above are no empty ones: accounts fail, are closed, taken over, deleveraged."""
    built = worlds.start(transplants.under("binance-usdm", calm=True))
    extremes.enlarge(built, trapping)
    extremes.hurry(built)
    extremes.run(trapping, built, extremes.shaken(built, STEPS), STEPS, agents=False)
    counts = built.world.events.counts
    stages = set(built.world.events.liquidations.stage[: int(counts.liquidations[0])].tolist())
    assert stages >= {1, 3, 4, 5, 7}  # market, take-over, insurance, deleveraging, trigger
    assert counts.deleveragings[0] > 0
    assert counts.moves[0] > 0


# ------------------------------------------------------------------------------- single guards


def spacious():
    """Return a calm world of 100 accounts, a desk, and the slot of its first perpetual."""
    built = worlds.small()
    world = built.world
    desk = int(np.flatnonzero(world.accounts.kind == DESK)[0])
    first = int(world.accounts.slot_first[desk])
    return built, desk, first


@pytest.mark.parametrize("room", [0, 1, 7, 10**6])
def test_nobody_opens_more_than_the_venue_has_room_for(package, room):
    """An order opens no lot beyond the largest number of open lots, and fills up to it."""
    built, desk, slot = spacious()
    world = built.world
    venue, row = int(world.accounts.venue[desk]), int(world.positions.market[slot])
    world.positions.lots[slot] = world.positions.entry[slot] = 0
    other = next(
        market.row
        for market in built.directory.of_venue(venue)
        if market.kind == PERPETUAL and market.row != row
    )
    mine = world.markets.venue == venue
    world.markets.open_lots[other] += OPEN_LOTS_MAX - room - world.markets.open_lots[mine].sum()
    filled, _ = package.book.walk(
        world.accounts, world.positions, world.markets, world.rules, world.books, world.audit,
        world.flows, slot, 5, 0, 0, 1,
    )  # fmt: skip
    assert filled == min(room, 5)
    assert world.positions.lots[slot] == min(room, 5)


@pytest.mark.parametrize("way", [1, -1])
def test_a_full_venue_lets_everybody_close(package, way):
    """Where no lot can be opened, an order closes what its account holds, and nothing beyond."""
    built, _, slot = spacious()
    world = built.world
    row = int(world.positions.market[slot])
    world.positions.lots[slot], world.positions.entry[slot] = way * 3, way * 300
    world.markets.open_lots[row] = OPEN_LOTS_MAX
    package.book.walk(
        world.accounts, world.positions, world.markets, world.rules, world.books, world.audit,
        world.flows, slot, -way * 10, 0, 0, 1,
    )  # fmt: skip
    assert world.positions.lots[slot] == 0


@pytest.mark.parametrize(
    ("balance", "trades"),
    [
        (BALANCE_QUANTA_MAX, True),
        (BALANCE_QUANTA_MAX + 1, False),
        (-BALANCE_QUANTA_MAX, True),
        (-BALANCE_QUANTA_MAX - 1, False),
    ],
)
def test_whoever_has_too_much_money_to_count_trades_no_more(package, balance, trades):
    """An account trades while its balance is within its bounds, as a taker and as a maker."""
    built, desk, slot = spacious()
    world = built.world
    maker = int(world.books.quotes.maker[int(world.positions.market[slot]), 0])
    for account in (desk, maker):
        before = int(world.accounts.balance[account])
        world.accounts.balance[account] = balance
        filled, _ = package.book.walk(
            world.accounts, world.positions, world.markets, world.rules, world.books, world.audit,
            world.flows, slot, 1, 0, 0, 1,
        )  # fmt: skip
        assert bool(filled == 1) is trades
        world.accounts.balance[account] = before


def test_the_audit_stops_a_run_whose_balances_leave_their_bounds(package):
    """A balance beyond its maximum ends the run as a broken invariant that names it."""
    built, desk, _ = spacious()
    world = built.world
    other = int(np.flatnonzero(world.accounts.kind == DESK)[1])
    package.ledger.transfer(world.accounts, world.audit, other, desk, BALANCE_QUANTA_MAX + 5)
    package.audit.check_touched(world.accounts, world.positions, world.audit, 3)
    assert world.audit.state.failed_market[0] == TOO_LARGE
    with pytest.raises(ConservationError, match=r"at step 3 with seed 7: a balance of [-+]\d+"):
        raise_violation(built, 7)


def test_lots_of_spot_assets_are_counted(package):
    """What is owned of each spot asset is counted like open interest, through trades too."""
    built, *_ = spacious()
    world = built.world
    package.engine.prepare(world)
    held = np.zeros(len(world.markets), dtype=np.int64)
    np.add.at(held, world.positions.market, np.maximum(world.positions.lots, 0))
    spot = world.markets.kind == SPOT
    assert (world.markets.open_lots[spot] == held[spot]).all()
    assert held[spot].max() > 0


def test_nobody_sells_beyond_the_largest_price(package):
    """Asks that lie beyond the largest price are in no book: not on top, not in depth, not sold."""
    built, _, slot = spacious()
    world, books = built.world, built.world.books
    row = int(world.positions.market[slot])
    books.quotes.reference[row, :] = books.quotes.half_spread[row, :] = PRICE_QUANTA_MAX
    books.depth[row, :, :] = LOTS_MAX
    package.book.update_tops(world.markets, books, 1)
    assert world.markets.best_ask[row] == 0
    assert world.markets.middle[row] == world.markets.last_price[row]
    assert package.book.depth_within(books, row, ASK, PRICE_QUANTA_MAX, 10_000, 1) == 0
    filled, _ = package.book.walk(
        world.accounts, world.positions, world.markets, world.rules, books, world.audit,
        world.flows, slot, 5, 0, 0, 1,
    )  # fmt: skip
    assert filled == 0
    books.quotes.half_spread[row, 0] = 0
    package.book.update_tops(world.markets, books, 1)
    assert world.markets.best_ask[row] == PRICE_QUANTA_MAX


def test_records_beyond_the_maxima_change_nothing(trapping):
    """An order of more lots than fit, or at a higher price, is rejected at the door."""
    built, desk, slot = spacious()
    world, row = built.world, int(built.world.positions.market[slot])
    held = int(world.positions.lots[slot])
    inputs = worlds.records([
        {"step": 1, "kind": ORDER, "account": desk, "market": row, "first": lots, "second": price}
        for lots, price in ((LOTS_MAX + 1, 0), (-LOTS_MAX - 1, 0), (1, PRICE_QUANTA_MAX + 1))
    ])  # fmt: skip
    extremes.run(trapping, built, inputs, 1, agents=False)
    assert world.positions.lots[slot] == held


# ------------------------------------------------------------------------------- what is cut off


@pytest.mark.parametrize("rulebook", transplants.RULEBOOKS)
def test_no_margin_overflows(trapping, rulebook):
    """The largest position at the largest price asks for the exact margin, or for the maximum."""
    scenario = transplants.under(rulebook, calm=True)
    built = worlds.start(scenario)
    world = built.world
    for market in built.directory.of_venue(0):
        if market.kind != PERPETUAL:
            continue
        for lots, price in ((OPEN_LOTS_MAX, PRICE_QUANTA_MAX), (OPEN_LOTS_MAX, 1), (1, 1)):
            for way in (1, -1):
                with np.errstate(over="raise"):
                    asked = trapping.schedule.position_maintenance(
                        world.markets, world.tiers, market.row, np.int64(way * lots),
                        np.int64(price),
                    )  # fmt: skip
                exact = required(scenario, market, way * lots, price)
                # Schedules that grow with size end at this.
                most = MARGIN_RATE_MAX * lots * price + int(world.markets.fixed_quanta[market.row])
                assert asked == min(exact, MARGIN_QUANTA_MAX) or asked == most < exact


@pytest.mark.parametrize("rate", [0, 1, 10**6 - 1, 10**6, 10**6 + 1, 3 * 10**6 + 7, 10**7])
@pytest.mark.parametrize("notional", [0, 1, 2**53, 2**59 - 1, 2**59, 2**59 + 1, GROSS_QUANTA_MAX])
def test_a_margin_is_exact_up_to_its_maximum(trapping, notional, rate):
    """Notional times a rate is rounded up and cut off, without leaving 64 bits on the way."""
    with np.errstate(over="raise"):
        asked = trapping.schedule.margin_at_rate(np.int64(notional), np.int64(rate))
    assert asked == min(-(-notional * rate // 10**6), MARGIN_QUANTA_MAX)


def test_a_premium_of_any_size_adds_up(trapping):
    """With an index of one quantum and a book at the largest price, sums of premiums stay small."""
    built, _, slot = spacious()
    world, row = built.world, int(built.world.positions.market[slot])
    world.markets.best_bid[row] = world.markets.best_ask[row] = PRICE_QUANTA_MAX
    world.markets.index[row] = 1
    with np.errstate(over="raise"):
        for _ in range(20):
            trapping.funding.sample_premium(world.markets, world.rules, row)
    assert world.markets.premium_sum_ppb[row] == 20 * PREMIUM_PPB_MAX


def rich():
    """Return a world in which everybody has the largest balance, with isolated margin."""
    built, *_ = spacious()
    built.world.accounts.balance[:] = BALANCE_QUANTA_MAX
    built.world.accounts.mode[:] = ISOLATED
    return built.world


def test_what_a_collateral_pool_holds_is_cut_off(trapping):
    """What the others in a pool own adds up to the largest balance, and not beyond 64 bits."""
    world = rich()
    with np.errstate(over="raise"):
        pool = trapping.settlement.pool_of_others(
            world.accounts, world.positions, world.markets, world.tiers, 0, 0
        )
    assert pool == BALANCE_QUANTA_MAX


def test_the_weight_of_all_payers_is_cut_off(trapping):
    """A loss is shared over a weight within 64 bits: whoever comes after that is left out."""
    world = rich()
    with np.errstate(over="raise"):
        count, total = trapping.share.find_payers(
            world.accounts, world.positions, world.markets, world.tiers, world.deleverage, 0, 3, 0
        )
    weights = world.deleverage.winners.weight[:count]
    assert sum(map(int, weights)) == total == TOTAL_QUANTA_MAX
    assert weights.min() > 0


def test_what_is_traded_in_a_step_is_cut_off(trapping):
    """A step's traded money stays within 64 bits, however many orders it fills."""
    world = rich()
    with np.errstate(over="raise"):
        for reason in (REASON_LIQUIDATION, REASON_STOP, REASON_LIQUIDATION, REASON_STOP):
            trapping.book.count_trade(
                world.markets, world.flows, 0, np.int64(LOTS_MAX), np.int64(PRICE_QUANTA_MAX), 0,
                reason,
            )  # fmt: skip
    assert world.flows.market[0, FLOW_TRADED] == TOTAL_QUANTA_MAX
