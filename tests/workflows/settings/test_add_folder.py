"""A folder is added to a list of folders in the user's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.settings.file import add_folder
from workflows.settings.place import Place
from workflows.settings.resolve import Config, resolve


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place({"INVOKEAI_HOME": str(tmp_path / "home")}, str(tmp_path))


def config(place: Place, **variables: str) -> Config:
    return resolve(Place({**place.variables, **variables}, place.folder), {}, {})


def test_a_folder_is_appended_to_the_list_unless_it_is_already_there(place: Place) -> None:
    user_file = config(place).folders.user_file
    assert add_folder(config(place), "/m") == f"/m was added to `models_dirs` in {user_file}"
    assert add_folder(config(place), "/n") == f"/n was added to `models_dirs` in {user_file}"
    assert add_folder(config(place), "/m") == "/m is already in `models_dirs`"
    assert config(place).models_dirs == ("/m", "/n")


def test_the_note_names_a_variable_that_overrides_the_settings_file(place: Place) -> None:
    note = add_folder(config(place, INVOKEAI_MODELS_DIRS="/other"), "/m")
    assert note.endswith("but `models_dirs` is set by INVOKEAI_MODELS_DIRS, which overrides it")
    assert config(place).models_dirs == ("/m",)
