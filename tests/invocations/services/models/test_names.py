"""Models have unique names, which stay short."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.models.kinds.identity import Identity
from core.models.recognized import Recognized
from invocations.services.models.names import names_of, unique_names

Model = tuple[str, str, str]


@pytest.mark.parametrize(
    ("models", "names"),
    [
        ([], []),
        ([("fox", "model", "/m/fox.safetensors")], ["fox"]),
        ([("fox", "model", "/m/a/fox.ckpt"), ("fox", "model", "/m/b/fox.ckpt")], ["fox@a", "fox@b"]),
        ([("fox", "model", "/m/fox.ckpt"), ("fox", "lora", "/m/l/fox.pt")], ["model:fox", "lora:fox"]),
        (
            [("fox", "model", "/m/fox.ckpt"), ("fox", "lora", "/m/a/fox.pt"), ("fox", "lora", "/m/b/fox.pt")],
            ["model:fox", "lora:fox@a", "lora:fox@b"],
        ),
        (
            [("fox", "model", "/m/x/a/fox.pt"), ("fox", "model", "/m/y/a/fox.pt"), ("fox", "model", "/m/b/fox.pt")],
            ["fox@x/a", "fox@y/a", "fox@b"],
        ),
        ([("@fox", "model", "/m/@fox.pt"), ("-fox", "vae", "/m/-fox.pt")], ["model:@fox", "vae:-fox"]),
        ([("fox", "model", "/m/fox"), ("fox", "model", "/m/fox.ckpt")], ["fox", "fox.ckpt"]),
        ([("fox", "model", "/fox.pt"), ("fox", "model", "/fox.ckpt")], ["fox.pt", "fox.ckpt"]),
        (
            [("fox", "model", "/m/a/fox"), ("fox", "model", "/m/a/fox.pt"), ("fox", "model", "/m/b/fox")],
            ["fox@a", "fox.pt", "fox@b"],
        ),
        ([("a@b", "vae", "/m/x/a@b.pt"), ("a@b", "vae", "/m/y/a@b.pt")], ["a@b@x", "a@b@y"]),
    ],
)
def test_models_with_the_same_name_are_distinguished_by_kind_and_folder(models: list[Model], names: list[str]) -> None:
    assert unique_names([(name, kind, Path(path)) for name, kind, path in models]) == names


@pytest.mark.parametrize(
    ("models", "unusable", "names"),
    [
        ([("fox", "model", "/m/a/fox.pt"), ("fox", "model", "/m/b/fox.pt")], [1], ["fox", "fox@b"]),
        ([("fox", "unknown", "/m/a/fox.pt"), ("fox", "model", "/m/b/fox.pt")], [0], ["fox@a", "fox"]),
        ([("fox", "model", "/m/fox.safetensors"), ("fox", "model", "/m/fox.ckpt")], [1], ["fox", "fox.ckpt"]),
        ([("fox", "model", "/m/a/fox.pt"), ("fox", "model", "/m/b/fox.pt")], [0, 1], ["fox@a", "fox@b"]),
        (
            [("fox", "model", "/x/a/fox.pt"), ("fox", "lora", "/x/l/fox.pt"), ("fox", "model", "/y/a/fox.pt")],
            [2],
            ["model:fox", "lora:fox", "model:fox@y/a"],
        ),
        (
            [("fox", "model", "/x/a/fox.pt"), ("fox", "model", "/x/b/fox.pt"), ("fox", "model", "/y/a/fox.pt")],
            [2],
            ["fox@a", "fox@b", "fox@y/a"],
        ),
    ],
)
def test_an_unusable_model_changes_the_name_of_no_other_model(
    models: list[Model], unusable: list[int], names: list[str]
) -> None:
    rows = [(name, kind, Path(path)) for name, kind, path in models]
    assert unique_names(rows, {rows[place][2] for place in unusable}) == names


def test_a_model_is_also_found_by_its_file_name_with_its_kind_or_folder() -> None:
    found = Recognized(Path("/m/styles/ink.safetensors"), "ink", identity=Identity("lora"))
    assert names_of("Ink drawing", found) == (
        "Ink drawing", "ink", "ink.safetensors",
        "lora:Ink drawing", "lora:ink", "lora:ink.safetensors",
        "Ink drawing@styles", "ink@styles", "ink.safetensors@styles",
    )  # fmt: skip
