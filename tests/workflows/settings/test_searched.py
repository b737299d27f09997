"""The folders that settings list: one is added or removed, and those that do not exist are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.problems import UsageError
from workflows.settings.place import Place
from workflows.settings.resolve import Config, resolve
from workflows.settings.searched import add_folder, missing_folders, remove_folder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place({"INVOKEAI_HOME": str(tmp_path / "home")}, str(tmp_path))


def config(place: Place, **variables: str) -> Config:
    return resolve(Place({**place.variables, **variables}, place.folder), {}, {})


def write(place: Place, text: str) -> Path:
    """Write the user's settings file, and return its folder."""
    path = Path(config(place).folders.user_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path.parent


def test_a_folder_is_appended_to_the_list_unless_it_is_already_there(place: Place) -> None:
    user_file = config(place).folders.user_file
    assert add_folder(config(place), "/m m") == (
        f"/m m was added to `models_dirs` in {user_file}; `models scan '/m m' --remove` undoes this"
    )
    assert add_folder(config(place), "/n").startswith(f"/n was added to `models_dirs` in {user_file}; ")
    assert add_folder(config(place), "/m m") == "/m m is already in `models_dirs`"
    assert config(place).models_dirs == ("/m m", "/n")


def test_a_folder_is_added_to_a_single_one_and_to_a_relative_one(place: Place) -> None:
    folder = write(place, 'models_dirs = "m"\n')
    assert add_folder(config(place), str(folder / "m")) == f"{folder / 'm'} is already in `models_dirs`"
    add_folder(config(place), "/n")
    assert config(place).models_dirs == (str(folder / "m"), "/n")


def test_the_note_names_a_variable_that_overrides_the_settings_file(place: Place) -> None:
    note = add_folder(config(place, INVOKEAI_MODELS_DIRS="/other"), "/m")
    assert note.endswith("but `models_dirs` is set by INVOKEAI_MODELS_DIRS, which overrides it")
    assert config(place).models_dirs == ("/m",)


def test_a_folder_is_removed_however_it_is_written_and_the_others_stay(place: Place) -> None:
    folder = write(place, 'device = "cpu"\nmodels_dirs = ["m", "/n"]\n')
    user_file = folder / "config.toml"
    assert remove_folder(config(place), str(folder / "m")) == (
        f"{folder / 'm'} was removed from `models_dirs` in {user_file}"
    )
    assert config(place).models_dirs == ("/n",)
    remove_folder(config(place), "/n")
    assert user_file.read_text() == 'device = "cpu"\n'


def test_in_one_process_a_folder_can_be_added_again_after_it_was_removed(place: Place) -> None:
    add_folder(config(place), "/m")
    started = config(place)
    remove_folder(started, "/m")
    assert "was added" in add_folder(started, "/m")
    remove_folder(started, "/m")
    assert config(place).models_dirs == ()


def test_the_note_names_a_variable_that_still_lists_a_removed_folder(place: Place) -> None:
    add_folder(config(place), "/m")
    note = remove_folder(config(place, INVOKEAI_MODELS_DIRS="/m"), "/m")
    assert note.endswith(", but `models_dirs` is set by INVOKEAI_MODELS_DIRS, which still contains it")


@pytest.mark.parametrize(
    ("written", "variables", "message", "hint"),
    [
        ("", {}, "/m is not in `models_dirs`", "`models_dirs` contains no folders"),
        ('models_dirs = ["/far/away"]', {}, "/m is not in `models_dirs`", "`models_dirs` contains /far/away"),
        ('models_dirs = ["/far", "/away"]', {}, "/m is not in `models_dirs`", "`models_dirs` contains /far and /away"),
        ('models_dirs = ["/mm"]', {}, "/m is not in `models_dirs`", "did you mean `/mm`?"),
        (
            "",
            {"INVOKEAI_MODELS_DIRS": "/m"},
            "/m is not in {}: `models_dirs` is set by INVOKEAI_MODELS_DIRS",
            "remove it there",
        ),
    ],
)
def test_a_folder_that_is_not_listed_cannot_be_removed(
    place: Place, written: str, variables: dict[str, str], message: str, hint: str
) -> None:
    folder = write(place, written)
    with pytest.raises(UsageError) as refused:
        remove_folder(config(place, **variables), "/m")
    assert (refused.value.message, refused.value.hint) == (message.format(folder / "config.toml"), hint)


def test_folders_that_do_not_exist_are_named_with_the_origin_of_the_setting(place: Place, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "file").touch()
    folder = write(place, f'models_dirs = ["{tmp_path}/there", "/no/m"]\n')
    found = config(place, INVOKEAI_NODES_DIRS="/no/n", INVOKEAI_WILDCARDS_DIRS=f"{tmp_path}/file")
    assert list(missing_folders(found)) == [
        f"/no/m does not exist; `models_dirs` is set by {folder / 'config.toml'}",
        "/no/n does not exist; `nodes_dirs` is set by INVOKEAI_NODES_DIRS",
        f"{tmp_path}/file is not a folder; `wildcards_dirs` is set by INVOKEAI_WILDCARDS_DIRS",
    ]
