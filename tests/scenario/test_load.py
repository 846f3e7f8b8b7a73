"""Finding, reading and combining files, and overrides from the command line."""

import subprocess
import sys
from fractions import Fraction

import pytest

from tacoma.errors import (
    RulebookError,
    ScenarioError,
    UnknownFieldError,
    UnknownScenarioError,
)
from tacoma.scenario import (
    bundled,
    bundled_rulebooks,
    from_dict,
    json_schema,
    load,
    load_rulebook,
    raw,
)
from tacoma.scenario.load import merged

USD = 10**6
M = 10**6 * USD


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def child(folder, text, base="oct-2025"):
    return write(folder, "child.toml", f'base = "{base}"\n{text}')


# ------------------------------------------------------------------------------- bundled


@pytest.mark.parametrize("name", [entry.name for entry in bundled()])
def test_bundled_scenarios_load(name):
    """Every scenario that comes with the package is valid and has a title."""
    scenario = load(name)
    assert name == scenario.name
    assert scenario.title


@pytest.mark.parametrize("name", [entry.name for entry in bundled_rulebooks()])
def test_bundled_rulebooks_load(name):
    """Every rulebook that comes with the package is valid and has a title."""
    rulebook = load_rulebook(name)
    assert name == rulebook.name
    assert rulebook.title


def test_oct_2025_holds_exact_numbers():
    """What the loader returns is exact: quanta, fractions, milliseconds, seconds on the clock."""
    scenario = load("oct-2025")
    binance = scenario.venue("binance")
    assert isinstance(binance.markets[0].depth, int)
    assert Fraction(11_703_461, 100) == scenario.asset("BTC").anchors[0].price
    assert Fraction(1, 1000) == scenario.asset("BTC").lot
    assert scenario.source("mexc").lag == 2_000
    assert scenario.clock.step == scenario.step_ms == 1_000
    assert scenario.steps == scenario.duration_s == 11_700
    assert Fraction("1.079") * Fraction("4017.17") == scenario.first_price("WBETH")
    assert scenario.first_price("USDE") == 1
    assert Fraction("117.03461") * USD == scenario.quanta_per_lot("BTC")
    with pytest.raises(KeyError):
        scenario.asset("XMR")


@pytest.mark.parametrize(
    ("time", "second"),
    [
        ("20:45", 0),
        ("20:45:01", 1),
        ("23:59:59", 11_699),
        ("24:00", 11_700),
        ("00:00", 11_700),
        ("01:30", 17_100),
        ("25:30", 17_100),
        ("20:44:59", 86_399),
        ("44:45", 86_400),
    ],
)
def test_times_of_day_lie_on_the_clock(time, second):
    """A time before the start's is on the next day; hours above 23 count on."""
    assert second == load("oct-2025").second_of(time)


# ------------------------------------------------------------------------------- inheritance


def test_a_child_changes_what_it_names(tmp_path):
    """Tables merge, named entries merge by name, other lists and values are replaced."""
    path = child(
        tmp_path,
        """
        name = "child"
        [makers]
        count = 2
        shares = [0.5, 0.5]
        [[assets]]
        symbol = "BTC"
        lot = "0.01"
        [[venues]]
        name = "hyperliquid"
        markets = [{ asset = "DOT", depth = "7 M USD" }]
        [[timeline]]
        kind = "news"
        at = "21:00"
        """,
    )
    parent, scenario = load("oct-2025"), load(path)
    assert scenario.name == "child"
    assert scenario.title == parent.title
    assert scenario.makers.shares == (Fraction(1, 2), Fraction(1, 2))
    assert scenario.makers.reach == parent.makers.reach
    assert scenario.asset("BTC").lot == Fraction(1, 100)
    assert scenario.asset("BTC").anchors == parent.asset("BTC").anchors
    assert [asset.symbol for asset in scenario.assets] == [a.symbol for a in parent.assets]
    assert scenario.venue("hyperliquid").markets[-1].depth == 7 * M
    assert scenario.venue("hyperliquid").markets[0] == parent.venue("hyperliquid").markets[0]
    assert scenario.venue("binance") == parent.venue("binance")
    assert [event.kind for event in scenario.timeline] == ["news"]


