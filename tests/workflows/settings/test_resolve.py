"""The precedence of settings (flags, environment, project file, user file, defaults) and the origin of each value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workflows.problems import ConfigError
from workflows.settings.place import Place
from workflows.settings.resolve import Config, resolve
from workflows.settings.table import BY_NAME


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "deep"
    folder.mkdir(parents=True)
    return folder


def resolved(home: Path, folder: Path, flags: dict[str, tuple[str, Any]] | None = None, **variables: str) -> Config:
    return resolve(Place({"INVOKEAI_HOME": str(home), **variables}, str(folder), str(home)), flags or {}, {})


def user_file(home: Path, text: str) -> Path:
    path = home / "config" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_each_source_of_settings_overrides_the_next(isolated_home: Path, project: Path) -> None:
    assert resolved(isolated_home, project).device == "auto"
    user = user_file(isolated_home, 'device = "cuda:1"\ndtype = "float16"\n')
    assert resolved(isolated_home, project).device == "cuda:1"
    shared = project.parent / "invokeai.toml"
    shared.write_text('device = "mps"\n')
    assert resolved(isolated_home, project).device == "mps"
    assert resolved(isolated_home, project, INVOKEAI_DEVICE="cuda").device == "cuda"
    config = resolved(isolated_home, project, {"device": ("--device", "cpu")}, INVOKEAI_DEVICE="cuda")
    assert config.device == "cpu"
    assert config.origins["device"] == "--device"
    assert config.origins["dtype"] == str(user)
    assert config.origins["template"] == "default"
    assert resolved(isolated_home, project).origins["device"] == str(shared)


def test_a_path_in_a_settings_file_is_relative_to_that_file(isolated_home: Path, project: Path) -> None:
    (project.parent / "invokeai.toml").write_text('output_dir = "out"\nmodels_dirs = ["m", "/n"]\n')
    config = resolved(isolated_home, project)
    assert config.output_dir == str(project.parent / "out")
    assert config.models_dirs == (str(project.parent / "m"), "/n")
    assert resolved(isolated_home, project, INVOKEAI_OUTPUT_DIR="here").output_dir == str(project / "here")


def test_defaults_of_inputs_are_read_as_strings(isolated_home: Path, project: Path) -> None:
    user_file(isolated_home, "[defaults]\nsteps = 20\ntiled = true\nvalues = [1, 2]\n[defaults.t2i]\nguidance = 4.5\n")
    assert resolved(isolated_home, project).defaults == {
        "steps": "20", "tiled": "true", "values": "1,2", "t2i.guidance": "4.5",
    }  # fmt: skip


def test_defaults_for_single_models_are_read_from_their_own_tables(isolated_home: Path, project: Path) -> None:
    tables = "[defaults]\nsteps = 20\n[model_defaults]\nsd15.steps = 30\n"
    path = user_file(isolated_home, f'{tables}[model_defaults."org/v5.1 x"]\nscheduler = "euler"\n')
    config = resolved(isolated_home, project)
    assert config.defaults == {"steps": "20", "steps@sd15": "30", "scheduler@org/v5.1 x": "euler"}
    assert config.origins["defaults.steps@sd15"] == str(path)
    (project.parent / "invokeai.toml").write_text("[model_defaults.sd15]\nsteps = 31\n")
    assert resolved(isolated_home, project).defaults["steps@sd15"] == "31"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("devise = 1", "there is no setting `devise`", "did you mean `device`?"),
        ("device = 1", "`device` must be auto, cpu, cuda, cuda:1, mps", "device that runs the models"),
        (
            "jobs = 2.5",
            "`jobs` must be a number from 1 to 99, or auto (one for each graphics card)",
            "worker processes that run nodes",
        ),
        ("batch = true", "`batch` must be a number from 1 to 999, or auto", "images that are denoised at once"),
        (
            "engine = true",
            "`engine` must be one of off, auto, on",
            BY_NAME["engine"].description,
        ),
        ("output_dir = 1", "`output_dir` must be a folder", "folder for images saved without a file name"),
        ("disk_limit = 1", "`disk_limit` must be a size, such as 20 GB or 500 MB", None),
        ("theme = 1", "`theme` must be a string", None),
        ('preview = "x"', "`preview` must be one of auto, kitty, iterm, sixel, blocks, none", None),
        ('device = "gpu"', "`device` must be auto, cpu, cuda, cuda:1, mps", None),
        ("max_megapixels = -1", "`max_megapixels` must be an integer from 1 to 999999", None),
        ("max_megapixels = true", "`max_megapixels` must be an integer", None),
        ("cache = 1", "`cache` must be true or false", None),
        ("models_dirs = [1]", "`models_dirs` must be a list of folders", None),
        (
            "[model_defaults]\nsteps = 30",
            "`model_defaults.steps` must be a table",
            "the table of a model contains its defaults: `sd15.steps = 30`",
        ),
        (
            "[model_defaults]\nsd1.5.steps = 30",
            "`model_defaults.sd1.5.steps` is not an input of a model",
            'put a model name that contains a dot in quotes: `"sd1.5".steps = 30`',
        ),
        ("device = ", "it is not TOML: Invalid value", None),
        ("[defaults]\nsteps = 2020-01-01", "the default of `steps` must be a string, a number or a list", None),
    ],
)
def test_the_error_for_an_invalid_file_names_its_path(
    isolated_home: Path, project: Path, text: str, message: str, hint: str | None
) -> None:
    path = user_file(isolated_home, text)
    with pytest.raises(ConfigError) as caught:
        resolved(isolated_home, project)
    assert caught.value.message.startswith(f"{path}: {message}")
    assert hint is None or caught.value.hint == hint


def test_a_project_file_cannot_add_nodes(isolated_home: Path, project: Path) -> None:
    (project / "invokeai.toml").write_text('nodes_dirs = ["nodes"]\n')
    with pytest.raises(ConfigError, match="`nodes_dirs` is not allowed in a project file, because nodes run code"):
        resolved(isolated_home, project)


def test_the_error_for_an_invalid_variable_names_the_variable(isolated_home: Path, project: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(isolated_home, project, INVOKEAI_CACHE="perhaps")
    assert caught.value.message == "INVOKEAI_CACHE must be yes or no, not `perhaps`"


@pytest.mark.parametrize(
    ("text", "size", "shown"),
    [
        ("20 GB", 20 * 10**9, "20 GB"),
        ("1.5gb", 1_500_000_000, "1.5 GB"),
        ("8GiB", 8 * 2**30, "8 GiB"),
        ("500M", 500 * 10**6, "500 MB"),
        ("2 TB", 2 * 10**12, "2 TB"),
        ("16384 MiB", 2**34, "16 GiB"),
        ("1234567 B", 1_234_567, "1234567 B"),
        ("1.001 MiB", 1_049_624, "1049624 B"),
    ],
)
def test_a_size_has_a_unit(isolated_home: Path, project: Path, text: str, size: int, shown: str) -> None:
    config = resolved(isolated_home, project, INVOKEAI_DISK_LIMIT=text)
    assert (config.disk_limit, str(config.disk_limit)) == (size, shown)
    (project.parent / "invokeai.toml").write_text(f'ram_limit = "{config.disk_limit}"\n')
    assert resolved(isolated_home, project).ram_limit == size


@pytest.mark.parametrize("text", ["20", "GB", "-1 GB", "1e3 MB", "0.1.2 GB", "20 XB", "١ GB"])
def test_a_size_without_a_number_and_a_unit_is_refused(isolated_home: Path, project: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(isolated_home, project, INVOKEAI_VRAM_LIMIT=text)
    assert caught.value.message == f"INVOKEAI_VRAM_LIMIT must be a size, such as 20 GB or 500 MB, not `{text}`"


def test_a_size_below_1_mb_is_refused(isolated_home: Path, project: Path) -> None:
    with pytest.raises(ConfigError, match=r"^INVOKEAI_DISK_LIMIT must be at least 1 MB, not `999 kB`$"):
        resolved(isolated_home, project, INVOKEAI_DISK_LIMIT="999 kB")


@pytest.mark.parametrize(("value", "found"), [("5", "5"), ('"never"', "never"), ('"90"', "90")])
def test_minutes_in_a_settings_file_may_be_a_number(isolated_home: Path, project: Path, value: str, found: str) -> None:
    user_file(isolated_home, f"idle_unload = {value}\n")
    assert resolved(isolated_home, project).idle_unload == found
    user_file(isolated_home, "idle_unload = 0\n")
    with pytest.raises(ConfigError, match="`idle_unload` must be a number from 1 to 99999, never, or auto"):
        resolved(isolated_home, project)
