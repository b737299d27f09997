"""Requests of OpenAI's image API as steps."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from invocations.language.printer import print_tree
from invokeai_web.compat.openai.errors import OpenAiError
from invokeai_web.compat.openai.requests import ImageRequest
from invokeai_web.compat.openai.steps import edit_steps, fitted, generation_steps
from workflows.importers.parameters import Imported
from workflows.importers.to_pipeline import to_pipeline
from workflows.workspace import Workspace


def line(workspace: Workspace, steps: list[Any]) -> str:
    """Return steps as a line."""
    pipeline, notes = to_pipeline(Imported("", tuple(steps)), workspace.catalog, ["default"], lambda _: True)
    assert notes == ()
    return print_tree(pipeline)


def test_a_prompt_alone_leaves_everything_to_the_model(workspace: Workspace) -> None:
    assert line(workspace, generation_steps(workspace, ImageRequest(prompt="a fox"), 7)) == 't2i "a fox" --seed 7'


def test_all_fields_become_options(workspace: Workspace) -> None:
    request = ImageRequest(
        prompt="a fox", negative_prompt="fur", model="default", steps=5, guidance=3.5, size="100x60", seed=1
    )
    assert line(workspace, generation_steps(workspace, request, 1)) == (
        't2i "a fox" --negative fur --model default --steps 5 --guidance 3.5 --seed 1 --width 104 --height 64'
    )


def test_an_edit_changes_the_transparent_areas_of_the_mask(workspace: Workspace) -> None:
    request = ImageRequest(prompt="a fox", size="64x64")
    assert line(workspace, edit_steps(workspace, request, 7, "house", "hole")) == (
        'load hole | mask-from-alpha as mask | load house | inpaint "a fox" --seed 7 --mask @mask'
    )
    assert line(workspace, edit_steps(workspace, request, 7, "house", "")) == (
        'load house | i2i "a fox" --seed 7 --width 64 --height 64'
    )


@pytest.mark.parametrize(
    ("side", "multiple", "wanted"), [(1, 8, 8), (100, 8, 104), (60, 8, 64), (59, 8, 56), (1024, 64, 1024)]
)
def test_a_side_is_rounded_to_the_nearest_multiple(side: int, multiple: int, wanted: int) -> None:
    assert fitted(side, multiple) == wanted


@pytest.mark.parametrize("name", ["dall-e-3", "gpt-image-1", "gpt-image-1-mini"])
def test_openais_own_models_stand_for_the_default_model(workspace: Workspace, name: str) -> None:
    (step,) = generation_steps(workspace, ImageRequest(prompt="a", model=name), 1)
    assert "model" not in step.values


def test_an_unknown_model_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(OpenAiError, match="The model `sd99` does not exist; GET /v1/models lists the models"):
        generation_steps(workspace, ImageRequest(prompt="a", model="sd99"), 1)


@pytest.mark.parametrize(
    "wrong",
    [{"prompt": ""}, {"n": 0}, {"n": 11}, {"size": "big"}, {"size": "0x8"}, {"size": "8x8x8"}, {"steps": 0},
     {"seed": -1}, {"seed": 2**64}, {"guidance": 101}, {"response_format": "jpeg"}],
    ids=repr,
)  # fmt: skip
def test_values_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ImageRequest(**{"prompt": "a", **wrong})


def test_unknown_fields_are_collected_and_blank_form_fields_are_left_out() -> None:
    request = ImageRequest(prompt="a", quality="hd", user="x", seed="", steps="", guidance="", size="")
    assert request.ignored == ["quality", "user"]
    assert (request.seed, request.steps, request.guidance, request.sides) == (None, None, None, None)
