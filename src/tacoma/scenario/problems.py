"""Turn what pydantic found into problems that name the field as its author would."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from tacoma.errors import MISSING, Problem, listed, show
from tacoma.scenario.paths import Key, joined, near, step_into

# Type annotations are values of no common type.
Annotation = Any

NOTES = {"depth": "a market without a book"}


def problems_of(
    error: ValidationError, raw: object, file: str, root: type[BaseModel]
) -> list[Problem]:
    """Return one problem per error, in the order of the schema."""
    problems = [_problem(detail, raw, file, root) for detail in error.errors(include_url=False)]
    fields = {problem.field for problem in problems}
    # A venue whose rulebook could not be named has no rules either: one problem, not two.
    return [
        problem
        for problem in problems
        if not problem.field.endswith(".rules")
        or f"{problem.field.removesuffix('.rules')}.rulebook" not in fields
    ]


def _problem(detail: ErrorDetails, raw: object, file: str, root: type[BaseModel]) -> Problem:
    keys = list(_without_tags(detail["loc"], raw))
    kind = detail["type"]
    context = detail.get("ctx", {})
    value: object = detail["input"]
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        keys.append("kind")
        value = context.get("tag", MISSING)
    path, container = "", raw
    for key in keys:
        path = joined(path, container, key)
        container = step_into(container, key)
    fields = fields_at(root, keys[:-1], raw)
    last = str(keys[-1]) if keys else ""
    if kind == "extra_forbidden":
        return Problem(file, path, value, _unknown(last, sorted(fields)))
    if kind == "union_tag_not_found":
        return Problem(file, path, MISSING, _missing_kind(root, keys, raw))
    if kind == "missing":
        return Problem(file, path, MISSING, _missing(last, fields.get(last)))
    return Problem(file, path, value, _requirement(kind, context, detail["msg"]))


def _requirement(kind: str, context: dict[str, Any], message: str) -> str:
    if kind == "requirement":
        return str(context["requirement"])
    if kind == "literal_error":
        return f"must be {str(context['expected']).replace(chr(39), chr(34))}"
    if kind == "union_tag_invalid":
        return f"must be one of {str(context['expected_tags']).replace(chr(39), chr(34))}"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return "must be a table of fields"
    if kind == "tuple_type":
        return "must be a list; write it like [a, b]"
    if kind == "string_type":
        return "must be text in quotes"
    return message[:1].lower() + message[1:]


def _unknown(name: str, known: list[str]) -> str:
    guesses = near(name, known)
    if guesses:
        return f"is not a known field; did you mean {listed(guesses)}"
    return f"is not a known field; known here are {', '.join(known)}"


def _missing(name: str, annotation: Annotation) -> str:
    note = f": {NOTES[name]}" if name in NOTES else ""
    example = _example(annotation)
    remedy = "" if example is None else f"; write it like {name} = {show(example)}"
    return f"is missing{note}{remedy}"


def _missing_kind(root: type[BaseModel], keys: list[Key], raw: object) -> str:
    """Return the requirement of a table that does not say which of several kinds it is."""
    annotation = _bare(fields_at(root, keys[:-2], raw).get(str(keys[-2])))
    kinds: list[str] = []
    for option in get_args(annotation):
        kinds += [f'"{kind}"' for kind in get_args(option.model_fields["kind"].annotation)]
    return f"is missing; it must be one of {listed(kinds)}"


def _example(annotation: Annotation) -> object:
    """Return an example of a field's value, from the metadata of its type."""
    for part in getattr(annotation, "__metadata__", ()):
        if isinstance(part, WithJsonSchema) and part.json_schema:
            examples = part.json_schema.get("examples")
            return examples[0] if examples else None
    annotation = _bare(annotation)
    origin: Annotation = get_origin(annotation)
    return get_args(annotation)[0] if origin is Literal else None


def _bare(annotation: Annotation) -> Annotation:
    """Return a type without its metadata."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    return annotation


def _without_tags(location: tuple[Key, ...], raw: object) -> Iterator[Key]:
    """Drop the parts of a location that only say which kind of table was read."""
    container = raw
    fresh = True  # the table at hand was just entered, so a tag may follow
    for key in location:
        is_tag = fresh and isinstance(container, dict) and container.get("kind") == key
        if is_tag:
            fresh = False
            continue
        yield key
        container = step_into(container, key)
        fresh = True


def fields_at(root: Annotation, keys: list[Key], raw: object) -> dict[str, Annotation]:
    """Return the annotations of the fields of the table at a location, or nothing."""
    annotation, container = root, raw
    for key in keys:
        table = _table(annotation, container)
        container = step_into(container, key)
        if table is not None:
            annotation = _annotations(table).get(str(key))
        else:
            annotation = _item(annotation)
    table = _table(annotation, container)
    return {} if table is None else _annotations(table)


def _annotations(table: type[BaseModel]) -> dict[str, Annotation]:
    fields = {}
    for name, field in table.model_fields.items():
        annotation: Annotation = field.annotation
        for part in field.metadata:
            annotation = Annotated[annotation, part]
        fields[name] = annotation
    return fields


def _table(annotation: Annotation, container: object) -> type[BaseModel] | None:
    """Return the model that reads a table; of several kinds, the one that its kind names."""
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {Union, UnionType}:
        options = [m for m in get_args(annotation) if _table(m, container) is not None]
        kind = step_into(container, "kind")
        for option in options:
            field = option.model_fields.get("kind")
            if field is None or kind in get_args(field.annotation):
                return _table(option, container)
    return None


def _item(annotation: Annotation) -> Annotation:
    """Return the annotation of the entries of a list or of a table with free names."""
    annotation = _bare(annotation)
    arguments = [part for part in get_args(annotation) if part is not Ellipsis]
    return arguments[-1] if arguments else None
