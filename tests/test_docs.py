"""The documentation runs: every block is executed, every field and option is described."""

import re
import shlex
import tomllib
import typing
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from pydantic import BaseModel

from command_line import tacoma
from tacoma import bounds
from tacoma.cli import commands
from tacoma.scenario import Rulebook, Scenario, bundled_rulebooks, load, load_rulebook

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FILE_NAME = re.compile(r"# ([\w-]+\.toml)\n")
ANYTHING = "..."


class Block(NamedTuple):
    """One fenced block: where it begins, its language and its text."""

    place: str
    language: str
    text: str


def blocks(name: str) -> list[Block]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [
        Block(f"{name}:{text.count(chr(10), 0, match.start()) + 1}", match[1], match[2])
        for match in BLOCK.finditer(text)
    ]


def runs_as_shown(block: Block, directory: Path) -> None:
    """Run each command of a console block and compare what it prints."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert parts[0] == "", f"{block.place}: a console block begins with a command"
    for part in parts[1:]:
        command, _, expected = part.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "tacoma", f"{block.place}: {command} cannot be run by a test"
        result = tacoma(*arguments, directory=directory)
        shown = result.out + result.err if result.code else result.out
        assert is_shown(expected, shown), f"{block.place}: $ {command}\n{shown}"


def is_shown(expected: str, actual: str) -> bool:
    """Compare lines; `...` in a line stands for any text, and alone for any lines."""
    pattern = ""
    for line in expected.splitlines():
        if line == ANYTHING:
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split(ANYTHING)) + r"[ ]*\n"
    return re.fullmatch(pattern, actual) is not None


def is_valid_toml(block: Block, directory: Path) -> None:
    """Parse a TOML block, and keep it under the name that its first line gives."""
    tomllib.loads(block.text)
    match = FILE_NAME.match(block.text)
    if match:
        path = directory / match[1]
        path.write_text(block.text, encoding="utf-8")
        (load_rulebook if "venue" in path.stem else load)(path)


@pytest.mark.parametrize("name", NAMES)
def test_every_block_runs(name, tmp_path):
    """Python, commands and files of a page work, in their order, as a reader would try them."""
    namespace = {"__name__": "__main__"}
    for block in blocks(name):
        if block.language == "python":
            with chdir(tmp_path):
                exec(compile(block.text, block.place, "exec"), namespace)
        elif block.language == "console":
            runs_as_shown(block, tmp_path)
        elif block.language == "toml":
            is_valid_toml(block, tmp_path)
        else:
            assert block.language == "sh", f"{block.place}: no test runs this language"
            targets = re.findall(r"^make (\w+)", block.text, re.MULTILINE)
            assert len(targets) == len(block.text.splitlines()), f"{block.place}: only make"
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert [t for t in targets if f"\n{t}:" not in makefile] == []


@pytest.mark.parametrize(
    ("expected", "actual", "is_same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nb\nc\n", False),
        ("hash ...\n", "hash 0f\n", True),
        ("hash ...\n", "hash 0f\nmore\n", False),
        ("", "a\n", False),
        ("a\n", "a  \n", True),
    ],
)
def test_output_is_compared(expected, actual, is_same):
    """The comparison sees a difference, and dots stand for what may differ."""
    assert is_same is is_shown(expected, actual)


@pytest.mark.parametrize("name", ["CHANGELOG.md", "CONTRIBUTING.md", *NAMES])
def test_links_lead_somewhere(name):
    """A relative link points at a file of the repository."""
    targets = LINK.findall((ROOT / name).read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not ((ROOT / name).parent / target).exists()] == []


def test_readme_leads_to_every_page():
    """No page is hidden."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if name != "README.md" and f"({name})" not in text] == []


def test_limits_come_before_features():
    """The reader meets what the model cannot tell before the first command and the first number."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert 0 < text.index("(docs/limits.md)") < text.index("```") < text.index("<!-- result:begin")
    assert text.index("<!-- result:begin -->") < text.index("<!-- result:end -->")


def test_venues_are_those_of_the_rulebooks():
    """The table of venues is what the command prints; `make docs` refreshes it."""
    text = (ROOT / "docs" / "venues.md").read_text(encoding="utf-8")
    _, begin, rest = text.partition("<!-- venues:begin -->\n")
    shown, end, _ = rest.partition("<!-- venues:end -->\n")
    assert (begin, end) != ("", "")
    assert tacoma("rulebooks", "--markdown").out == shown


def test_maxima_are_those_of_the_code():
    """The table of maxima is that of the module; `make docs` refreshes it."""
    text = (ROOT / "docs" / "bounds.md").read_text(encoding="utf-8")
    _, begin, rest = text.partition("<!-- maxima:begin -->\n")
    shown, end, _ = rest.partition("<!-- maxima:end -->\n")
    assert (begin, end) != ("", "")
    assert bounds.table() == shown
    for entry in bounds.MAXIMA:
        assert entry.value == getattr(bounds, entry.name)


def test_every_venue_has_its_paragraph():
    """Each bundled rulebook is a heading of the page that says what it leaves out, and no other."""
    text = (ROOT / "docs" / "venues.md").read_text(encoding="utf-8")
    assert [entry.name for entry in bundled_rulebooks()] == re.findall(
        r"^### (.+)$", text, re.MULTILINE
    )


# ------------------------------------------------------------------------------- completeness


def models(annotation: object, seen: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """Return the models that a type is made of, itself included, each once."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.append(annotation)
            for field in annotation.model_fields.values():
                models(field.annotation, seen)
        return seen
    for part in typing.get_args(annotation):
        models(part, seen)
    return seen


def words(annotation: object) -> set[str]:
    """Return the words of the closed sets in a type."""
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return set(arguments)
    return set().union(*(words(part) for part in arguments)) if arguments else set()


@pytest.mark.parametrize(
    ("page", "root", "other"),
    [("scenario-format.md", Scenario, Rulebook), ("rulebook-fields.md", Rulebook, None)],
    ids=["scenario", "rulebook"],
)
def test_every_field_is_described(page, root, other):
    """The page of a format names each of its fields and each word that a field may hold."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    described = set(re.findall(r"[\w<= ]+", "\n".join(re.findall(r"`([^`\n]+)`", text))))
    described |= {word for name in described for word in name.split()}
    elsewhere = models(other, []) if other else []
    wanted = set()
    for model in models(root, []):
        if model not in elsewhere:
            wanted |= model.model_fields.keys()
            wanted |= set().union(*(words(f.annotation) for f in model.model_fields.values()))
    missing = sorted(wanted - described)
    assert missing == [], f"docs/{page} does not describe {', '.join(missing)}"


def test_every_option_is_described():
    """The page of the command line has each command, and each option beside its commands."""
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `tacoma ([\w-]+)", text, re.MULTILINE)
    assert list(commands.commands) == listed
    rows = dict(re.findall(r"^\| `(--[\w-]+)[^`]*` \| ([\w, -]+) \|", text, re.MULTILINE))
    found = {}
    for name, command in commands.commands.items():
        for option in command.params:
            if isinstance(option, click.Option):
                found.setdefault(option.opts[-1], []).append(name)
    assert {key: ", ".join(names) for key, names in found.items()} == rows
