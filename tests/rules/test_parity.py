"""Compiled or interpreted, over machine or unbounded integers: a rule has one result."""

import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import rule_samples
from tacoma.compile import jit_enabled

RULES = rule_samples.rules()
SAMPLERS = rule_samples.samplers()
SETTINGS = settings(suppress_health_check=list(HealthCheck))
RANDOMS = st.randoms(use_true_random=False)


def test_every_rule_is_sampled():
    """A new rule cannot enter without arguments for the parity test."""
    assert sorted(RULES) == sorted(SAMPLERS)


@pytest.mark.parametrize("name", sorted(RULES))
def test_machine_and_unbounded_integers_agree(name):
    """Within its domain no rule overflows int64: numpy's scalars give Python's integers."""

    @SETTINGS
    @given(RANDOMS)
    def agree(r):
        sample = SAMPLERS[name](r)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            machine = rule_samples.evaluate(RULES[name], sample, "int64")
        assert machine == rule_samples.evaluate(RULES[name], sample, "unbounded")

    agree()


@pytest.mark.skipif(not jit_enabled(), reason="compilation is switched off by NUMBA_DISABLE_JIT")
@pytest.mark.parametrize("name", sorted(RULES))
def test_compiled_and_interpreted_agree(name):
    """Compilation changes the speed of a rule and nothing else."""

    @SETTINGS
    @given(RANDOMS)
    def agree(r):
        sample = SAMPLERS[name](r)
        compiled = rule_samples.evaluate(RULES[name], sample, "machine")
        assert compiled == rule_samples.evaluate(RULES[name], sample, "unbounded")

    agree()


@pytest.mark.skipif(not jit_enabled(), reason="compilation is switched off by NUMBA_DISABLE_JIT")
def test_integers_beyond_the_machine_are_refused():
    """The compiled form refuses an integer outside int64, which the exact form takes."""
    rule = RULES["margin.initial_quanta"]
    assert rule(10**30, 10) == 10**29
    with pytest.raises(OverflowError):
        rule.machine(10**30, 10)
