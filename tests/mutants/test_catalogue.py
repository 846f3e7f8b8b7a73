"""The list of mutants: every seeded bug still fits the sources, and the prover judges rightly."""

import ast

import pytest

from mutants.catalogue import ROOT, Mutant, catalogue
from mutants.prove import BROKEN, NOTICED, SURVIVED, prove

MUTANTS = catalogue()
MUTANTS_MIN = 25


def named(test):
    """Return the function that a test's address names, None for a whole file; its file exists."""
    path, _, function = test.partition("::")
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return None if not function else function.partition("[")[0] in names


def test_the_list_is_long_and_its_names_are_its_own():
    """There are at least 25 mutants, in many files, and no name stands twice."""
    assert len(MUTANTS) >= MUTANTS_MIN
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len({mutant.file for mutant in MUTANTS}) > 20


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_applies(mutant):
    """The bug has one place in its file and leaves valid Python of another meaning."""
    text = mutant.source().read_text(encoding="utf-8")
    changed = ast.parse(mutant.applied(text))
    assert ast.dump(changed) != ast.dump(ast.parse(text))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_says_what_it_would_do(mutant):
    """The harm is one sentence, and the tests that must notice it exist."""
    assert mutant.harm.endswith(".")
    assert mutant.tests
    assert all(named(test) in (True, None) for test in mutant.tests)


@pytest.mark.parametrize("find", ["no such text", "return"])
def test_a_text_without_its_one_place_is_refused(find):
    """A mutant whose text is gone, or stands twice, is an error that says so."""
    mutant = Mutant("one", "Harm.", "rules/losses/adl.py", find, "", ("test_tidy.py",))
    with pytest.raises(ValueError, match=r"must occur once; the source has changed"):
        mutant.applied(mutant.source().read_text(encoding="utf-8"))


TAKE = "rules/test_adl.py::test_take_is_the_lesser"


@pytest.mark.parametrize(
    ("find", "replace", "test", "outcome"),
    [
        ("return counterparty_lots_abs", "return remaining_lots", TAKE, NOTICED),
        ("return counterparty_lots_abs", "return 1 + counterparty_lots_abs - 1", TAKE, SURVIVED),
        ("return counterparty_lots_abs", "return missing_name", TAKE, BROKEN),
        ("return counterparty_lots_abs", "return (", TAKE, BROKEN),
        ("SCORE_MAX = 2**50", "SCORE_MAX = missing_name", TAKE, BROKEN),
        ("return counterparty_lots_abs", "return remaining_lots", "rules/no_file.py", BROKEN),
    ],
)
def test_verdicts(find, replace, test, outcome):
    """Only a failed assertion counts: not a bug that nobody sees, nor one that ends by accident."""
    mutant = Mutant("one", "Harm.", "rules/losses/adl.py", find, replace, (test,))
    assert prove(mutant).outcome == outcome
