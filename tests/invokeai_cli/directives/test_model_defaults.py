"""`set`, `unset`, `config` and `explain` with defaults for single models, and `config where`."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    assert listed == [{"name": "steps", "value": "30", "origin": str(file), "model": "default"}]
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
    assert (result.status, result.out, result.err) == (2, "", error)
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
        "  nearest: 296 or 304; write `--width` in the line, or `unset width --model default --save`\n"
    )


def test_a_hint_says_save_only_for_a_default_in_a_settings_file(type_: TypeLine, tmp_path: Path) -> None:
    hint = "  nearest: 296 or 304; write `--width` in the line, or `unset width{}`\n"
    (tmp_path / "x.inv").write_text(f"set width 301\n{' '.join(LINE)}\n")
    assert type_("run", "x.inv").err.endswith(hint.format(""))
    type_("set", "width", "301", "--save")
    assert type_(*LINE).err.endswith(hint.format(" --save"))
