"""The history file and history expansion."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from invokeai_cli.repl.history import HistoryFile, NoSuchLine, expand_history


def test_history_entries_including_multiline_entries_keep_their_order(tmp_path: Path) -> None:
    file = HistoryFile(str(tmp_path / "state" / "history"))
    for text in ("add 1 2", "t2i a fox |\n  blur 2", 'load "ünï"'):
        file.append(text)
    assert file.read() == ["add 1 2", "t2i a fox |\n  blur 2", 'load "ünï"']


def test_a_line_with_a_leading_space_is_not_stored(tmp_path: Path) -> None:
    file = HistoryFile(str(tmp_path / "history"))
    for text in (" add 1 2", "", "   ", "\n", "mul 3 4"):
        file.append(text)
    assert file.read() == ["mul 3 4"]


def test_several_interactive_prompts_share_a_history_file_without_losing_lines(tmp_path: Path) -> None:
    path = str(tmp_path / "history")

    def type_lines(name: str) -> None:
        file = HistoryFile(path)
        for number in range(50):
            file.append(f"t2i {name * 200} {number}")

    threads = [threading.Thread(target=type_lines, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = HistoryFile(path).read()
    assert len(lines) == 200
    assert [line for line in lines if line.startswith("t2i aaa")] == [f"t2i {'a' * 200} {n}" for n in range(50)]


def test_the_readable_entries_of_a_damaged_history_file_are_returned(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_bytes(b'"add 1 2"\n{"no": 1}\n\xff\xfe\n"mul 3 4"\n"unfinished')
    assert HistoryFile(str(path)).read() == ["add 1 2", "mul 3 4"]


def test_a_history_file_that_cannot_be_written_causes_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = HistoryFile(str(tmp_path / "file" / "history"))
    file.append("add 1 2")
    assert file.read() == []


def test_the_history_file_is_readable_only_by_its_owner(tmp_path: Path) -> None:
    file = HistoryFile(str(tmp_path / "history"))
    file.append("add 1 2")
    assert (tmp_path / "history").stat().st_mode & 0o077 == 0


EXPANSIONS = [
    ("!!", "mul 3 4"),
    (" !! ", "mul 3 4"),
    ("!1", "load cat.png"),
    ("!2", "blur 2"),
    ("?blur", "help blur"),
    ("? blur", "help blur"),
    ("?", "help"),
    ("??blur", "help blur --all"),
    ("??", "help"),
    ("add 1 2", "add 1 2"),
    ("t2i wow !!", "t2i wow !!"),
    ("!fox", "!fox"),
]


@pytest.mark.parametrize(("text", "expanded"), EXPANSIONS)
def test_history_references_and_help_requests_with_a_question_mark_are_expanded(text: str, expanded: str) -> None:
    assert expand_history(text, ["add 1 2", "mul 3 4"], ["load cat.png", "blur 2"]) == expanded


@pytest.mark.parametrize(
    ("text", "lines", "why"),
    [
        ("!!", [], "there is no earlier line"),
        ("!1", [], "this session has no line 1: it has no lines yet"),
        ("!0", ["add 1 2"], "this session has no line 0: it has 1 line"),
        ("!3", ["a", "b"], "this session has no line 3: it has 2 lines"),
    ],
)
def test_a_reference_to_a_missing_line_is_an_error(text: str, lines: list[str], why: str) -> None:
    with pytest.raises(NoSuchLine, match=f"^{why}$"):
        expand_history(text, [], lines)
