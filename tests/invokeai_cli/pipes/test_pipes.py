"""Pipes between processes: what is passed on, how the next process continues, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.imaging.metadata import read_texts
from tests.invokeai_cli.pipes.conftest import Pipe

LOOP = "range 1 4 | iterate as n | blur @n --image p.png"


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def pixels(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.copy()


def again(change: Callable[[dict[str, Any]], Any], **how: Any) -> Callable[[str], str]:
    """Return a filter that parses each line as JSON, changes it and writes it as JSON again, like jq."""
    return lambda text: "".join(json.dumps(change(record), **how) + "\n" for record in records(text))


def test_an_image_is_piped_by_reference(pipe: Pipe, tmp_path: Path) -> None:
    result = pipe("load p.png", "scale 2", ["save", "x.png"])
    assert (result.status, result.out, result.err) == ([0, 0, 0], "x.png\n", "")
    (record,) = records(result.between[1])
    assert [record[name] for name in ("schema", "type", "output", "path")] == ["piped/1", "scale", "image", []]
    assert record["values"]["image"]["kind"] == "image"
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["p.png", "q.png", "x.png"]
    assert pixels(tmp_path / "x.png").size == (48, 48)


def test_a_piped_image_has_the_graph_of_the_equivalent_single_line(pipe: Pipe, type_: Any, tmp_path: Path) -> None:
    pipe("load p.png", "blur 2", ["save", "piped.png"])
    type_("load p.png | blur 2 | save whole.png")
    piped, whole = (read_texts(tmp_path / name)["invokeai:graph"] for name in ("piped.png", "whole.png"))
    assert json.loads(piped.replace("piped.png", "whole.png")) == json.loads(whole)
    assert type_("line", "piped.png").out == "load p.png | blur 2 | save piped.png\n"


def test_the_next_process_runs_once_for_each_result_of_a_loop(pipe: Pipe, type_: Any) -> None:
    result = pipe(LOOP, "scale 2", "save '{index}-x.png'")
    assert result.status == [0, 0, 0]
    assert [record["path"] for record in records(result.between[0])] == [[0], [1], [2]]
    assert result.out == "1-x.png\n2-x.png\n3-x.png\n"
    assert "range 1 4 | pick 1" in type_("line", "2-x.png").out
    assert type_("replay", "2-x.png", "--check", "--allow-files").status == 0


@pytest.mark.parametrize("line", ["grid --columns 3 | save x.png", "collect as all | grid --columns 3 | save x.png"])
def test_a_line_that_begins_with_a_list_command_receives_all_piped_results(
    pipe: Pipe, type_: Any, tmp_path: Path, line: str
) -> None:
    result = pipe(LOOP, line)
    assert (result.status, result.out) == ([0, 0], "x.png\n")
    type_(f"{LOOP} | collect | grid --columns 3 | save whole.png")
    assert pixels(tmp_path / "x.png").tobytes() == pixels(tmp_path / "whole.png").tobytes()
    assert "grid" in type_("line", "x.png").out


def test_a_list_is_piped_as_one_result(pipe: Pipe) -> None:
    result = pipe(f"{LOOP} | collect", "grid | save x.png")
    assert (result.status, len(records(result.between[0]))) == ([0, 0], 1)


def test_names_and_outputs_can_be_referenced_across_a_pipe(pipe: Pipe) -> None:
    result = pipe("load p.png as sharp | blur 4", "blend @sharp screen | save x.png")
    assert (result.status, result.out) == ([0, 0], "x.png\n")


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
        (("list 'a, b' c,d", "iterate"), "a, b\nc\nd\n"),
        (("list 'a,b' c | iterate", "collect | length"), "2\n"),
        (("list 'a, b' c | iterate", "collect | length"), "2\n"),
    ],
)
def test_plain_values_are_piped_unchanged(pipe: Pipe, stages: tuple[Any, ...], out: str) -> None:
    result = pipe(*stages)
    assert (result.status, result.out, result.err) == ([0, 0], out, "")
    assert "{" not in result.between[0]


@pytest.mark.parametrize("value", ["--x", "a | b", 'it\'s "so"', "${x}", "@3", "# no"])
def test_a_plain_value_is_never_parsed_as_part_of_the_line(pipe: Pipe, value: str) -> None:
    assert pipe("replace nothing ''", stdin=value + "\n").out == value + "\n"


def test_image_paths_are_piped_unchanged(pipe: Pipe) -> None:
    assert pipe("blur 1 | save '{index}.png'", stdin="p.png\nq.png\n").out == "1.png\n2.png\n"


@pytest.mark.parametrize(
    "how", [{"sort_keys": True}, {"separators": (",", ":")}, {"indent": 2}, {"indent": 2, "sort_keys": True}]
)
def test_a_filter_may_reformat_the_json(pipe: Pipe, how: dict[str, Any]) -> None:
    result = pipe(LOOP, again(lambda record: record, **how), "save '{index}.png'")
    assert (result.status, result.out) == ([0, 0], "1.png\n2.png\n3.png\n")


def test_a_filter_may_select_and_reorder_results(pipe: Pipe) -> None:
    def chosen(text: str) -> str:
        return "".join(reversed(text.splitlines(keepends=True)[1:]))

    result = pipe(LOOP, chosen, "save '{index}.png'")
    assert (result.status, result.out) == ([0, 0], "1.png\n2.png\n")


@pytest.mark.parametrize(
    ("line", "status", "err"),
    [
        ("load nowhere.png", 2, "error: no file matches `nowhere.png`\n  load nowhere.png\n       ^^^^^^^^^^^\n"),
        ("div 1 0", 1, "error: div (1): division by zero\n"),
        ("t2i a fox --model nope", 4, None),
        ("blur 2 --image p.png --radios 3", 2, None),
    ],
)
def test_a_failure_ends_the_pipe_with_its_status_and_one_error_message(
    pipe: Pipe, line: str, status: int, err: str | None
) -> None:
    result = pipe(line, "blur 2", "save x.png")
    assert result.status == [status] * 3
    assert result.stages[1].err + result.stages[2].err == ""
    assert result.stages[0].err.startswith("error: ")
    assert err is None or result.err == err


def test_results_before_a_failure_are_still_processed(pipe: Pipe) -> None:
    result = pipe("list 1 0 2 | iterate as n | div --a 4 --b @n as r | blur @r --image p.png", "save '{index}.png'")
    assert (result.status, result.out) == ([3, 3], "1.png\n2.png\n")


def test_an_empty_loop_pipes_no_result_and_is_not_an_error(pipe: Pipe) -> None:
    result = pipe("range 1 1 | iterate as n | blur @n --image p.png", "scale 2", "save x.png")
    assert (result.status, result.out, result.err) == ([0, 0, 0], "", "")


def test_a_complete_line_does_not_read_standard_input(pipe: Pipe) -> None:
    assert pipe("add 1 2", stdin="5\n").out == "3\n"


@pytest.mark.parametrize(
    ("stdin", "says"),
    [
        ('{"a": 1}\n', "line 1: this JSON is not a result of `invokeai`"),
        ('p.png\n{"a": \n', "line 2: invalid JSON"),
        ('{"schema": "piped/1", "session": "x"}', "line 1: this result is damaged: `store` is missing"),
        ('{"schema": "piped/2"}', "line 1: the format of this result is piped/2, but this version reads piped/1"),
        ('{"schema": "result/1"}', "line 1: this is the output of `--json`, which cannot be used as input"),
        ('{"schema": "event/1"}', "line 1: this is the output of `--events`, which cannot be used as input"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 1: this is not text"),
    ],
)
def test_an_unknown_or_damaged_stream_is_refused(pipe: Pipe, stdin: str | bytes, says: str) -> None:
    result = pipe("blur 2 | save x.png", stdin=stdin)
    (*_, error, hint) = result.err.splitlines()
    assert result.status == [2]
    assert error == f"error: standard input, {says}"
    assert hint.startswith("  ")


def test_an_invalid_plain_value_is_refused_with_its_line_number(pipe: Pipe) -> None:
    result = pipe("mul 2", stdin="3\nx\n4\n")
    assert (result.status, result.out) == ([2], "6\n")
    assert result.err == "-:2: error: `a` takes a number, not `x`\n  mul --a=x 2\n          ^\n"


def test_a_truncated_result_is_refused(pipe: Pipe) -> None:
    result = pipe("load p.png", lambda text: text[:80], "blur 2")
    assert result.status == [0, 2]
    assert result.err.startswith("error: standard input, line 1: invalid JSON\n")


def test_a_result_from_another_home_is_refused(pipe: Pipe, isolated_home: Path) -> None:
    result = pipe("load p.png", "blur 2", homes=(str(isolated_home / "a"), str(isolated_home / "b")))
    assert result.status == [0, 2]
    assert result.err == (
        f"error: standard input, line 1: this result is in {isolated_home}/a/data, "
        f"but this process uses {isolated_home}/b/data\n"
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
def test_a_missing_result_is_refused(pipe: Pipe, change: dict[str, Any], says: str) -> None:
    result = pipe("load p.png", again(lambda record: record | change), "blur 2")
    assert result.status == [0, 2]
    assert says in result.err
    assert result.err.endswith("\n  run the whole pipe again\n")


def test_an_invalid_line_is_refused_before_input_is_read(pipe: Pipe) -> None:
    result = pipe("scale --factr 2", stdin="not even read")
    assert result.status == [2]
    assert "`scale` has no input `factr`" in result.err
    assert "needs" not in result.err


def test_an_incomplete_line_is_refused_if_standard_input_is_empty(pipe: Pipe) -> None:
    result = pipe("mul 2", stdin="\n\n")
    assert result.status == [2]
    assert (
        result.err
        == "error: `mul` needs `b` (second number)\n  mul 2\n  ^^^\n  write --b B\n  standard input was empty\n"
    )


def test_a_result_of_the_wrong_type_is_refused_and_leaves_no_session(pipe: Pipe, type_: Any) -> None:
    result = pipe("load p.png", "denoise")
    assert result.status == [0, 2]
    assert "error: `denoise` needs `noise`" in result.err
    assert len(type_("sessions", "--json").document["sessions"]) == 1


@pytest.mark.parametrize("words", [("-q", "load p.png"), ("--json", "load p.png"), ("--events", "load p.png")])
def test_quiet_json_and_events_output_is_not_piped_by_reference(pipe: Pipe, type_: Any, words: tuple[str, ...]) -> None:
    result = pipe(list(words), "length")
    assert "piped/1" not in result.between[0]
    assert pipe(["-q", "load", "p.png"], "save x.png").out == "x.png\n"


def test_directives_and_scripts_print_plain_text_into_a_pipe(pipe: Pipe, tmp_path: Path) -> None:
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
def test_a_pipe_produces_the_same_results_as_a_single_line(pipe: Pipe, type_: Any, tmp_path: Path, line: str) -> None:
    ending = "format '{a}!' --a @-1" if "format" in line else "flip | save 'piped/{index:03}.png'"
    if "format" in line:
        assert pipe(line, "replace x y").out == type_(line).out
        return
    result = pipe(line, ending)
    assert result.status == [0, 0]
    assert type_(f"{line} | flip | save 'whole/{{index:03}}.png'").status == 0
    piped, whole = (sorted((tmp_path / name).iterdir()) for name in ("piped", "whole"))
    assert [pixels(path).tobytes() for path in piped] == [pixels(path).tobytes() for path in whole]
    checked = type_("replay", f"piped/{piped[-1].name}", "--check", "--allow-files")
    assert checked.status == 0, checked.err


def test_the_keep_going_option_continues_after_a_failure(pipe: Pipe) -> None:
    result = pipe(["--keep-going", "mul", "2"], stdin="3\nx\n4\n")
    assert (result.status, result.out) == ([3], "6\n8\n")
