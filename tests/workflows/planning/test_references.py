"""References: `@name`, `@3`, `@-1`, `.output`, across lines and within a line; errors list the valid references."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace


def test_123_the_error_for_an_unknown_reference_lists_the_valid_ones(cook: Any) -> None:
    cook("t2i --as fox a fox | blur 2")
    assert cook.refusal("upscale --image @dog") == (
        "error: there is no earlier stage `@dog`\n"
        "  upscale --image @dog\n"
        "                  ^^^^\n"
        "  valid here: @2 (blur), @1 or @fox (t2i)"
    )


def test_123_a_similar_name_is_suggested(cook: Any) -> None:
    cook("t2i --as fox a fox")
    assert cook.refusal("upscale --image @fix") == (
        "error: there is no earlier stage `@fix`\n"
        "  upscale --image @fix\n"
        "                  ^^^^\n"
        "  did you mean `@fox`?"
    )


def test_123_the_error_for_an_unknown_output_lists_the_valid_ones(cook: Any) -> None:
    assert cook.refusal("load a.png as a | upscale --image @a.picture") == (
        "error: `load` has no output `picture`\n"
        "  load a.png as a | upscale --image @a.picture\n"
        "                                    ^^^^^^^^^^\n"
        "  its outputs are `image`, `collection`"
    )


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        (
            "@1",
            "`@1` is this stage or a later one; a stage can only refer to earlier ones",
            "there are no earlier stages",
        ),
        ("@0", "there is no stage `@0`; stages are counted from 1", "there are no earlier stages"),
        ("@-1", "there is no earlier stage `@-1`", "there are no earlier stages"),
        ("@7", "there is no earlier stage `@7`", "there are no earlier stages"),
    ],
)
def test_123_a_reference_in_the_first_stage_is_refused(cook: Any, reference: str, message: str, hint: str) -> None:
    text = cook.refusal(f"upscale --image {reference}")
    assert text.splitlines()[0] == f"error: {message}"
    assert text.splitlines()[-1] == f"  {hint}"


def test_a_stage_without_outputs_cannot_be_referred_to(cook: Any) -> None:
    cook("load a.png | look as eyes")
    assert "`@eyes` (look) has no output" in cook.refusal("upscale --image @eyes")


def test_if_several_outputs_fit_the_reference_must_name_one_of_them(cook: Any) -> None:
    cook("load a.png | halves as h")
    assert cook.refusal("upscale --image @h") == (
        "error: `@h` (halves) has several outputs\n"
        "  upscale --image @h\n"
        "                  ^^\n"
        "  write one of `@h.left`, `@h.right`"
    )


def test_140_minus_one_refers_to_the_previous_stage(cook: Any, links: Any) -> None:
    cook("load a.png")
    assert links(cook("upscale --image @-1")) == ["1.image -> 2.image written"]
    assert links(cook("load b.png | load c.png as c | upscale --image @-2")) == ["3.image -> 5.image written"]


def test_140_stages_are_numbered_across_all_lines(cook: Any, links: Any) -> None:
    cook("load a.png | blur 2")
    cook("load b.png")
    assert links(cook("upscale --image @2")) == ["2.image -> 4.image written"]


def test_140_a_name_is_valid_in_later_lines_and_refers_to_the_latest_stage(cook: Any, links: Any) -> None:
    cook("load a.png as pic")
    cook("load b.png as pic")
    assert links(cook("upscale --image @pic")) == ["2.image -> 3.image written"]
    assert links(cook("load c.png as pic | upscale --image @pic")) == ["4.image -> 5.image written"]


def test_140_an_output_is_selected_with_a_dot(cook: Any, links: Any) -> None:
    cook("load '*.png' as all")
    assert links(cook("grid @all.collection")) == ["1.collection -> 2.images written"]


def test_without_a_dot_the_fitting_output_is_used(cook: Any, links: Any) -> None:
    cook("load '*.png' as all")
    assert links(cook("grid @all")) == ["1.collection -> 2.images written"]


def test_a_reference_to_a_recipe_means_the_output_of_its_last_node(cook: Any, links: Any) -> None:
    cook("t2i --as fox a fox")
    assert links(cook("upscale --image @fox.image")) == ["1.decode.image -> 2.image written"]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("t2i a --model @fox", "there are no earlier stages; if a model is named `@fox`, write model:@fox"),
        ("model @fox", "there are no earlier stages; if a model is named `@fox`, write model:@fox"),
        ("t2i a --vae @fox", "there are no earlier stages; if a model is named `@fox`, write vae:@fox"),
        ("t2i a --refiner @fox*", "there are no earlier stages; if a model is named `@fox`, write model:@fox"),
        ("t2i a --model @3", "there are no earlier stages"),
        ("t2i a --seed @fox", "there are no earlier stages"),
    ],
)
def test_the_hint_says_how_to_write_a_model_whose_name_begins_like_a_reference(
    workspace: Workspace, line: str, hint: str
) -> None:
    with pytest.raises(Refusal) as refused:
        workspace.plan(line)
    assert refused.value.errors[0].hint == hint
