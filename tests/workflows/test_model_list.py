"""The list of models fits a given width; without one, as in a pipe, nothing is shortened."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from invocations.services.models.base import ModelInfo, ModelService
from workflows.model_list import COLUMNS, info_data, list_rows, listed, state_text
from workflows.shown_text import cells

LONG = ModelInfo(
    "realisticVisionV60B1_v51HyperVAE-inpainting", "qwen-image", "/m/a.safetensors", 123_456_789_000,
    "/home/me/stable-diffusion-webui/models/Stable-diffusion", "text-encoder", "layered", "", "unusable",
    "it is a web page that was saved under the name of a model",
)  # fmt: skip
SHORT = ModelInfo("fox", "sd1", "/m/fox", 2_000_000_000, "/home/me/models/", fits="slower")
LORA = ModelInfo("ink", "sd1", "/m/ink", 6200, "/m/L", "embedding", state="not_yet", reason="not usable yet")
EAST = ModelInfo("狐" * 20, "sd1", "/m/fox", 5, "built in", reason="needs a VAE", state="needs")


@pytest.mark.parametrize("width", [80, 100, 81])
def test_the_table_never_exceeds_the_terminal(width: int) -> None:
    for models in ([LONG], [SHORT, LONG, EAST], [EAST]):
        columns, rows = list_rows(models, width)
        assert sum(max(map(cells, column)) + 2 for column in zip(columns, *rows, strict=True)) - 2 <= width


def test_rows_that_fit_are_not_shortened() -> None:
    assert list_rows([SHORT], 80) == (COLUMNS, (("fox", "model", "sd1", "ready", "slower", "2.0 GB", "models"),))


def test_a_long_name_is_complete_and_its_state_continues_on_further_lines() -> None:
    columns, rows = list_rows([LONG], 80)
    assert columns == ("name", "kind", "family", "state")
    assert [row[0] for row in rows] == [LONG.name, "", "", "", ""][: len(rows)]
    assert rows[0][1:3] == ("text-e…", "qwen-image")
    assert " ".join(row[3] for row in rows) == "unusable: a web page that was saved under the…"


def test_a_family_continues_on_a_further_line_instead_of_being_shortened() -> None:
    wide = ModelInfo("v" * 28, "sd1", "/m/a", 2_000_000_000, "/m/models", variant="inpainting")
    refiner = ModelInfo("refiner", "sdxl-refiner", "/m/b", 80_000_000, "/m/models", reason="needs a VAE")
    assert list_rows([wide, refiner, LORA], 80) == (
        COLUMNS[:-1],
        (
            ("v" * 28, "model", "sd1", "ready", "", "2.0 GB"),
            ("", "", "inpainting", "", "", ""),
            ("refiner", "model", "sdxl-", "needs a VAE", "", "80.0 MB"),
            ("", "", "refiner", "", "", ""),
            ("ink", "embedd…", "sd1", "not usable yet", "", "6.2 kB"),
        ),
    )


@pytest.mark.parametrize(
    ("length", "columns"),
    [(22, COLUMNS), (23, COLUMNS[:-1]), (32, COLUMNS[:-2]), (40, COLUMNS[:-3]), (46, ("name", "kind", "state"))],
)
def test_columns_are_left_out_if_names_are_long(length: int, columns: tuple[str, ...]) -> None:
    long = ModelInfo("f" * length, "sd1", "/m/f", 2_000_000_000, "/m/Stable-diffusion", reason="needs a text encoder")
    headings, rows = list_rows([long, replace(long, name="x", variant="inpainting")], 80)
    assert (headings, rows[0][0]) == (columns, long.name)


@pytest.mark.parametrize("length", [49, 200])
def test_a_very_long_name_is_shortened_and_changes_no_other_row(length: int) -> None:
    long = ModelInfo("f" * length, "sd1", "/m/f", 2_000_000_000, "/m/models")
    columns, rows = list_rows([SHORT, long], 80)
    assert columns == COLUMNS
    assert rows == (
        ("fox", "model", "sd1", "ready", "slower", "2.0 GB", "models"),
        ("f" * 23 + "…", "model", "sd1", "ready", "", "2.0 GB", "models"),
    )


def test_nothing_is_shortened_or_continued_without_a_width() -> None:
    place = "Stable-diffusion"
    row = (LONG.name, "text-encoder", "qwen-image layered", state_text(LONG), "", "123 GB", place)
    assert list_rows([LONG], None) == (COLUMNS, (row,))


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
        "families": (),
    }


class FakeModels:
    """A default model, and a VAE whose tensors do not show for which family it was made."""

    def kinds(self) -> list[str]:
        return ["model", "vae"]

    def families(self) -> list[str]:
        return ["sd1", "sd2", "sdxl", "flux1"]

    def list(self) -> list[ModelInfo]:
        vae = ModelInfo("mse", "sd1", "/m/mse", 1, "/m", kind="vae", families=("sd1", "sd2", "sdxl"))
        return [ModelInfo("default", "sd1", "/d", 1, "built in", families=("sd1",)), vae]


def test_a_vae_is_listed_for_each_family_that_it_may_belong_to() -> None:
    models = cast("ModelService", FakeModels())
    names = {family: [each.name for each in listed(models, family=family)] for family in models.families()}
    assert names == {"sd1": ["default", "mse"], "sd2": ["mse"], "sdxl": ["mse"], "flux1": []}


def test_the_table_shows_up_to_three_families_that_a_model_may_belong_to() -> None:
    every = ("flux1", "sd3", "chroma", "z-image")
    models = [replace(SHORT, family=each[0], families=each) for each in (every[:1], every[:2], every[:3], every)]
    assert [row[2] for row in list_rows(models, 100)[1]] == ["flux1", "flux1/sd3", "flux1/sd3/chroma", "flux1"]
