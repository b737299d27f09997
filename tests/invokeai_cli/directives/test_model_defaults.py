"""`set`, `unset`, `config` and `explain` with defaults for single models, and `config where`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from tests.invokeai_cli.conftest import TypeLine

THOSE_THAT_CAN = (
    "only inputs whose default depends on the model can: `clip_skip`, `guidance`, `height`, `scheduler`, `steps`,"
    " `width`; `set seed VALUE` is for all models"
)
LINE = ("t2i", "a", "fox", "--seed", "1")


def steps_of(type_: TypeLine, *words: str) -> str:
    """Return the row about `steps` in the explanation of a line."""
    (row,) = [row.strip() for row in type_("explain", *words).out.splitlines() if row.strip().startswith("steps ")]
    return " ".join(row.split())


def test_a_default_for_a_model_is_saved_listed_explained_and_removed(type_: TypeLine, isolated_home: Path) -> None:
    assert steps_of(type_, *LINE) == "steps 20 (from the model)"
    result = type_("set", "steps", "30", "--model", "default", "--save")
    assert (result.status, result.out, result.err) == (0, "", "")
    file = isolated_home / "config" / "config.toml"
    assert file.read_text() == '[model_defaults]\ndefault.steps = "30"\n'
    assert steps_of(type_, *LINE) == "steps 30 (set for default)"
    assert steps_of(type_, *LINE, "--steps", "4") == "steps 4 written"
    assert type_("set").out.splitlines()[1].split() == ["steps", "--model", "default", "30", str(file)]
    listed = type_("--json", "set").document["defaults"]
    assert listed == [{"name": "steps", "value": "30", "origin": str(file), "model": "default", "unused": None}]
    (shown,) = [row.split() for row in type_("config").out.splitlines() if row.startswith("model_defaults")]
    assert shown[:2] == ["model_defaults.default.steps", "30"]
    result = type_("unset", "steps", "--model", "default", "--save")
    assert (result.status, result.out, result.err) == (0, "", "")
    assert (file.read_text(), type_("set").out) == ("[model_defaults]\n", "no defaults are set\n")


def test_the_page_of_a_model_shows_its_own_defaults(type_: TypeLine) -> None:
    type_("set", "steps", "30", "--model", "default", "--save")
    assert "your defaults  steps 30" in type_("models", "info", "default").out
    assert type_("--json", "models", "info", "default").document["own_defaults"] == {"steps": "30"}


def test_explain_names_the_model_in_json(type_: TypeLine) -> None:
    type_("set", "steps", "30", "--model", "default", "--save")
    values = {value["input"]: value for value in type_("--json", "explain", *LINE).document["values"]}
    assert values["steps"] == {"node": "1.denoise", "input": "steps", "value": 30, "origin": "set", "model": "default"}
    assert (values["guidance"]["origin"], values["guidance"]["model"]) == ("model", None)


def test_notes_show_how_to_keep_or_remove_a_default_for_a_model(type_: TypeLine) -> None:
    ends = "this only lasts until the program exits"
    result = type_("set", "steps=5", "--model=default")
    assert (result.status, result.err) == (0, f"{ends}; `set steps 5 --model default --save` keeps it\n")
    type_("set", "steps", "5", "--model", "default", "--save")
    assert type_("unset", "steps", "--model", "default").err == (
        f"{ends}; `unset steps --model default --save` keeps it\n"
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ("set", "seed", "3", "--model", "default"),
            f"error: `seed` cannot have a default for one model\n  {THOSE_THAT_CAN}\n",
        ),
        (("set", "steps", "0", "--model", "default"), "error: `steps` must be 1 to 1000, not 0\n"),
        (
            ("set", "steps", "3", "--model", "defaut"),
            "error: there is no model `defaut`\n  did you mean `default`?\n",
        ),
        (
            ("set", "--model", "default"),
            "error: `set` needs an argument: INPUT\n  usage: set INPUT VALUE [--model NAME]\n",
        ),
        (("unset", "steps", "--model", "default"), "error: no default of `steps --model default` is set\n"),
    ],
)
def test_a_default_that_cannot_be_set_or_removed_is_refused(
    type_: TypeLine, words: tuple[str, ...], error: str
) -> None:
    result = type_(*words)
    assert (result.status, result.out, result.err) == (4 if "no model" in error else 2, "", error)
    assert type_("set").out == "no defaults are set\n"


def test_an_option_overrides_a_default_for_a_model(type_: TypeLine) -> None:
    type_("set", "steps", "30", "--model", "default", "--save")
    assert steps_of(type_, *LINE, "--set", "steps=3") == "steps 3 set"


def test_a_script_sets_and_removes_a_default_for_a_model_for_the_lines_between(type_: TypeLine, tmp_path: Path) -> None:
    script = "set steps 2 --model default\nt2i a fox --seed 1 --width 64 --height 64\nunset steps --model default\n"
    (tmp_path / "x.inv").write_text(script)
    result = type_("--events", "run", "x.inv")
    denoised = [event for event in result.events if event["event"] == "node_progress"]
    assert (result.status, {event["of"] for event in denoised}) == (0, {2})


def test_config_where_names_the_file_the_variable_the_option_or_the_default(
    type_: TypeLine, isolated_home: Path
) -> None:
    type_("config", "set", "theme", "monokai")
    type_("set", "steps", "30", "--save")
    type_("set", "steps", "9", "--model", "default", "--save")
    file = f"{isolated_home / 'config' / 'config.toml'}\n"
    assert type_("config", "where", "theme").out == file
    assert type_("config", "where", "steps").out == type_("config", "where", "defaults.steps").out == file
    assert type_("config", "where", "model_defaults.default.steps").out == file
    assert type_("config", "where", "device").out == "default\n"
    assert type_("config", "where", "device", INVOKEAI_DEVICE="cpu").out == "INVOKEAI_DEVICE\n"
    assert type_("--device", "cpu", "config", "where", "device").out == "--device\n"
    shown = type_("--json", "config", "where", "theme").document
    assert (shown["name"], shown["value"], shown["origin"]) == ("theme", "monokai", file.strip())


def test_config_where_takes_the_model_of_a_default_as_set_and_unset_do(
    type_: TypeLine, isolated_home: Path, tmp_path: Path
) -> None:
    file = f"{isolated_home / 'config' / 'config.toml'}\n"
    type_("set", "steps", "9", "--model", "default", "--save")
    assert type_("config", "where", "steps", "--model", "default").out == file
    assert type_("config", "where", "steps", "--model", str(DEFAULT_PATH)).out == file
    result = type_("config", "where", "guidance", "--model", "default")
    assert (result.status, result.err) == (
        2,
        "error: there is no setting or default `guidance --model default`\n  `config show` lists them\n",
    )
    shown = type_("config", "where", "steps", "--model=default", "--json").document
    assert (shown["value"], shown["origin"]) == ("9", file.strip())
    (tmp_path / "x.inv").write_text("set steps 5 --model default\nconfig where steps --model default\n")
    assert type_("run", "x.inv").out.endswith("set\n")


def test_the_defaults_of_the_same_input_are_suggested_for_one_that_is_not_set(type_: TypeLine) -> None:
    type_("set", "t2i.steps", "9", "--save")
    type_("set", "steps", "9", "--model", "default", "--save")
    both = "  did you mean `steps --model default` or `t2i.steps`?\n"
    assert type_("config", "where", "steps").err == f"error: there is no setting or default `steps`\n{both}"
    assert type_("unset", "steps").err == f"error: no default of `steps` is set\n{both}"
    assert type_("unset", "i2i.steps", "--save").err == f"error: no default of `i2i.steps` is set\n{both}"


def test_the_error_for_an_unknown_key_suggests_the_nearest_one(type_: TypeLine) -> None:
    result = type_("config", "where", "themes")
    assert (result.status, result.err) == (
        2,
        "error: there is no setting or default `themes`\n  did you mean `theme`?\n",
    )
    assert type_("config", "where", "xyz").err.endswith("\n  `config show` lists them\n")


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("width", "301"), "`width` must be a multiple of 8, not 301", "nearest: 296 or 304"),
        (("height=20",), "`height` must be a multiple of 8, not 20", "nearest: 16 or 24"),
    ],
)
def test_a_default_that_its_model_refuses_is_refused_when_it_is_set(
    type_: TypeLine, isolated_home: Path, words: tuple[str, ...], message: str, hint: str
) -> None:
    result = type_("set", *words, "--model", "default", "--save")
    assert (result.status, result.err) == (2, f"error: {message}\n  {hint}\n")
    assert not (isolated_home / "config" / "config.toml").exists()


def test_an_error_names_the_default_that_causes_it_and_how_to_remove_it(type_: TypeLine, isolated_home: Path) -> None:
    type_("set", "width", "304", "--model", "default", "--save")
    file = isolated_home / "config" / "config.toml"
    file.write_text(file.read_text().replace("304", "301"))
    assert type_(*LINE).err == (
        "error: the default set for `width` with the model `default` is invalid: `width` must be a multiple of 8, "
        "not 301\n  t2i a fox --seed 1\n  ^^^\n"
        "  nearest: 296 or 304; write `--width` in the line, or `unset width --model default --save`; it is set in "
        f"{file}\n"
    )


def test_an_error_names_the_default_for_one_command_if_it_causes_the_error(
    type_: TypeLine, isolated_home: Path
) -> None:
    type_("set", "t2i.width", "301", "--save")
    type_("set", "width", "304", "--save")
    file = isolated_home / "config" / "config.toml"
    assert type_(*LINE).err.endswith(f"or `unset t2i.width --save`; it is set in {file}\n")


def test_the_error_for_a_default_model_that_is_gone_says_where_it_is_set_and_how_to_remove_it(
    type_: TypeLine, isolated_home: Path
) -> None:
    models, file = isolated_home / "data" / "models", isolated_home / "config" / "config.toml"
    shutil.copytree(DEFAULT_PATH, models / "fox")
    type_("set", "model", "fox", "--save")
    assert type_("set").out == f"input  value  from\nmodel  fox    {file}\n"
    (models / "fox").rename(models / "fox2")
    result = type_(*LINE)
    assert result.status == 4
    assert result.err == (
        "error: the default set for `model` is invalid: there is no model `fox`\n  t2i a fox --seed 1\n  ^^^\n"
        "  did you mean `fox2`?\n"
        f"  write `--model` in the line, or `unset model --save`; it is set in {file}\n"
    )
    assert type_("set").out.endswith(f"fox    {file} (not used: there is no model `fox`)\n")
    assert type_("config").out.endswith(f"{file} (not used: there is no model `fox`)\n")
    assert "warning  default        model = fox: there is no model `fox`\n" in type_("doctor").out
    assert type_(*LINE, "--set", "model=no").err.endswith("write `--model` in the line, or leave out `--set model`\n")
    assert type_("unset", "model", "--save").status == 0
    assert type_("set").out == "no defaults are set\n"


def test_a_hint_says_save_only_for_a_default_in_a_settings_file(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    hint = "  nearest: 296 or 304; write `--width` in the line, or `unset width{}\n"
    (tmp_path / "x.inv").write_text(f"set width 301\n{' '.join(LINE)}\n")
    assert type_("run", "x.inv").err.endswith(hint.format("`"))
    type_("set", "width", "301", "--save")
    file = isolated_home / "config" / "config.toml"
    assert type_(*LINE).err.endswith(hint.format(f" --save`; it is set in {file}"))


def test_the_lists_say_that_a_default_is_not_used_because_its_model_is_gone_or_shares_its_name(
    type_: TypeLine, isolated_home: Path
) -> None:
    models, file = isolated_home / "data" / "models", isolated_home / "config" / "config.toml"
    shutil.copytree(DEFAULT_PATH, models / "a" / "fox")
    type_("set", "steps", "3", "--model", "fox", "--save")
    assert type_("set").out == f"input              value  from\nsteps --model fox  3      {file}\n"
    shutil.copytree(DEFAULT_PATH, models / "b" / "fox")
    check_unused(type_, file, "several models are named `fox`")
    shutil.rmtree(models)
    check_unused(type_, file, "there is no model `fox`")


def check_unused(type_: TypeLine, file: Path, reason: str) -> None:
    """Check that the lists of defaults and of settings say why a default is not used."""
    assert type_("set").out.endswith(f"3      {file} (not used: {reason})\n")
    assert type_("config", "show").out.endswith(f"{file} (not used: {reason})\n")
    assert type_("set", "--json").document["defaults"][0]["unused"] == reason
