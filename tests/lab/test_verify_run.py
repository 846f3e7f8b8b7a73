"""`tacoma verify-run`: a run on disk is checked by its bytes, and by making it again."""

import json
import shutil

import polars as pl
import pytest

from command_line import tacoma
from systems import worlds
from tacoma import __version__
from tacoma.lab.verify_run import made_again
from tacoma.store import MANIFEST_NAME, read_manifest, verify
from tacoma.store.files import seal
from tacoma.store.manifest import OWN_KEYS, sealed, to_text


@pytest.fixture
def copy(saved, tmp_path):
    """A copy of a finished run, to change."""
    return shutil.copytree(saved, tmp_path / "run")


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A run that was stopped early; look, do not change."""
    run = worlds.run("15:57:15")
    return run.save(tmp_path_factory.mktemp("short") / "run", report=False)


def sealed_anew(directory, **changes):
    """Make the seal of a directory fit what is there, as a careful forger would."""
    manifest = read_manifest(directory) | changes
    names = [path.name for path in directory.iterdir() if path.name != MANIFEST_NAME]
    content = {key: value for key, value in manifest.items() if key not in OWN_KEYS}
    seals = {name: seal(directory / name) for name in names}
    (directory / MANIFEST_NAME).write_text(to_text(sealed(content, seals)))
    return directory


def with_number(directory, table, column, row, value):
    """Change one number of a table and seal the directory anew."""
    path = directory / f"{table}.parquet"
    frame = pl.read_parquet(path)
    frame[row, column] = value
    frame.write_parquet(path)
    return sealed_anew(directory)


def test_a_run_has_the_hash_of_its_directory(run, saved):
    """The hash of a run comes out of its files alone, and the command says what was checked."""
    assert verify(saved).hash == run.hash
    result = tacoma("verify-run", str(saved))
    assert (result.code, result.err) == (0, "")
    assert "12 files of " in result.out
    assert f"tables and ledger give the hash {run.hash}\n" in result.out


def test_a_run_with_options_has_the_hash_of_its_directory(tmp_path):
    """A table more and columns more are covered too."""
    out = str(tmp_path / "run")
    command = ["run", "options-crash", "--accounts", "200", "--no-control", "--no-report"]
    made = json.loads(tacoma(*command, "--json", "--out", out).out)
    verified = json.loads(tacoma("verify-run", out, "--json").out)
    assert (verified["hash"], verified["holds"]) == (made["hash"], True)
    assert (tmp_path / "run" / "options.parquet").exists()


def test_one_number_in_a_table_is_caught(copy):
    """A number that was changed, with the seal made anew, gives another hash: exit code 1."""
    with_number(copy, "steps", "mark_quanta", 4711, 1)
    result = tacoma("verify-run", str(copy))
    assert (result.code, result.out) == (1, "")
    assert "hash: scenario, seed, version, tables and ledger give " in result.err


@pytest.mark.parametrize(("table", "column"), [("accounts", "balance"), ("positions", "lots")])
def test_one_number_in_the_ledger_is_caught(copy, table, column):
    """So does a quantum more in the ledger, or a lot."""
    path = copy / f"ledger_{table}.parquet"
    frame = pl.read_parquet(path)
    with_number(copy, f"ledger_{table}", column, 100, frame[100, column] + 1)
    verdict = verify(copy)
    assert not verdict.holds
    assert verdict.hash not in (None, verdict.expected)


def test_damage_names_every_file(copy):
    """Each damaged file has a line; exit code 1."""
    (copy / "steps.parquet").write_bytes(b"PAR1")
    (copy / "faults.parquet").unlink()
    (copy / "notes.txt").write_text("mine")
    result = tacoma("verify-run", str(copy))
    assert result.code == 1
    for name in ("steps.parquet: has 4 bytes", "faults.parquet: is missing", "notes.txt: is not"):
        assert f"{copy}: {name}" in result.err
    record = json.loads(tacoma("verify-run", str(copy), "--again", "--json").out)
    assert (record["holds"], len(record["faults"]), record["hash_again"]) == (False, 3, None)


def test_what_is_no_run_is_refused(tmp_path):
    """A directory without a whole manifest is bad input: exit code 2."""
    (tmp_path / MANIFEST_NAME).write_text('{"format": "tacoma run 1"')
    result = tacoma("verify-run", str(tmp_path))
    assert (result.code, result.out) == (2, "")
    assert "is not a finished Tacoma run" in result.err


def test_making_it_again_finds_nothing_to_tell(short):
    """A run that was stopped early is made again, to the same step and the same bytes."""
    result = tacoma("verify-run", str(short), "--again")
    assert (result.code, result.err) == (0, "")
    assert "run again, everything is the same, the hash too: " in result.out


def test_controls_are_made_again_too(tmp_path):
    """The summaries of both controls are part of the comparison."""
    out = tmp_path / "run"
    command = ["run", "flash-crash", "--accounts", "200", "--until", "15:57", "--no-report"]
    assert tacoma(*command, "--out", str(out)).code == 0
    assert made_again(out)[1] == []
    control = read_manifest(out)["control"] | {"adl_usd": 1.0}
    sealed_anew(out, control=control)
    assert verify(out).holds
    assert made_again(out)[1] == ["manifest.json: control.adl_usd is 1.0, and 0.0 when made again"]


@pytest.mark.parametrize(
    ("table", "column", "sentence"),
    [
        ("steps", "mark_quanta", "steps: mark_quanta of row 9 is 1, and "),
        ("journal", "first", "journal: first of row 9 is 1, and "),
        ("ledger_accounts", "wallet", "ledger_accounts: wallet of row 9 is 1, and "),
    ],
)
def test_making_it_again_shows_where(short, tmp_path, table, column, sentence):
    """The table, column and row that differ are named, the journal's too, which no hash covers."""
    copy = with_number(shutil.copytree(short, tmp_path / "run"), table, column, 9, 1)
    result = tacoma("verify-run", str(copy), "--again", "--json")
    faults = json.loads(result.out)["faults"]
    assert result.code == 1
    if table == "journal":
        assert len(faults) == 1
        assert faults[0].startswith(sentence)
        assert "when made again (1 of " in faults[0]
    else:  # already the hash of the directory is wrong
        assert faults[0].startswith("hash: ")
        assert made_again(copy)[1][0].startswith(sentence)


