"""`recipe save` and `recipe rm` in scripts: later lines are planned as if these directives had already run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

PLUS = "add ${a} ${b=2} | mul ${times=3}"


def test_a_script_is_planned_with_the_recipes_that_it_saves(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    script = tmp_path / "own.inv"
    script.write_text(f"let n = 4\nrecipe save plus '{PLUS}'\nplus 1 ${{n}}\nrecipe save more --from @-1\nmore\n")
    result = type_("run", "own.inv", "--dry-run")
    assert (result.status, result.err) == (0, "")
    assert not (isolated_home / "config" / "nodes").exists()
    assert type_("run", "own.inv").out.splitlines()[1::2] == ["15", "15"]
    assert type_("run", "own.inv", "--no-cache").status == 0


SCRIPTS = [
    ("recipe save plus 'add ${a} 1'\nplus x", "own.inv:2:6: error: `a` takes a"),
    ("recipe save plus 'add ${a} 1'\nrecipe rm plus\nplus 1", "own.inv:3:1: error: there is no command `plus`"),
    ("recipe save plus 'add ${a} | nowhere'\nadd 1 2", "own.inv:1:"),
    ("recipe save blur 'add ${a} 1'", "own.inv:1:1: error: there is already a command `blur`"),
    ("recipe save plus", "own.inv:1:1: error: `recipe save` needs a line or `--from`"),
    ("recipe rm plus", "own.inv:1:1: error: there is no recipe `plus`"),
    ("recipe save plus --from 1", "own.inv:1:1: error: the session has no line 1"),
    ("recipe save a 'add ${x} 1'\nrecipe save a 'add ${x} 2'", "own.inv:2:1: error: there is already a recipe `a`"),
]


@pytest.mark.parametrize(("text", "message"), SCRIPTS, ids=[text for text, _ in SCRIPTS])
def test_an_error_in_a_recipe_that_a_script_saves_is_reported_before_anything_runs(
    type_: TypeLine, tmp_path: Path, isolated_home: Path, text: str, message: str
) -> None:
    (tmp_path / "own.inv").write_text(f"{text}\n")
    for options in ([], ["--dry-run"]):
        result = type_("run", "own.inv", *options)
        assert (result.status, result.out) == (2, "")
        assert result.err.startswith(message)
    assert not (isolated_home / "config" / "nodes").exists()
