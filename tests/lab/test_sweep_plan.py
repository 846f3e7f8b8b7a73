"""The plan of a sweep: every point named, and everything wrong refused before anything runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.errors import InputError, ScenarioError, UnknownFieldError
from tacoma.lab import sweep_plan
from tacoma.lab.sweep_plan import make_plan, parse_seeds
from tacoma.scenario import load, load_resolved
from tacoma.scenario.paths import alternatives


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("7", [7]),
        ("1..3", [1, 2, 3]),
        ("5..5", [5]),
        ("0,9223372036854775807", [0, 2**63 - 1]),
        ("1, 4 ..6".replace(" ..", ".."), [1, 4, 5, 6]),
        ("3,1", [3, 1]),
    ],
)
def test_seeds_are_read(text, seeds):
    """Ranges have both their ends; the order is kept."""
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text",
    ["", "x", "1..", "..3", "3..1", "-1", "1,,2", "1.5", "9223372036854775808", "1..2..3", "٣"],
)
def test_other_seeds_are_refused(text):
    """What is no seed or range names the option, the part and an example."""
    with pytest.raises(InputError, match=r"--seeds .*write it like --seeds 1\.\.20"):
        parse_seeds(text)


@pytest.mark.parametrize(
    ("override", "path", "values"),
    [
        ("a.b=1", "a.b", ["1"]),
        ("a.b = 80 M USD, 90 M USD", "a.b", ["80 M USD", "90 M USD"]),
        ("a=[1, 2],[3,[4,5]]", "a", ["[1, 2]", "[3,[4,5]]"]),
        ('a="x,y",z', "a", ['"x,y"', "z"]),
        ("a='[',{ b = 1, c = 2 }", "a", ["'['", "{ b = 1, c = 2 }"]),
        ("a=b=c,d", "a", ["b=c", "d"]),
    ],
)
def test_values_are_split(override, path, values):
    """Commas divide values, except inside quotes, brackets and braces."""
    assert alternatives(override) == (path, values)


@pytest.mark.parametrize("override", ["a", "=1", "a=", "a=1,,2", "a=1,"])
def test_values_that_are_missing_are_refused(override):
    """An override without path or value, or with an empty one, is refused."""
    with pytest.raises(UnknownFieldError, match=r"write it like makers\.count=3,5"):
        alternatives(override)


@given(st.lists(st.integers(0, 99).map(str), min_size=1, max_size=5))
def test_split_values_join_again(values):
    """Splitting undoes joining."""
    assert alternatives(f"p={','.join(values)}") == ("p", values)


def test_the_grid_is_every_combination_in_order():
    """The last field given turns fastest, and the seeds within each combination."""
    sets = ["population.stop_share=0.1,0.2", "makers.count=3,4"]
    table = ["makers.shares=[0.4,0.3,0.3],[0.4,0.3,0.2,0.1]"]
    plan = make_plan("flash-crash", [5, 6], [sets[0], "population.top_up_share=0,0.1"], 200)
    assert [(*point.settings.values(), point.seed) for point in plan.points] == [
        (stop, top_up, seed)
        for stop in ("0.1", "0.2")
        for top_up in ("0", "0.1")
        for seed in (5, 6)
    ]
    for point in plan.points:
        changes = [f"{path}={value}" for path, value in point.settings.items()]
        expected = load("flash-crash", changes, point.seed, 200)
        assert load_resolved(plan.scenario_of(point)) == expected
    with pytest.raises(ScenarioError, match="makers"):  # three shares for four makers
        make_plan("flash-crash", [1], [sets[1], *table], 200)


def test_an_id_is_that_of_the_run():
    """The same run has the same id in any sweep; another seed, value or version has another."""
    small = make_plan("flash-crash", [1], ["population.stop_share=0.1"], 200)
    large = make_plan("flash-crash", [2, 1], ["population.stop_share=0.3,0.10"], 200)
    assert [point.id for point in large.points].count(small.points[0].id) == 1
    assert large.points[3].id == small.points[0].id
    other = make_plan("flash-crash", [1], ["population.stop_share=0.1"], 201)
    ids = {point.id for plan in (large, other) for point in plan.points}
    assert len(ids) == 5


def test_without_seeds_the_scenario_has_its_own(monkeypatch):
    """A sweep over values alone takes the scenario's seed; ids change with the version."""
    plan = make_plan("flash-crash", None, [], None)
    assert plan.seeds == (load("flash-crash").seed,)
    monkeypatch.setattr(sweep_plan, "__version__", "0.0.9")
    assert make_plan("flash-crash", None, [], None).points[0].id != plan.points[0].id


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2, 1], []), "--seeds: 1 stands twice"),
        (([-1], []), "seed -1: must be from 0"),
        (([1], ["population.stop_share=0.2,0.20"]), "are the same scenario"),
        (([1], ["makers.count=3", "makers.count=4"]), "makers.count: is set twice"),
        (([1], ["seed=1,2"]), "the seeds of a sweep are given by --seeds"),
        (([1], ["population.stop_share=0.1,7"]), r"population.stop_share = 7: must be"),
        (([1], ["population.stop_shre=0.1"]), "Did you mean population.stop_share"),
        (([1], ["venues.binanse.account_share=0.1"]), "Did you mean venues.binance"),
        ((range(100_001), []), "a sweep of 100_001 points: must have at most 100_000"),
        (([1], ["makers.capital=" + ",".join(map(str, range(1, 1002)))]), "1_001 combinations"),
    ],
)
def test_what_is_wrong_is_refused(arguments, message):
    """Every value of every field is checked before anything runs, and named as usual."""
    with pytest.raises(InputError, match=message):
        make_plan("flash-crash", *arguments, None)
