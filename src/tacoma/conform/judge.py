"""Run the cases of vector files and count: per function, passed, failed and skipped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tacoma.conform.compare import differences
from tacoma.conform.dialects import dialect_of, functions_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tacoma.conform.dialects import Serve
    from tacoma.conform.document import Case, Document

NOT_OFFERED = "no rule serves this function"


class Failure(NamedTuple):
    """A case that did not come out as published, and why."""

    identifier: str
    reasons: tuple[str, ...]


@dataclass
class Verdict:
    """What became of the cases of one function in one file."""

    file: str
    venue: str
    function: str
    passed: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many cases failed."""
        return len(self.failures)


def judge(document: Document) -> list[Verdict]:
    """Return the verdict on each function of a file, in the order of their first cases."""
    dialect = dialect_of(document.venue, {case.function for case in document.cases})
    served: Mapping[str, Serve] = functions_of(dialect) if dialect else {}
    verdicts: dict[str, Verdict] = {}
    for case in document.cases:
        verdict = verdicts.setdefault(
            case.function, Verdict(document.file, document.venue, case.function)
        )
        if case.function not in served:
            verdict.failures.append(Failure(case.identifier, (NOT_OFFERED,)))
        elif case.is_skipped:
            verdict.skipped += 1
        elif reasons := _reasons(served[case.function], case, document):
            verdict.failures.append(Failure(case.identifier, tuple(reasons)))
        else:
            verdict.passed += 1
    return list(verdicts.values())


def _reasons(serve: Serve, case: Case, document: Document) -> list[str]:
    """Return why a case fails; nothing if it passes."""
    try:
        actual = serve(case.inputs, document.tables)
    except KeyError as error:
        return [f"in.{error.args[0]}: is missing"]
    except Exception as error:  # noqa: BLE001 - whatever a case does to a rule, the others go on
        return [f"{type(error).__name__}: {error}"]
    return differences(case.expected, actual, case.tolerance_abs, case.tolerance_rel)
