"""
A pytest plugin that writes down which package was tested and what each failure was.

`prove.py` loads it into the tests of a mutant. A bug counts as noticed only where a test made an
assertion that did not hold, or the engine's own check of its promises stopped a test: a mutant
that cannot be imported, or dies of an accident, proves nothing about the tests.
"""

import importlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

RECORD = "TACOMA_WITNESS_RECORD"
MODULE = "TACOMA_WITNESS_MODULE"

# The examples of every other run, but the first that fails is enough: nobody reads the smallest.
PROFILE = "mutants"
settings.register_profile(
    PROFILE, max_examples=50, derandomize=True, deadline=None, report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate), suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip

_seen = {"module": "", "passed": 0, "skipped": [], "noticed": [], "accidents": []}


def is_notice(error):
    """Whether an exception is an assertion of a test, or a broken promise that the engine found."""
    from tacoma.errors import InvariantError

    if isinstance(error, BaseExceptionGroup):  # several counterexamples of one property
        return all(is_notice(inner) for inner in error.exceptions)
    return isinstance(error, (AssertionError, InvariantError, pytest.fail.Exception))


def pytest_sessionstart():
    """Import the module that has the bug, and keep where it lies."""
    _seen["module"] = str(importlib.import_module(os.environ[MODULE]).__file__)


def pytest_runtest_makereport(item, call):
    """Sort each outcome: passed, a notice, or an accident."""
    if call.excinfo is None:
        _seen["passed"] += call.when == "call"
    elif call.excinfo.errisinstance(pytest.skip.Exception):
        _seen["skipped"].append([item.nodeid, call.excinfo.exconly(tryshort=True)])
    else:
        kind = "noticed" if is_notice(call.excinfo.value) else "accidents"
        _seen[kind].append([item.nodeid, call.excinfo.exconly(tryshort=True)[:500]])


def pytest_collectreport(report):
    """A file of tests that cannot be collected is an accident."""
    if report.failed:
        _seen["accidents"].append([report.nodeid, str(report.longrepr)[-500:]])


def pytest_sessionfinish():
    """Write everything down."""
    Path(os.environ[RECORD]).write_text(json.dumps(_seen), encoding="utf-8")
