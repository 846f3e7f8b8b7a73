"""
The field types of scenarios and rulebooks: text in, exact integers and fractions out.

Each type checks its unit and its range, names both in its message, and writes itself back as text
that it can read again: so a resolved scenario makes the same scenario.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from tacoma.bounds import AMOUNT_QUANTA_MAX, LEVERAGE_MAX, LEVERAGE_MIN
from tacoma.errors import UnitError
from tacoma.units import (
    duration_text,
    money_text,
    parse_duration,
    parse_money,
    parse_rate,
    parse_ratio,
    ratio_text,
)

Quantity = TypeVar("Quantity", int, Fraction)


NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _-]*[A-Za-z0-9_-])?", re.ASCII)
NAME_REQUIREMENT = "must be a name of letters, digits, spaces, - and _ (it is part of field paths)"
TIME_OF_DAY = re.compile(r"(\d\d):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
TIME_REQUIREMENT = 'must be a time of day, UTC; write it like "20:50" or "20:50:30"'
DATETIME_REQUIREMENT = (
    "must be a date and time in UTC, in whole seconds; write it like 2025-10-10T20:45:00Z"
)


class Model(BaseModel):
    """A frozen table of known fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def wrong(requirement: str) -> PydanticCustomError:
    """Return the error of a value that is not as required, to be raised inside a validator."""
    return PydanticCustomError("requirement", "{requirement}", {"requirement": requirement})


def quantity(
    parse: Callable[[object], Quantity], accepts: Callable[[Quantity], bool], allowed: str
) -> PlainValidator:
    """Return a validator that parses and then checks the range, whose text is `allowed`."""

    def validate(value: object) -> Quantity:
        try:
            parsed = parse(value)
        except UnitError as error:
            raise wrong(error.requirement) from None
        if not accepts(parsed):
            raise wrong(f"must be {allowed}")
        return parsed

    return PlainValidator(validate)


def whole(least: int, most: int) -> PlainValidator:
    """Return a validator of whole numbers from `least` to `most`."""

    def validate(value: object) -> int:
        # bool is an int to Python, but `count = true` is a mistake.
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise wrong(f"must be a whole number from {least:_} to {most:_}")
        return value

    return PlainValidator(validate)


def example(kind: str | list[str], value: object) -> WithJsonSchema:
    """Return the JSON type of a field and an example of it, for editors and messages."""
    return WithJsonSchema({"type": kind, "examples": [value]})


def _written(write: Callable[[Any], str]) -> PlainSerializer:
    return PlainSerializer(write, return_type=str, when_used="json")


def rate_text(rate: Fraction) -> str:
    """Return a rate exactly, in percent."""
    return f"{ratio_text(rate * 100)} %"


def _parse_bounded_money(text: object) -> int:
    quanta = parse_money(text)
    if quanta > AMOUNT_QUANTA_MAX:
        raise UnitError(text, f"must be less than {money_text(AMOUNT_QUANTA_MAX + 1)}")
    return quanta


_MONEY_WRITTEN = _written(money_text)
_RATIO_WRITTEN = _written(ratio_text)
_RATE_WRITTEN = _written(rate_text)
_DURATION_WRITTEN = _written(duration_text)
_MONEY_SCHEMA = example("string", "160 M USD")
_DURATION_SCHEMA = example("string", "90 s")
_NUMBER_SCHEMA = example(["number", "string"], 0.5)
_RATE_SCHEMA = example("string", "5 bps")
_SHARE_SCHEMA = example(["number", "string"], "45 %")

Money = Annotated[
    int,
    quantity(
        _parse_bounded_money,
        lambda quanta: quanta > 0,
        'more than 0 USD; write it like "160 M USD"',
    ),
    _MONEY_WRITTEN,
    _MONEY_SCHEMA,
]
"""Quanta, more than none, and so few that sums of many stay within 64 bits."""

Duration = Annotated[
    int,
    quantity(parse_duration, lambda ms: 0 < ms < 2**40, 'more than 0 s; write it like "90 s"'),
    _DURATION_WRITTEN,
    _DURATION_SCHEMA,
]
"""Milliseconds, more than none."""

Delay = Annotated[
    int,
    quantity(parse_duration, lambda ms: 0 <= ms < 2**40, '0 s or more; write it like "2 s"'),
    _DURATION_WRITTEN,
    _DURATION_SCHEMA,
]
"""Milliseconds, or none at all."""

Share = Annotated[
    Fraction,
    quantity(parse_ratio, lambda x: 0 <= x <= 1, 'from 0 to 1 (100 %); write it like "45 %"'),
    _RATIO_WRITTEN,
    _SHARE_SCHEMA,
]
"""A part of a whole, from none to all."""

