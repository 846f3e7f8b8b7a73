"""Commands about rules: what venues there are, one shock for several, published numbers."""

import json
import re

import pytest

from command_line import tacoma
from systems.transplants import RULEBOOKS
from tacoma.cli.command_rulebooks import markdown
from tacoma.cli.command_same_shock import HEADINGS
from tacoma.scenario import load_rulebook
from tacoma.scenario.rule_kinds import rule_kinds


def test_rulebooks_as_text():
    """Each rulebook is listed with its title and the kinds of its rules; nothing on stderr."""
    result = tacoma("rulebooks")
    assert (result.code, result.err) == (0, "")
    for name in RULEBOOKS:
        rules = load_rulebook(name)
        assert f"{name}: {rules.title}\n" in result.out
        assert f"stages {rule_kinds(rules)['stages']}\n" in result.out


def test_rulebooks_as_json():
    """Each rulebook is one row with name, title, date and the kind of every rule."""
    result = tacoma("rulebooks", "--json")
    rows = json.loads(result.out)["rulebooks"]
    assert [row["name"] for row in rows] == RULEBOOKS
    for row in rows:
        assert row["kinds"] == rule_kinds(load_rulebook(row["name"]))
        assert row["as_of"]


def test_rulebooks_as_markdown():
    """The table has one row per rulebook and as many cells in each row as in its head."""
    result = tacoma("rulebooks", "--markdown")
    lines = result.out.splitlines()
    assert result.code == 0
    assert [line.split("`")[1] for line in lines[2:]] == RULEBOOKS
    assert len({line.count("|") for line in lines}) == 1
    assert lines == markdown({name: load_rulebook(name) for name in RULEBOOKS})


@pytest.mark.parametrize("name", RULEBOOKS)
def test_one_rulebook(name):
    """Every rule is a line with its source's number, and every number has a source below."""
    result = tacoma("rulebook", name)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"{load_rulebook(name).name}: {load_rulebook(name).title}")
    assert "margin.kind = " in result.out
    cited = {int(number) for number in re.findall(r"(?:fact|assumption) \[(\d+)\]", result.out)}
    sources = [int(number) for number in re.findall(r"^\[(\d+)\] \S", result.out, re.MULTILINE)]
    assert cited == set(sources)
    assert sources == list(range(1, len(sources) + 1))
    table = json.loads(tacoma("rulebook", name, "--json").out)
    assert table["kinds"] == rule_kinds(load_rulebook(name))
    assert table["rulebook"]["waterfall"]["order"] == list(load_rulebook(name).waterfall.order)


@pytest.mark.parametrize(("name", "near"), [("okex", "okx"), ("dydx", "dydx-v4")])
def test_an_unknown_rulebook(name, near):
    """An unknown name is bad input, and the nearest known ones are offered."""
    result = tacoma("rulebook", name)
    assert (result.code, result.out) == (2, "")
    assert name in result.err
    assert near in result.err


def test_a_rulebook_without_a_path():
    """A path that is not there is bad input, not a crash."""
    result = tacoma("rulebook", "nowhere/mine.toml")
    assert (result.code, result.out) == (2, "")
    assert "nowhere/mine.toml" in result.err


# ------------------------------------------------------------------- one shock


SHOCK = ("same-shock", "flash-crash", "--accounts", "300")


def test_same_shock_as_a_table():
    """One line per venue in the order given, as many columns as headings, and who conserved."""
    result = tacoma(*SHOCK, "--rulebooks", "okx, gmx-v2,ccp-span")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "flash-crash, seed 7, 300 accounts, in USD"
    assert lines[-1] == "Money and positions conserved on 3 of 3 venues"
    table = [re.split(r" {2,}", line) for line in lines[2:6]]
    assert table[0][:4] == ["rulebook", "outcome", "accounts", "waiting"]
    assert [row[0] for row in table[1:]] == ["okx", "gmx-v2", "ccp-span"]
    assert {len(row) for row in table} == {len(HEADINGS)}
    assert len({len(line) for line in lines[2:6]}) == 1