def test_a_child_adds_entries(tmp_path):
    """An entry of a new name joins the list, after those of the base."""
    path = child(tmp_path, '[[sources]]\nname = "bitstamp"\nnoise = "2 bps"')
    assert [source.name for source in load(path).sources][-2:] == ["mexc", "bitstamp"]


def test_a_child_adds_provenance(tmp_path):
    """Sources of numbers add up: those of the base still hold for what is inherited."""
    path = child(tmp_path, '[[provenance]]\npaths = ["desks.count"]\nsource = "counted"')
    provenance = load(path).provenance
    assert provenance[:-1] == load("oct-2025").provenance
    assert provenance[-1].source == "counted"


def test_grandchildren_and_paths(tmp_path):
    """A base may be a path, seen from the file that names it, and have a base itself."""
    child(tmp_path, "seed = 7\naccounts = 1000")
    path = write(tmp_path, "deeper/grandchild.toml", 'base = "../child.toml"\nseed = 8')
    scenario = load(path)
    assert (scenario.seed, scenario.accounts) == (8, 1000)


def test_circles_are_refused(tmp_path):
    """Files that inherit from each other are named, not followed for ever."""
    write(tmp_path, "a.toml", 'base = "b.toml"')
    write(tmp_path, "b.toml", 'base = "a.toml"')
    with pytest.raises(ScenarioError, match="inherits in a circle"):
        load(tmp_path / "a.toml")


def test_base_must_be_a_name(tmp_path):
    """A base that is no text is refused."""
    with pytest.raises(ScenarioError, match=r"child\.toml: base = 5: must be a scenario's name"):
        load(write(tmp_path, "child.toml", "base = 5"))


def test_merging_leaves_its_arguments_alone():
    """Neither the base nor the change is altered by a merge."""
    base = {"a": {"b": 1, "c": [{"name": "x", "v": 1}]}, "l": [1]}
    change = {"a": {"c": [{"name": "x", "w": 2}, {"name": "y"}]}, "l": [2]}
    result = merged(base, change)
    assert result == {
        "a": {"b": 1, "c": [{"name": "x", "v": 1, "w": 2}, {"name": "y"}]},
        "l": [2],
    }
    assert base == {"a": {"b": 1, "c": [{"name": "x", "v": 1}]}, "l": [1]}
    assert change == {"a": {"c": [{"name": "x", "w": 2}, {"name": "y"}]}, "l": [2]}


# ------------------------------------------------------------------------------- rulebooks


def test_a_venue_can_change_its_rules(tmp_path):
    """A venue's own `rules` lie over its rulebook; the rest of the rulebook stays."""
    path = child(
        tmp_path,
        """
        [[venues]]
        name = "binance"
        rules.collateral.USDE.price = "redemption"
        """,
    )
    rules, before = load(path).venue("binance").rules, load_rulebook("binance-usdm")
    assert rules.collateral["USDE"].price == "redemption"
    assert rules.collateral["WBETH"] == before.collateral["WBETH"]
    assert rules.margin == before.margin


def test_another_rulebook_replaces_the_rules(tmp_path):
    """A venue that names another rulebook keeps nothing of the base's; paths are the file's."""
    text = (bundled_text("rulebooks/binance-usdm.toml")).replace('fee = "50 bps"', 'fee = "7 bps"')
    write(tmp_path, "books/mine.toml", text)
    path = child(tmp_path, '[[venues]]\nname = "binance"\nrulebook = "books/mine.toml"')
    venue = load(path).venue("binance")
    assert venue.rulebook == "books/mine.toml"
    assert venue.rules.liquidation.fee == Fraction(7, 10_000)


def bundled_text(path):
    from importlib import resources

    return (resources.files("tacoma") / path).read_text(encoding="utf-8")


def test_rules_do_not_depend_on_the_order_of_keys():
    """Tables of free names are sorted, so that the order in a file cannot change a run."""
    rules = load("oct-2025").venue("binance").rules
    for table in (rules.collateral, rules.margin.tiers, rules.prices.index.weights):
        assert list(table) == sorted(table)


