"""Scripts and standard input: many lines in one session, and failures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.invokeai_cli.conftest import TypeLine

WRONG = "add 1 2\nad 3\nadd 3 4\n"


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        (tmp_path / "poster.inv").write_bytes(text.encode("utf-8", "surrogateescape"))
        return "poster.inv"

    return write


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("add 1 2\n\n# a comment\nadd 3 4  # another\n", "3\n7\n"),
        ("add 1 2\n| mul 5\n", "3\n15\n"),
        ("add 1 2 as three\nadd @three 1\nadd @1 @-1\n", "3\n4\n7\n"),
        ("add 1 2 |\n  mul 5\n", "15\n"),
        ("add 1 \\\n 2\n", "3\n"),
        ("\ufeffadd 1 2\r\nadd 3 4\r\n", "3\n7\n"),
        ("", ""),
        ("add 1 2\nexit\nadd 3 4\n", "3\n"),
    ],
)
def test_138_lines_are_read_from_a_file_or_from_standard_input(
    type_: TypeLine, script: Callable[[str], str], text: str, out: str
) -> None:
    for result in (
        type_("run", script(text)),
        type_("-", stdin=text),
        type_(stdin=text),
        type_("run", "-", stdin=text),
    ):
        assert (result.status, result.out) == (0, out)
        assert "error" not in result.err


def test_126_an_error_in_a_script_names_file_line_and_column(type_: TypeLine, script: Callable[[str], str]) -> None:
    result = type_("run", script("add 1 2\n\n  add 1 2 | mul --bb 5\n"))
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "poster.inv:3:17: error: `mul` has no input `bb`\n"
        "    add 1 2 | mul --bb 5\n"
        "                  ^^^^\n"
        "  did you mean `--b`? (int or float, required)\n"
    )
    (error,) = type_("run", script("\nad"), "--json").document["errors"]
    assert (error["file"], error["line"], error["column"]) == ("poster.inv", 2, 1)


def test_127_keep_going_runs_the_remaining_lines_and_exits_with_3(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    stopped = type_("run", script(WRONG))
    assert (stopped.status, stopped.out) == (2, "")
    for result in (
        type_("run", script(WRONG), "--keep-going"),
        type_("--keep-going", "-", stdin=WRONG),
        type_("run", script(WRONG), INVOKEAI_KEEP_GOING="yes"),
    ):
        assert (result.status, result.out) == (3, "3\n7\n")
        assert result.err.count("error:") == 1


def test_127_a_failed_node_ends_a_script_unless_keep_going_is_set(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    text = "add 1 2\ndiv 1 0\nadd 3 4\n"
    assert (type_("run", script(text)).status, type_("run", script(text), "--keep-going").status) == (1, 3)


def test_130_after_an_error_earlier_results_can_still_be_used(type_: TypeLine, script: Callable[[str], str]) -> None:
    result = type_("run", script("add 1 2 as three\nad\ndiv 1 0 as none\nadd @three 10\n"), "--keep-going")
    assert result.out == "3\n13\n"
    assert result.status == 3


def test_130_dependents_of_a_failed_node_do_not_run(type_: TypeLine, script: Callable[[str], str]) -> None:
    result = type_("run", script("div 1 0 as none\nadd @none 1\nadd 1 1\n"), "--keep-going")
    assert result.out == "2\n"
    assert result.status == 3


def test_140_a_line_can_refer_to_the_results_of_earlier_lines(type_: TypeLine, script: Callable[[str], str]) -> None:
    result = type_("run", script("add 1 2 as x\nadd 10 20\nadd @x @-1\nadd @1.value @2\n"))
    assert result.out == "3\n30\n33\n33\n"


def test_131_a_default_set_with_the_directive_set_overrides_the_default_of_the_node(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    text = "set step 2\nrange 0 6\nrange 0 6 --step 3\nunset step\nrange 0 3\n"
    result = type_("run", script(text))
    assert result.status == 0
    assert result.out.split() == ["0", "2", "4", "0", "3", "0", "1", "2"]


def test_131_the_command_line_overrides_the_script(type_: TypeLine, script: Callable[[str], str]) -> None:
    result = type_("run", script("set range.step 2\nrange 0 6\n"), "--set", "range.step=5")
    assert result.out.split() == ["0", "5"]
    assert result.err.startswith("`range.step` keeps its value from `--set`\n1 done, 0 failed, ")


def test_131_a_default_is_saved_only_on_request(
    type_: TypeLine, script: Callable[[str], str], isolated_home: Path
) -> None:
    type_("run", script("set step 2\nrange 0 4\n"))
    assert type_("range", "0", "4").out.split() == ["0", "1", "2", "3"]
    assert type_("set", "step", "2", "--save").status == 0
    assert type_("range", "0", "4").out.split() == ["0", "2"]
    assert type_("range", "0", "4", "--set", "step=3").out.split() == ["0", "3"]
    assert type_("range", "0", "4", "--step", "1").out.split() == ["0", "1", "2", "3"]
    assert type_("run", script("unset step\nrange 0 3\n")).out.split() == ["0", "1", "2"]
    assert type_("unset", "step", "--save").status == 0
    assert type_("range", "0", "3").out.split() == ["0", "1", "2"]


def test_131_a_default_of_the_wrong_type_is_refused(type_: TypeLine) -> None:
    result = type_("range", "0", "4", "--set", "step=much")
    assert result.status == 2
    assert "step" in result.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("set", "stap", "1"), "error: no command has an input `stap`\n  did you mean `stop` or `step`"),
        (("set", "rang.step", "1"), "error: there is no command `rang`\n  did you mean `range`"),
        (("set", "range.stap", "1"), "error: `range` has no input `stap`\n  did you mean `stop` or `step`"),
        (("set", "step"), "error: `set` needs an argument: VALUE\n  usage: set"),
        (("unset", "step"), "error: no default of `step` is set\n"),
    ],
)
def test_131_the_directive_set_refuses_invalid_arguments(type_: TypeLine, words: tuple[str, ...], message: str) -> None:
    result = type_(*words)
    assert result.status == 2
    assert result.err.startswith(message)


def test_a_script_runs_scripts_in_its_own_session(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "inner.inv").write_text("add 1 2 as three\n")
    (tmp_path / "outer.inv").write_text("run inner.inv\nadd @three 4\n")
    assert type_("run", "outer.inv").out == "3\n7\n"


def test_a_script_that_runs_itself_is_refused(type_: TypeLine, script: Callable[[str], str]) -> None:
    result = type_("run", script("run poster.inv\n"))
    assert result.status == 2
    assert "poster.inv:1:1: error: `poster.inv` runs itself: poster.inv -> poster.inv" in result.err


@pytest.mark.parametrize("name", ["nowhere.inv", ".", "a\0b"])
def test_a_script_that_cannot_be_read_is_refused(type_: TypeLine, name: str) -> None:
    result = type_("run", name)
    assert result.status == 2
    assert result.err.startswith("error: the script `")


WRONG_LATIN_1 = """\
poster.inv:1:10: error: not UTF-8; save it as UTF-8
  t2i a caf\\xe9 house --steps 2 --seed 1 | save latin1.png --overwrite
           ^^^^
