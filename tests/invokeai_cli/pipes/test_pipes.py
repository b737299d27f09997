"""Pipes between processes: what is handed over, what goes on from it, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.imaging.metadata import read_texts

Pipe = Callable[..., Any]
LOOP = "range 1 4 | iterate as n | blur @n --image p.png"


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def pixels(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.copy()


def again(change: Callable[[dict[str, Any]], Any], **how: Any) -> Callable[[str], str]:
    """Return a filter that reads each line as JSON and writes what became of it, as jq does."""
    return lambda text: "".join(json.dumps(change(record), **how) + "\n" for record in records(text))


def test_a_picture_goes_through_a_pipe_by_reference(pipe: Pipe, tmp_path: Path) -> None:
    said = pipe("load p.png", "scale 2", ["save", "x.png"])
    assert (said.status, said.out, said.err) == ([0, 0, 0], "x.png\n", "")
    (record,) = records(said.between[1])
    assert [record[name] for name in ("schema", "type", "output", "path")] == ["piped/1", "scale", "image", []]
    assert record["values"]["image"]["kind"] == "image"
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["p.png", "q.png", "x.png"]
    assert pixels(tmp_path / "x.png").size == (48, 48)


def test_a_piped_picture_carries_the_graph_of_the_one_line(pipe: Pipe, type_: Any, tmp_path: Path) -> None:
    pipe("load p.png", "blur 2", ["save", "piped.png"])
    type_("load p.png | blur 2 | save whole.png")
    piped, whole = (read_texts(tmp_path / name)["invokeai:graph"] for name in ("piped.png", "whole.png"))
    assert json.loads(piped.replace("piped.png", "whole.png")) == json.loads(whole)
    assert type_("line", "piped.png").out == "load p.png | blur 2 | save piped.png\n"


def test_each_result_of_a_loop_goes_through_the_next_stage(pipe: Pipe, type_: Any) -> None:
    said = pipe(LOOP, "scale 2", "save '{index}-x.png'")
    assert said.status == [0, 0, 0]
    assert [record["path"] for record in records(said.between[0])] == [[0], [1], [2]]
    assert said.out == "1-x.png\n2-x.png\n3-x.png\n"
    assert "range 1 4 | pick 1" in type_("line", "2-x.png").out
    assert type_("replay", "2-x.png", "--check", "--allow-files").status == 0


@pytest.mark.parametrize("line", ["grid --columns 3 | save x.png", "collect as all | grid --columns 3 | save x.png"])
def test_a_line_that_begins_with_a_list_takes_all_that_comes(pipe: Pipe, type_: Any, tmp_path: Path, line: str) -> None:
    said = pipe(LOOP, line)
    assert (said.status, said.out) == ([0, 0], "x.png\n")
    type_(f"{LOOP} | collect | grid --columns 3 | save whole.png")
    assert pixels(tmp_path / "x.png").tobytes() == pixels(tmp_path / "whole.png").tobytes()
    assert "grid" in type_("line", "x.png").out


def test_a_list_that_is_handed_over_is_one_result(pipe: Pipe) -> None:
    said = pipe(f"{LOOP} | collect", "grid | save x.png")
    assert (said.status, len(records(said.between[0]))) == ([0, 0], 1)


def test_names_and_parts_reach_through_a_pipe(pipe: Pipe) -> None:
    said = pipe("load p.png as sharp | blur 4", "blend @sharp screen | save x.png")
    assert (said.status, said.out) == ([0, 0], "x.png\n")


@pytest.mark.parametrize(
    ("stages", "out"),
    [
        (("add 1 2", "mul 4"), "12\n"),
        ((["add", "1", "2"], ["mul", "4"]), "12\n"),
        (("range 1 4 | iterate", "mul 10"), "10\n20\n30\n"),
        (("range 1 4", "length"), "3\n"),
        (("list red 'light green'", "iterate"), "red\nlight green\n"),
        (("range 1 4 | iterate | mul 2", "collect | length"), "3\n"),
        (("list a.b", "replace . !"), "a!b\n"),
    ],
)
def test_plain_values_go_through_as_they_are(pipe: Pipe, stages: tuple[Any, ...], out: str) -> None:
    said = pipe(*stages)
    assert (said.status, said.out, said.err) == ([0, 0], out, "")
    assert "{" not in said.between[0]


@pytest.mark.parametrize("value", ["--x", "a | b", 'it\'s "so"', "${x}", "@3", "# no"])
def test_a_plain_value_is_never_read_as_words_of_the_line(pipe: Pipe, value: str) -> None:
    assert pipe("replace nothing ''", stdin=value + "\n").out == value + "\n"


def test_paths_of_pictures_go_through_as_they_are(pipe: Pipe) -> None:
    assert pipe("blur 1 | save '{index}.png'", stdin="p.png\nq.png\n").out == "1.png\n2.png\n"


@pytest.mark.parametrize(
    "how", [{"sort_keys": True}, {"separators": (",", ":")}, {"indent": 2}, {"indent": 2, "sort_keys": True}]
)
def test_a_filter_between_may_write_json_in_its_own_way(pipe: Pipe, how: dict[str, Any]) -> None:
    said = pipe(LOOP, again(lambda record: record, **how), "save '{index}.png'")
    assert (said.status, said.out) == ([0, 0], "1.png\n2.png\n3.png\n")


def test_a_filter_between_may_choose_and_turn_round(pipe: Pipe) -> None:
    def chosen(text: str) -> str:
        return "".join(reversed(text.splitlines(keepends=True)[1:]))

    said = pipe(LOOP, chosen, "save '{index}.png'")
    assert (said.status, said.out) == ([0, 0], "1.png\n2.png\n")


@pytest.mark.parametrize(
    ("line", "status", "err"),
    [
        ("load nowhere.png", 1, "error: load (1): no file matches `nowhere.png`\n"),
        ("div 1 0", 1, "error: div (1): division by zero\n"),
        ("t2i a fox --model nope", 4, None),
        ("blur 2 --image p.png --radios 3", 2, None),
    ],
)
def test_a_failure_ends_the_pipe_with_its_status_and_one_error(
    pipe: Pipe, line: str, status: int, err: str | None
) -> None:
    said = pipe(line, "blur 2", "save x.png")
    assert said.status == [status] * 3
    assert said.stages[1].err + said.stages[2].err == ""
    assert said.stages[0].err.startswith("error: ")
    assert err is None or said.err == err


def test_what_came_before_a_failure_is_still_gone_on_from(pipe: Pipe) -> None:
    said = pipe("list 1 0 2 | iterate as n | div --a 4 --b @n as r | blur @r --image p.png", "save '{index}.png'")
    assert (said.status, said.out) == ([1, 1], "1.png\n2.png\n")


def test_a_loop_over_nothing_hands_nothing_over_and_is_no_error(pipe: Pipe) -> None:
    said = pipe("range 1 1 | iterate as n | blur @n --image p.png", "scale 2", "save x.png")
    assert (said.status, said.out, said.err) == ([0, 0, 0], "", "")


def test_a_line_that_is_whole_leaves_standard_input_alone(pipe: Pipe) -> None:
    assert pipe("add 1 2", stdin="5\n").out == "3\n"


@pytest.mark.parametrize(
    ("stdin", "says"),
    [
        ('{"a": 1}\n', "line 1: this JSON is not a result of `invokeai`"),
        ('p.png\n{"a": \n', "line 2: invalid JSON"),
        ('{"schema": "piped/1", "session": "x"}', "line 1: this result is damaged: `store` is missing"),
        ('{"schema": "piped/2"}', "line 1: its format is piped/2, but this version reads piped/1"),
        ('{"schema": "result/1"}', "line 1: this is the output of `--json`, which cannot be piped on"),
        ('{"schema": "event/1"}', "line 1: this is the output of `--events`, which cannot be piped on"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 1: this is not text"),
    ],
)
def test_a_foreign_or_damaged_stream_is_refused(pipe: Pipe, stdin: str | bytes, says: str) -> None:
    said = pipe("blur 2 | save x.png", stdin=stdin)
    (*_, error, hint) = said.err.splitlines()
    assert said.status == [2]
    assert error == f"error: standard input, {says}"
    assert hint.startswith("  ")


def test_a_wrong_plain_value_is_refused_with_its_line(pipe: Pipe) -> None:
    said = pipe("mul 2", stdin="3\nx\n4\n")
    assert (said.status, said.out) == ([2], "6\n")
    assert said.err == "-:2: error: `a` takes a number, not `x`\n  mul --a=x 2\n          ^\n"


def test_a_cut_off_result_is_refused(pipe: Pipe) -> None:
    said = pipe("load p.png", lambda text: text[:80], "blur 2")
    assert said.status == [0, 2]
    assert said.err.startswith("error: standard input, line 1: invalid JSON\n")


def test_a_result_of_another_home_says_so(pipe: Pipe, own_world: Path) -> None:
    said = pipe("load p.png", "blur 2", homes=(str(own_world / "a"), str(own_world / "b")))
    assert said.status == [0, 2]
    assert said.err == (
        f"error: standard input, line 1: this result is in {own_world}/a/data, "
        f"but this process uses {own_world}/b/data\n"
        "  both ends of a pipe need the same INVOKEAI_HOME\n"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"session": "20200101-000000-abcdef"}, "session `20200101-000000-abcdef` no longer exists"),
        ({"node": "9"}, "has no output `image` of node `9`"),
        ({"output": "latents"}, "has no output `latents` of node `1`"),
        ({"path": [1]}, "has no output `image` of node `1`"),
    ],
)
def test_a_result_that_is_not_there_is_refused(pipe: Pipe, change: dict[str, Any], says: str) -> None:
    said = pipe("load p.png", again(lambda record: record | change), "blur 2")
    assert said.status == [0, 2]
    assert says in said.err
    assert said.err.endswith("\n  run the whole pipe again\n")


def test_a_line_that_is_wrong_is_refused_before_anything_is_read(pipe: Pipe) -> None:
    said = pipe("scale --factr 2", stdin="not even read")
    assert said.status == [2]
    assert "`scale` has no input `factr`" in said.err
    assert "needs" not in said.err


def test_an_empty_stream_leaves_the_line_refused(pipe: Pipe) -> None:
    said = pipe("mul 2", stdin="\n\n")
    assert said.status == [2]
    assert (
        said.err
        == "error: `mul` needs `b` (second number)\n  mul 2\n  ^^^\n  write --b B\n  standard input was empty\n"
    )


def test_what_cannot_go_on_is_refused_and_leaves_no_session(pipe: Pipe, type_: Any) -> None:
    said = pipe("load p.png", "denoise")
    assert said.status == [0, 2]
    assert "error: `denoise` needs `noise`" in said.err
    assert len(type_("sessions", "--json").document["sessions"]) == 1


@pytest.mark.parametrize("words", [("-q", "load p.png"), ("--json", "load p.png"), ("--events", "load p.png")])
def test_other_formats_stay_as_they_are(pipe: Pipe, type_: Any, words: tuple[str, ...]) -> None:
    said = pipe(list(words), "length")
    assert "piped/1" not in said.between[0]
    assert pipe(["-q", "load", "p.png"], "save x.png").out == "x.png\n"


def test_where_nobody_can_tell_who_reads_plain_lines_stay_plain(pipe: Pipe) -> None:
    assert pipe("add 1 2", "mul 4", feeds=None).out == "12\n"
    assert pipe("div 1 0", "mul 4", feeds=None).between == ("",)
    assert pipe("load p.png", "save x.png", feeds=None).out == "x.png\n"


def test_directives_and_scripts_print_what_they_always_do(pipe: Pipe, tmp_path: Path) -> None:
    (tmp_path / "two.inv").write_text("add 1 2\nload p.png\n")
    assert pipe("run two.inv", "length").between[0] == "3\np.png\n"
    assert "piped/1" not in pipe("explain load p.png | blur 2", "length").between[0]


@pytest.mark.parametrize(
    "line",
    [
        "range 1 3 | iterate as a | range 1 4 | iterate as b | mul --a @a --b @b as r | blur @r --image p.png",
        "range 1 3 | iterate as a | list p.png q.png | iterate as f | format '{a}' --a @f",
        "range 1 3 | iterate as a | range 1 4 | iterate as b | blur @b --image p.png | collect | grid | rotate @a",
        "load p.png as p | blur 3 as q | if no @p @q | scale 2",
        "range 1 4 | iterate as n | compare-numbers lt 3 as small | load p.png as p | blur 2 as q | if @small @p @q",
        "range 1 3 | iterate as n | blur @n --image p.png | collect | iterate | scale 2",
        "load p.png as p | blend @p screen | blend @p multiply",
    ],
)
def test_what_goes_through_a_pipe_is_what_one_line_gives(pipe: Pipe, type_: Any, tmp_path: Path, line: str) -> None:
    ending = "format '{a}!' --a @-1" if "format" in line else "flip | save 'piped/{index:03}.png'"
    if "format" in line:
        assert pipe(line, "replace x y").out == type_(line).out
        return
    said = pipe(line, ending)
    assert said.status == [0, 0]
    assert type_(f"{line} | flip | save 'whole/{{index:03}}.png'").status == 0
    piped, whole = (sorted((tmp_path / name).iterdir()) for name in ("piped", "whole"))
    assert [pixels(path).tobytes() for path in piped] == [pixels(path).tobytes() for path in whole]
    checked = type_("replay", f"piped/{piped[-1].name}", "--check", "--allow-files")
    assert checked.status == 0, checked.err


def test_keep_going_goes_on_after_what_failed(pipe: Pipe) -> None:
    said = pipe(["--keep-going", "mul", "2"], stdin="3\nx\n4\n")
    assert (said.status, said.out) == ([3], "6\n8\n")
