"""The metadata that is derived from a node class, for every kind of field type."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Optional, Union

import pytest

from invocations.catalog.describe import describe, type_of
from invocations.fields import Item, input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation
from invocations.spec import FieldSpec, FieldType, OutputSpec
from invocations.values import ConditioningRef, ImageRef, LatentsRef, MaskRef, ModelRef

INT, FLOAT, TEXT, NONE = FieldType("int"), FieldType("float"), FieldType("str"), FieldType("none")
IMAGE = FieldType("ref", kind="image")
MASK = FieldType("ref", kind="mask", parents=("image",))


class Way(enum.Enum):
    """Choices as an enum."""

    UP = "up"
    DOWN = "down"


class Level(enum.StrEnum):
    """Choices as an enum of strings."""

    LOW = "low"


KINDS = [
    (bool, FieldType("bool")),
    (int, INT),
    (float, FLOAT),
    (str, TEXT),
    (Any, FieldType("any")),
    (None, NONE),
    (dict, FieldType("json")),
    (dict[str, int], FieldType("json")),
    (Mapping[str, Any], FieldType("json")),
    (Literal["a", "b"], FieldType("enum", choices=("a", "b"))),
    (Way, FieldType("enum", choices=("up", "down"))),
    (Level, FieldType("enum", choices=("low",))),
    (list[int], FieldType("list", args=(INT,))),
    (list, FieldType("list", args=(FieldType("any"),))),
    (list[list[str]], FieldType("list", args=(FieldType("list", args=(TEXT,)),))),
    (int | float, FieldType("union", args=(INT, FLOAT))),
    (Union[int, str], FieldType("union", args=(INT, TEXT))),  # noqa: UP007 - both ways of writing it
    (Optional[float], FieldType("union", args=(FLOAT, NONE))),  # noqa: UP045
    (float | list[float], FieldType("union", args=(FLOAT, FieldType("list", args=(FLOAT,))))),
    (ImageRef, IMAGE),
    (MaskRef, MASK),
    (MaskRef | None, FieldType("union", args=(MASK, NONE))),
    (list[ImageRef], FieldType("list", args=(IMAGE,))),
    (LatentsRef, FieldType("ref", kind="latents")),
    (ConditioningRef, FieldType("ref", kind="conditioning")),
    (ModelRef, FieldType("ref", kind="model")),
    (Item, FieldType("any", kind="T")),
    (list[Item], FieldType("list", args=(FieldType("any", kind="T"),))),
    (Item | None, FieldType("union", args=(FieldType("any", kind="T"), NONE))),
    (Annotated[int, "a note"], INT),
]


@pytest.mark.parametrize(("annotation", "expected"), KINDS, ids=[str(kind) for kind, _ in KINDS])
def test_128_every_supported_annotation_has_a_field_type(annotation: Any, expected: FieldType) -> None:
    assert type_of(annotation) == expected


def test_a_string_declared_as_a_color_has_the_color_type_even_inside_a_list_or_a_union() -> None:
    color = FieldType("color")
    assert type_of(str, color=True) == color
    assert type_of(str | None, color=True) == FieldType("union", args=(color, NONE))
    assert type_of(list[str], color=True) == FieldType("list", args=(color,))


@pytest.mark.parametrize("annotation", [complex, set[int], tuple[int, int], object, Literal[1]])
def test_a_type_that_can_be_neither_written_nor_linked_is_refused(annotation: Any) -> None:
    with pytest.raises(TypeError):
        type_of(annotation)


class EverythingOutput(Output):
    """Two outputs."""

    item: Item = output_field(primary=True, description="one of them")
    rest: list[Item] = output_field(description="all others")


@invocation(
    "sample-everything",
    title="Everything",
    category="tests",
    version="1.2.3",
    tags=("a", "b"),
    examples=("sample-everything 1",),
    role="collect",
    reusable=False,
    model_bound="model",
)
class Everything(Invocation):
    """Take inputs of every kind,
    summarized on two lines. This is a description.

    It has two paragraphs.
    """

    items: list[Item] = input_field(primary=True, given="linked", description="what comes")
    model: ModelRef = input_field(completes="model", description="a model")
    steps: int = input_field(
        default=20, position=1, short="s", unit="steps", ge=1, le=100, multiple_of=5, description="n"
    )
    scale: float | None = input_field(default=None, gt=0, lt=8, common=False, description="how much")
    seed: int | None = input_field(default=None, seed=True, description="drawn")
    way: Way = input_field(default=Way.UP, description="where")
    tint: str = input_field(default="red", color=True, description="colour")
    words: str = input_field(default="", position=2, free_text=True, description="text")
    sizes: list[int] = input_field(default=[1, 2], given="written", description="numbers")

    def invoke(self, context: InvocationContext) -> EverythingOutput:
        raise NotImplementedError


ITEM = FieldType("any", kind="T")


def test_a_node_class_is_described_by_its_spec() -> None:
    spec = describe(Everything)
    assert (spec.type, spec.title, spec.category, spec.version) == ("sample-everything", "Everything", "tests", "1.2.3")
    assert spec.summary == "Take inputs of every kind, summarized on two lines."
    assert spec.description == "This is a description.\n\nIt has two paragraphs."
    assert (spec.module, spec.class_name, spec.origin) == (__name__, "Everything", "built in")
    assert (spec.role, spec.reusable, spec.model_bound) == ("collect", False, "model")
    assert (spec.tags, spec.examples) == (("a", "b"), ("sample-everything 1",))
    assert spec.outputs == (
        OutputSpec("item", ITEM, "one of them", primary=True),
        OutputSpec("rest", FieldType("list", args=(ITEM,)), "all others"),
    )


def test_every_attribute_of_a_field_is_kept() -> None:
    assert describe(Everything).inputs == (
        FieldSpec("items", FieldType("list", args=(ITEM,)), "what comes", primary=True, given="linked"),
        FieldSpec("model", FieldType("ref", kind="model"), "a model", completes="model"),
        FieldSpec(
            "steps",
            INT,
            "n",
            required=False,
            default=20,
            position=1,
            short="s",
            unit="steps",
            ge=1,
            le=100,
            multiple_of=5,
        ),
        FieldSpec(
            "scale",
            FieldType("union", args=(FLOAT, NONE)),
            "how much",
            required=False,
            gt=0,
            lt=8,
            common=False,
        ),
        FieldSpec("seed", FieldType("union", args=(INT, NONE)), "drawn", required=False, seed=True),
        FieldSpec("way", FieldType("enum", choices=("up", "down")), "where", required=False, default="up"),
        FieldSpec("tint", FieldType("color"), "colour", required=False, default="red"),
        FieldSpec("words", TEXT, "text", required=False, default="", position=2, free_text=True),
        FieldSpec("sizes", FieldType("list", args=(INT,)), "numbers", required=False, default=[1, 2], given="written"),
    )


def test_a_class_defined_inside_a_function_can_be_described() -> None:
    class LocalOutput(Output):
        """An output."""

        value: int = output_field(primary=True, description="a number")

    @invocation("sample-local", title="Local", category="tests")
    class Local(Invocation):
        """Return a number."""

        a: int = input_field(description="a number")

        def invoke(self, context: InvocationContext) -> LocalOutput:
            return LocalOutput(value=self.a)

    assert describe(Local).output("value") == OutputSpec("value", INT, "a number", primary=True)