"""
LATIN_1 = "t2i a caf\xe9 house --steps 2 --seed 1 | save latin1.png --overwrite\n".encode("latin-1")


@pytest.mark.parametrize(
    ("data", "err"),
    [
        (LATIN_1, WRONG_LATIN_1),
        (
            b"add 1 2\r\n\xff\xfe\r\n",
            "poster.inv:2:1: error: not UTF-8; save it as UTF-8\n  \\xff\\xfe\n  ^^^^\n",
        ),
        (
            "add 1 2\nadd 3 4".encode("utf-16")[:-1],
            "poster.inv:2:7: error: invalid UTF-16; save it as UTF-8\n  add 3 \\x34\n        ^^^^\n",
        ),
    ],
    ids=["Latin-1", "two bytes", "half a character of UTF-16"],
)
def test_a_script_that_is_not_utf_8_is_refused_at_the_first_invalid_byte(
    type_: TypeLine, tmp_path: Path, data: bytes, err: str
) -> None:
    """Nothing runs, and a dry run reports the same error."""
    (tmp_path / "poster.inv").write_bytes(data)
    for words in (("run", "poster.inv"), ("run", "poster.inv", "--dry-run")):
        result = type_(*words)
        assert (result.status, result.out, result.err) == (2, "", err)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_script_in_utf_16_with_a_byte_order_mark_is_read(type_: TypeLine, tmp_path: Path, encoding: str) -> None:
    """Notepad saves such files with CRLF line endings."""
    (tmp_path / "poster.inv").write_bytes("\ufeffadd 1 2\r\nmul 2 3\r\n".encode(encoding))
    result = type_("run", "poster.inv")
    assert (result.status, result.out) == (0, "3\n6\n")


def test_running_an_image_as_a_script_is_refused(type_: TypeLine, script: Callable[[str], str]) -> None:
    result = type_("run", script("\udc89PNG\r\n\x1a\n\0\0\0\rIHDR\n"))
    assert (result.status, result.out) == (2, "")
    assert result.err.endswith("is not a text file\n  `run` takes a script; to recreate an image, use `replay`\n")


def test_a_directive_in_a_pipe_is_refused(type_: TypeLine) -> None:
    assert type_("history", "|", "save").err.startswith("error: `history` is a shell directive")
    result = type_("add 1 2 | history")
    assert result.status == 2
    assert "`history` is a shell directive" in result.err


def test_135_the_thousandth_line_takes_as_many_function_calls_as_the_first(
    type_: TypeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count function calls, which do not depend on the load of the machine."""
    import sys

    counts: list[int] = []
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += 1

    from invokeai_cli import loop

    plain = loop.run_statement

    def counted(shell: Any, source: Any) -> int:
        nonlocal calls
        calls = 0
        sys.setprofile(count)
        try:
            return plain(shell, source)
        finally:
            sys.setprofile(None)
            counts.append(calls)

    monkeypatch.setattr(loop, "run_statement", counted)
    lines = "add 1 2 as first\n" + "add @-1 1\nadd @first 1\n" * 400
    assert type_("-q", "-", stdin=lines).status == 0
    early, late = sorted(counts[20:120])[50], sorted(counts[-100:])[50]
    assert late <= early * 1.1


