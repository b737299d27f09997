"""Settings and defaults are checked when they are set; a note appears if they are not saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

ENDS = "this only lasts until the program exits"


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("steps", "abc", "`steps` takes a whole number"),
        ("steps", "0", "`steps` must be 1 to"),
        ("t2i.steps", "2.5", "`steps` takes a whole number"),
        ("t2i.height", "0", "`height` must be"),
        ("scheduler", "eulr", "there is no scheduler `eulr`"),
        ("upscale.method", "lancsoz", "there is no upscaler `lancsoz`"),
        ("model", "nosuch", "there is no model `nosuch`"),
        ("noise.model", "nosuch", "there is no model `nosuch`"),
        ("denoise.latents", "5", "`--latents` takes a reference, not a value"),
    ],
)
def test_a_default_that_no_command_accepts_is_refused(type_: TypeLine, name: str, text: str, error: str) -> None:
    for words in (("set", name, text), ("set", name, text, "--save")):
        result = type_(*words)
        assert (result.status, result.out) == (4 if "no model" in error else 2, "")
        assert result.err.startswith(f"error: {error}")
    assert type_("set").out == "no defaults are set\n"


def test_an_unknown_model_leads_to_the_same_exit_status_and_code_in_a_line_and_in_every_directive(
    type_: TypeLine,
) -> None:
    for words in (
        ("t2i", "a", "--model", "no"),
        ("explain", "t2i a --model no"),
        ("models", "info", "no"),
        ("set", "model", "no"),
        ("set", "steps", "3", "--model", "no"),
        ("help", "t2i", "--model", "no"),
        ("config", "where", "steps", "--model", "no"),
    ):
        result = type_(*words, "--json")
        assert (result.status, result.document["errors"][0]["code"]) == (4, "model_missing"), words


@pytest.mark.parametrize(
    ("name", "text"), [("steps", "5"), ("width", "64"), ("scheduler", "euler"), ("t2i.negative", "a b"), ("a", "x")]
)
def test_a_default_that_only_one_command_accepts_is_saved(type_: TypeLine, name: str, text: str) -> None:
    result = type_("set", name, text, "--save")
    assert (result.status, result.out, result.err) == (0, "", "")
    assert text in type_("set").out


@pytest.mark.parametrize("words", [("set", "steps", "5"), ("set steps 5",), ("default", "steps", "5")])
def test_a_note_says_that_a_default_lasts_until_the_program_exits(type_: TypeLine, words: tuple[str, ...]) -> None:
    result = type_(*words)
    assert (result.status, result.out) == (0, "")
    assert result.err == f"{ENDS}; `set steps 5 --save` keeps it\n"
    assert type_("-q", *words).err == ""


def test_a_default_that_is_followed_by_other_lines_causes_no_note(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "x.inv").write_text("set steps 5\nunset steps\nadd 1 2\n")
    assert ENDS not in type_("run", "x.inv").err
    assert ENDS not in type_("-", stdin="set steps 5\nunset steps\nadd 1 2\n").err


def test_a_note_says_that_unset_takes_effect_only_until_the_program_exits(type_: TypeLine) -> None:
    type_("set", "steps", "5", "--save")
    assert type_("unset", "steps").err == f"{ENDS}; `unset steps --save` keeps it\n"
    assert type_("unset", "steps", "--save").err == ""


@pytest.mark.parametrize("template", ["{bogus}", "{seed", "{seed:zz}.png"])
def test_an_invalid_template_is_refused_with_the_planners_message(type_: TypeLine, template: str) -> None:
    result = type_("config", "set", "template", template)
    assert (result.status, result.out) == (2, "")
    planned = type_(f"t2i a house | save '{template}'").err.splitlines()
    shown = result.err.splitlines()
    assert (shown[0], shown[-1]) == (planned[0], planned[-1])
    assert type_("config", "get", "template").out == "{index:06}-{seed}-{prompt:.40}-{stem:.40}.png\n"


def test_an_unknown_field_in_the_configured_template_is_refused_before_anything_runs(type_: TypeLine) -> None:
    result = type_("t2i", "a", "house", INVOKEAI_TEMPLATE="{bogus}")
    assert result.status == 2
    assert "(INVOKEAI_TEMPLATE): the file name `{bogus}` has an unknown field" in result.err


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [("theme", "monokay", "there is no theme `monokay`"), ("output_dir", "file.txt", "file.txt` is a file")],
)
def test_settings_other_than_the_template_are_checked_too(
    type_: TypeLine, tmp_path: Path, name: str, text: str, error: str
) -> None:
    (tmp_path / "file.txt").write_text("")
    result = type_("config", "set", name, text)
    assert (result.status, result.out) == (2, "")
    assert error in result.err


@pytest.mark.parametrize(
    ("name", "text"), [("template", "{seed}-{prompt:.9}"), ("theme", "monokai"), ("theme", "auto")]
)
def test_a_valid_setting_is_saved(type_: TypeLine, name: str, text: str) -> None:
    assert type_("config", "set", name, text).status == 0
    assert type_("config", "get", name).out == f"{text}\n"
