"""Scripts resumed after a kill, a failure or a change: nothing is computed twice and nothing is lost."""

from __future__ import annotations

import io
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from invokeai_cli.environment import Environment
from invokeai_cli.main import run
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.damaged import damage

IMAGES, KILLS = 60, 40


@pytest.fixture
def night(tmp_path: Path) -> Callable[[str], str]:
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")

    def write(text: str) -> str:
        (tmp_path / "night.inv").write_text(text)
        return "night.inv"

    return write


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def started(folder: Path, home: Path, *words: str) -> int:
    """Run the program in a forked process with all modules loaded; return its process id."""
    child = os.fork()
    if child:
        return child
    status = 99
    try:
        os.chdir(folder)
        variables = {"INVOKEAI_HOME": str(home)}
        with open(home.with_suffix(".err"), "w") as err:
            environment = Environment(io.StringIO(), io.StringIO(), err, variables, str(folder), home=str(home))
            status = run(list(words), environment)
    finally:
        os._exit(status)


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def resume_to_the_end(folder: Path, home: Path) -> None:
    """Resume until the script is done; rerun items that were skipped because they crashed the program twice."""
    words = ["run", "night.inv", "--resume"]
    while ended(started(folder, home, *words)) != 0:
        assert "it crashed the program twice and is quarantined" in home.with_suffix(".err").read_text()
        assert ended(started(folder, home, *words, "--only", "failed")) == 0


def written(folder: Path) -> int:
    return sum(name.endswith(".png") for name in os.listdir(folder))


