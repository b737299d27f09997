"""Type a line, look at standard output, standard error and the exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invokeai_cli.render.live_rows import CLEAR

Type = Callable[..., Any]


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
def test_a_result_is_what_standard_output_carries(type_: Type, words: tuple[str, ...], out: str) -> None:
    said = type_(*words)
    assert (said.status, said.out, said.err) == (0, out, "")


@pytest.mark.parametrize("word", ["", "  ", "# a comment", "#", "#ff8800", "  # add 1 2", "\n\n"])
def test_a_blank_line_and_a_comment_are_silent(type_: Type, word: str) -> None:
    said = type_(word)
    assert (said.status, said.out, said.err) == (0, "", "")


def test_several_results_come_in_order(type_: Type) -> None:
    assert type_("add 1 2 as a | mul @a 10 --no-link as b | sub @a 1 --no-link").out == "30\n2\n"


def test_a_refused_line_points_at_what_is_wrong(type_: Type) -> None:
    said = type_("add", "1", "2", "|", "mul", "--bb", "5")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "error: `mul` has no input `bb`\n"
        "  add 1 2 | mul --bb 5\n"
        "                ^^^^\n"
        "  did you mean `--b`? (int or float, required)\n"
    )


def test_139_json_is_one_document(type_: Type) -> None:
    said = type_("--json", "range 1 3 | iterate | mul 10")
    document = said.document
    assert said.err == ""
    assert document["schema"] == "result/1"
    assert document["status"] == 0
    assert [result["value"] for result in document["results"]] == [10, 20]
    assert document["errors"] == []
    assert document["lines"][0]["line"] == "range 1 3 | iterate | mul 10"


def test_139_events_are_json_lines_and_the_result_is_the_last(type_: Type) -> None:
    events = type_("add", "1", "2", "--events").events
    assert [event["event"] for event in events] == [
        "line_started", "node_started", "node_finished", "session_finished", "result",
    ]  # fmt: skip
    assert all(event["schema"] == "event/1" for event in events[:-1])
    assert events[-1]["schema"] == "result/1"
    assert events[-1]["results"][0]["value"] == 3
    assert events[2]["outputs"] == {"value": 3}


def test_an_error_in_json_is_code_message_hint_span(type_: Type) -> None:
    said = type_("--json", "add 1 2 | mul --bb 5")
    (error,) = said.document["errors"]
    assert said.status == said.document["status"] == 2
    assert error["code"] == "unknown_option"
    assert error["span"] == [14, 18]
    assert set(error) == {"code", "message", "hint", "span"}
    assert said.err == ""


def test_125_a_node_that_fails_gives_1(type_: Type) -> None:
    said = type_("div", "1", "0")
    assert (said.status, said.out) == (1, "")
    assert said.err == "error: div (1): division by zero\n"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("div", "1", "0"), 1),
        (("ad", "1", "2"), 2),
        (("--jsno",), 2),
        (("run", "nowhere.inv"), 2),
        (("model", "nowhere"), 4),
        (("load", "nowhere.png"), 1),
    ],
)
def test_125_exit_status(type_: Type, words: tuple[str, ...], status: int) -> None:
    said = type_(*words)
    assert said.status == status
    assert said.out == ""
    assert "Traceback" not in said.err


def test_134_a_drawn_seed_is_shown_and_recorded(type_: Type) -> None:
    said = type_("random")
    seed = int(said.err.removeprefix("seed "))
    assert type_("random", "--seed", str(seed)).out == said.out
    shown = type_("session", "show", "--json").document
    assert shown["graph"]["nodes"]["1"]["inputs"]["seed"] == seed


def test_a_written_seed_is_not_shown(type_: Type) -> None:
    assert type_("random", "--seed", "7").err == ""


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    path = tmp_path / "fox.png"
    Image.effect_mandelbrot((64, 48), (-3, -2.5, 2, 2.5), 20).save(path)
    return path


def test_a_picture_that_nobody_saves_is_saved_and_its_path_printed(type_: Type, fox: Path) -> None:
    said = type_("load fox.png | blur 2")
    assert said.status == 0
    (path,) = said.out.splitlines()
    with Image.open(fox.parent / path, formats=["PNG"]) as image:
        assert image.size == (64, 48)
    assert Path(path).name == path


def test_a_picture_that_is_saved_is_not_saved_twice(type_: Type, fox: Path) -> None:
    assert type_("load fox.png | blur 2 | save soft.png").out == "soft.png\n"
    assert type_("load fox.png | show").out == "fox.png\n"
    assert sorted(path.name for path in fox.parent.iterdir()) == ["fox.png", "soft.png"]


def test_pictures_in_a_list_are_saved_each(type_: Type, fox: Path) -> None:
    said = type_("linspace 1 3 3 | iterate | blur --image fox.png --radius @-1 | collect")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == ["000001.png", "000002.png", "000003.png"]


def test_a_picture_that_is_too_large_is_refused(type_: Type, tmp_path: Path) -> None:
    Image.new("1", (1001, 1000)).save(tmp_path / "large.png")
    said = type_("load", "large.png", INVOKEAI_MAX_MEGAPIXELS="1")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("error: load (1): `large.png` has 1.0 megapixels; the limit is 1.0\n")
    assert type_("load", "large.png", INVOKEAI_MAX_MEGAPIXELS="2").out == "large.png\n"


def test_nothing_is_overwritten_unless_asked(type_: Type, fox: Path) -> None:
    said = type_("load fox.png | blur 2 | save fox.png")
    assert said.status == 1
    assert "use `--overwrite` to replace it" in said.err
    assert type_("load fox.png | blur 2 | save fox.png", "--overwrite").out == "fox.png\n"


def test_output_says_where_pictures_go(type_: Type, fox: Path) -> None:
    said = type_("load fox.png | blur 2", "--output", "there")
    assert said.out == "there/000001.png\n"
    assert (fox.parent / "there" / "000001.png").is_file()
    assert type_("load fox.png | blur 2 | save soft.png", "--output", "there").out == "soft.png\n"


def test_on_a_terminal_the_picture_is_shown_on_standard_error(type_: Type, fox: Path) -> None:
    said = type_("load fox.png | blur 2", terminal=True)
    assert "▀" in said.err
    assert "▀" not in said.out
    assert "▀" not in type_("load fox.png | blur 2", "--preview", "none", terminal=True).err


def test_137_off_a_terminal_there_is_no_colour_no_picture_no_question(type_: Type, fox: Path) -> None:
    for words in (("load fox.png | blur 2",), ("nodes",), ("--help",), ("blur", "--help"), ("ad",), ("div", "1", "0")):
        said = type_(*words)
        assert "\x1b" not in said.out + said.err, words


@pytest.mark.parametrize(
    "words", [("nodes",), ("--help",), ("help", "prompts"), ("load fox.png | blur 2",), ("ad", "é")]
)
def test_any_character_set_will_do(type_: Type, fox: Path, words: tuple[str, ...]) -> None:
    said = type_(*words, encoding="ascii")
    assert said.status in (0, 2)
    (said.out + said.err).encode("ascii")


def test_bytes_that_are_no_text_do_no_harm(type_: Type) -> None:
    said = type_("replace", "a\udcff", "a", "b")
    assert said.status in (0, 1)
    assert "Traceback" not in said.err
    assert type_("a\udcff").err.startswith("error: there is no command `a\\udcff`")


@pytest.mark.parametrize("columns", ["0", "-5", "x", "1", "99999999999", "４０", ""])
def test_odd_columns_do_no_harm(type_: Type, columns: str) -> None:
    assert type_("nodes", terminal=True, COLUMNS=columns).status == 0


def test_quiet_prints_results_only(type_: Type) -> None:
    said = type_("-q", "random")
    assert said.err == ""
    assert float(said.out) >= 0


def test_verbose_tells_the_session_and_each_node(type_: Type) -> None:
    said = type_("add 1 2 | mul 5", "-v")
    lines = said.err.splitlines()
    assert lines[0].startswith("session ")
    assert lines[0].endswith(": 2 nodes")
    assert [line.split(":")[0] for line in lines[1:]] == ["1 add", "2 mul"]


def test_a_bug_is_not_hidden(type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.workspace.Workspace.plan", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        type_("add", "1", "2")


def test_json_never_holds_what_json_does_not_know(type_: Type) -> None:
    said = type_("--json", "mul", "1e308", "10")
    json.loads(said.out, parse_constant=pytest.fail)


def test_a_picture_and_json_cannot_share_standard_output(type_: Type, fox: Path) -> None:
    said = type_("load fox.png | save -", "--json")
    assert said.status == 2
    assert said.document["errors"][0]["message"] == "`save -` and `--json` both write to standard output"


def test_help_in_a_line_of_one_word_is_that_of_its_command(type_: Type) -> None:
    assert type_("blur 2 | scale 3", "--help").out == type_("help", "blur").out


def test_set_on_the_command_line_names_an_input(type_: Type) -> None:
    said = type_("add", "1", "2", "--set", "stap=3")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("error: no command has an input `stap`\n  did you mean `stop` or `step`")


def test_on_a_terminal_something_is_shown_before_anything_is_loaded(type_: Type) -> None:
    said = type_("add", "1", "2", terminal=True)
    assert said.err.startswith(f"{CLEAR}\x1b[?7lstarting …")
    assert said.err.endswith(CLEAR)
    assert said.out == "3\n"


def test_an_interrupt_before_anything_runs_gives_130(type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workflows.workspace.Workspace.plan", interrupt)
    assert (said := type_("add", "1", "2")).status == 130
    assert said.err == "error: interrupted\n"
    assert type_("add", "1", "2", "--json").document["errors"][0]["code"] == "interrupted"


def test_numbers_that_json_lacks_become_texts() -> None:
    from invokeai_cli.render.json_lines import dump

    assert json.loads(dump({"a": [float("inf"), 1.5, {"b": float("nan")}]})) == {"a": ["inf", 1.5, {"b": "nan"}]}
