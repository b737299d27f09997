"""The directive `config` shows settings with their origins, and changes and checks them."""

from __future__ import annotations

from pathlib import Path

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


def test_a_folder_that_does_not_exist_is_set_with_a_note(type_: TypeLine, tmp_path: Path) -> None:
    for setting in ("models_dirs", "nodes_dirs", "wildcards_dirs"):
        result = type_("config", "set", setting, str(tmp_path / "none"))
        assert (result.status, result.err) == (0, f"the folder {tmp_path / 'none'} does not exist\n")
    assert type_("config", "set", "models_dirs", str(tmp_path)).err == ""


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
