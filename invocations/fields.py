"""Declare the inputs and outputs of an invocation: pydantic fields with additional metadata."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import PydanticUndefined

from invocations.frozen import frozen

REQUIRED: Any = PydanticUndefined


@frozen
class InputMark:
    """What an input declares beyond its type, default and range; see `invocations.spec.FieldSpec`."""

    given: Literal["either", "written", "linked"]
    primary: bool
    position: int | None
    free_text: bool
    short: str
    unit: str
    seed: bool
    by_model: bool
    completes: str
    feature: str
    precheck: str
    neutral: Any
    common: bool
    color: bool
    added: bool
    earlier_default: Any


@frozen
class OutputMark:
    """What an output declares beyond its type."""

    primary: bool


@frozen
class TypeVariable:
    """Marks a type variable, which links resolve; equal names within one invocation stand for the same type."""

    name: str


Item = Annotated[
    Any, TypeVariable("T")
]  # with `collection: list[Item]` and `item: Item`, the output has the type of the list's items


def input_field(
    default: Any = REQUIRED,
    *,
    description: str,
    given: Literal["either", "written", "linked"] = "either",
    primary: bool = False,
    position: int | None = None,
    free_text: bool = False,
    short: str = "",
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    multiple_of: int | None = None,
    seed: bool = False,
    by_model: bool = False,
    completes: str = "",
    feature: str = "",
    precheck: str = "",
    neutral: Any = None,
    common: bool = True,
    color: bool = False,
    added: bool = False,
    earlier_default: Any = None,
) -> Any:
    """Declare an input; it is required if it has no default."""
    mark = InputMark(
        given=given,
        primary=primary,
        position=position,
        free_text=free_text,
        short=short,
        unit=unit,
        seed=seed,
        by_model=by_model,
        completes=completes,
        feature=feature,
        precheck=precheck,
        neutral=neutral,
        common=common,
        color=color,
        added=added,
        earlier_default=earlier_default,
    )
    field: Any = Field(
        default, description=description, ge=ge, gt=gt, le=le, lt=lt, multiple_of=multiple_of, validate_default=False
    )
    field.metadata.append(mark)
    return field


def output_field(*, description: str, primary: bool = False) -> Any:
    """Declare an output; the primary one is passed on by a pipe."""
    field: Any = Field(description=description)
    field.metadata.append(OutputMark(primary))
    return field
