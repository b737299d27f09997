"""The rules for automatic links: by pipe, by name, by type."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.graph.linking import (
    Offer,
    accepts,
    enters_pipe,
    follows,
    members,
    mismatch,
    named,
    reference_kinds,
    typed,
)
from invocations.spec import FieldSpec, FieldType, InvocationSpec, OutputSpec

INT, FLOAT, STR, NONE = (FieldType(base) for base in ("int", "float", "str", "none"))  # type: ignore[arg-type]
IMAGE = FieldType("ref", kind="image")
MASK = FieldType("ref", kind="mask", parents=("image",))


def several(of: FieldType) -> FieldType:
    return FieldType("list", (of,))


def takes(kind: FieldType, name: str = "image", **more: Any) -> FieldSpec:
    return FieldSpec(name, kind, "an input", **more)


def offer(stage: int, name: str, kind: FieldType) -> Offer:
    return Offer(stage, name, kind, str(stage), name)


def test_an_output_is_accepted_if_its_type_fits() -> None:
    assert accepts(takes(IMAGE), offer(1, "mask", MASK))
    assert not accepts(takes(MASK), offer(1, "image", IMAGE))
    assert not accepts(takes(IMAGE, given="written"), offer(1, "image", IMAGE))


@pytest.mark.parametrize(
    ("source", "target", "kind"),
    [
        (several(INT), FLOAT, "list_into_scalar"),
        (INT, several(FLOAT), "scalar_into_list"),
        (INT, FieldType("union", (several(INT), NONE)), "scalar_into_list"),
        (several(STR), INT, "type_mismatch"),
        (IMAGE, STR, "type_mismatch"),
    ],
)
def test_31a_a_scalar_linked_to_a_list_and_a_list_linked_to_a_scalar_are_distinct_mismatches(
    source: FieldType, target: FieldType, kind: str
) -> None:
    assert mismatch(source, target) == kind


def test_a_pipe_links_types_that_fit_or_that_differ_only_in_that_one_is_a_list() -> None:
    assert enters_pipe(takes(INT), offer(1, "value", INT))
    assert enters_pipe(takes(INT), offer(1, "value", several(INT)))
    assert not enters_pipe(takes(INT), offer(1, "text", STR))
    assert not enters_pipe(None, offer(1, "text", STR))
    assert not enters_pipe(takes(INT), None)
    assert not enters_pipe(takes(INT, given="written"), offer(1, "value", INT))


def test_the_nearest_output_with_the_same_name_and_a_fitting_type_is_linked() -> None:
    near, text, far = offer(3, "image", IMAGE), offer(4, "image", STR), offer(1, "image", IMAGE)
    assert named(takes(IMAGE), [text, near, far]) is near
    assert named(takes(IMAGE, "other"), [near, far]) is None


def test_a_link_by_type_comes_from_the_nearest_stage() -> None:
    left, right, far = offer(2, "left", IMAGE), offer(2, "right", IMAGE), offer(1, "image", IMAGE)
    assert typed(takes(IMAGE), [[left, right], [far]]) == (left, right)
    assert typed(takes(IMAGE), [[left, right], [far]], taken=[left]) == (right,)
    assert typed(takes(IMAGE), [[left, right], [far]], taken=[left, right]) == (far,)
    assert typed(takes(MASK), [[left], [far]]) == ()


def test_numbers_and_strings_are_never_linked_by_type() -> None:
    assert typed(takes(INT), [[offer(1, "value", INT)]]) == ()
    assert typed(takes(STR), [[offer(1, "text", STR)]]) == ()


def test_kinds_of_references_are_found_inside_lists_and_unions() -> None:
    assert reference_kinds(FieldType("union", (several(MASK), NONE))) == ("mask", "image")
    assert reference_kinds(INT) == ()
    assert members(FieldType("union", (FieldType("union", (INT, NONE)), STR))) == (INT, NONE, STR)


def test_primary_input_and_output_types_determine_which_invocation_may_follow() -> None:
    def spec(word: str, inputs: tuple[FieldSpec, ...], outputs: tuple[OutputSpec, ...]) -> InvocationSpec:
        return InvocationSpec(word, word, word, "test", "1.0.0", inputs, outputs)

    source = spec("source", (), (OutputSpec("image", IMAGE, "", True),))
    blur = spec("blur", (takes(IMAGE, primary=True),), (OutputSpec("image", IMAGE, "", True),))
    say = spec("say", (takes(STR, "text", primary=True),), ())
    assert follows(blur, source)
    assert not follows(source, blur)
    assert not follows(say, blur)
