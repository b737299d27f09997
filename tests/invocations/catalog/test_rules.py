"""Every rule for node declarations, with its error message."""

from __future__ import annotations

import enum
import types
from collections.abc import Callable
from typing import Any, Literal

import pytest

from invocations.catalog import rules as declaring
from invocations.catalog.describe import describe
from invocations.errors import DeclarationError
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation
from invocations.values import ImageRef, LatentsRef


class SampleOutput(Output):
    """The output of the sample nodes."""

    value: int = output_field(primary=True, description="a number")


def declare(body: dict[str, Any] | None = None, *, doc: str = "Do something.", **metadata: Any) -> type[Invocation]:
    """Declare a sample node, with changes to its class body, docstring or decorator."""

    def invoke(self: Invocation, context: InvocationContext) -> SampleOutput:
        return SampleOutput(value=1)

    space = {"__module__": __name__, "__qualname__": "Sample", "__doc__": doc, "invoke": invoke, **(body or {})}
    cls: type[Invocation] = types.new_class("Sample", (Invocation,), exec_body=lambda body: body.update(space))
    metadata = {"type": "sample-node", "title": "Sample", "category": "tests", **metadata}
    declared: type[Invocation] = invocation(metadata.pop("type"), **metadata)(cls)
    return declared


def field(annotation: Any, *arguments: Any, name: str = "a", **metadata: Any) -> dict[str, Any]:
    """Return a class body with one input."""
    metadata = {"description": "something", **metadata}
    return {"__annotations__": {name: annotation}, name: input_field(*arguments, **metadata)}


