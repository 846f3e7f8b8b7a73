"""Option values: published numbers, parity, derivatives by differences, limits, machine form."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.compile import Model, jit_enabled
from tacoma.rules.portfolios import option_value
from tacoma.rules.portfolios.option_value import (
    black76_delta,
    black76_gamma,
    black76_rho,
    black76_theta,
    black76_value,
    black76_vega,
    black_scholes_delta,
    black_scholes_gamma,
    black_scholes_rho,
    black_scholes_theta,
    black_scholes_value,
    black_scholes_vega,
    normal_cdf,
    normal_pdf,
)

HULL = (42.0, 40.0, 0.5, 0.1, 0.0, 0.2)  # spot, strike, years, rate, dividend, volatility
HAUG = (60.0, 65.0, 0.25, 0.08, 0.0, 0.3)
ROUND = (100.0, 100.0, 1.0, 0.05, 0.0, 0.2)

FORWARD = st.floats(20.0, 500.0)
YEARS = st.floats(0.02, 3.0)
VOLATILITY = st.floats(0.05, 2.0)
RATE = st.floats(-0.1, 0.2)
IS_CALL = st.booleans()


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        (black_scholes_value, (*HULL, True), 4.759422),
        (black_scholes_value, (*HULL, False), 0.808599),
        (black_scholes_delta, (*HULL, True), 0.779131),
        (black_scholes_gamma, HULL, 0.049963),
        (black_scholes_vega, HULL, 8.813415),
        (black_scholes_theta, (*HULL, True), -4.559092),
        (black_scholes_rho, (*HULL, True), 13.982046),
        (black_scholes_value, (*HAUG, True), 2.133368),
        (black_scholes_value, (*ROUND, True), 10.450584),
        (black_scholes_delta, (*ROUND, True), 0.636831),
        (black_scholes_gamma, ROUND, 0.018762),
        (black_scholes_vega, ROUND, 37.524035),
        (black_scholes_theta, (*ROUND, True), -6.414028),
        (black_scholes_rho, (*ROUND, True), 53.232482),
    ],
)
def test_published_numbers(function, arguments, expected):
    """Textbook examples (Hull; Haug; 100/100/5 %/20 %/1 year) come out to every printed digit."""
    assert function(*arguments) == pytest.approx(expected, abs=5.1e-7)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (0.0, 0.5),
        (1.0, 0.8413447460685429),
        (-1.0, 0.15865525393145705),
        (-10.0, 7.619853024160527e-24),
        (math.inf, 1.0),
        (-math.inf, 0.0),
    ],
)
def test_normal_cdf(x, expected):
    """The distribution is accurate in both tails, and ends at 0 and 1."""
    assert normal_cdf(x) == pytest.approx(expected, rel=1e-14, abs=0.0)


def test_normal_pdf():
    """The density is symmetric, 0.3989 at the middle and 0 far away."""
    assert normal_pdf(0.0) == pytest.approx(0.3989422804014327, rel=1e-15)
    assert normal_pdf(1.5) == normal_pdf(-1.5)
    assert normal_pdf(math.inf) == 0.0


@given(FORWARD, FORWARD, st.floats(0.0, 3.0), st.floats(0.0, 2.0), st.floats(0.5, 1.2))
def test_put_call_parity(forward, strike, years, volatility, discount):
    """A call minus a put is worth a forward contract, limits included."""
    call, put = (
        black76_value(forward, strike, years, volatility, discount, is_call)
        for is_call in (True, False)
    )
    assert call - put == pytest.approx(discount * (forward - strike), abs=1e-9)
    delta = black76_delta(forward, strike, years, volatility, discount, True)
    assert delta - black76_delta(
        forward, strike, years, volatility, discount, False
    ) == pytest.approx(discount, rel=1e-12)


@given(FORWARD, FORWARD, st.floats(0.0, 3.0), st.floats(0.0, 2.0), IS_CALL)
def test_value_lies_between_intrinsic_and_the_price_itself(
    forward, strike, years, volatility, is_call
):
    """An option is worth at least exercise today (undiscounted), at most what it can pay."""
    value = black76_value(forward, strike, years, volatility, 1.0, is_call)
    intrinsic = max(0.0, forward - strike if is_call else strike - forward)
    assert intrinsic - 1e-9 <= value <= (forward if is_call else strike) + 1e-9


def central(function, step):
    """Return the first derivative at 0 by a central difference of fourth order."""
    return (
        8.0 * (function(step) - function(-step)) - (function(2.0 * step) - function(-2.0 * step))
    ) / (12.0 * step)


@given(FORWARD, st.floats(0.7, 1.4), YEARS, VOLATILITY, RATE, IS_CALL)
def test_black76_sensitivities_are_derivatives(forward, ratio, years, volatility, rate, is_call):
    """Each sensitivity is the slope of the value, in the direction that its docstring names."""
    strike = forward * ratio

    def value(moved=0.0, passed=0.0, shocked=0.0, raised=0.0):
        left = years - passed
        discount = math.exp(-(rate + raised) * left)
        return black76_value(forward + moved, strike, left, volatility + shocked, discount, is_call)

    discount = math.exp(-rate * years)
    at = (forward, strike, years, volatility, discount)
    deviation = volatility * math.sqrt(years)
    width = 0.003 * forward * min(1.0, deviation)
    close = {"rel": 1e-4, "abs": 1e-6 * forward}
    assert black76_delta(*at, is_call) == pytest.approx(
        central(lambda h: value(moved=h), width), rel=1e-4, abs=1e-6
    )
    slope = central(
        lambda h: black76_delta(forward + h, strike, years, volatility, discount, is_call), width
    )
    assert black76_gamma(*at) == pytest.approx(slope, rel=1e-4, abs=1e-8)
    assert black76_vega(*at) == pytest.approx(
        central(lambda h: value(shocked=h), 0.003 * volatility), **close
    )
    assert black76_theta(*at, is_call) == pytest.approx(
        central(lambda h: value(passed=h), 0.003 * years), **close
    )
    assert black76_rho(*at, is_call) == pytest.approx(
        central(lambda h: value(raised=h), 1e-4), **close
    )


@given(FORWARD, st.floats(0.7, 1.4), YEARS, VOLATILITY, RATE, RATE, IS_CALL)
def test_black_scholes_sensitivities_are_derivatives(
    spot, ratio, years, volatility, rate, dividend, is_call
):
    """Each sensitivity is the slope of the value, in the direction that its docstring names."""
    strike = spot * ratio

    def value(moved=0.0, passed=0.0, shocked=0.0, raised=0.0):
        return black_scholes_value(
            *(spot + moved, strike, years - passed, rate + raised),
            *(dividend, volatility + shocked, is_call),
        )

    at = (spot, strike, years, rate, dividend, volatility)
    width = 0.003 * spot * min(1.0, volatility * math.sqrt(years))
    close = {"rel": 1e-4, "abs": 1e-6 * spot}
    assert black_scholes_delta(*at, is_call) == pytest.approx(
        central(lambda h: value(moved=h), width), rel=1e-4, abs=1e-6
    )
    slope = central(lambda h: black_scholes_delta(spot + h, *at[1:], is_call), width)
    assert black_scholes_gamma(*at) == pytest.approx(slope, rel=1e-4, abs=1e-8)
    assert black_scholes_vega(*at) == pytest.approx(
        central(lambda h: value(shocked=h), 0.003 * volatility), **close
    )
    assert black_scholes_theta(*at, is_call) == pytest.approx(
        central(lambda h: value(passed=h), 0.003 * years), **close
    )
    assert black_scholes_rho(*at, is_call) == pytest.approx(
        central(lambda h: value(raised=h), 1e-4), **close
    )


@pytest.mark.parametrize(("years", "volatility"), [(0.0, 0.5), (1.0, 0.0), (0.0, 0.0), (-1.0, 0.5)])
@pytest.mark.parametrize(
    ("forward", "strike", "call", "put", "delta_call"),
    [
        (100.0, 90.0, 9.5, 0.0, 0.95),
        (90.0, 100.0, 0.0, 9.5, 0.0),
        (100.0, 100.0, 0.0, 0.0, 0.475),
        (0.0, 100.0, 0.0, 95.0, 0.0),
        (100.0, 0.0, 95.0, 0.0, 0.95),
    ],
)
def test_without_time_or_volatility(years, volatility, forward, strike, call, put, delta_call):
    """Without time or volatility an option is worth its discounted intrinsic value."""
    at = (forward, strike, years, volatility, 0.95)
    assert black76_value(*at, True) == pytest.approx(call)
    assert black76_value(*at, False) == pytest.approx(put)
    assert black76_delta(*at, True) == pytest.approx(delta_call)
    assert black76_delta(*at, False) == pytest.approx(delta_call - 0.95)
    assert black76_gamma(*at) == 0.0
    assert math.isfinite(black76_theta(*at, True))


def test_vega_at_the_strike_without_volatility():
    """The first bit of volatility at the strike is worth forward * sqrt(years / 2 pi)."""
    at = (100.0, 100.0, 4.0, 0.0, 1.0)
    assert black76_vega(*at) == pytest.approx(100.0 * math.sqrt(4.0 / (2.0 * math.pi)))
    assert black76_vega(100.0, 100.0, 0.0, 0.3, 1.0) == 0.0


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize("volatility", [1e-300, 1e-9])
def test_the_limit_is_continuous(volatility, is_call):
    """A volatility next to nothing gives what none at all gives, without an overflow."""
    for forward in (99.0, 101.0):
        near = (forward, 100.0, 0.5, volatility, 0.9, is_call)
        at = (forward, 100.0, 0.5, 0.0, 0.9, is_call)
        for function in (black76_value, black76_delta, black76_theta, black76_rho):
            assert function(*near) == pytest.approx(function(*at), abs=1e-12)
        assert black76_gamma(*near[:-1]) == 0.0
        assert black76_vega(*near[:-1]) == 0.0


@pytest.mark.skipif(not jit_enabled(), reason="compilation is switched off by NUMBA_DISABLE_JIT")
def test_machine_form_equals_the_source():
    """Compiled models give what Python's give, to the last few bits."""
    for spot in (80.0, 100.0, 130.0):
        for years, volatility in ((0.0, 0.3), (0.4, 0.0), (0.4, 0.7), (2.0, 0.2)):
            for is_call in (True, False):
                for name, function in vars(option_value).items():
                    if not isinstance(function, Model) or not name.startswith("black"):
                        continue
                    given_names = function.__wrapped__.__code__.co_varnames
                    known = {
                        "forward": spot,
                        "spot": spot,
                        "strike": 100.0,
                        "years": years,
                        "rate": 0.04,
                        "dividend": 0.01,
                        "volatility": volatility,
                        "discount": 0.97,
                        "is_call": is_call,
                    }
                    count = function.__wrapped__.__code__.co_argcount
                    arguments = [known[key] for key in given_names[:count]]
                    assert function.machine(*arguments) == pytest.approx(
                        function(*arguments), rel=1e-13, abs=1e-13
                    ), name
