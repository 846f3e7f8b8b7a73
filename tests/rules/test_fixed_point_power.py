"""Powers in integers: the published digits at 10**18, and close to the truth at any unit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.numbers import fixed_point_power as powers

WEI = 10**18
CONTRACT = (WEI, powers.roots_of_two(64), 191)
MACHINE = (10**6, powers.roots_of_two(30), 31)


@pytest.mark.parametrize(
    ("place", "factor"),
    [
        (0, 0x16A09E667F3BCC909),
        (1, 0x1306FE0A31B7152DF),
        (2, 0x1172B83C7D517ADCE),
        (8, 0x10058C86DA1C09EA2),
        (31, 0x100000000B17217F8),
        (41, 0x100000000002C5C86),
        (45, 0x1000000000002C5C8),
        (62, 0x10000000000000001),
        (63, 0x10000000000000001),
    ],
)
def test_roots_are_the_contract_s_factors(place, factor):
    """Computed roots equal the printed factors of the contract library."""
    assert powers.roots_of_two(64)[place] == factor


@pytest.mark.parametrize("count", [1, 2, 5, 30, 64])
def test_roots_are_nearest(count):
    """Each root times itself 2**(i + 1) times is 2, within half a last digit of the root."""
    for place, root in enumerate(powers.roots_of_two(count)[:8]):
        fold = 2 ** (place + 1)
        two = 2 << (count * fold)
        assert (2 * root - 1) ** fold <= two << fold <= (2 * root + 1) ** fold


@pytest.mark.parametrize(
    ("base", "exponent", "result"),
    [
        (1, 1, WEI),
        (1, 7, WEI),
        (2, 0, WEI),
        (2, 3, 8 * WEI),
        (2**64, 2, 2**128 * WEI),
        (2**128, 1, 2**128 * WEI),
        (4, 0.5, 2 * WEI),
    ],
)
def test_powers_of_two_are_exact(base, exponent, result):
    """A logarithm that ends makes the whole power exact."""
    assert powers.power(base * WEI, int(exponent * WEI), *CONTRACT) == result


@given(st.integers(WEI, 10**40), st.integers(0, 3 * WEI))
def test_contract_power_is_close(base, exponent):
    """At 10**18 a power is within 10**-15 of the truth per unit of the logarithm."""
    truth = exponent / WEI * math.log2(base / WEI)
    result = powers.power(base, exponent, *CONTRACT)
    assert math.isclose(math.log2(result / WEI), truth, rel_tol=1e-12, abs_tol=1e-12)


@given(st.integers(10**6, 10**12), st.integers(0, 2 * 10**6))
def test_machine_power_is_close(base, exponent):
    """At 10**6 a power is within some ten parts per million of the truth."""
    truth = (base / 10**6) ** (exponent / 10**6)
    result = powers.power(base, exponent, *MACHINE) / 10**6
    assert math.isclose(result, truth, rel_tol=6e-5, abs_tol=2e-6)


@given(st.integers(WEI, 10**60))
def test_logarithm_is_never_too_large(x):
    """The logarithm rounds down at every step and loses less than 60 last digits."""
    assert powers.logarithm_base_2(x, WEI) <= math.log2(x / WEI) * WEI * (1 + 1e-15) + 1
    assert powers.logarithm_base_2(x, WEI) >= math.log2(x / WEI) * WEI * (1 - 1e-15) - 200


@given(st.integers(0, 60 * WEI))
def test_exponential_doubles_with_each_whole(x):
    """One more whole in the exponent doubles the result, up to its last digit."""
    once = powers.exponential_base_2(x, *CONTRACT)
    assert powers.exponential_base_2(x + WEI, *CONTRACT) - 2 * once in {0, 1}
