"""The level (version) of the script language, which a script may state in its first line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

NEWER = (
    "{name}:1:19: error: the script is written for level 2 of the language, but this version supports level 1\n"
    "  # invokeai-script 2\n"
    "                    ^\n"
    "  update invokeai-cli to run it\n"
)
OLDER = "`{name}` is written for level 0 of the script language; it is read as level 1"


def test_a_script_that_is_saved_from_history_begins_with_the_language_level(type_: TypeLine, tmp_path: Path) -> None:
    type_("add", "1", "2")
    assert type_("history", "--save", "x.inv").status == 0
    assert (tmp_path / "x.inv").read_text().splitlines()[0] == "# invokeai-script 1"
    result = type_("run", "x.inv")
    assert (result.status, result.out) == (0, "3\n")
    assert "level" not in result.err


@pytest.mark.parametrize("words", [("run", "a.inv"), ("run", "a.inv", "--dry-run"), ("run", "a.inv", "--keep-going")])
def test_a_script_with_a_higher_level_is_refused_and_nothing_runs(
    type_: TypeLine, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "a.inv").write_text("# invokeai-script 2\nadd 1 2\n")
    result = type_(*words)
    assert (result.status, result.out, result.err) == (2, "", NEWER.format(name="a.inv"))


def test_an_inner_script_or_a_stream_with_a_higher_level_is_refused(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "a.inv").write_text("# invokeai-script 2\nadd 1 2\n")
    (tmp_path / "b.inv").write_text("add 1 2\nrun a.inv\n")
    result = type_("run", "b.inv")
    assert (result.status, result.out, result.err) == (2, "", NEWER.format(name="a.inv"))
    result = type_("-", stdin="# invokeai-script 2\nadd 1 2\n")
    assert (result.status, result.out, result.err) == (2, "", NEWER.format(name="-"))


def test_a_script_with_a_lower_level_causes_one_note(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "a.inv").write_text("# invokeai-script 0\nadd 1 2\n")
    (tmp_path / "b.inv").write_text("run a.inv\nrun a.inv\n")
    for words, name in ((("run", "a.inv"), "a.inv"), (("run", "b.inv"), "a.inv")):
        result = type_(*words)
        assert result.status == 0
        assert result.err.count(OLDER.format(name=name)) == 1
    result = type_("-", stdin="# invokeai-script 0\nadd 1 2\n")
    assert (result.out, result.err) == ("3\n", OLDER.format(name="-") + "\n")


@pytest.mark.parametrize("line", ["# invokeai-script", "# invokeai-script two", "# invokeai-script 1.5"])
def test_a_level_that_is_not_a_number_is_refused(type_: TypeLine, tmp_path: Path, line: str) -> None:
    (tmp_path / "a.inv").write_text(f"{line}\nadd 1 2\n")
    result = type_("run", "a.inv")
    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines()[0].endswith("error: the level of the language must be a number")
    assert result.err.splitlines()[-1] == "  write `# invokeai-script 1`"


@pytest.mark.parametrize(
    "text",
    ["# invokeai-scripts\nadd 1 2\n", "add 1 2\n# invokeai-script 9\n", "\ufeff# invokeai-script 1\r\nadd 1 2\n"],
)
def test_a_comment_that_does_not_state_the_level_has_no_effect(type_: TypeLine, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.inv").write_text(text)
    assert type_("run", "a.inv").out == "3\n"