PositiveShare = Annotated[
    Fraction,
    quantity(
        parse_ratio, lambda x: 0 < x <= 1, 'more than 0 and at most 1 (100 %); write it like "45 %"'
    ),
    _RATIO_WRITTEN,
    _SHARE_SCHEMA,
]
"""A part of a whole, more than none."""

PositiveRatio = Annotated[
    Fraction,
    quantity(parse_ratio, lambda x: 0 < x < 2**40, "more than 0; write it like 1.5"),
    _RATIO_WRITTEN,
    _NUMBER_SCHEMA,
]
"""A plain number or ratio, more than zero."""

Ratio = Annotated[
    Fraction,
    quantity(parse_ratio, lambda x: 0 <= x < 2**40, "0 or more; write it like 1.5"),
    _RATIO_WRITTEN,
    _NUMBER_SCHEMA,
]
"""A plain number or ratio, zero or more."""

Lot = Annotated[
    Fraction,
    quantity(parse_ratio, lambda x: 0 < x < 2**40, 'more than 0; write it like "0.001"'),
    _RATIO_WRITTEN,
    example(["string", "number"], "0.001"),
]
"""The size of one lot, in units of the asset."""

Rate = Annotated[
    Fraction,
    quantity(parse_rate, lambda x: 0 <= x <= 1, 'from 0 % to 100 %; write it like "5 bps"'),
    _RATE_WRITTEN,
    _RATE_SCHEMA,
]
"""A small ratio that must carry its unit: a bare 5 could mean 5 bps or 5 %."""

PositiveRate = Annotated[
    Fraction,
    quantity(
        parse_rate,
        lambda x: 0 < x <= 1,
        'more than 0 % and at most 100 %; write it like "5 bps" or "2 %"',
    ),
    _RATE_WRITTEN,
    _RATE_SCHEMA,
]
"""A rate, more than zero."""

Volatility = Annotated[
    Fraction,
    quantity(parse_rate, lambda x: 0 <= x <= 100, 'from 0 % to 10000 %; write it like "45 %"'),
    _RATE_WRITTEN,
    example("string", "45 %"),
]
"""An annual volatility, with its unit."""


def _name(value: object) -> str:
    if not isinstance(value, str) or len(value) > 40 or NAME.fullmatch(value) is None:
        raise wrong(NAME_REQUIREMENT)
    return value


def name_or(word: str) -> Callable[[object], str]:
    """Return a validator of names that also takes one word which is none."""

    def validate(value: object) -> str:
        return word if value == word else _name(value)

    return validate


Name = Annotated[str, PlainValidator(_name), example("string", "BTC")]
"""A name that can be a part of a field path."""


def second_of_day(text: str) -> int:
    """Return the seconds since midnight of "20:50", "20:50:30" or "24:00"; may exceed a day."""
    match = TIME_OF_DAY.fullmatch(text)
    assert match is not None, f"{text} was not validated"
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def _time_of_day(value: object) -> str:
    if isinstance(value, time) and value.microsecond == 0:
        value = value.strftime("%H:%M:%S")
    if not isinstance(value, str) or TIME_OF_DAY.fullmatch(value) is None:
        raise wrong(TIME_REQUIREMENT)
    return value


TimeOfDay = Annotated[str, PlainValidator(_time_of_day), example("string", "20:50")]
"""A time as written; hours may exceed 23 (24:00, 25:30) where a clock runs past midnight."""


def _utc(value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise wrong(DATETIME_REQUIREMENT) from None
    if (
        not isinstance(value, datetime)
        or value.utcoffset() != timedelta(0)
        or value.microsecond != 0
    ):
        raise wrong(DATETIME_REQUIREMENT)
    return value.astimezone(UTC)


def _utc_text(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


Utc = Annotated[
    datetime,
    PlainValidator(_utc),
    _written(_utc_text),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2025-10-10T20:45:00Z"]}),
]
"""A moment in UTC, in whole seconds."""


def _leverages(value: object) -> tuple[Fraction, Fraction]:
    requirement = (
        f"must be [lowest, highest] with {LEVERAGE_MIN} <= lowest <= highest <= {LEVERAGE_MAX}; "
        "write it like [2.0, 6.0]"
    )
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise wrong(requirement)
    try:
        low, high = parse_ratio(value[0]), parse_ratio(value[1])
    except UnitError:
        raise wrong(requirement) from None
    if not Fraction(str(LEVERAGE_MIN)) <= low <= high <= LEVERAGE_MAX:
        raise wrong(requirement)
    return low, high


LeverageRange = Annotated[
    tuple[Fraction, Fraction],
    PlainValidator(_leverages),
    PlainSerializer(lambda pair: [ratio_text(x) for x in pair], when_used="json"),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
"""The lowest and highest leverage of a group."""
