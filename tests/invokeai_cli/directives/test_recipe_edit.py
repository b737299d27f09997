"""`recipe edit`: the user edits the file of a recipe; an edit with errors changes nothing and is kept for later."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import CliResult, TypeLine


class Editor:
    """An editor that runs a shell command with the edited file as `$1`."""

    def __init__(self, type_: TypeLine, folder: Path) -> None:
        self.type_, self.program = type_, folder / "edit.sh"

    def __call__(self, command: str, name: str = "plus") -> CliResult:
        self.program.write_text(f"#!/bin/sh\n{command}\n")
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)
        return self.type_("recipe", "edit", name, EDITOR=str(self.program))


@pytest.fixture
def edit(type_: TypeLine, tmp_path: Path) -> Editor:
    return Editor(type_, tmp_path)


@pytest.fixture
def plus(type_: TypeLine, isolated_home: Path) -> Path:
    """Save the recipe `plus` and return its file."""
    assert type_("recipe", "save", "plus", "add ${a} ${b=2}").status == 0
    return isolated_home / "config" / "nodes" / "plus.toml"


def test_an_edited_recipe_works_at_once(type_: TypeLine, edit: Editor, plus: Path) -> None:
    result = edit("""sed -i 's/add ${a} ${b}/add ${a} ${b} | mul ${times=3}/' "$1" """)
    assert (result.status, result.out) == (0, f"{plus}\n")
    assert result.err == "saved: `plus [A] [B] [TIMES] [OPTIONS]`; `help plus` explains it\n"
    assert 'times = {to = ["mul.b"], default = 3, position = 3}' in plus.read_text()
    assert type_("plus", "1").out == "9\n"


def test_the_editor_shows_the_file_of_the_recipe(edit: Editor, plus: Path, tmp_path: Path) -> None:
    edit('cp "$1" seen.txt; echo "$1" > name.txt')
    assert (tmp_path / "seen.txt").read_text() == plus.read_text()
    assert (tmp_path / "name.txt").read_text().endswith(".toml\n")


def test_a_text_with_an_error_is_refused_with_a_caret_and_opened_again(
    type_: TypeLine, edit: Editor, plus: Path, tmp_path: Path
) -> None:
    before = plus.read_text()
    result = edit("""sed -i 's/add/ad/' "$1" """)
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "the recipe is unchanged; `recipe edit plus` opens your text again\n"
        "error: there is no command `ad`\n"
        "  ad ${a} ${b}\n"
        "  ^^\n"
        "  did you mean `add`, `and` or `pad`?\n"
    )
    assert plus.read_text() == before
    assert type_("plus", "1").out == "3\n"
    result = edit("""cp "$1" seen.txt; sed -i 's/ad ${a} ${b}/sub ${a} ${b}/; s/ad\\./sub./g' "$1" """)
    assert 'pipeline = "ad ${a} ${b}"' in (tmp_path / "seen.txt").read_text()
    assert result.err.startswith("this is the text that was refused the last time; to discard it, remove all of it\n")
    assert result.status == 0
    assert type_("plus", "5").out == "3\n"
    assert edit('cp "$1" seen.txt').err.startswith("saved: ")


def test_saving_an_empty_text_discards_the_refused_text(edit: Editor, plus: Path, tmp_path: Path) -> None:
    before = plus.read_text()
    edit("""sed -i 's/add/ad/' "$1" """)
    result = edit(': > "$1"')
    assert (result.status, result.out) == (0, f"{plus}\n")
    assert result.err.endswith("the recipe is unchanged, because the text was empty\n")
    edit('cp "$1" seen.txt')
    assert plus.read_text() == before == (tmp_path / "seen.txt").read_text()


def test_a_file_that_is_not_toml_is_refused_with_the_line_of_the_error(edit: Editor, plus: Path) -> None:
    result = edit("""sed -i 's/^summary = /summary /' "$1" """)
    assert result.status == 2
    assert "plus.toml:2:9: error: the file is not TOML: Expected '=' after a key" in result.err
    assert '\n  summary "add ${a} ${b=2}"\n          ^\n' in result.err


def test_a_broken_recipe_can_be_repaired(type_: TypeLine, edit: Editor, plus: Path) -> None:
    plus.write_text('type = "plus"\nsummary = "Add."\npipeline = "ad 1 2"\n')
    assert "warning: not loaded" in type_("add", "1", "2").err
    assert edit("""sed -i 's/ad 1/add 1/' "$1" """).status == 0
    assert type_("plus").out == "3\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [("t2i", "`t2i` is built in and cannot be changed"), ("nowhere", "there is no recipe `nowhere`")],
)
def test_only_the_users_own_recipes_can_be_edited(edit: Editor, name: str, message: str) -> None:
    result = edit("true", name)
    assert result.status == 2
    assert result.err.startswith(f"error: {message}\n")


def test_an_editor_that_fails_leaves_the_recipe_unchanged(edit: Editor, plus: Path) -> None:
    before = plus.read_text()
    result = edit('echo x > "$1"; exit 3')
    assert result.status == 2
    assert "exited with status 3" in result.err
    assert plus.read_text() == before
