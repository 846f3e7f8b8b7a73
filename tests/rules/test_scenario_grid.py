"""Portfolio margin by a grid of scenarios: hand-computed portfolios and what must always hold."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.portfolios.scenario_grid import (
    Collateral,
    Expiry,
    Grid,
    Lot,
    Portfolio,
    Scenario,
    VolatilityShock,
    expiry_value,
    grid_margin,
    naked_shorts,
)

NEUTRAL = {
    "power_short": 0.3,
    "power_long": 0.13,
    "days_floor": 1.0,
    "skew_width_least": 0.01,
    "initial_loss_factor": 1.0,
    "maintenance_loss_factor": 0.8,
    "asset_discount_base": 1.0,
    "debt_discount_base": 1.0,
    "basis_spot_up": 1.05,
    "basis_spot_down": 0.95,
}
GRID = Grid(**{part.name: NEUTRAL.get(part.name, 0.0) for part in fields(Grid)})
NONE, UP = VolatilityShock.NONE, VolatilityShock.UP
CRASH, RALLY = Scenario(0.8, NONE, 1.0), Scenario(1.2, NONE, 1.0)
PLAIN = Portfolio(cash=0.0, spot=100.0, spot_confidence=1.0, stable_price=1.0)
NEAR = Expiry(0, 100.0, 0.0, 0.0, 1.0, ())


def expiry(*lots: Lot, seconds: int = 30 * 86_400) -> Expiry:
    return Expiry(seconds, 0.0, 100.0, 0.0, 1.0, lots)


def test_cash_alone_asks_for_nothing():
    """Cash is its own margin; the worst is then the basis surcharge of 0."""
    margin = grid_margin(replace(PLAIN, cash=7.0), (CRASH, RALLY), GRID)
    assert (margin.initial, margin.maintenance, margin.worst) == (7.0, 7.0, 2)


def test_a_perpetual_asks_for_its_worst_scenario():
    """Long 2 at 100 loses 40 in the crash, of which maintenance margin counts 80 %."""
    held = replace(PLAIN, cash=50.0, perpetual_amount=2.0, perpetual_price=100.0)
    margin = grid_margin(replace(held, perpetual_profit=3.0), (RALLY, CRASH), GRID)
    assert margin.scenario_profits == pytest.approx((40.0, -40.0))
    assert margin.worst == 1
    assert (margin.initial, margin.maintenance) == pytest.approx((13.0, 21.0))


def test_profit_counts_only_while_a_perpetual_is_held():
    """What is not settled belongs to a position."""
    assert grid_margin(replace(PLAIN, perpetual_profit=3.0), (CRASH,), GRID).initial == 0.0


def test_collateral_that_moves_with_spot_offsets_a_short_perpetual():
    """A short perpetual against the same amount of the underlying is without risk."""
    grid = replace(GRID, perpetual_maintenance_rate=0.01, perpetual_initial_rate=0.02)
    held = replace(
        PLAIN,
        perpetual_amount=-1.0,
        perpetual_price=100.0,
        collaterals=(Collateral(100.0, 1.0, True, 0.03, 0.02),),
    )
    margin = grid_margin(held, (CRASH, RALLY), grid)
    assert margin.scenario_profits == (0.0, 0.0)
    assert margin.maintenance == pytest.approx(100.0 - 1.0 - 2.0)
    assert margin.initial == pytest.approx(100.0 - 1.0 - 2.0 - 2.0 - 3.0)
    fixed = replace(held, collaterals=(Collateral(100.0, 1.0, False, 0.03, 0.02),))
    assert min(grid_margin(fixed, (CRASH, RALLY), grid).scenario_profits) == pytest.approx(-20.0)


def test_dampening_scales_a_scenario():
    """A tail counts in part."""
    held = replace(PLAIN, perpetual_amount=1.0, perpetual_price=100.0)
    tail = Scenario(0.34, NONE, 0.25)
    assert grid_margin(held, (tail,), GRID).scenario_profits == pytest.approx((-16.5,))


def test_a_peg_loss_raises_the_initial_factor_only():
    """At 0.88 with threshold 0.98 and factor 2 the worst loss counts 1.2 times."""
    grid = replace(GRID, peg_threshold=0.98, peg_factor=2.0)
    held = replace(PLAIN, perpetual_amount=1.0, perpetual_price=100.0, stable_price=0.88)
    margin = grid_margin(held, (CRASH,), grid)
    assert (margin.initial, margin.maintenance) == pytest.approx((-24.0, -16.0))


def test_low_confidence_costs_initial_margin_by_position():
    """Each position pays for its own feeds; the perpetual's concerns options, not collateral."""
    grid = replace(GRID, confidence_threshold=0.5, confidence_factor=1.0)
    held = replace(
        PLAIN,
        perpetual_amount=1.0,
        perpetual_price=100.0,
        perpetual_confidence=0.4,
        collaterals=(Collateral(10.0, 1.0, False, 0.0, 0.0),),
        expiries=(replace(NEAR, lots=(Lot(500.0, True, 0.5, -3.0),)),),
    )
    margin = grid_margin(held, (Scenario(1.0, NONE, 1.0),), grid)
    assert margin.initial == pytest.approx(10.0 - 0.6 * 100.0 - 0.6 * 300.0)
    assert margin.maintenance == pytest.approx(10.0)


