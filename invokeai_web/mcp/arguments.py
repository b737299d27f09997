"""The arguments of the tools; their JSON Schemas are what a client shows to its model."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflows.planning.draft import MOST_ITEMS
from workflows.problems import UsageError

MOST_LINES = 200
Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100_000,
        description="A line of commands separated by `|`, such as `t2i a red house --steps 20 | scale 2`.",
    ),
]


class ToolArguments(BaseModel):
    """Base class of the arguments of a tool; an unknown argument is refused."""

    model_config = ConfigDict(extra="forbid")


class LineArguments(ToolArguments):
    """A line, and how many items its sweeps may have."""

    line: Line
    max_items: int | None = Field(
        default=None,
        ge=1,
        le=MOST_ITEMS,
        description="The maximum number of items of a sweep or loop (default: the setting max_items).",
    )


class SearchArguments(ToolArguments):
    """What to look for among the commands."""

    words: str = Field(
        default="",
        max_length=200,
        description="Words that the name, summary, category or tags must contain; also names from other tools.",
    )
    limit: int = Field(default=20, ge=1, le=MOST_LINES, description="The maximum number of commands to return.")
    inputs: bool = Field(
        default=False, description="Whether to describe all inputs (always done for up to three commands)."
    )


class HistoryArguments(ToolArguments):
    """Which lines to list."""

    limit: int = Field(default=20, ge=1, le=MOST_LINES, description="The maximum number of lines, latest last.")
    words: str = Field(default="", max_length=200, description="Words that the line must contain.")
    failed: bool = Field(default=False, description="Whether to list only lines that failed or were cancelled.")
    session: str = Field(
        default="", max_length=100, description="The id of a session, or its first characters (default: all sessions)."
    )


def read_arguments(form: type[ToolArguments], given: dict[str, Any]) -> ToolArguments:
    """Return the arguments of a tool, checked. Raises: UsageError, which describes each mistake."""
    try:
        return form.model_validate(given)
    except ValidationError as error:
        mistakes = [_described(each) for each in error.errors(include_url=False, include_context=False)]
        raise UsageError("; ".join(mistakes), f"the arguments are {', '.join(form.model_fields)}") from error


def input_schema(form: type[ToolArguments]) -> dict[str, Any]:
    """Return the JSON Schema of the arguments of a tool, without the titles that pydantic makes."""
    schema = form.model_json_schema()
    for field in schema.get("properties", {}).values():
        field.pop("title", None)
        choices = [each for each in field.pop("anyOf", ()) if each != {"type": "null"}]
        if choices:  # an argument that may be left out is not null
            field |= choices[0]
            field.pop("default", None)
    return {key: value for key, value in schema.items() if key not in ("title", "description")}


def _described(mistake: Any) -> str:
    name = ".".join(map(str, mistake["loc"]))
    return {
        "missing": f"the argument `{name}` is missing",
        "extra_forbidden": f"there is no argument `{name}`",
    }.get(mistake["type"], f"`{name}`: {mistake['msg'][:1].lower()}{mistake['msg'][1:]}")