def both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return a class body with two inputs."""
    return {**first, **second, "__annotations__": {**first["__annotations__"], **second["__annotations__"]}}


def test_a_valid_declaration_is_accepted() -> None:
    cls = declare(field(int, primary=True, position=1), version="2.0.1-beta.1", examples=("sample-node 1",))
    assert cls.declaration.version == "2.0.1-beta.1"


def test_a_class_whose_nodes_can_run_at_once_is_accepted() -> None:
    body = {**field(int), "invoke_many": classmethod(lambda cls, items: [])}
    assert describe(declare(body, batched=("a",))).batched == ("a",)


METADATA = [
    ({"title": "Red\x1b[31m"}, "the invisible character U+001B is not allowed in the title"),
    ({"category": "a\x07b"}, "the invisible character U+0007 is not allowed in the category"),
    ({"tags": ("a", "b\u202ec")}, "the invisible character U+202E is not allowed in the tags"),
    ({"doc": "Do \x9b2J something."}, "the invisible character U+009B is not allowed in the summary"),
    (
        {"body": field(int, description="a\rb")},
        "the invisible character U+000D is not allowed in the description of `a`",
    ),
    ({"type": "Sample"}, "the type `Sample` must consist of lowercase letters, digits and dashes"),
    ({"type": "1st"}, "the type `1st` must consist of lowercase letters, digits and dashes"),
    ({"type": "a node"}, "the type `a node` must consist of lowercase letters, digits and dashes"),
    ({"type": ""}, "the type `` must consist of lowercase letters, digits and dashes"),
    ({"version": "1.0"}, "the version `1.0` must have the form 1.2.3"),
    ({"version": "01.0.0"}, "the version `01.0.0` must have the form 1.2.3"),
    ({"version": "1.0.0 "}, "the version `1.0.0 ` must have the form 1.2.3"),
    ({"doc": ""}, "there is no summary (the first sentence of the docstring)"),
    ({"title": " "}, "there is no title"),
    ({"category": ""}, "there is no category"),
    ({"examples": ("",)}, "the example '' must be one line"),
    ({"examples": ("a\nb",)}, "the example 'a\\nb' must be one line"),
    ({"examples": "sample-node 1"}, "`examples` must be a tuple of strings"),
    ({"tags": (1,)}, "`tags` must be a tuple of strings"),
    ({"model_bound": "model"}, "`model_bound` names `model`, which is not an input"),
    ({"batched": ("noise",)}, "`batched` names `noise`, which is not an input"),
    ({"batched": "noise"}, "`batched` must be a tuple of strings"),
    (
        {"body": field(int), "batched": ("a",)},
        "a class with `batched` must define `invoke_many`, and a class without it must not",
    ),
    (
        {"body": {**field(int), "invoke_many": classmethod(lambda cls, items: [])}},
        "a class with `batched` must define `invoke_many`, and a class without it must not",
    ),
]


@pytest.mark.parametrize(("metadata", "rule"), METADATA, ids=[rule[:40] for _, rule in METADATA])
def test_invalid_metadata_of_a_class_is_refused(metadata: dict[str, Any], rule: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare(**metadata)
    assert str(refused.value) == f"Sample: {rule}"
    assert (refused.value.subject, refused.value.rule, refused.value.code) == ("Sample", rule, "bad_declaration")


FIELDS = [
    (field(int, description=""), "`a` has no description"),
    (field(int, name="help"), "`help` is reserved and cannot name a field"),
    (field(int, name="no_link"), "`no_link` is reserved and cannot name a field"),
    (field(int, name="aB"), "`aB` must consist of lowercase letters, digits and underscores"),
    (
        field(LatentsRef, given="linked", position=1),
        "`a` can only be linked, so it cannot have a position, free text or a short option",
    ),
    (
        field(LatentsRef, given="linked", short="a"),
        "`a` can only be linked, so it cannot have a position, free text or a short option",
    ),
    (field(int, given="written", primary=True), "`a` can only be written, so it cannot be the primary input"),
    (field(ImageRef, given="written"), "`a` is a reference, so it must accept a link"),
    (field(ImageRef, ImageRef("a")), "the default of `a` must be plain data (numbers, strings or lists of these)"),
    (field(float, float("inf")), "the default of `a` must be plain data (numbers, strings or lists of these)"),
    (field(list[Any], [(1, 2)]), "the default of `a` must be plain data (numbers, strings or lists of these)"),
    (field("Nowhere"), "the type of `a` is not defined where the class is declared"),
    (field("list[Nowhere]"), "the type of `a` is not defined where the class is declared"),
    (field(int, free_text=True, position=1), "`a` is free text, so it must be a string with a position"),
    (field(str, free_text=True), "`a` is free text, so it must be a string with a position"),
    (field(int, position=0), "the position of `a` must be 1 or more"),
    (field(int, short="ab"), "the short option of `a` must be one letter"),
    (field(int, short="1"), "the short option of `a` must be one letter"),
    (field(int, short="ü"), "the short option of `a` must be one letter"),
    (field(int, short="h"), "the short option of `a` cannot be `-h`, which shows help"),
    (field(int, 1, seed=True), "`a` is a seed, so it must be `int | None` with the default None"),
    (field(int | None, seed=True), "`a` is a seed, so it must be `int | None` with the default None"),
    (field(int, None), "the default of `a` is None, which its type does not allow"),
    (field(int, 0, ge=1), "the default of `a` is outside its range"),
    (field(float, 1.0, gt=1), "the default of `a` is outside its range"),
    (field(int, 9, le=8), "the default of `a` is outside its range"),
    (field(int, 8, lt=8), "the default of `a` is outside its range"),
    (field(int, 12, multiple_of=8), "the default of `a` is outside its range"),
    (field(Literal["x", "y"], "z"), "the default of `a` must be one of its choices"),
    (field(Literal[1, 2]), "field `a`: the choices of a field must be strings"),
    (field(complex), "field `a`: `<class 'complex'>` is not a type that can be written or linked"),
    (field(int, position=2), "the positions must be 1, 2, 3 ... without a gap"),
    ({"__annotations__": {"a": int}}, "field `a` is not declared with `input_field`"),
    (both(field(int, primary=True), field(int, name="b", primary=True)), "there is more than one primary input"),
    (both(field(int, position=1), field(int, name="b", position=1)), "two inputs have the same position"),
    (both(field(int, short="x"), field(int, name="b", short="x")), "two inputs have the same short option"),
    (both(field(bool, False), field(bool, False, name="no_a")), "`no_a` is reserved to turn `a` off"),
    (
        both(field(str, position=1, free_text=True), field(int, name="b", position=2)),
        "an input that takes all remaining words must have the last position",
    ),
    (
        both(field(list[int], position=1), field(int, name="b", position=2)),
        "an input that takes all remaining words must have the last position",
    ),
    (
        both(field(str, position=1, free_text=True), field(list[int], name="b", position=2)),
        "an input that takes all remaining words must have the last position",
    ),
]


@pytest.mark.parametrize(("body", "rule"), FIELDS, ids=[f"{n}: {rule[:40]}" for n, (_, rule) in enumerate(FIELDS)])
def test_invalid_metadata_of_a_field_is_refused(body: dict[str, Any], rule: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare(body)
    assert refused.value.rule == rule


@pytest.mark.filterwarnings("ignore:Field name")
def test_a_name_used_by_pydantic_cannot_name_a_field() -> None:
    with pytest.raises(DeclarationError, match="`copy` is reserved by pydantic and cannot be the name of a field"):
        declare(field(int, name="copy"))


def no_annotation(self: Any, context: Any):  # type: ignore[no-untyped-def]
    """An `invoke` without a return annotation."""


def of_number(self: Any, context: Any) -> int:
    """An `invoke` that returns something other than an output."""
    return 1


def of_output(self: Any, context: Any) -> Output:
    """An `invoke` that returns the base class of outputs."""
    return Output()


def of_unknown(self: Any, context: Any) -> Nowhere:  # type: ignore[name-defined]  # noqa: F821
    """An `invoke` whose return annotation does not exist."""


@pytest.mark.parametrize("invoke", [no_annotation, of_number, of_output, of_unknown])
def test_invoke_must_be_annotated_with_its_output(invoke: Callable[..., Any]) -> None:
    with pytest.raises(DeclarationError, match="`invoke` must be annotated with the Output subclass it returns"):
        declare({"invoke": invoke})


def test_a_class_needs_an_invoke_method() -> None:
    with pytest.raises(DeclarationError, match="there is no `invoke` method"):
        declare({"invoke": Invocation.invoke})


class Bare(Output):
    """An output with a field that has no description."""

    value: int


class TwoPrimary(Output):
    """An output with two primary fields."""

    a: int = output_field(primary=True, description="one")
    b: int = output_field(primary=True, description="other")


class Empty(Output):
    """An output without fields."""


@pytest.mark.parametrize(
    ("output", "rule"),
    [
        (Bare, "output `value` is not declared with `output_field`"),
        (TwoPrimary, "there is more than one primary output"),
        (Empty, "there is no output"),
    ],
)
def test_an_invalid_output_class_is_refused(output: type[Output], rule: str) -> None:
    def invoke(self: Any, context: Any) -> Output:
        raise NotImplementedError

    invoke.__annotations__["return"] = output
    with pytest.raises(DeclarationError) as refused:
        declare({"invoke": invoke})
    assert refused.value.rule == rule


def test_a_type_can_be_declared_only_once() -> None:
    kept = declare(type="sample-unique")
    with pytest.raises(DeclarationError) as refused:
        declare({"__qualname__": "Another"}, type="sample-unique")
    assert refused.value.rule == f"the type `sample-unique` is taken by {kept.__module__}.Sample"


def test_a_class_may_be_declared_again_if_its_module_is_reloaded() -> None:
    kept = declare(type="sample-again")
    again = declare(type="sample-again")
    assert kept is not again


def test_the_types_of_a_forgotten_module_can_be_declared_again() -> None:
    kept = declare(type="sample-forgotten")
    declaring.forget(kept.__module__)
    declare({"__qualname__": "Another"}, type="sample-forgotten")


def test_an_enum_field_is_described_as_a_choice_of_its_values() -> None:
    color = enum.Enum("color", {"RED": "red", "BLUE": "blue"})
    cls = declare(field(color, color["RED"]))
    assert cls.declaration.type == "sample-node"