def test_same_shock_as_json():
    """The JSON holds scenario, seed, accounts and every venue's outcome, the same each time."""
    results = [
        json.loads(tacoma(*SHOCK, "--rulebooks", "okx,dydx-v4", "--threads", threads, "--json").out)
        for threads in ("1", "2")
    ]
    for result in results:
        for venue in result["venues"]:
            assert venue.pop("wall_s") >= 0
    assert results[0] == results[1]
    assert (results[0]["scenario"], results[0]["seed"], results[0]["accounts"]) == (
        "flash-crash", 7, 300,
    )  # fmt: skip
    for venue in results[0]["venues"]:
        assert venue["conserved"]
        assert len(venue["hash"]) == 64
        assert venue["verdict"]


def test_same_shock_for_all():
    """`all` stands for every bundled rulebook."""
    result = tacoma("same-shock", "flash-crash", "--accounts", "100", "--rulebooks", "all",
                    "--set", "clock.end=2026-01-15T16:05:00Z", "--json")  # fmt: skip
    assert result.code == 0
    venues = json.loads(result.out)["venues"]
    assert [venue["rulebook"] for venue in venues] == RULEBOOKS
    assert all(venue["conserved"] for venue in venues)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--rulebooks", ""), "--rulebooks: must name rulebooks; write it like --rulebooks okx,b"),
        (("--rulebooks", " , "), "--rulebooks: must name rulebooks"),
        (("--rulebooks", "okx,okex"), "okex"),
        (("--rulebooks", "okx,bitmex,okx"), "--rulebooks okx: is named twice"),
        (
            ("--rulebooks", "okx", "--set", "venues.binance.rules.liquidation.fee=1 %"),
            "has no effect with same-shock",
        ),
        ((), "--rulebooks"),
        (("--rulebooks", "okx", "--threads", "0"), "--threads"),
        (("--rulebooks", "okx", "--set", "venues.nowhere.x=1"), "nowhere"),
    ],
)
def test_same_shock_of_nothing(arguments, told):
    """Bad names, an empty list and bad options are bad input, told before anything runs."""
    result = tacoma(*SHOCK, *arguments)
    assert (result.code, result.out) == (2, "")
    assert told in result.err


def test_same_shock_of_an_unknown_scenario():
    """An unknown scenario is bad input."""
    result = tacoma("same-shock", "flash-crush", "--rulebooks", "okx")
    assert (result.code, result.out) == (2, "")
    assert "flash-crash" in result.err


# ------------------------------------------------------------------- published numbers


def case(function="borrow", **changes):
    """Return a vector case."""
    return {"id": "one", "fn": function, "in": {}, "out": {}} | changes


def vectors(path, *cases, venue="gmx_v2"):
    """Write a vector file; return its path."""
    path.write_text(json.dumps({"venue": venue, "cases": list(cases)}), encoding="utf-8")
    return str(path)


def bounded(value=5, result=5, **changes):
    """Return a case of a function that is served: a magnitude between 2 and 10."""
    return case("bound_magnitude", **{"in": {"value": value, "min": 2, "max": 10},
                                      "out": {"result": result}, **changes})  # fmt: skip


