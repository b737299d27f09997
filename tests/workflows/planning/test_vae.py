"""`--vae` of the recipes and the command `vae`: an optional stage that changes the model for all later ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from invocations.language.errors import Refusal
from workflows.planning.plan import Plan
from workflows.workspace import Workspace


@pytest.fixture
def models(workspace: Workspace, tiny_model: Callable[[str], Path], isolated_home: Path, cat: Path) -> Workspace:
    folder = isolated_home / "data" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for recipe in ("inpaint", "sd1", "sd2"):
        (folder / recipe).symlink_to(tiny_model(recipe))
    return workspace


def models_used(plan: Plan) -> set[tuple[str, str]]:
    """Return (node, where its model comes from) for each node that uses a model."""
    return {(link.edge.target, link.edge.source) for link in plan.links if link.edge.input == "model"}


def test_without_a_vae_a_recipe_has_the_stages_of_its_pipeline(models: Workspace) -> None:
    plan = models.plan("t2i a fox --model sd1")
    assert [node.id for node in plan.nodes] == ["1.model", "1.prompt", "1.noise", "1.denoise", "1.decode"]
    assert {source for _, source in models_used(plan)} == {"1.model"}


@pytest.mark.parametrize(
    "line",
    [
        "t2i a fox --model sd1 --vae sd2",
        "i2i cat.png a fox --model sd1 --vae sd2",
        "inpaint cat.png a fox --mask cat.png --model inpaint --vae sd2",
        "outpaint cat.png a fox --all 8 --model inpaint --vae sd2",
    ],
)
def test_with_a_vae_all_stages_of_a_recipe_use_the_changed_model(models: Workspace, line: str) -> None:
    plan = models.plan(line)
    (vae,) = [node for node in plan.nodes if node.type == "vae"]
    used = models_used(plan)
    assert vae.inputs["name"] == "sd2"
    assert {source for target, source in used if target != vae.id} == {vae.id}
    assert len(used) >= 5


def test_the_command_changes_the_model_for_the_stages_after_it(models: Workspace) -> None:
    plan = models.plan("model sd1 | vae sd2 | prompt a fox | noise | denoise | decode")
    assert {source for target, source in models_used(plan) if target != "2"} == {"2"}


def test_settings_and_sizes_are_those_of_the_model_whose_vae_is_replaced(models: Workspace) -> None:
    plan = models.plan("t2i a fox --model sd1 --vae sd2")
    found = {(value.node, value.input): value.value for value in plan.values}
    assert (found["1.denoise", "steps"], found["1.noise", "width"]) == (25, 64)


def test_several_vaes_make_a_sweep(models: Workspace) -> None:
    plan = models.plan("t2i a fox --model sd1 --vae sd1,sd2 --seed 1 | grid")
    assert [axis.name for axis in plan.axes] == ["vae"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "t2i a fox --model default --vae sd1",
            """\
error: the VAE `sd1` does not suit the model `default`: it works with 8x8 pixels per latent; this model needs 4x4
  t2i a fox --model default --vae sd1
                                  ^^^
  choose another VAE, or use this one with another model: `--model MODEL`""",
        ),
        (
            "model default | vae sd1 | prompt a",
            """\
error: the VAE `sd1` does not suit the model `default`: it works with 8x8 pixels per latent; this model needs 4x4
  model default | vae sd1 | prompt a
                      ^^^
  choose another VAE, or use this one with another model: `--model MODEL`""",
        ),
        (
            "t2i a fox --model sd1 --vae sd3",
            """\
error: there is no VAE `sd3`
  t2i a fox --model sd1 --vae sd3
                              ^^^
  did you mean `sd1` or `sd2`?""",
        ),
        (
            "t2i a fox --model inpaint --vae sd2",
            """\
error: the model `inpaint` is made for inpainting and needs a mask
  t2i a fox --model inpaint --vae sd2
                    ^^^^^^^
  use `inpaint`, or choose another model with `--model`""",
        ),
    ],
)
def test_a_vae_that_cannot_be_used_is_refused_while_planning(models: Workspace, line: str, expected: str) -> None:
    with pytest.raises(Refusal) as refused:
        models.plan(line)
    assert str(refused.value) == expected
