"""Elementary functions do not depend on the processor's vector instructions."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from tacoma.world.numeric import exp, log, power

PROGRAM = """
import tacoma
print(tacoma.run("flash-crash", accounts=300, control=False, macro=False, until="15:56").hash)
"""
WIDE = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR AVX512_COMMON"


@pytest.mark.parametrize("shape", [(), (0,), (7,), (3, 4)])
def test_shapes_are_kept(shape):
    """Any shape goes in and comes out, and the input stays as it is."""
    values = np.full(shape, 2.0)
    for function, expected in ((exp, math.exp(2.0)), (log, math.log(2.0))):
        assert (function(values) == np.full(shape, expected)).all()
        assert function(values).shape == shape
    assert (values == 2.0).all()


def test_every_element_is_the_c_librarys():
    """Each element has the bits that Python's own math gives."""
    values = np.linspace(-20.0, 20.0, 1001)
    assert exp(values).tolist() == [math.exp(value) for value in values]
    assert log(exp(values)).tolist() == [math.log(math.exp(value)) for value in values]


def test_power_of_arrays_and_numbers():
    """Base and exponent may each be a number or an array."""
    assert np.allclose(power(2.0, np.array([0.0, 1.0, -1.0])), [1.0, 2.0, 0.5])
    assert np.allclose(power(np.array([4.0, 9.0]), 0.5), [2.0, 3.0])


def test_runs_do_not_depend_on_vector_instructions():
    """With numpy's widest instructions switched off a run has the same hash."""
    hashes = set()
    for disabled in ("", WIDE):
        environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": disabled}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PROGRAM],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
        hashes.add(done.stdout.strip())
    assert len(hashes) == 1
