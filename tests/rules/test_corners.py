"""No rule overflows where the engine uses it: every corner of the stated maxima, with a trap."""

import importlib
import pkgutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tacoma.systems
import tacoma.world
from rules import corners, rule_samples
from rules.checked import HIGH, LOW, Checked, checked
from tacoma.compile import Rule

RULES = rule_samples.rules()


def rules_of_the_engine():
    """Return the names of all rules that a module of the world or of the systems names."""
    found = set()
    for package in (tacoma.systems, tacoma.world):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for value in vars(importlib.import_module(info.name)).values():
                if type(value) is Rule:
                    found.add(f"{value.__module__.rpartition('.')[2]}.{value.__name__}")
    return sorted(found)


def plain(value):
    return [plain(item) for item in value] if isinstance(value, list | tuple) else int(value)


def holds(name, arguments):
    """Evaluate a rule with trapping integers; it must give what Python's integers give."""
    trapped = RULES[name](*checked(arguments))
    assert plain(trapped) == plain(RULES[name](*arguments)), arguments


def test_every_rule_of_the_engine_has_corners():
    """A rule cannot enter the engine without the ranges that the engine passes to it."""
    assert rules_of_the_engine() == sorted([*corners.RANGES, *corners.LISTS])


@pytest.mark.parametrize("name", sorted(corners.RANGES))
def test_no_corner_overflows(name):
    """At every corner of its ranges a rule stays within 64 bits, intermediates included."""
    found = corners.combinations(name)
    assert found
    for arguments in found:
        holds(name, arguments)


@pytest.mark.parametrize("name", sorted(corners.LISTS))
def test_no_corner_of_arrays_overflows(name):
    """Likewise with arrays as long, and with values as large, as the engine has them."""
    found = list(corners.LISTS[name]())
    assert found
    for arguments in found:
        holds(name, arguments)


@pytest.mark.parametrize("name", sorted(corners.RANGES))
def test_nothing_between_the_corners_overflows(name):
    """Within its ranges a rule stays within 64 bits, wherever hypothesis looks."""
    allowed = corners.TOGETHER.get(name, lambda *_: True)
    values = st.tuples(*(st.integers(*limits) for limits in corners.RANGES[name]))

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(values.filter(lambda arguments: allowed(*arguments)))
    def within(arguments):
        holds(name, list(arguments))

    within()


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x + 1,
        lambda x: 1 + x,
        lambda x: x * 2,
        lambda x: 2 * x,
        lambda x: x << 1,
        lambda x: -x - 2,
        lambda x: (x * 3) // 3,
    ],
)
def test_the_trap_works(operation):
    """A result beyond 64 bits raises, even where a later operation would bring it back."""
    with pytest.raises(OverflowError):
        operation(Checked(HIGH))
    assert isinstance(operation(Checked(1)), Checked)


def test_the_trap_has_two_sides():
    """The lowest int64 is one; its magnitude is not."""
    assert Checked(LOW) == LOW
    with pytest.raises(OverflowError):
        abs(Checked(LOW))
    with pytest.raises(OverflowError):
        -Checked(LOW)
