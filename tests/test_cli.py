"""The command line: exit codes, messages, what is printed where, and what is never imported."""

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from command_line import tacoma
from report import synthetic
from tacoma import __version__, errors
from tacoma.cli import arguments, commands
from tacoma.cli.progress import Display
from tacoma.scenario import load, schema
from tacoma.store import is_finished, read_manifest, write_run

HEAVY = ("numba", "llvmlite", "polars", "plotly", "numpy", "tacoma.engine")


class FakeLab:
    """Stands in for the lab: notes how it is called and returns a made-up run."""

    def __init__(self):
        self.calls, self.error, self.progress = [], None, []

    def run(self, scenario, *, progress=None, **options):
        self.calls.append((scenario, options))
        progress(0.5, 300, "running")
        if self.error is not None:
            raise self.error
        outcome = synthetic.run(seed=scenario.seed, minutes=5, events=50)
        outcome.summary |= {"seed": scenario.seed, "amplification": float("nan")}
        return SimpleNamespace(
            **vars(outcome) | {"scenario": scenario, "save": self.saver(outcome)}
        )

    def saver(self, outcome):
        def save(directory, overwrite=False, report=True):
            files = {"report.html": "a report"} if report else {}
            path = write_run(directory, {"hash": outcome.hash}, {}, files, overwrite)
            outcome.summary["run_dir"] = str(directory)
            outcome.summary["report"] = f"{directory}/report.html" if report else None
            return path

        return save


@pytest.fixture
def lab(monkeypatch):
    """A lab that answers at once."""
    fake = FakeLab()
    monkeypatch.setitem(sys.modules, "tacoma.lab.run", SimpleNamespace(run=fake.run))
    return fake


