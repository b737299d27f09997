"""A folder is scanned for models, and added to or removed from those that are searched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from invocations.services.models.base import ModelInfo, ModelService, ScannedFolder
from workflows.model_scan import scan_data, scanned
from workflows.problems import UsageError
from workflows.settings.place import Place
from workflows.settings.resolve import Config, resolve

INFO = ModelInfo("ink", "sd1", "/m/ink.safetensors", 6_000_000, "/m", "lora")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return resolve(Place({"INVOKEAI_HOME": str(tmp_path / "home")}, str(tmp_path)), {}, {})


class Folders:
    """Returns one scan, and records which folders are searched."""

    def __init__(self, found: ScannedFolder) -> None:
        self.found = found
        self.searched: list[tuple[str, bool]] = []

    def scan(self, folder: str) -> ScannedFolder:
        return self.found

    def search(self, folder: str, *, also: bool = True) -> None:
        self.searched.append((folder, also))


def services(found: ScannedFolder) -> Any:
    return Folders(found), Folders(found)


def test_the_notes_on_a_scan_name_the_folders_that_were_searched(config: Config) -> None:
    assert scanned("m", services(ScannedFolder((INFO,), ("/m",), True, 6, 100_000)), config)[1] == []
    assert scanned("m", services(ScannedFolder((), ("/m", "/n"), False, 6, 100_000)), config)[1] == [
        "there are no models in /m",
        "folders nested deeper than 6 levels, and files beyond the first 100,000, were not searched",
        "also searched, because ComfyUI's settings name it: /n",
    ]


def test_a_folder_that_is_added_or_removed_is_searched_at_once_or_no_longer(config: Config, tmp_path: Path) -> None:
    folder = str(tmp_path / "m")
    both: tuple[Folders, ...] = services(ScannedFolder((INFO,), (folder,), True, 6, 100_000))
    models: tuple[ModelService, ...] = both  # type: ignore[assignment]
    assert "was added" in scanned("m", models, config, "add")[1][-1]
    found, notes = scanned("m", models, config, "remove", base=str(tmp_path))
    data = {"models": [], "folders": (), "complete": True, "added": [], "removed": [folder]}
    assert (scan_data(found, [folder], config), "was removed" in notes[0]) == (data, True)
    assert [each.searched for each in both] == [[(folder, True), (folder, False)]] * 2


def test_a_web_address_or_a_file_is_refused_with_what_to_do_instead(config: Config, tmp_path: Path) -> None:
    (tmp_path / "my fox.safetensors").touch()
    found = services(ScannedFolder((), (), True, 6, 100_000))
    with pytest.raises(UsageError) as caught:
        scanned("my fox.safetensors", found, config, base=str(tmp_path))
    assert caught.value.message == "`my fox.safetensors` is a file, not a folder"
    assert caught.value.hint == (
        '`models info "my fox.safetensors"` describes it; `t2i a fox --model "my fox.safetensors"` uses it if it is a '
        "model"
    )
    with pytest.raises(UsageError) as caught:
        scanned("https://x.y/z", found, config, "add", base=str(tmp_path))
    assert (caught.value.message, (caught.value.hint or "")[:26]) == (
        "`https://x.y/z` is a web address",
        "models are not downloaded ",
    )
