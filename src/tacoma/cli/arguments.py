"""The types of options, with messages that say what is allowed and how to write it."""

from __future__ import annotations

import click

from tacoma.bounds import ACCOUNTS_MAX, SEED_MAX
from tacoma.errors import InputError

ACCOUNTS_MIN = 100
THREADS_MAX = 64
FIRST_RUN = "first run: compiling the engine, about a minute"


def refused(option: str, value: object, requirement: str, example: str) -> InputError:
    """Return the error of an option's value."""
    return InputError(f"{option} {value}: {requirement}; write it like {option} {example}.")


class WholeNumber(click.ParamType[int, str | int]):
    """A whole number within bounds, given as digits that underscores may group."""

    name = "n"  # click shows it in capitals

    def __init__(self, least: int, most: int, example: int) -> None:
        """Take the bounds, both allowed, and an example for the message."""
        self.least, self.most, self.example = least, most, example

    def convert(
        self,
        value: str | int,
        param: click.Parameter | None,
        ctx: click.Context | None,  # noqa: ARG002 - click's signature
    ) -> int:
        """Return the number; raises InputError."""
        option = param.opts[-1] if param else "value"
        try:
            number = int(value)
        except ValueError:
            number = self.least - 1
        if not self.least <= number <= self.most:
            allowed = f"must be a whole number from {self.least:_} to {self.most:_}"
            raise refused(option, value, allowed, str(self.example))
        return number


def refuse_rule_changes(overrides: tuple[str, ...], option: str) -> None:
    """Raise InputError for a changed rule that another rulebook would replace anyway."""
    for override in overrides:
        parts = override.partition("=")[0].split(".")
        if parts[0] == "venues" and len(parts) > 2 and parts[2] in ("rules", "rulebook"):
            raise InputError(
                f"--set {override}: has no effect with {option}, which replaces the venue's rules; "
                "copy the rulebook, change it there, and name it by its path."
            )


seed_option = click.option(
    "--seed", type=WholeNumber(0, SEED_MAX, 7), help="Instead of the scenario's seed."
)
accounts_option = click.option(
    "--accounts",
    type=WholeNumber(ACCOUNTS_MIN, ACCOUNTS_MAX, 20_000),
    help="Instead of the scenario's number of accounts.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
set_option = click.option(
    "--set",
    "overrides",
    metavar="PATH=VALUE",
    multiple=True,
    help="Change one field of the scenario; `tacoma show` lists the paths. May be repeated.",
)
