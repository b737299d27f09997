"""The directive `config` shows settings with their origins, and changes and checks them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine


def test_config_shows_each_value_with_its_origin(type_: TypeLine) -> None:
    rows = {
        row.split()[0]: row.split()
        for row in type_("config", "--device", "cpu", INVOKEAI_DTYPE="float32").out.splitlines()
    }
    assert rows["device"][1:] == ["cpu", "--device"]
    assert rows["dtype"][1:] == ["float32", "INVOKEAI_DTYPE"]
    assert rows["preview"][1:] == ["auto", "default"]
    document = type_("config", "show", "--json").document
    assert document["settings"]["cache"] == {"value": True, "origin": "default"}


def test_config_can_set_get_and_unset_a_setting(type_: TypeLine, isolated_home: Path) -> None:
    assert type_("config", "set", "preview", "none").status == 0
    assert type_("config", "get", "preview").out == "none\n"
    assert str(isolated_home / "config" / "config.toml") in type_("config").out
    assert type_("config", "unset", "preview").status == 0
    assert type_("config", "get", "preview").out == "auto\n"


@pytest.mark.parametrize("setting", ["models_dirs", "nodes_dirs", "wildcards_dirs"])
def test_a_list_of_folders_is_only_changed_to_folders_that_exist(type_: TypeLine, tmp_path: Path, setting: str) -> None:
    (tmp_path / "a").mkdir()
    missing = f"error: the folder `{tmp_path / 'none'}` does not exist\n  create it, or give another folder\n"
    for value, err in (
        ("none", missing),
        (f"a{os.pathsep}none", missing),
        ("a,a", f"error: the folder `{tmp_path / 'a,a'}` does not exist\n  separate folders with `{os.pathsep}`\n"),
        ("", f"error: `{setting}` needs a folder\n  `config unset {setting}` removes all folders\n"),
    ):
        result = type_("config", "set", setting, value)
        assert (result.status, result.out, result.err) == (2, "", err)
    assert type_("config", "get", setting).out == "(none)\n"
    assert type_("config", "set", setting, "a").err == ""
    assert type_("config", "get", setting).out == f"{tmp_path / 'a'}\n"


def test_replacing_a_list_of_folders_says_which_ones_are_gone_and_how_to_restore_them(
    type_: TypeLine, tmp_path: Path
) -> None:
    a, b, c = (tmp_path / name for name in ("a", "b b", "c"))
    for folder in (a, b, c):
        folder.mkdir()
    type_("config", "set", "models_dirs", f"{a}{os.pathsep}{b}")
    restores = f"`config set models_dirs '{a}{os.pathsep}{b}'` restores the former list"
    adds = "`models scan DIR --add` adds a folder to the list\n"
    assert type_("config", "set", "models_dirs", f"{c}{os.pathsep}{a}").err == (
        f"`models_dirs` no longer contains {b}; {restores}; {adds}"
    )
    assert type_("config", "get", "models_dirs").out == f"{c}{os.pathsep}{a}\n"
    c.rmdir()
    a.rmdir()
    assert type_("config", "set", "models_dirs", str(b)).err == (
        f"`models_dirs` no longer contains {c} and {a}; {adds}"
    )


def test_changing_a_setting_that_a_variable_overrides_says_so(type_: TypeLine, isolated_home: Path) -> None:
    file = isolated_home / "config" / "config.toml"
    assert type_("config", "set", "device", "cpu", INVOKEAI_DEVICE="auto").err == (
        f"`device` was changed in {file}, but it is set by INVOKEAI_DEVICE, which overrides that file\n"
    )


def test_color_in_the_project_file_is_overridden_by_an_option_or_an_environment_variable(
    type_: TypeLine, tmp_path: Path
) -> None:
    (tmp_path / "invokeai.toml").write_text('color = "always"\n')
    assert "\x1b[1m" in type_("nodes").out
    assert "\x1b" not in type_("nodes", "--color", "never").out
    assert "\x1b" not in type_("nodes", INVOKEAI_COLOR="auto").out


def test_an_invalid_setting_is_always_reported(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('colour = "always"\n')
    result = type_("add", "1", "2")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(
        f"error: {tmp_path}/invokeai.toml: there is no setting `colour`\n  did you mean `color`?"
    )
    assert type_("add", "1", "2", "--json").document["errors"][0]["code"] == "config_error"


def test_a_setting_that_is_changed_at_a_prompt_or_in_a_script_takes_effect_at_the_next_start(type_: TypeLine) -> None:
    note = "`jobs` takes effect when invokeai starts again\n"
    assert type_("-", stdin="config set jobs 1\nconfig set jobs 2\n").err == note
    assert type_("-", stdin="config set jobs 2\nconfig unset jobs\n").err == note
    assert type_("-", stdin="config unset jobs\n").err == ""
    assert type_("config", "set", "jobs", "2").err == type_("config", "unset", "jobs").err == ""
