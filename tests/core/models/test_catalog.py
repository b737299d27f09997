"""Models found by name or path."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import ModelMissing
from core.models.catalog import DEFAULT_PATH, ModelCatalog

Folder = Callable[[str], Path]


def test_the_catalog_lists_folders_and_hugging_face_snapshots(model: Path, tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    shutil.copytree(model, hub / "models--someone--tiny" / "snapshots" / "0123abc")
    catalog = ModelCatalog([model.parent, hub])
    assert catalog.names()[-2:] == ("fox", "someone/tiny")
    assert catalog.find("someone/tiny").name == "someone/tiny"
    assert catalog.find("fox").path == model
    assert catalog.find(model).name == "fox"
    assert catalog.find(hub / "models--someone--tiny").path.name == "0123abc"


def test_the_main_snapshot_of_a_hugging_face_model_is_used(model: Path, tmp_path: Path) -> None:
    cached = tmp_path / "hub" / "models--someone--tiny"
    for name in ("old", "new"):
        shutil.copytree(model, cached / "snapshots" / name)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("old\n")
    assert ModelCatalog([tmp_path / "hub"]).find("someone/tiny").path.name == "old"


def test_the_error_for_an_unknown_model_name_lists_the_known_ones(model: Path) -> None:
    with pytest.raises(ModelMissing) as caught:
        ModelCatalog([model.parent]).find("fix")
    assert str(caught.value) == "there is no model `fix`"
    assert caught.value.candidates == ("default", "fox")
    assert caught.value.hint == ""
    assert model.parent in caught.value.searched


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-of-this-name/fox", "a\0b", "no/such/folder"])
def test_malformed_model_names_are_reported_as_missing(name: str) -> None:
    with pytest.raises(ModelMissing):
        ModelCatalog().find(name)


def test_the_shipped_model_is_complete_and_called_default() -> None:
    catalog = ModelCatalog()
    assert catalog.names() == ("default",)
    card = catalog.find("default")
    assert (card.name, card.path) == ("default", DEFAULT_PATH)
    assert (card.width, card.height) in card.sizes


def test_a_missing_models_folder_is_treated_as_empty(tmp_path: Path) -> None:
    assert ModelCatalog([tmp_path / "nowhere"]).names() == ModelCatalog().names()
