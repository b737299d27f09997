"""A valid but suspicious line causes a warning and is run nevertheless."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from invocations.services.models.base import ModelSettings
from invocations.values import ModelRef
from workflows.planning.lint import lint
from workflows.workspace import Workspace


class Services:
    """Services that know one model, for images of 64 x 64 pixels."""

    @property
    def models(self) -> Services:
        return self

    def find(self, name: str) -> ModelRef:
        return ModelRef(name)

    def settings(self, ref: ModelRef) -> ModelSettings:
        return ModelSettings("sd-1", 64, 64, 8, 20, 7.0, "euler")


@pytest.fixture
def warned(workspace: Workspace, cat: Path) -> Callable[[str], list[str]]:
    """Return a function that lists the warnings about a line, which may load `x.png`."""
    cat.rename(cat.with_name("x.png"))
    return lambda line: list(lint(workspace.plan(line), Services(), workspace.catalog))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("model | model default | prompt a", "the result of `model` (model) is unused: it does not go into `model`"),
        (
            "t2i a house --width 512 --height 512",
            "512 x 512 is 64 times the size that suits the model `default` (64 x 64)",
        ),
        ("t2i a house -w 520", "520 x 64 is 8 times the size that suits"),
        ("model | prompt a | noise 256 256 | denoise | decode", "256 x 256 is 16 times"),
        ("t2i a house -w 520 --vae default", "520 x 64 is 8 times the size that suits the model `default`"),
    ],
)
def test_a_suspicious_line_causes_a_warning(warned: Callable[[str], list[str]], line: str, words: str) -> None:
    (warning,) = warned(line)
    assert words in warning


@pytest.mark.parametrize(
    "line",
    [
        "load x.png",
        "load x.png | blur 2",
        "load x.png as x | t2i a house | paste @x",
        "load x.png as x | t2i a house",
        "load x.png | save y.png | t2i a house",
        "load x.png | show | t2i a house",
        "load x.png | t2i a house --no-link",
        "t2i a house as a | t2i a tree as b | blend @a --image @b",
        "t2i a house --width 128 --height 128",
        "t2i a house",
        "add 64 64 as n | t2i a house --width @n --height @n",
        "add 1 2 | mul 5",
    ],
)
def test_a_sensible_line_causes_no_warning(warned: Callable[[str], list[str]], line: str) -> None:
    assert warned(line) == []
