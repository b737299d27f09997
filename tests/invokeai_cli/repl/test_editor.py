"""The user's editor: how it is chosen, the edited text, and errors."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from invokeai_cli.editor import EditorFailed, command, edit
from tests.invokeai_cli.repl.conftest import MakeState


def script(folder: Path, body: str) -> list[str]:
    """Return an editor command that runs a shell script with the edited file as `$1`."""
    path = folder / "an editor"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return [str(path)]


NAMED = [
    ({"VISUAL": "code --wait", "EDITOR": "vi"}, ["code", "--wait"]),
    ({"EDITOR": "'/a b/vi' -n"}, ["/a b/vi", "-n"]),
    ({"VISUAL": " ", "EDITOR": "vi"}, ["vi"]),
]


@pytest.mark.parametrize(("variables", "words"), NAMED)
def test_the_editor_is_taken_from_the_environment(
    make_state: MakeState, variables: dict[str, str], words: list[str]
) -> None:
    assert command(make_state("", **variables).shell.environment) == words


def test_an_installed_editor_is_used_if_no_variable_names_one(
    make_state: MakeState, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = make_state("").shell.environment
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name == "vi" else None)
    assert command(environment) == ["/bin/vi"]
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(EditorFailed, match=r"^no editor found; set \$VISUAL or \$EDITOR$"):
        command(environment)


def test_an_unclosed_quote_in_the_variable_is_reported(make_state: MakeState) -> None:
    with pytest.raises(EditorFailed, match=r"^\$EDITOR is `vi 'x`, which has an unclosed quote$"):
        command(make_state("", EDITOR="vi 'x").shell.environment)


CHANGES = [
    ("true", "add 1 2\n| mul 3", "add 1 2\n| mul 3"),
    ('echo "| mul 5" >> "$1"', "add 1 2", "add 1 2\n| mul 5"),
    (': > "$1"', "add 1 2", ""),
    ('printf "t2i \\303\\274" > "$1"', "x", "t2i ü"),
    ('echo "${1##*/}" > "$1"', "x", "line.inv"),
]


@pytest.mark.parametrize(("body", "before", "after"), CHANGES)
def test_the_edited_text_is_returned(tmp_path: Path, body: str, before: str, after: str) -> None:
    assert edit(before, script(tmp_path, body)) == after


FAILURES = [
    ("exit 3", r"^the editor `.*/an editor` exited with status 3; the line is unchanged$"),
    ('rm "$1"', r"^the line edited with `.*/an editor` cannot be read: No such file or directory$"),
]


@pytest.mark.parametrize(("body", "why"), FAILURES)
def test_a_failing_editor_is_reported(tmp_path: Path, body: str, why: str) -> None:
    with pytest.raises(EditorFailed, match=why):
        edit("add 1 2", script(tmp_path, body))


def test_a_missing_editor_is_reported(tmp_path: Path) -> None:
    with pytest.raises(EditorFailed, match=r"^the editor `nosuch` cannot be started: No such file or directory$"):
        edit("add 1 2", ["nosuch"])


def test_the_temporary_file_is_deleted_after_editing(tmp_path: Path) -> None:
    edit("add 1 2", script(tmp_path, f'echo "$1" > "{tmp_path}/where"'))
    assert not os.path.exists((tmp_path / "where").read_text().strip())
