"""The tree of errors: exit codes, attributes and messages."""

import inspect
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tacoma import errors
from tacoma.errors import MISSING, Problem, ScenarioError, listed, show

EXAMPLES = {
    errors.ScenarioError: (
        errors.ScenarioError([Problem("a.toml", "seed", -1, "must be 0 or more")]),
        2,
        "a.toml: seed = -1: must be 0 or more.",
    ),
    errors.RulebookError: (
        errors.RulebookError([Problem("r.toml", "margin", MISSING, "is missing")]),
        2,
        "r.toml: margin: is missing.",
    ),
    errors.UnitError: (
        errors.UnitError("5", 'needs a unit; write it like "5 bps"'),
        2,
        '"5": needs a unit; write it like "5 bps".',
    ),
    errors.UnknownScenarioError: (
        errors.UnknownScenarioError("oct", ["oct-2025"], ["oct-2025"]),
        2,
        (
            "oct: no such scenario. Did you mean oct-2025? Give the path of a .toml file, or one "
            "of the bundled scenarios: oct-2025."
        ),
    ),
    errors.UnknownFieldError: (
        errors.UnknownFieldError("a.b", "a is not a known field", ["c", "d"]),
        2,
        "--set a.b: a is not a known field. Did you mean c or d?",
    ),
    errors.OutputError: (
        errors.OutputError("runs/x", "exists", "name another directory"),
        2,
        "runs/x: exists; name another directory.",
    ),
    errors.CheckFailedError: (errors.CheckFailedError(["one", "two"]), 1, "one\ntwo"),
    errors.ConservationError: (
        errors.ConservationError(7, 30, "money: -1 quanta"),
        3,
        (
            "conservation broke at step 30 with seed 7: money: -1 quanta. "
            "The same scenario with --seed 7 stops at the same step."
        ),
    ),
    errors.ReplayError: (
        errors.ReplayError("runs/x", "hash differs"),
        3,
        "runs/x: the run cannot be made again: hash differs.",
    ),
    errors.InterruptedRunError: (
        errors.InterruptedRunError(10, 100),
        130,
        "stopped after step 10 of 100; no results were written.",
    ),
    errors.InterruptedSweepError: (
        errors.InterruptedSweepError("sweeps/a", 3, 8),
        130,
        (
            "stopped after 3 of 8 points, which are kept in sweeps/a; the same command continues "
            "with the others."
        ),
    ),
}
ROOTS = {errors.TacomaError, errors.InputError, errors.InvariantError}


def error_types():
    return [
        item
        for _, item in inspect.getmembers(errors, inspect.isclass)
        if issubclass(item, errors.TacomaError)
    ]


def test_every_error_has_an_example_here():
    """No error joins the tree without its code and message being tested."""
    assert set(error_types()) == set(EXAMPLES) | ROOTS


@pytest.mark.parametrize("error_type", EXAMPLES, ids=lambda e: e.__name__)
def test_code_and_message(error_type):
    """Each error gives this exit code and exactly this message."""
    error, code, message = EXAMPLES[error_type]
    assert (code, message) == (error.exit_code, str(error))


@pytest.mark.parametrize("error_type", error_types(), ids=lambda e: e.__name__)
def test_tree_in_the_docstring(error_type):
    """The module's docstring lists every error with its exit code, or that of its parent."""
    lines = [
        line for line in errors.__doc__.splitlines() if f" {error_type.__name__} " in f"{line} "
    ]
    assert len(lines) == 1
    codes = [int(word) for word in lines[0].split() if word.isdigit()]
    assert codes in ([], [error_type.exit_code])


def test_scenario_error_carries_all_problems():
    """Every problem has a line; the attributes are those of the first."""
    problems = [Problem("f", "a", 1, "must be 2"), Problem("f", "b", MISSING, "is missing")]
    error = ScenarioError(problems)
    assert tuple(problems) == error.problems
    assert ("f", "a", 1, "must be 2") == (error.file, error.field, error.value, error.requirement)
    assert str(error) == "f: a = 1: must be 2.\nf: b: is missing."


def test_many_problems_are_cut():
    """More than twenty problems are counted, not printed."""
    error = ScenarioError([Problem("f", f"a{i}", i, "must be 0") for i in range(25)])
    assert len(str(error).splitlines()) == 21
    assert str(error).endswith("... and 5 problems more.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5 M USD", '"5 M USD"'),
        ('say "x"', '"say \\"x\\""'),
        ("naïve", '"naïve"'),
        (True, "true"),
        (False, "false"),
        (Decimal("0.5"), "0.5"),
        (7, "7"),
        ([1, "a"], '[1, "a"]'),
        ({"a": 1, "b": "x"}, '{ a = 1, b = "x" }'),
        ({}, "{}"),
        (datetime(2025, 10, 10, tzinfo=UTC), "2025-10-10T00:00:00+00:00"),
        ("x" * 100, '"' + "x" * 76 + "..."),
    ],
)
def test_values_are_shown_as_toml(value, text):
    """A message shows a value as a file would write it, and not at any length."""
    assert text == show(value)


def test_a_huge_number_is_shown_by_its_size():
    """A number too long to print is described, not printed and not an error of its own."""
    assert show(1 << 20_000) == "(a number of 20001 bits)"


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_names_are_listed_as_a_sentence(names, text):
    """Names are joined as a person would list them."""
    assert text == listed(names)
