"""Compiled or interpreted, over machine or unbounded integers: a rule has one result."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from rules import rule_samples
from tacoma.compile import jit_enabled


def test_every_rule_is_sampled():
    """A new rule cannot enter without arguments for the parity test."""
    assert sorted(rule_samples.rules()) == sorted(rule_samples.ARGUMENTS)


@cache
def interpreted(mode):
    """Return the results of a process without compilation, where an overflow is an error."""
    script = Path(rule_samples.__file__)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), mode],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_machine_and_unbounded_integers_agree():
    """Within its domain no rule overflows int64: numpy's scalars give Python's integers."""
    assert interpreted("unbounded") == interpreted("int64")


@pytest.mark.skipif(not jit_enabled(), reason="compilation is switched off by NUMBA_DISABLE_JIT")
def test_compiled_and_interpreted_agree():
    """Compilation changes the speed of a rule and nothing else."""
    compiled = rule_samples.evaluate("compiled")
    expected = interpreted("unbounded")
    for name, samples in compiled.items():
        assert expected[name] == samples, name
