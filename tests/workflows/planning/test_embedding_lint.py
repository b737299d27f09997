"""Embeddings that the user owns and that a prompt names cause a warning, because they are not applied."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from invocations.services.models.base import ModelInfo
from tests.core.models.headers import write_safetensors
from workflows.planning.embedding_lint import lint_embeddings
from workflows.planning.lint import lint
from workflows.planning.prompt_lint import prompts_of
from workflows.workspace import Workspace

A1111 = "--prompt-syntax a1111"
OWNED = [
    ModelInfo("easy@sd15", "sd1", "/m/sd15/Easy.safetensors", 6000, "/m", "embedding"),
    ModelInfo("worst", "sdxl", "/m/learned_embeds.bin", 6000, "/m", "embedding"),
    ModelInfo("ink", "sd1", "/m/ink.safetensors", 6000, "/m", "lora"),
]


def said(name: str) -> str:
    return (
        f"the embedding `{name}` is not applied: embeddings cannot be used yet, so its name is treated as ordinary text"
    )


def warnings(workspace: Workspace, line: str) -> list[str]:
    """Return the warnings about a line."""
    plan = workspace.plan(line)
    prompts = [prompt for node in plan.nodes for prompt in prompts_of(plan, node, workspace.catalog)]
    models: Any = SimpleNamespace(list=lambda: OWNED)
    return [*lint_embeddings(plan, prompts, models)]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("t2i 'a <easy> fox'", ["easy"]),
        ("t2i 'a <EASY@sd15> fox' --negative '<worst>'", ["EASY@sd15", "worst"]),
        ("t2i 'a <easy> <easy>' --negative 'b <easy>'", ["easy"]),
        ("list '<easy> a' b | iterate as p | t2i --prompt @p --seed 1", ["easy"]),
        (f"t2i 'a (easy:1.2), Worst' {A1111}", ["easy", "Worst"]),
        ("t2i 'easy, worst'", []),
        ("t2i 'a <b> <ink> <3 <easy:1>'", []),
        (f"t2i 'uneasy ink' {A1111}", []),
    ],
)
def test_a_name_in_angle_brackets_is_that_of_an_embedding_and_a_bare_one_only_in_a1111(
    workspace: Workspace, line: str, names: list[str]
) -> None:
    assert [text.split("\n")[0] for text in warnings(workspace, line)] == [said(name) for name in names]


def test_the_warning_shows_the_place_in_the_line(workspace: Workspace) -> None:
    (warning,) = warnings(workspace, "t2i 'a <easy> fox'")
    assert warning.split("\n")[1:] == ["  t2i 'a <easy> fox'", "         ^^^^^^"]


def test_models_are_listed_only_if_a_prompt_may_name_an_embedding(workspace: Workspace) -> None:
    def unexpected() -> list[ModelInfo]:
        raise AssertionError("the models were listed")

    services: Any = SimpleNamespace(models=SimpleNamespace(list=unexpected))
    for line in ("t2i 'a fox'", "t2i 'a (red:1.2) fox' --negative blur", "t2i 'a <lora:ink:1> (16:9) <3'"):
        list(lint(workspace.plan(line), services, workspace.catalog))
    with pytest.raises(AssertionError, match="listed"):
        list(lint(workspace.plan("t2i 'a <fox>'"), services, workspace.catalog))


def test_the_warning_is_among_the_warnings_of_the_line(workspace: Workspace, isolated_home: Path) -> None:
    folder = isolated_home / "data" / "models"
    write_safetensors(folder / "easy.safetensors", {"emb_params": (2, 768)})
    found = list(lint(workspace.plan("t2i '<easy>, embedding:easy'"), workspace.lookup, workspace.catalog))
    assert found[0].startswith("unsupported syntax in a prompt is treated as plain words: `embedding:easy`")
    assert found[1].split("\n")[0] == said("easy")
