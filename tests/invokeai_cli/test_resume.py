"""When a script is resumed after a kill, a failure or a change, nothing is computed twice and nothing is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.damaged import damage
from tests.invokeai_cli.conftest import TypeLine


def test_finished_nodes_do_not_run_again(type_: TypeLine, night: Callable[[str], str], tmp_path: Path) -> None:
    name = night("load p.png | blur 2 | save\nadd 1 2 as three\ndiv @three 0\nadd @three 5\n")
    first = type_("run", name)
    assert (first.status, first.out) == (1, "000001-p.png\n3\n")
    result = type_("run", name, "--resume", "--keep-going", "--json")
    assert result.status == 3
    summary = result.document["summary"]
    assert [summary[key] for key in ("done", "failed", "reused")] == [1, 1, 2]
    assert [each["value"] for each in result.document["results"]][1:] == [3, 8]
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["000001-p.png", "p.png"]
    assert type_("run", name).out == "000002-p.png\n3\n"


def test_an_accidental_rerun_does_not_hide_the_stopped_run(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("load p.png | blur 1 | save a.png\nload p.png | blur 2 | save b.png\nload q.png | save c.png\n")
    damage(tmp_path / "q.png")
    assert type_("run", name).status == 1  # c.png depends on a damaged image
    assert "a.png` already exists" in type_("run", name).err
    result = type_("run", name, "--resume", "--json").document["summary"]
    assert [result[key] for key in ("done", "failed", "reused")] == [0, 1, 2]


def test_a_finished_run_is_not_mistaken_for_a_stopped_run(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("load p.png | blur 1\n")
    assert type_("run", name).out == "000001-p.png\n"
    (tmp_path / "p.png").rename(tmp_path / "away.png")
    damage(tmp_path / "p.png")
    assert type_("run", name).status == 1
    (tmp_path / "away.png").rename(tmp_path / "p.png")
    assert type_("run", name, "--resume").out == "000002-p.png\n"


def test_a_note_shows_how_to_resume_a_stopped_script(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("add 1 2\ndiv 1 0\nadd 3 4\n")
    assert (
        type_("run", name).err.splitlines()[-1]
        == "`invokeai run night.inv --resume` resumes it; without --resume, it starts over"
    )
    assert "--resume" not in type_("run", name, "--keep-going").err
    assert "--resume" not in type_("run", name, "-q").err


def test_a_changed_script_is_resumed_line_by_line(type_: TypeLine, night: Callable[[str], str], tmp_path: Path) -> None:
    type_("run", night("load p.png | blur 2 | save a.png\nadd 1 2 as three\ndiv @three 0\n"))
    result = type_(
        "run",
        night("add 5 5\nload p.png | blur 2 | save a.png\nadd 1 2 as three\ndiv @three 3\nadd @three 1\n"),
        "--resume",
    )
    assert (result.status, result.out) == (0, "10\na.png\n3\n1\n4\n")
    assert "has changed since session" in result.err
    assert "reusing 2 of its 5 lines" in result.err
    assert result.err.splitlines()[-1].startswith("3 done, 0 failed, 2 already done")


def test_a_line_with_a_changed_variable_runs_again(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("add 1 ${x}\nadd 2 2\n")
    assert type_("run", name, "--set", "x=1").out == "2\n4\n"
    result = type_("run", name, "--set", "x=5", "--resume")
    assert result.out == "6\n4\n"
    assert "reusing 1 of its 2 lines" in result.err


def test_resuming_with_only_failed_runs_only_the_failed_lines(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("add 1 1\nload q.png | blur 2 | save b.png\nadd 2 2\n")
    damage(tmp_path / "q.png")
    assert type_("run", name, "--keep-going").status == 3
    Image.new("RGB", (8, 8)).save(tmp_path / "q.png")
    result = type_("run", name, "--resume", "--only", "FAILED")
    assert (result.status, result.out) == (0, "b.png\n")
    result = type_("run", name, "--resume", "--only", "FAILED")
    assert (result.status, result.out) == (0, "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--only", "failed"), "error: `--only` needs `--resume` and the value `failed`"),
        (("--resume", "--only", "some"), "error: `--only` needs `--resume` and the value `failed`"),
    ],
)
def test_the_option_named_only_is_refused_without_resume_or_with_a_value_other_than_failed(
    type_: TypeLine, night: Callable[[str], str], words: tuple[str, ...], message: str
) -> None:
    assert type_("run", night("add 1 2\n"), *words).err.startswith(message)


def test_a_script_that_has_never_been_run_starts_from_the_beginning(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    result = type_("run", night("add 1 2\n"), "--resume")
    assert (result.status, result.out) == (0, "3\n")
    assert "has not been run before" in result.err


def test_an_image_that_is_missing_from_the_store_is_recomputed(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, isolated_home: Path
) -> None:
    name = night("load p.png | blur 2 as soft\ndiv 1 0\nrotate 5 --image @soft | save b.png\n")
    assert type_("run", name, "--no-cache").status == 1
    for path in isolated_home.rglob("*.png"):
        path.unlink()
    assert type_("run", name, "--resume", "--keep-going", "--no-cache").status == 3
    assert {path.name for path in tmp_path.glob("*.png")} == {"p.png", "b.png"}


def test_the_start_and_the_end_of_every_line_and_node_are_recorded(
    type_: TypeLine, night: Callable[[str], str], isolated_home: Path
) -> None:
    type_("run", night("load p.png | blur 2 | save a.png\n"))
    with sqlite3.connect(isolated_home / "data" / "sessions.sqlite") as store:
        rows = store.execute("select json_extract(data, '$.entry') from entries order by number").fetchall()
    store.close()
    kinds = [kind for (kind,) in rows]
    assert kinds == ["extension", *["started", "finished"] * 2, "started", "claimed", "finished", "line_ended"]


def test_resuming_a_finished_script_imports_neither_torch_nor_nodes(tmp_path: Path, isolated_home: Path) -> None:
    (tmp_path / "night.inv").write_text("add 1 2\n" * 20)
    program = (
        "import sys; from invokeai_cli.__main__ import main\n"
        "try: main()\nfinally: print([m for m in ('torch', 'PIL', 'pydantic', 'typer', 'numpy') if m in sys.modules])"
    )

    def result(*words: str) -> str:
        command = [sys.executable, "-c", program, "run", "night.inv", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    result()
    assert result("--resume") == "3\n" * 20 + "[]\n"