def python(code: str) -> str:
    """Run code in a new process and return what it prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# ------------------------------------------------------------------------------- all commands


@pytest.mark.parametrize("name", commands.commands)
def test_every_command_explains_itself(name):
    """Each command has help with an example, and the list of commands names it."""
    help_text = tacoma(name, "--help")
    assert (0, "") == (help_text.code, help_text.err)
    assert f"Example: tacoma {name}" in help_text.out
    listing = tacoma()
    assert (0, "") == (listing.code, listing.err)
    assert f"\n  {name} " in listing.out
    assert "..." not in listing.out.split("Commands:")[1]


def test_version():
    """The version is that of the package."""
    assert (0, f"tacoma {__version__}\n", "") == tacoma("--version")


@pytest.mark.parametrize(
    "command",
    [["--help"], ["--version"], ["scenarios"], ["check", "oct-2025"], ["show", "oct-2025"]],
    ids=" ".join,
)
def test_quick_commands_import_nothing_slow(command):
    """A command that runs nothing does not wait for the engine's libraries."""
    code = (
        f"import sys; from tacoma.cli import main; main({command!r});"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert python(code).splitlines()[-1] == "[]"


def test_module_and_script_are_the_same():
    """`python -m tacoma` is the command line, and its exit code that of the command."""
    command = [sys.executable, "-m", "tacoma", "check", "nothing"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith("nothing: no such scenario or rulebook.")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["run"], "Missing argument 'SCENARIO'; see tacoma run --help."),
        (["run", "oct-2025", "--sed", "4"], "No such option '--sed'."),
        (["rum"], "No such command 'rum'"),
        (["run", "oct-2026"], "oct-2026: no such scenario. Did you mean oct-2025?"),
        (["run", "oct-2025", "--seed", "x"], "--seed x: must be a whole number from 0 to 9_"),
        (["run", "oct-2025", "--seed", "-1"], "--seed -1: must be a whole number from 0 to 9_"),
        (["run", "oct-2025", "--seed", "1.5"], "--seed 1.5: must be a whole number"),
        (["run", "oct-2025", "--seed", str(2**63)], "write it like --seed 7."),
        (["run", "oct-2025", "--accounts", "99"], "must be a whole number from 100 to 200_000_000"),
        (["run", "oct-2025", "--threads", "0"], "--threads 0: must be a whole number from 1 to 64"),
        (
            ["run", "oct-2025", "--set", "makers.count=0"],
            "makers.count = 0: must be a whole number",
        ),
        (["run", "oct-2025", "--set", "maker.count=2"], "Did you mean makers"),
        (
            ["run", "oct-2025", "--until", "20:45"],
            "must be a time of day (UTC) after 20:45 and not after 24:00; write it like --until 2",
        ),
        (["run", "oct-2025", "--until", "9 pm"], "--until 9 pm: must be a time of day"),
        (["run", "oct-2025", "--out", __file__], "is a file; name a directory"),
        (["run", "oct-2025", "--out", f"{__file__}/x"], "is a file; write elsewhere with --out."),
        (["replay", "nowhere"], "nowhere: is not a finished Tacoma run"),
        (["show", "oct-2025", "makrs"], "makrs: no such field. Did you mean makers?"),
        (["show", "oct-2025", "makers.count.x"], "makers.count.x: no such field"),
        (["show", "oct-2025", "--toml", "--json"], "--toml and --json: choose one"),
        (["show", "oct-2025", "makers", "--json"], "print the whole scenario"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_explained(command, message, lab, tmp_path):
    """Bad input gives exit code 2, one message on standard error, and writes nothing."""
    result = tacoma(*command, directory=tmp_path)
    assert (2, "") == (result.code, result.out)
    assert result.err.startswith("error: ")
    assert message in result.err
    assert "Traceback" not in result.err
    assert lab.calls == []
    assert list(tmp_path.iterdir()) == []


def test_limits_of_options_are_those_of_the_schema():
    """The command line allows what a scenario allows; it knows so without loading the schema."""
    expected = (schema.SEED_MAX, schema.ACCOUNTS_MIN, schema.ACCOUNTS_MAX)
    assert expected == (arguments.SEED_MAX, arguments.ACCOUNTS_MIN, arguments.ACCOUNTS_MAX)


# ------------------------------------------------------------------------------- run


def test_run_hands_over_what_was_asked(lab, tmp_path):
    """Options reach the scenario and the lab; the results are where they should be."""
    result = tacoma(
        *("run", "oct-2025", "--seed", "7", "--accounts", "2_000", "--threads", "1"),
        *("--set", "makers.resilience_time=5 min", "--until", "21:30", "--out", "kept"),
        directory=tmp_path,
    )
    assert (0, "kept/report.html") == (result.code, read_summary(result.out, "report"))
    ((scenario, options),) = lab.calls
    expected = load("oct-2025", ["makers.resilience_time=5 min"], seed=7, accounts=2000)
    assert expected == scenario
    assert {"control": True, "macro": True, "threads": 1, "until": "21:30"} == options
    assert is_finished(tmp_path / "kept")


def read_summary(text: str, label: str) -> str:
    """Return what follows a label in the printed summary."""
    return next(line.partition(": ")[2] for line in text.splitlines() if line.startswith(label))


def test_run_prints_at_most_25_lines(lab, tmp_path):
    """The summary is short and plain where it is not a terminal; nothing else is printed."""
    result = tacoma("run", "oct-2025", "--seed", "7", directory=tmp_path)
    assert result.code == 0
    assert 10 < len(result.out.splitlines()) <= 25
    assert "\x1b" not in result.out + result.err


def test_default_place_is_named_by_content(lab, tmp_path):
    """Without --out the directory carries scenario, seed and hash; the same run replaces itself."""
    for _ in range(2):
        assert tacoma("run", "oct-2025", "--seed", "7", directory=tmp_path).code == 0
    assert ["oct-2025-7-01234567"] == [path.name for path in (tmp_path / "runs").iterdir()]


def test_json_is_one_object_and_nothing_else(lab, tmp_path):
    """With --json standard output is the summary and standard error is empty."""
    result = tacoma("run", "oct-2025", "--seed", "7", "--json", directory=tmp_path)
    assert (0, "") == (result.code, result.err)
    summary = json.loads(result.out)
    assert (7, True, None) == (summary["seed"], summary["conserved"], summary["amplification"])
    assert is_finished(tmp_path / summary["run_dir"])


def test_controls_and_report_can_be_left_out(lab, tmp_path):
    """--no-control runs the scenario alone, --no-report writes no page."""
    flags = ("--no-control", "--no-report", "--out", "kept")
    assert tacoma("run", "oct-2025", *flags, directory=tmp_path).code == 0
    assert (False, False) == (lab.calls[0][1]["control"], lab.calls[0][1]["macro"])
    assert {} == read_manifest(tmp_path / "kept")["files"]


def test_a_finished_run_is_replaced_only_when_told(lab, tmp_path):
    """A second run into the same directory is refused before it starts, unless --overwrite."""
    command = ("run", "oct-2025", "--out", "kept")
    assert tacoma(*command, directory=tmp_path).code == 0
    refused = tacoma(*command, directory=tmp_path)
    expected = "error: kept: holds a finished run; add --overwrite, or name another with --out.\n"
    assert (2, "", expected) == refused
    assert len(lab.calls) == 1
    assert tacoma(*command, "--overwrite", directory=tmp_path).code == 0


@pytest.mark.parametrize("flag", [(), ("--overwrite",)])
def test_what_is_not_a_run_is_left_alone(lab, tmp_path, flag):
    """A directory with anything else in it is never replaced."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "thesis.txt").write_text("years of work")
    result = tacoma("run", "oct-2025", "--out", "kept", *flag, directory=tmp_path)
    assert (2, 0) == (result.code, len(lab.calls))
    assert "not a finished Tacoma run" in result.err
    assert (tmp_path / "kept" / "thesis.txt").read_text() == "years of work"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_is_refused_first(lab, tmp_path):
    """A directory without permission is noticed before the run, not after it."""
    tmp_path.chmod(0o500)
    result = tacoma("run", "oct-2025", directory=tmp_path)
    assert (2, 0) == (result.code, len(lab.calls))
    assert "you may not write there" in result.err


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (errors.ConservationError(7, 30, "money: -1 quanta"), 3, "error: conservation broke"),
        (errors.InvariantError("it broke"), 3, "This is a defect of Tacoma"),
        (errors.InputError("wrong"), 2, "error: wrong"),
        (KeyboardInterrupt(), 130, "stopped after step 300 of 11700; no results were written."),
        (errors.InterruptedRunError(10, 100), 130, "stopped after step 10 of 100"),
        (MemoryError(), 2, "too little memory"),
        (OSError(28, "No space left on device", "x"), 2, "error: x: No space left on device."),
        (ZeroDivisionError("oops"), 3, "ZeroDivisionError: oops"),
    ],
    ids=repr,
)
def test_failures_have_their_codes(lab, tmp_path, error, code, message):
    """Every failure of a run gives its exit code and message, and leaves nothing behind."""
    lab.error = error
    result = tacoma("run", "oct-2025", "--out", "kept", directory=tmp_path)
    assert (code, "") == (result.code, result.out)
    assert message in result.err
    assert ("Traceback" in result.err) == isinstance(error, ZeroDivisionError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["show", "oct-2025"], ["--help"]], ids=" ".join)
def test_a_reader_who_leaves_is_no_error(command):
    """A closed pipe ends the command quietly, with the code that shells give it."""
    command = [sys.executable, "-m", "tacoma", *command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        complaint = process.stderr.read()
    assert (b"", 141) == (complaint, process.returncode)


def test_a_real_run_can_be_made_again(tmp_path):
    """The engine's own run is written whole, is the same on one thread, and replays to its hash."""
    command = ("run", "oct-2025", "--accounts", "500", "--until", "20:47", "--json", "--no-report")
    made = [tacoma(*command, "--threads", threads, directory=tmp_path) for threads in "12"]
    first, second = (json.loads(result.out) for result in made)
    assert (first["hash"], first["run_dir"]) == (second["hash"], second["run_dir"])
    assert (True, 120, 500) == (first["conserved"], first["steps"], first["accounts"])
    directory = tmp_path / first["run_dir"]
    assert directory.name == f"oct-2025-20251010-{first['hash'][:8]}"
    assert (0, "") == (tacoma("replay", str(directory)).code, made[0].err + made[1].err)
    manifest = directory / "manifest.json"
    manifest.write_text(manifest.read_text().replace(first["hash"], "0" * 64))
    forged = tacoma("replay", str(directory))
    assert (1, "") == (forged.code, forged.out)
    assert first["hash"] in forged.err


class Terminal(io.StringIO):
    """Standard error that somebody watches."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "is_shown"), [(Terminal, True), (io.StringIO, False)])
def test_progress_is_for_those_who_watch(monkeypatch, stream, is_shown):
    """On a terminal one sees simulated time and text; a file gets nothing."""
    monkeypatch.setenv("TERM", "xterm")
    watched = stream()
    monkeypatch.setattr(sys, "stderr", watched)
    with Display(datetime(2025, 10, 10, 20, 45, tzinfo=UTC)) as display:
        display(0.5, 300, "BTC 108,000 [USD]")
    assert display.second == 300
    text = watched.getvalue()
    assert is_shown == ("20:50:00" in text) == ("BTC 108,000 [USD]" in text)
    assert is_shown or text == ""


# ------------------------------------------------------------------------------- scenarios


def test_scenarios_are_listed():
    """Every bundled scenario and rulebook is listed, for people and for programs."""
    listing = tacoma("scenarios")
    table = json.loads(tacoma("scenarios", "--json").out)
    assert {"scenarios", "rulebooks"} == table.keys()
    assert "oct-2025" in [entry["name"] for entry in table["scenarios"]]
    for entry in table["scenarios"] + table["rulebooks"]:
        assert f"  {entry['name']} " in listing.out
        assert entry["title"] in listing.out


# ------------------------------------------------------------------------------- check


def test_check_tells_good_from_bad(tmp_path):
    """Good files get a line of output, bad ones every problem on standard error, and code 2."""
    (tmp_path / "good.toml").write_text('base = "oct-2025"\nseed = 5\n')
    (tmp_path / "bad.toml").write_text('base = "oct-2025"\nseed = -5\naccounts = 3\n')
    result = tacoma("check", "good.toml", "bad.toml", directory=tmp_path)
    assert result.code == 2
    assert result.out.startswith("good.toml: OK, scenario oct-2025, 2 venues, 13 assets, 11,700 st")
    assert len(result.out.splitlines()) == 1
    assert ["bad.toml: seed = -5", "bad.toml: accounts = 3"] == [
        line.rpartition(": ")[0] for line in result.err.splitlines()
    ]


def test_check_reads_rulebooks(tmp_path):
    """A rulebook is checked by name or by path, and its mistakes are named as its own."""
    rules = Path(schema.__file__).parents[1] / "rulebooks" / "hyperliquid.toml"
    text = rules.read_text(encoding="utf-8")
    (tmp_path / "good.toml").write_text(text)
    (tmp_path / "bad.toml").write_text(text.replace('capacity = "unlimited"', 'capacity = "all"'))
    good = tacoma("check", "hyperliquid", "good.toml", directory=tmp_path)
    assert (0, "") == (good.code, good.err)
    shown = "OK, rulebook hyperliquid, waterfall cancel > market > takeover > adl"
    assert [f"hyperliquid: {shown}", f"good.toml: {shown}"] == good.out.splitlines()
    bad = tacoma("check", "bad.toml", directory=tmp_path)
    assert (2, "") == (bad.code, bad.out)
    assert bad.err.startswith('bad.toml: waterfall.takeover.capacity = "all": must be')


# ------------------------------------------------------------------------------- show


def test_show_marks_facts_and_assumptions():
    """Each field stands with its origin and the number of its source."""
    lines = tacoma("show", "oct-2025", "population").out.splitlines()
    reaction = next(line for line in lines if line.startswith("population.reaction_time = "))
    stops = next(line for line in lines if line.startswith("population.stop_share = "))
    assert (reaction.split()[-2], stops.split()[-2]) == ("fact", "assumption")
    number = reaction.split()[-1]
    assert any(line.startswith(f"{number} median 296.9 s") for line in lines)


def test_show_admits_what_was_changed(tmp_path):
    """A value that a file or --set changes has no longer the source of the base."""
    (tmp_path / "mine.toml").write_text(
        'base = "oct-2025"\naccounts = 5000\n[makers]\nreach = "50 %"\n'
        '[[provenance]]\npaths = ["makers.reach"]\nkind = "fact"\nsource = "my own eyes"\n'
    )
    change = "population.reaction_time=60 s"
    result = tacoma("show", "mine.toml", "--set", change, "--json", directory=tmp_path)
    found = json.loads(result.out)["origins"]
    paths = ("accounts", "makers.reach", "population.reaction_time", "makers.count")
    expected = ["unsourced", "fact", "set here", "assumption"]
    assert expected == [found[path][0]["kind"] for path in paths]
    assert found["makers.reach"][0]["source"] == "my own eyes"


@pytest.mark.parametrize("override", ["assets[0].lot=0.01", "makers.shares[1]=0.3", "timeline=[]"])
def test_changes_are_found_by_any_path(override):
    """A change by number is marked where the listing shows it by name, or as part of a list."""
    result = tacoma("show", "oct-2025", "--set", override)
    assert result.code == 0
    assert "set here: changed with --set" in result.out


def test_nothing_bundled_is_without_source():
    """The bundled scenario has a source or a reason for each number that it uses."""
    found = json.loads(tacoma("show", "oct-2025", "--json").out)["origins"]
    assert [] == [path for path in found if found[path][0]["kind"] == "unsourced"]


def test_shown_toml_is_the_same_scenario(tmp_path):
    """What --toml prints loads again as the scenario that it was made of."""
    override = "makers.resilience_time=5 min"
    text = tacoma("show", "oct-2025", "--set", override, "--toml").out
    (tmp_path / "copy.toml").write_text(text)
    assert load("oct-2025", [override]) == load(tmp_path / "copy.toml")
    assert 'resilience_time = "5 min"  # set here' in text


# ------------------------------------------------------------------------------- replay, doctor


@pytest.mark.parametrize(("made", "code"), [("ab", 0), ("cd", 1)])
def test_replay_compares_hashes(monkeypatch, tmp_path, made, code):
    """The same hash is exit code 0, another is 1, in words and as JSON."""

    def replay(directory, progress=None):
        progress(1.0, 60, "replaying")
        return SimpleNamespace(hash=made, expected="ab", matches=made == "ab", steps=60)

    monkeypatch.setitem(sys.modules, "tacoma.lab.replay", SimpleNamespace(replay=replay))
    write_run(tmp_path / "kept", {}, {}, {})
    told = tacoma("replay", "kept", directory=tmp_path)
    assert (code, made in told.out + told.err) == (told.code, True)
    shown = tacoma("replay", "kept", "--json", directory=tmp_path)
    assert (code, "") == (shown.code, shown.err)
    assert {"hash": made, "expected": "ab", "matches": not code, "steps": 60} == json.loads(
        shown.out
    )


def test_doctor_looks_at_the_machine(tmp_path):
    """A healthy machine gives code 0, and every finding has a line."""
    told = tacoma("doctor", directory=tmp_path)
    shown = json.loads(tacoma("doctor", "--json", directory=tmp_path).out)
    names = [finding["name"] for finding in shown["findings"]]
    assert {"tacoma", "python", "numba", "compiler", "cache", "memory", "output"} <= set(names)
    assert len(names) == len(told.out.splitlines())
    assert shown["healthy"] == all(finding["fine"] for finding in shown["findings"])
    assert (told.code == 0) == shown["healthy"]


@pytest.mark.parametrize(
    ("break_it", "name"),
    [
        (lambda patch: patch.setattr("tacoma.compile.jit_enabled", lambda: False), "compiler"),
        (lambda patch: patch.setattr("tacoma.lab.doctor.free_memory_bytes", lambda: 1), "memory"),
        (lambda patch: patch.setattr("tacoma.lab.doctor.DISK_BYTES_MIN", 1 << 80), "output"),
        (lambda patch: patch.setattr("tacoma.lab.doctor.PYTHON_MIN", (9, 9)), "python"),
    ],
    ids=["compiler", "memory", "output", "python"],
)
def test_doctor_finds_what_is_wrong(monkeypatch, tmp_path, break_it, name):
    """What is wrong is marked, with advice, and gives code 1."""
    break_it(monkeypatch)
    result = tacoma("doctor", directory=tmp_path)
    assert result.code == 1
    (line,) = [line for line in result.out.splitlines() if line.startswith("WRONG")]
    assert line.split()[1] == name
    assert ";" in line