def test_from_dict_attaches_rulebooks():
    """A table made by a program needs only the rulebooks' names."""
    table = raw("oct-2025")
    for venue in table["venues"]:
        del venue["rules"]
    assert from_dict(table) == load("oct-2025")
    assert "rules" not in table["venues"][0]


def test_unknown_rulebooks_are_refused(tmp_path):
    """The message names the scenario, the rulebook, and those that exist."""
    path = child(tmp_path, '[[venues]]\nname = "binance"\nrulebook = "binance-usd"')
    with pytest.raises(UnknownScenarioError) as caught:
        load(path)
    assert caught.value.near == ("binance-usdm",)
    assert str(caught.value).startswith(
        "child.toml: rulebook binance-usd: no such rulebook. Did you mean binance-usdm?"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[funding]", "[fnding]"), "mine.toml: funding: is missing"),
        (('fee = "50 bps"', "fee = 50"), "mine.toml: liquidation.fee = 50: needs a unit"),
        (('others = ["SOL",', 'others = ["BTC",'), "mine.toml: insurance.pools.others[0]"),
        (("[units]", "[units"), "mine.toml: is not valid TOML"),
    ],
)
def test_wrong_rulebooks_are_refused(tmp_path, change, message):
    """A rulebook read alone is checked like one in a scenario."""
    path = write(
        tmp_path, "mine.toml", bundled_text("rulebooks/binance-usdm.toml").replace(*change)
    )
    with pytest.raises(RulebookError) as caught:
        load_rulebook(path)
    assert message in str(caught.value)


