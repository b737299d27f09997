"""The list of models fits the terminal; in a pipe, names are not shortened."""

from __future__ import annotations

import pytest

from invocations.services.models.base import ModelInfo
from workflows.model_list import COLUMNS, info_data, list_rows, state_text
from workflows.shown_text import cells

LONG = ModelInfo(
    "realisticVisionV60B1_v51HyperVAE-inpainting", "qwen-image", "/m/a.safetensors", 123_456_789_000,
    "/home/me/stable-diffusion-webui/models/Stable-diffusion", "text-encoder", "layered", "", "unusable",
    "it is a web page that was saved under the name of a model",
)  # fmt: skip
SHORT = ModelInfo("fox", "sd1", "/m/fox", 2_000_000_000, "/home/me/models/", fits="slower")
EAST = ModelInfo("狐" * 40, "sd1", "/m/fox", 5, "built in", reason="needs a VAE", state="needs")


def width_of(rows: tuple[tuple[str, ...], ...]) -> int:
    """Return the width of a table in columns, as it is drawn."""
    columns = zip(COLUMNS, *rows, strict=True)
    return sum(max(map(cells, column)) for column in columns) + 2 * (len(COLUMNS) - 1)


@pytest.mark.parametrize("width", [80, 100, 81])
def test_the_table_never_exceeds_the_terminal(width: int) -> None:
    for models in ([LONG], [SHORT, LONG, EAST], [EAST]):
        assert width_of(list_rows(models, width)) <= width


def test_rows_that_fit_are_not_shortened() -> None:
    assert list_rows([SHORT], 80) == (("fox", "model", "sd1", "ready", "slower", "2.0 GB", "models"),)


def test_names_and_states_are_shortened_less_than_other_columns() -> None:
    (row,) = list_rows([LONG], 80)
    assert row == ("realisticVisionV6…", "text-e…", "qwen-im…", "unusable: a web …", "", "123 GB", "Stable-…")


def test_in_a_pipe_names_are_complete_and_only_states_and_folders_are_shortened() -> None:
    (row,) = list_rows([LONG], None)
    assert (row[0], row[1], row[2]) == (LONG.name, "text-encoder", "qwen-image layered")
    assert row[3] == "unusable: a w…"


@pytest.mark.parametrize(
    ("info", "text"),
    [
        (SHORT, "ready"),
        (EAST, "needs a VAE"),
        (LONG, "unusable: a web page that was saved under the name of a model"),
        (ModelInfo("a", "", "", 0, "", state="unusable", reason="no rule knows it"), "unusable: no rule knows it"),
    ],
)
def test_a_state_that_is_not_ready_includes_the_reason(info: ModelInfo, text: str) -> None:
    assert state_text(info) == text


def test_the_json_data_of_a_row_has_the_full_texts() -> None:
    assert info_data(LONG) == {
        "name": LONG.name,
        "family": "qwen-image",
        "path": "/m/a.safetensors",
        "size_bytes": 123_456_789_000,
        "origin": LONG.origin,
        "kind": "text-encoder",
        "variant": "layered",
        "title": "",
        "state": "unusable",
        "reason": "it is a web page that was saved under the name of a model",
        "fits": "",
    }
