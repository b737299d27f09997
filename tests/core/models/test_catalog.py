"""Paths of models, and the cards of the models at them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.errors import ModelMissing
from core.model_paths import DEFAULT_PATH, path_of
from core.models.catalog import card_at

MALFORMED = ("x" * 5000, "~nobody-of-this-name/fox", "a\0b", "no/such/folder")


def test_a_model_is_named_like_its_folder(model: Path) -> None:
    assert (card_at(model).name, card_at(model).path) == ("fox", model)
    assert card_at(model, name="vixen").name == "vixen"


def test_the_snapshot_in_a_folder_of_the_hugging_face_cache_is_found_and_has_its_hub_name(
    model: Path, tmp_path: Path
) -> None:
    cached = tmp_path / "hub" / "models--someone--tiny"
    shutil.copytree(model, cached / "snapshots" / "0123abc")
    card = card_at(cached)
    assert (card.name, card.path) == ("someone/tiny", cached / "snapshots" / "0123abc")


def test_the_main_snapshot_of_a_hugging_face_model_is_used(model: Path, tmp_path: Path) -> None:
    cached = tmp_path / "hub" / "models--someone--tiny"
    for name in ("old", "new"):
        shutil.copytree(model, cached / "snapshots" / name)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("old\n")
    assert card_at(cached).path.name == "old"


def test_a_relative_path_is_resolved_against_the_base_and_then_against_the_models_folders(
    model: Path, tmp_path: Path
) -> None:
    assert path_of("fox", tmp_path / "elsewhere", [tmp_path / "nowhere", model.parent]) == model
    assert path_of("fox", model.parent, [tmp_path / "nowhere"]) == model
    assert path_of(str(model), tmp_path / "elsewhere") == model
    assert path_of("../fox", model, [model.parent]) == model / "../fox"
    assert path_of("../fox", tmp_path / "elsewhere", [model]) is None  # a folder of models is not left


@pytest.mark.parametrize("name", MALFORMED)
def test_there_is_no_path_for_a_malformed_name(name: str, tmp_path: Path) -> None:
    assert path_of(name, tmp_path, [tmp_path]) is None


def test_a_path_at_which_there_is_nothing_is_reported_as_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        card_at(tmp_path / "nothing")


def test_the_shipped_model_is_complete_and_called_default() -> None:
    card = card_at(DEFAULT_PATH)
    assert (card.name, card.path) == ("default", DEFAULT_PATH)
    assert (card.width, card.height) in card.sizes