def test_a_script_name_without_the_word_run_is_refused_with_a_hint(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    result = type_(script("add 1 2\n"))
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "error: there is no command `poster.inv`\n  to run the lines of this file: invokeai run poster.inv\n"
    )


def test_126_a_failure_while_a_script_runs_is_reported_with_file_line_and_column(
    type_: TypeLine, tmp_path: Path
) -> None:
    (tmp_path / "poster.inv").write_text("add 1 2\n  add 1 2 | div 0\nset stepz 3\nhelp nothing\n")
    result = type_("run", "poster.inv", "--keep-going")
    assert (result.status, result.out) == (3, "3\n")
    assert [line for line in result.err.splitlines() if "error" in line] == [
        "poster.inv:3:1: error: no command has an input `stepz`",
        "poster.inv:2:13: error: div (3): division by zero",
        "poster.inv:4:1: error: there is no help for `nothing`",
    ]
    (error,) = type_("--json", "-", stdin="add 1 2\ndiv 1 0\n").document["errors"]
    assert (error["file"], error["line"], error["column"], error["node"]) == ("-", 2, 1, "2")


def test_a_failed_directive_is_counted_with_the_lines_that_failed(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    name = script("add 1 2\nload none.png\nset width 304 --model default\nset width 301 --model default\nadd 1 3\n")
    result = type_("run", name, "--keep-going")
    assert result.status == 3
    assert result.err.count("error: ") == 2
    assert result.err.splitlines()[-1].startswith("2 done, 2 failed, ")