def test_conform_passes(tmp_path):
    """Where every case comes out as published the exit code is 0, and each function is a line."""
    path = vectors(tmp_path / "a.json", bounded(), bounded(99, 10), bounded(1, 2))
    result = tacoma("conform", path)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0].split() == ["gmx_v2.bound_magnitude", "3", "passed", "0", "failed", "0",
                                "skipped"]  # fmt: skip
    assert lines[-1] == "3 passed, 0 failed, 0 skipped"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (bounded(5, 6), "result: expected 6, got 5"),
        (case("no_such_function"), "no rule serves this function"),
        (case("no_such_function", transcribed=True), "no rule serves this function"),
        (case("no_such_function", source_error="x"), "no rule serves this function"),
        (bounded(**{"in": {}}), ": is missing"),
        (bounded(5, 5, out={"result": 5, "more": 1}), "more: expected 1, got nothing"),
    ],
)
def test_conform_fails(tmp_path, wrong, reason):
    """A case that differs, breaks or has no rule fails, marked or not; the exit code is 1."""
    path = vectors(tmp_path / "a.json", bounded(), wrong)
    result = tacoma("conform", path)
    assert (result.code, result.err) == (1, "")
    assert reason in result.out
    assert result.out.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"


@pytest.mark.parametrize("mark", ["transcribed", "source_error"])
def test_conform_skips_what_its_file_marks(tmp_path, mark):
    """A marked case of a function that is served is skipped, right or wrong, and counted so."""
    path = vectors(tmp_path / "a.json", bounded(), bounded(5, 6, **{mark: True}))
    result = tacoma("conform", path)
    assert result.code == 0
    assert result.out.splitlines()[-1] == "1 passed, 0 failed, 1 skipped"


def test_conform_as_json(tmp_path):
    """The JSON holds each function of each file with its failures, and the totals."""
    path = vectors(tmp_path / "a.json", bounded(), bounded(5, 6, id="two"), case("other"))
    result = tacoma("conform", path, path, "--json")
    table = json.loads(result.out)
    assert result.code == 1
    assert (table["passed"], table["failed"], table["skipped"]) == (2, 4, 0)
    assert [entry["function"] for entry in table["functions"]] == ["bound_magnitude", "other"] * 2
    assert table["functions"][0]["failures"] == [
        {"case": "two", "reasons": ["result: expected 6, got 5"]}
    ]


def test_conform_shows_the_first_failures_only(tmp_path):
    """Of many failures of one function three are shown, and how many more there are."""
    path = vectors(tmp_path / "a.json", *(bounded(5, 6, id=f"c{place}") for place in range(9)))
    out = tacoma("conform", path).out
    assert out.count("expected 6") == 3
    assert "... and 6 more" in out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        ("{", "is not JSON"),
        ("[1]", 'must be an object with the keys "venue" and "cases"'),
        ('{"cases": []}', 'must be an object with the keys "venue" and "cases"'),
        ('{"venue": "x", "cases": 1}', "cases: must be a list"),
        ('{"venue": "x", "cases": [1]}', "cases[0] = 1: must be an object with fn, in and out"),
        ('{"venue": "x", "cases": [{"fn": 1}]}', "cases[0].fn = 1: must be a name"),
        ('{"venue": "x", "cases": [{"fn": "a", "in": []}]}', "cases[0].in = []: must be an object"),
        ('{"venue": "x", "cases": [{"fn": "a", "in": {}, "out": {}, "tolerance_abs": -1}]}',
         "cases[0].tolerance_abs = -1: must be a number, 0 or more"),
        ("[" * 100_000, "is not JSON"),
    ],
)  # fmt: skip
def test_conform_of_bad_files(tmp_path, content, told):
    """A missing file, what is no JSON and another layout are bad input; nothing is judged."""
    good = vectors(tmp_path / "good.json", bounded())
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    result = tacoma("conform", good, str(path))
    assert (result.code, result.out) == (2, "")
    assert "bad.json" in result.err
    assert told in " ".join(result.err.split())


def test_conform_of_no_file():
    """Without a file there is nothing to check: bad input."""
    assert tacoma("conform").code == 2


def test_conform_of_binary(tmp_path):
    """A file that is no text is bad input."""
    path = tmp_path / "binary.json"
    path.write_bytes(b"\xff\xfe\x00")
    assert tacoma("conform", str(path)).code == 2
    assert tacoma("conform", str(tmp_path)).code == 2