# ------------------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("name", "near"),
    [("oct2025", ("oct-2025",)), ("nonsense", ()), ("oct-2025.toml", ("oct-2025",))],
)
def test_unknown_scenarios_are_refused(name, near, tmp_path, monkeypatch):
    """A name that nothing has is answered with what there is, and what one may have meant."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownScenarioError) as caught:
        load(name)
    assert (name, near) == (caught.value.name, caught.value.near)
    assert "oct-2025" in caught.value.known


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'name = "x"\nseed = = 5\n', r"x\.toml: is not valid TOML: .*line 2"),
        (b"a = 1\na = 2\n", r"x\.toml: is not valid TOML: .*line 2"),
        (b'name = "\xff"\n', r"x\.toml: is not UTF-8 text \(byte 8\)"),
        (b"seed = " + b"9" * 5000, r"x\.toml: is not valid TOML"),
        (b"a = " + b"[" * 100_000, r"x\.toml: is not valid TOML: nested too deeply"),
        (b"", r"x\.toml: name: is missing"),
    ],
)
def test_broken_files_are_refused(tmp_path, content, message):
    """A file that cannot be read as TOML is refused with its name, and the line if known."""
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=message):
        load(path)


def test_a_directory_is_no_scenario(tmp_path):
    """The path of a directory is not taken for a file."""
    with pytest.raises(UnknownScenarioError):
        load(tmp_path)


# ------------------------------------------------------------------------------- overrides


def at(path):
    """Return a function from a scenario to the value of this Python expression on it."""
    return lambda scenario: eval(f"scenario.{path}", {"scenario": scenario})


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("venues.binance.markets.BTC.depth=80 M USD", "venues[0].markets[0].depth", 80 * M),
        ('venues.binance.markets.BTC.depth="80 M USD"', "venues[0].markets[0].depth", 80 * M),
        (" assets.BTC.lot = 0.01 ", "assets[0].lot", Fraction(1, 100)),
        ("timeline.gateway.availability=0.3", "timeline[2].availability", Fraction(3, 10)),
        ("timeline[3].amount=5 M USD", "timeline[3].amount", 5 * M),
        ("timeline=[]", "timeline", ()),
        ("timeline.news.at=20:51", "timeline[0].at", "20:51"),
        ("timeline.news.at=20:51:30", "timeline[0].at", "20:51:30"),
        ("engine.feedback=false", "engine.feedback", False),
        ("clock.step=3 s", "clock.step", 3000),
        ("population.groups.low.leverage=[3, 5]", "population.groups[1].leverage", (3, 5)),
        ("title=a = b", "title", "a = b"),
        ("title=2025-10-10", "title", "2025-10-10"),
        ("title=", "title", ""),
        ("assets.DOT.anchors[3]=['21:16', 3.5]", "assets[9].anchors[3].price", Fraction(7, 2)),
        (
            "venues.binance.rules.collateral.USDE.price=redemption",
            "venues[0].rules.collateral['USDE'].price",
            "redemption",
        ),
        (
            "venues.hyperliquid.backstop.Liquidator 2.capital=9 M USD",
            "venues[1].backstop[0].capital",
            9 * M,
        ),
        (
            "venues.binance.rules.margin.tiers.BTC[0]=[0, '0.3 %']",
            "venues[0].rules.margin.tier_table('BTC')[0]",
            (0, 3, 1000),
        ),
    ],
)
def test_overrides(override, path, value):
    """An override changes this value, whether it exists in the file or only in the schema."""
    assert value == at(path)(load("oct-2025", [override]))


def test_later_overrides_win():
    """Overrides apply in order, seed and accounts after them."""
    scenario = load("oct-2025", ["seed=1", "seed=2", "accounts=1000"], accounts=2000)
    assert (2, 2000) == (scenario.seed, scenario.accounts)
    assert load("oct-2025", ["seed=1"], seed=0).seed == 0


def test_an_override_can_change_the_rulebook():
    """Naming another rulebook brings its rules along."""
    table = ["venues.hyperliquid.rulebook=binance-usdm"]
    with pytest.raises(RulebookError, match="USDE"):
        load("oct-2025", table)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("makers.cuont=5", "makers.cuont is not a known field. Did you mean makers.count?"),
        ("seeds=5", "seeds is not a known field. Did you mean seed?"),
        ("engine.audit=5", "engine has audit_interval, conservation and feedback."),
        ("nonsense.deep.down=5", "nonsense is not a known field; a scenario has accounts, arbi"),
        ("venues.binanse.name=x", 'venues has no entry "binanse"; it has binance and hyperliquid.'),
        ("venues.binanse.name=x", "Did you mean venues.binance?"),
        ("venues[2].name=x", "venues has 2 entries, numbered from 0."),
        ("timeline.sell.amount=1 USD", "address others by number, timeline[0] to timeline[8]"),
        ("clock.step.unit=s", "clock.step is neither a table nor a list with such an entry"),
        ("makers.shares.first=1", 'makers.shares has no entry "first"; address others by number'),
        ("makers..count=5", "is not a field path; write it like makers.capital"),
        ("[0].x=5", "is not a field path"),
        ("makers.count", "is not an override; write it like makers.count=5"),
        ("=5", "is not an override"),
        (
            "venues.binance.rules.waterfall.adl.ranks=x",
            "Did you mean venues.binance.rules.waterfall.adl.rank?",
        ),
        ("timeline.gateway.factor=2", "timeline.gateway.factor is not a known field"),
    ],
)
def test_unknown_fields_are_refused(override, message):
    """An override of what does not exist is refused, with what does."""
    with pytest.raises(UnknownFieldError) as caught:
        load("oct-2025", [override])
    assert message in str(caught.value)
    assert str(caught.value).startswith("--set ")


def test_wrong_values_of_overrides_name_the_field():
    """An override of a known field with a wrong value is an error of that field."""
    with pytest.raises(ScenarioError) as caught:
        load("oct-2025", ["makers.count=many"])
    assert (caught.value.field, caught.value.value) == ("makers.count", "many")


# ------------------------------------------------------------------------------- editors, speed


def test_json_schema_knows_the_bundled_fields():
    """The schema for editors names every top-level key, and requires none."""
    schema = json_schema()
    assert {"base", *raw("oct-2025")} <= set(schema["properties"])
    assert "required" not in schema
    assert schema["$defs"]["PerpMarket"]["properties"]["depth"]["examples"] == ["160 M USD"]
    assert "waterfall" in json_schema("rulebook")["properties"]


def test_importing_the_package_is_cheap():
    """Neither pydantic nor numpy is imported before a scenario is loaded."""
    code = (
        "import sys, tacoma.scenario as s; s.bundled(); "
        "print(sorted({'pydantic', 'numpy', 'numba', 'polars'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
