"""Flags > environment > project file > user file > defaults, and each value knows where it is from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from invokeai_cli.environment import Environment
from workflows.problems import ConfigError
from workflows.settings.file import write_default, write_setting
from workflows.settings.folders import find_folders, make_usable
from workflows.settings.resolve import Config, resolve


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "deep"
    folder.mkdir(parents=True)
    return folder


def world(home: Path, folder: Path, **variables: str) -> Environment:
    return Environment(None, None, None, {"INVOKEAI_HOME": str(home), **variables}, str(folder), home=str(home))


def settled(home: Path, folder: Path, flags: dict[str, tuple[str, Any]] | None = None, **variables: str) -> Config:
    return resolve(world(home, folder, **variables), flags or {}, {})


def user_file(home: Path, text: str) -> Path:
    path = home / "config" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_each_source_is_stronger_than_the_next(own_world: Path, project: Path) -> None:
    assert settled(own_world, project).device == "auto"
    user = user_file(own_world, 'device = "cuda:1"\ndtype = "float16"\n')
    assert settled(own_world, project).device == "cuda:1"
    shared = project.parent / "invokeai.toml"
    shared.write_text('device = "mps"\n')
    assert settled(own_world, project).device == "mps"
    assert settled(own_world, project, INVOKEAI_DEVICE="cuda").device == "cuda"
    config = settled(own_world, project, {"device": ("--device", "cpu")}, INVOKEAI_DEVICE="cuda")
    assert config.device == "cpu"
    assert config.origins["device"] == "--device"
    assert config.origins["dtype"] == str(user)
    assert config.origins["template"] == "default"
    assert settled(own_world, project).origins["device"] == str(shared)


def test_a_path_starts_where_it_was_written(own_world: Path, project: Path) -> None:
    (project.parent / "invokeai.toml").write_text('output_dir = "out"\nmodels_dirs = ["m", "/n"]\n')
    config = settled(own_world, project)
    assert config.output_dir == str(project.parent / "out")
    assert config.models_dirs == (str(project.parent / "m"), "/n")
    assert settled(own_world, project, INVOKEAI_OUTPUT_DIR="here").output_dir == str(project / "here")


def test_defaults_of_inputs_come_as_texts(own_world: Path, project: Path) -> None:
    user_file(own_world, "[defaults]\nsteps = 20\ntiled = true\nvalues = [1, 2]\n[defaults.t2i]\nguidance = 4.5\n")
    assert settled(own_world, project).defaults == {
        "steps": "20", "tiled": "true", "values": "1,2", "t2i.guidance": "4.5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("devise = 1", "there is no setting `devise`", "did you mean `device`?"),
        ("device = 1", "`device` is a text", "where models run: auto, cpu, cuda, cuda:1, mps"),
        ('preview = "x"', "`preview` is one of auto, kitty, iterm, sixel, blocks, none", None),
        ('device = "gpu"', "`device` is auto, cpu, cuda, cuda:1, mps", None),
        ("max_megapixels = -1", "`max_megapixels` is a whole number from 1 to 999999", None),
        ("max_megapixels = true", "`max_megapixels` is a whole number", None),
        ("cache = 1", "`cache` is true or false", None),
        ("models_dirs = [1]", "`models_dirs` is a list of folders", None),
        ("device = ", "Invalid value", None),
        ("[defaults]\nsteps = 2020-01-01", "the default of `steps` is neither a text, a number nor a list", None),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(
    own_world: Path, project: Path, text: str, message: str, hint: str | None
) -> None:
    path = user_file(own_world, text)
    with pytest.raises(ConfigError) as caught:
        settled(own_world, project)
    assert caught.value.message.startswith(f"{path}: {message}")
    assert hint is None or caught.value.hint == hint


def test_a_project_cannot_bring_programs(own_world: Path, project: Path) -> None:
    (project / "invokeai.toml").write_text('nodes_dirs = ["nodes"]\n')
    with pytest.raises(ConfigError, match="cannot stand in a project's file"):
        settled(own_world, project)


def test_a_wrong_variable_is_refused_by_its_name(own_world: Path, project: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        settled(own_world, project, INVOKEAI_CACHE="perhaps")
    assert caught.value.message == "INVOKEAI_CACHE is yes or no, not `perhaps`"


def test_a_file_keeps_its_comments_when_a_setting_changes(own_world: Path) -> None:
    path = user_file(own_world, '# mine\ndevice = "cpu"  # slow\n\n[defaults]\n# few\nsteps = 20\n')
    write_setting(str(path), "device", "cuda")
    write_setting(str(path), "cache", False)
    write_default(str(path), "steps", "30")
    write_default(str(path), "t2i.seed", "7")
    assert path.read_text() == (
        '# mine\ndevice = "cuda"\ncache = false\n\n[defaults]\n# few\nsteps = "30"\nt2i.seed = "7"\n'
    )
    write_setting(str(path), "cache", None)
    write_default(str(path), "t2i.seed", None)
    assert path.read_text() == '# mine\ndevice = "cuda"\n\n[defaults]\n# few\nsteps = "30"\n'


@pytest.mark.parametrize(
    "before",
    ['defaults = { steps = 1 }\ndevice = "cpu"\n', 'models_dirs = [\n  "a",\n]\n', "[defaults.t2i]\nseed = 1\n", ""],
)
def test_a_file_written_otherwise_still_says_the_same(own_world: Path, tmp_path: Path, before: str) -> None:
    import tomllib

    path = user_file(own_world, before)
    wanted = tomllib.loads(before)
    wanted["models_dirs"] = ["x", 'y"\\\n']
    wanted.setdefault("defaults", {})["prompt"] = "a\tb"
    write_setting(str(path), "models_dirs", ("x", 'y"\\\n'))
    write_default(str(path), "prompt", "a\tb")
    assert tomllib.loads(path.read_text()) == wanted


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    folders = find_folders(world(tmp_path, tmp_path))
    assert folders.user_file == str(tmp_path / "config" / "config.toml")
    assert {Path(folders.data).parent, Path(folders.state).parent, Path(folders.cache).parent} == {tmp_path}


def test_a_folder_that_cannot_be_written_is_replaced_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    folders, warnings = make_usable(find_folders(world(tmp_path, tmp_path)))
    assert folders.data != str(tmp_path / "data")
    assert folders.cache == str(tmp_path / "cache")
    assert [text.split("`")[0] for text in warnings] == ["the data folder "]
    assert warnings[0].endswith("for this run")