def test_a_forged_summary_is_found_by_making_it_again(short, tmp_path):
    """The hash does not cover the summary; the run made again does."""
    copy = shutil.copytree(short, tmp_path / "run")
    sealed_anew(copy, summary=read_manifest(copy)["summary"] | {"bad_debt_usd": 0.5})
    assert verify(copy).holds
    assert made_again(copy)[1][0].startswith("manifest.json: summary.bad_debt_usd is 0.5, and ")


def test_a_scenario_that_is_none_is_a_fault(short, tmp_path):
    """A scenario that cannot be loaded fails the check and names the field."""
    copy = shutil.copytree(short, tmp_path / "run")
    sealed_anew(copy, scenario=read_manifest(copy)["scenario"] | {"accounts": -1})
    _, (fault,) = made_again(copy)
    assert "accounts = -1" in fault


def test_another_version_has_its_remedy(short, tmp_path):
    """The version that made a run is named with how to get it; only that one makes it again."""
    copy = sealed_anew(shutil.copytree(short, tmp_path / "run"), version="0.0.1")
    result = tacoma("verify-run", str(copy))
    assert result.code == 1  # the hash covers the version
    assert f"made by Tacoma 0.0.1, this is {__version__}" in result.err
    assert "install tacoma==0.0.1" in result.err
    with pytest.raises(Exception, match=r"0\.0\.1, and only that version") as caught:
        made_again(copy)
    assert caught.value.exit_code == 2