def test_an_expired_option_is_worth_its_payoff_in_every_scenario():
    """What is settled moves no more."""
    held = replace(PLAIN, expiries=(replace(NEAR, lots=(Lot(90.0, True, 0.9, 2.0),)),))
    scenarios = tuple(Scenario(1.5, shock, 1.0) for shock in VolatilityShock)
    margin = grid_margin(held, scenarios, GRID)
    assert margin.option_value == 20.0
    assert margin.scenario_profits == (0.0,) * 5


def test_a_skew_counts_as_a_loss_either_way():
    """What gains from raised wings would lose from lowered ones, expiry by expiry."""
    grid = replace(
        GRID,
        absolute_cap_base=0.2,
        linear_cap_base=0.2,
        skew_width_scale=1.0,
        skew_static=0.5,
    )
    wing = Lot(140.0, True, 0.6, 1.0)
    scenarios = tuple(
        Scenario(1.0, shock, 1.0)
        for shock in (VolatilityShock.LINEAR_SKEW, VolatilityShock.ABSOLUTE_SKEW)
    )
    owned, owed = (
        grid_margin(replace(PLAIN, expiries=(expiry(wing._replace(amount=sign)),)), scenarios, grid)
        for sign in (1.0, -1.0)
    )
    assert owned.scenario_profits == owed.scenario_profits
    assert max(owned.scenario_profits) < 0.0


@pytest.mark.parametrize(
    ("amounts", "naked"),
    [((-1.0,), 1.0), ((-1.0, -2.0), 3.0), ((-3.0, 1.0), 2.0), ((2.0, -1.0), 0.0), ((1.0,), 0.0)],
)
def test_shorts_of_a_strike_net(amounts, naked):
    """A long option of the same strike covers a short one, be it call or put."""
    lots = tuple(Lot(100.0, place == 0, 0.5, amount) for place, amount in enumerate(amounts))
    assert naked_shorts(lots) == naked
    assert naked_shorts((*lots, Lot(90.0, True, 0.5, -1.0))) == naked + 1.0


def test_the_basis_surcharge_is_the_least_loss():
    """Where no scenario is worse, the basis surcharge counts."""
    grid = replace(GRID, basis_add_factor=1.0)
    held = replace(PLAIN, expiries=(replace(NEAR, forward_fixed=0.0, forward_floating=100.0,
                                            lots=(Lot(50.0, True, 0.5, 1.0),)),))  # fmt: skip
    margin = grid_margin(held, (Scenario(1.0, NONE, 1.0),), grid)
    assert margin.basis_surcharge == pytest.approx(-5.0)
    assert margin.worst == 1
    assert margin.initial == pytest.approx(45.0)


@given(
    st.lists(
        st.tuples(st.floats(20, 300), st.booleans(), st.floats(0.1, 2.0), st.floats(-10, 10)),
        min_size=1,
        max_size=4,
    )
)
def test_initial_margin_never_exceeds_maintenance(rows):
    """With loss factors 1 and 0.8 whoever meets initial margin meets maintenance margin."""
    held = replace(PLAIN, expiries=(expiry(*(Lot(*row) for row in rows)),))
    grid = replace(GRID, volatility_range_up=0.5, volatility_least_up=0.45)
    scenarios = tuple(Scenario(factor, UP, 1.0) for factor in (0.8, 1.0, 1.2))
    margin = grid_margin(held, scenarios, grid)
    assert margin.initial <= margin.maintenance <= margin.option_value


@given(st.floats(0.5, 2.0), st.sampled_from([NONE, UP, VolatilityShock.DOWN]))
def test_a_synthetic_forward_does_not_feel_volatility(factor, shock):
    """A call less a put of one strike is worth forward less strike under any shock."""
    grid = replace(GRID, volatility_range_up=0.5, volatility_range_down=0.3)
    pair = Lot(110.0, True, 0.7, 1.0), Lot(110.0, False, 0.7, -1.0)
    value = expiry_value(expiry(*pair), factor, shock, grid)
    assert value == pytest.approx(100.0 * factor - 110.0, abs=1e-9)
