"""Typed lines: standard output, standard error and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from invokeai_cli.render.live_rows import CLEAR
from tests.invokeai_cli.conftest import TypeLine


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (("add", "1", "2"), "3\n"),
        (("add", "1", "2", "|", "mul", "5"), "15\n"),
        (("add 1 2 | mul 5",), "15\n"),
        (("range", "1", "4"), "1\n2\n3\n"),
        (("range", "1", "1"), ""),
        (("list", "a", "''", "b"), "a\n''\nb\n"),
        (("range 1 4 | iterate | mul 10",), "10\n20\n30\n"),
        (("range 1 4 | iterate | mul 10 | collect",), "10\n20\n30\n"),
        (("div", "7", "2"), "3.5\n"),
        (("compare-numbers", "1", "lt", "2"), "true\n"),
        (("add", "1", "2", "as", "a", "|", "add", "@a"), "6\n"),
        (("split", "a,b", ","), "a\nb\n"),
        (("add 1 2 as a | sub 5 @a --no-link",), "2\n"),
        (("zip", "1,2", "a,b"), '[1, "a"]\n[2, "b"]\n'),
        (("product", "1,2", "3"), "[1, 3]\n[2, 3]\n"),
        (("list 1 2 | zip red green",), '[1, "red"]\n[2, "green"]\n'),
        (("list 1 2 | zip 3,4",), "[1, 3]\n[2, 4]\n"),
    ],
)
def test_standard_output_carries_only_results(type_: TypeLine, words: tuple[str, ...], out: str) -> None:
    result = type_(*words)
    assert (result.status, result.out, result.err) == (0, out, "")


@pytest.mark.parametrize("word", ["", "  ", "# a comment", "#", "#ff8800", "  # add 1 2", "\n\n"])
def test_an_empty_line_and_a_comment_print_nothing(type_: TypeLine, word: str) -> None:
    result = type_(word)
    assert (result.status, result.out, result.err) == (0, "", "")


def test_several_results_are_printed_in_order(type_: TypeLine) -> None:
    assert type_("add 1 2 as a | mul @a 10 --no-link as b | sub @a 1 --no-link").out == "30\n2\n"


def test_the_error_for_a_refused_line_points_at_the_word_that_caused_it(type_: TypeLine) -> None:
    result = type_("add", "1", "2", "|", "mul", "--bb", "5")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "error: `mul` has no input `bb`\n"
        "  add 1 2 | mul --bb 5\n"
        "                ^^^^\n"
        "  did you mean `--b`? (int or float, required)\n"
    )


def test_139_json_output_is_one_document(type_: TypeLine) -> None:
    result = type_("--json", "range 1 3 | iterate | mul 10")
    document = result.document
    assert result.err == ""
    assert document["schema"] == "result/1"
    assert document["status"] == 0
    assert [each["value"] for each in document["results"]] == [10, 20]
    assert document["errors"] == []
    assert document["lines"][0]["line"] == "range 1 3 | iterate | mul 10"


def test_139_events_are_printed_as_json_lines_and_the_result_comes_last(type_: TypeLine) -> None:
    events = type_("add", "1", "2", "--events").events
    assert [event["event"] for event in events] == [
        "line_started", "node_started", "node_finished", "session_finished", "result",
    ]  # fmt: skip
    assert all(event["schema"] == "event/1" for event in events[:-1])
    assert events[-1]["schema"] == "result/1"
    assert events[-1]["results"][0]["value"] == 3
    assert events[2]["outputs"] == {"value": 3}


def test_an_error_in_json_output_has_a_code_message_hint_and_span(type_: TypeLine) -> None:
    result = type_("--json", "add 1 2 | mul --bb 5")
    (error,) = result.document["errors"]
    assert result.status == result.document["status"] == 2
    assert error["code"] == "unknown_option"
    assert error["span"] == [14, 18]
    assert set(error) == {"code", "message", "hint", "span"}
    assert result.err == ""


def test_125_the_program_exits_with_1_if_a_node_fails(type_: TypeLine) -> None:
    result = type_("div", "1", "0")
    assert (result.status, result.out) == (1, "")
    assert result.err == "error: div (1): division by zero\n"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("div", "1", "0"), 1),
        (("ad", "1", "2"), 2),
        (("--jsno",), 2),
        (("run", "nowhere.inv"), 2),
        (("model", "nowhere"), 4),
        (("load", "nowhere.png"), 2),
    ],
)
def test_125_each_kind_of_failure_has_its_own_exit_status(type_: TypeLine, words: tuple[str, ...], status: int) -> None:
    result = type_(*words)
    assert result.status == status
    assert result.out == ""
    assert "Traceback" not in result.err


def test_134_a_random_seed_is_shown_and_recorded(type_: TypeLine) -> None:
    result = type_("random")
    seed = int(result.err.removeprefix("seed "))
    assert type_("random", "--seed", str(seed)).out == result.out
    shown = type_("session", "show", "--json").document
    assert shown["graph"]["nodes"]["1"]["inputs"]["seed"] == seed


def test_a_seed_set_in_the_line_is_not_shown(type_: TypeLine) -> None:
    assert type_("random", "--seed", "7").err == ""


def test_an_image_that_the_line_does_not_save_is_saved_automatically_and_the_path_printed(
    type_: TypeLine, fox: Path
) -> None:
    result = type_("load fox.png | blur 2")
    assert result.status == 0
    (path,) = result.out.splitlines()
    with Image.open(fox.parent / path, formats=["PNG"]) as image:
        assert image.size == (64, 48)
    assert Path(path).name == path


def test_a_saved_image_is_not_saved_twice(type_: TypeLine, fox: Path) -> None:
    assert type_("load fox.png | blur 2 | save soft.png").out == "soft.png\n"
    assert type_("load fox.png | show").out == "fox.png\n"
    assert sorted(path.name for path in fox.parent.iterdir()) == ["fox.png", "soft.png"]


def test_each_image_in_a_list_is_saved(type_: TypeLine, fox: Path) -> None:
    result = type_("linspace 1 3 3 | iterate | blur --image fox.png --radius @-1 | collect")
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines() == ["000001-fox.png", "000002-fox.png", "000003-fox.png"]


def test_a_list_that_is_piped_into_save_is_saved_item_by_item(type_: TypeLine, fox: Path, tmp_path: Path) -> None:
    result = type_("list 1 4 8 | iterate as n | blur @n --image fox.png | collect | save 'c-{index}.png'")
    assert (result.status, result.out, result.err) == (0, "c-1.png\nc-2.png\nc-3.png\n", "")
    images = [(tmp_path / f"c-{index}.png").read_bytes() for index in (1, 2, 3)]
    assert len(set(images)) == 3
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["c-1.png", "c-2.png", "c-3.png", "fox.png"]


def test_an_image_that_is_too_large_is_refused(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("1", (1001, 1000)).save(tmp_path / "large.png")
    result = type_("load", "large.png", INVOKEAI_MAX_MEGAPIXELS="1")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: `large.png` has 1.0 megapixels; the limit is 1.0\n  load large.png\n")
    assert type_("load", "large.png", INVOKEAI_MAX_MEGAPIXELS="2").out == "large.png\n"


def test_nothing_is_overwritten_unless_asked(type_: TypeLine, fox: Path) -> None:
    result = type_("load fox.png | blur 2 | save fox.png")
    assert result.status == 2
    assert result.err == (
        "error: `fox.png` already exists\n"
        "  load fox.png | blur 2 | save fox.png\n"
        "                               ^^^^^^^\n"
        "  use `--overwrite` to replace the file\n"
    )
    assert type_("load fox.png | blur 2 | save fox.png", "--overwrite").out == "fox.png\n"


def test_the_output_option_sets_the_folder_for_images(type_: TypeLine, fox: Path) -> None:
    result = type_("load fox.png | blur 2", "--output", "there")
    assert result.out == "there/000001-fox.png\n"
    assert (fox.parent / "there" / "000001-fox.png").is_file()
    assert type_("load fox.png | blur 2 | save soft.png", "--output", "there").out == "soft.png\n"


def test_on_a_terminal_the_image_is_shown_on_standard_error(type_: TypeLine, fox: Path) -> None:
    result = type_("load fox.png | blur 2", terminal=True)
    assert "▀" in result.err
    assert "▀" not in result.out
    assert "▀" not in type_("load fox.png | blur 2", "--preview", "none", terminal=True).err


def test_137_without_a_terminal_there_is_no_color_no_image_and_no_query(type_: TypeLine, fox: Path) -> None:
    for words in (("load fox.png | blur 2",), ("nodes",), ("--help",), ("blur", "--help"), ("ad",), ("div", "1", "0")):
        result = type_(*words)
        assert "\x1b" not in result.out + result.err, words


@pytest.mark.parametrize(
    "words", [("nodes",), ("--help",), ("help", "prompts"), ("load fox.png | blur 2",), ("ad", "é")]
)
def test_output_is_written_in_any_character_set(type_: TypeLine, fox: Path, words: tuple[str, ...]) -> None:
    result = type_(*words, encoding="ascii")
    assert result.status in (0, 2)
    (result.out + result.err).encode("ascii")


def test_arguments_that_are_not_valid_unicode_are_accepted(type_: TypeLine) -> None:
    result = type_("replace", "a\udcff", "a", "b")
    assert result.status in (0, 1)
    assert "Traceback" not in result.err
    assert type_("a\udcff").err.startswith("error: there is no command `a\\xff`")


@pytest.mark.parametrize("columns", ["0", "-5", "x", "1", "99999999999", "４０", ""])
def test_an_invalid_columns_variable_is_ignored(type_: TypeLine, columns: str) -> None:
    assert type_("nodes", terminal=True, COLUMNS=columns).status == 0


def test_the_quiet_option_prints_only_results(type_: TypeLine) -> None:
    result = type_("-q", "random")
    assert result.err == ""
    assert float(result.out) >= 0


def test_the_verbose_option_shows_the_session_and_each_node(type_: TypeLine) -> None:
    result = type_("add 1 2 | mul 5", "-v")
    lines = result.err.splitlines()
    assert lines[0].startswith("session ")
    assert lines[0].endswith(": 2 nodes")
    assert [line.split(":")[0] for line in lines[1:]] == ["1 add", "2 mul"]


def test_an_unexpected_error_is_not_hidden(type_: TypeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.workspace.Workspace.plan", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        type_("add", "1", "2")


def test_json_never_contains_nan_or_infinity(type_: TypeLine) -> None:
    result = type_("--json", "mul", "1e308", "10")
    json.loads(result.out, parse_constant=pytest.fail)


def test_an_image_and_json_cannot_both_be_written_to_standard_output(type_: TypeLine, fox: Path) -> None:
    result = type_("load fox.png | save -", "--json")
    assert result.status == 2
    assert result.document["errors"][0]["message"] == "`save -` and `--json` both write to standard output"


def test_the_help_option_after_a_quoted_line_shows_the_help_of_the_first_command_in_the_line(type_: TypeLine) -> None:
    assert type_("blur 2 | scale 3", "--help").out == type_("help", "blur").out


def test_an_unknown_input_in_the_set_option_is_refused(type_: TypeLine) -> None:
    result = type_("add", "1", "2", "--set", "stap=3")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: no command has an input `stap`\n  did you mean `stop` or `step`")


def test_a_terminal_shows_a_starting_message_before_anything_is_loaded(type_: TypeLine) -> None:
    result = type_("add", "1", "2", terminal=True)
    assert result.err.startswith(f"{CLEAR}\x1b[?7lstarting …")
    assert result.err.endswith(CLEAR)
    assert result.out == "3\n"


def test_an_interrupt_before_anything_runs_exits_with_130(type_: TypeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workflows.workspace.Workspace.plan", interrupt)
    assert (result := type_("add", "1", "2")).status == 130
    assert result.err == "error: interrupted\n"
    assert type_("add", "1", "2", "--json").document["errors"][0]["code"] == "interrupted"


def test_numbers_that_json_cannot_represent_become_strings() -> None:
    from invokeai_cli.render.json_lines import dump

    assert json.loads(dump({"a": [float("inf"), 1.5, {"b": float("nan")}]})) == {"a": ["inf", 1.5, {"b": "nan"}]}