def killed_after_progress(child: int, folder: Path, dice: random.Random) -> bool:
    """Kill a run at a random moment after it has written one more image; return True if it was still running."""
    before = written(folder)
    while written(folder) == before:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        time.sleep(0.003)
    time.sleep(dice.random() * 0.02)
    os.kill(child, signal.SIGKILL)
    return ended(child) == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_sixty_images_with_forty_kills_match_an_uninterrupted_run(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    dice = random.Random(4)
    names = ["", "", "{index:03}-x.png", "fixed-{n}.png"]
    lines = [f"load p.png | blur {1 + n / 10} | rotate {n} | save {names[n % 4]}".rstrip() for n in range(IMAGES)]
    text = "\n".join(line.replace("{n}", str(number)) for number, line in enumerate(lines))
    picture = io.BytesIO()
    Image.effect_noise((24, 24), 60).convert("RGB").save(picture, "PNG")

    def world(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "p.png").write_bytes(picture.getvalue())
        (folder / "night.inv").write_text(text)
        return folder

    warm = world("warm")
    assert type_("run", "night.inv", "--from", str(IMAGES - 4), folder=warm).status == 0  # loads all modules
    whole = world("whole")
    assert ended(started(whole, isolated_home / "whole", "run", "night.inv")) == 0
    expected = pictures(whole)
    assert len(expected) == IMAGES + 2
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        folder, home = world(f"killed-{rounds}"), isolated_home / f"killed-{rounds}"
        words = ["run", "night.inv"]
        while kills < KILLS and killed_after_progress(started(folder, home, *words), folder, dice):
            kills += 1
            words = ["run", "night.inv", "--resume"]
        resume_to_the_end(folder, home)
        assert pictures(folder) == expected


def test_finished_nodes_do_not_run_again(type_: TypeLine, night: Callable[[str], str], tmp_path: Path) -> None:
    name = night("load p.png | blur 2 | save\nadd 1 2 as three\ndiv @three 0\nadd @three 5\n")
    first = type_("run", name)
    assert (first.status, first.out) == (1, "000001.png\n3\n")
    result = type_("run", name, "--resume", "--keep-going", "--json")
    assert result.status == 3
    summary = result.document["summary"]
    assert [summary[key] for key in ("done", "failed", "reused")] == [1, 1, 2]
    assert [each["value"] for each in result.document["results"]][1:] == [3, 8]
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["000001.png", "p.png"]
    assert type_("run", name).out == "000002.png\n3\n"


def test_an_accidental_rerun_does_not_hide_the_stopped_run(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("load p.png | blur 1 | save a.png\nload p.png | blur 2 | save b.png\nload q.png | save c.png\n")
    damage(tmp_path / "q.png")
    assert type_("run", name).status == 1  # c.png depends on a damaged image
    assert "a.png` already exists" in type_("run", name).err
    result = type_("run", name, "--resume", "--json").document["summary"]
    assert [result[key] for key in ("done", "failed", "reused")] == [0, 1, 2]


def test_a_finished_run_is_not_mistaken_for_a_stopped_one(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("load p.png | blur 1\n")
    assert type_("run", name).out == "000001.png\n"
    (tmp_path / "p.png").rename(tmp_path / "away.png")
    damage(tmp_path / "p.png")
    assert type_("run", name).status == 1
    (tmp_path / "away.png").rename(tmp_path / "p.png")
    assert type_("run", name, "--resume").out == "000002.png\n"


def test_a_stopped_script_says_how_to_resume(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("add 1 2\ndiv 1 0\nadd 3 4\n")
    assert type_("run", name).err.splitlines()[-1] == "`invokeai run night.inv --resume` resumes it"
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
    assert result.err.splitlines()[-1].startswith("3 done, 0 failed, 2 cached")


def test_a_changed_variable_changes_the_line(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("add 1 ${x}\nadd 2 2\n")
    assert type_("run", name, "--set", "x=1").out == "2\n4\n"
    result = type_("run", name, "--set", "x=5", "--resume")
    assert result.out == "6\n4\n"
    assert "reusing 1 of its 2 lines" in result.err


def test_only_failed_reruns_only_failures(type_: TypeLine, night: Callable[[str], str], tmp_path: Path) -> None:
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
def test_only_requires_resume(
    type_: TypeLine, night: Callable[[str], str], words: tuple[str, ...], message: str
) -> None:
    assert type_("run", night("add 1 2\n"), *words).err.startswith(message)


def test_a_script_that_was_not_run_starts_from_the_beginning(type_: TypeLine, night: Callable[[str], str]) -> None:
    result = type_("run", night("add 1 2\n"), "--resume")
    assert (result.status, result.out) == (0, "3\n")
    assert "has not been run before" in result.err


def test_an_item_that_crashed_the_process_twice_is_skipped(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from invocations.nodes.filters import Blur

    name = night("add 1 1\nload p.png | blur 2 | save a.png\nadd 2 2\n")
    good = Blur.invoke
    monkeypatch.setattr(Blur, "invoke", lambda *_: os._exit(77))
    assert ended(started(tmp_path, isolated_home, "run", name)) == 77
    assert ended(started(tmp_path, isolated_home, "run", name, "--resume")) == 77
    for _ in range(2):
        result = type_("run", name, "--resume", "--keep-going")
        assert (result.status, result.out) == (3, "2\n4\n")
        assert "night.inv:2:14: error: blur (3): it crashed the program twice and is quarantined" in result.err
    monkeypatch.setattr(Blur, "invoke", good)
    result = type_("run", name, "--resume", "--only", "failed")
    assert (result.status, result.out) == (0, "a.png\n")


def written_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("0*.png"))


def test_a_loop_in_which_an_item_failed_and_which_was_killed_is_resumed(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from invocations.nodes.filters import Blur

    for name in ("a1", "a2", "a3"):
        Image.effect_noise((8, 8), 60).convert("RGB").save(tmp_path / f"{name}.png")
    (tmp_path / "a0.png").write_text("not an image")
    script = night("list a0.png a1.png a2.png a3.png | iterate as f | load @f | rotate 90 | blur 1 | save\n")
    good, left = Blur.invoke, iter(range(2))
    monkeypatch.setattr(Blur, "invoke", lambda *a: os._exit(77) if next(left, None) is None else good(*a))
    assert ended(started(tmp_path, isolated_home, "run", script)) == 77
    monkeypatch.setattr(Blur, "invoke", good)
    result = type_("run", script, "--resume")
    assert (result.status, result.err.count("Traceback")) == (1, 0)
    assert "error: load (3): `a0.png` cannot be read as an image" in result.err
    assert len(written_in(tmp_path)) == 3
    Image.new("RGB", (8, 8)).save(tmp_path / "a0.png")
    result = type_("run", script, "--resume")
    assert (result.status, sorted(result.out.split())) == (0, written_in(tmp_path))
    assert written_in(tmp_path) == ["000001.png", "000002.png", "000003.png", "000004.png"]


def test_an_image_lost_from_the_store_is_made_again(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, isolated_home: Path
) -> None:
    name = night("load p.png | blur 2 as soft\ndiv 1 0\nrotate 5 --image @soft | save b.png\n")
    assert type_("run", name, "--no-cache").status == 1
    for path in [*isolated_home.rglob("*.png"), tmp_path / "000001.png"]:
        path.unlink()
    assert type_("run", name, "--resume", "--keep-going", "--no-cache").status == 3
    assert {path.name for path in tmp_path.glob("*.png")} == {"p.png", "000001.png", "b.png"}


def test_every_line_and_node_is_recorded_at_start_and_end(
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
