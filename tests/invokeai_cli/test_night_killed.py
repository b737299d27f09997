"""An overnight job in a real process, killed again and again and restarted each time with the same options."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

COUNT = 12
LINES = [
    *(f"load p.png | blur {n} | save plain-{n}.png" for n in range(1, COUNT + 1)),
    "load p.png as p",
    'range 1 7 | iterate as n | rotate @n --image @p | save "loop-{index:02}.png"',
    "load nowhere.png | save never.png",
    "add 1 2",
]
WORDS = ("run", "night.inv", "--keep-going", "--log", "night.log", "--max-images", "100")


def images(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "invokeai_cli", *words], cwd=folder, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip


def killed_after(process: subprocess.Popen[str], count: int) -> bool:
    """Kill a run after it prints the given number of paths; return False if it ends before that."""
    assert process.stdout is not None
    for _ in range(count):
        if not process.stdout.readline():
            break
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=240)
    return process.returncode == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_job_that_is_killed_again_and_again_ends_like_an_uninterrupted_job(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    worlds = [tmp_path / name for name in ("whole", "killed")]
    for world in worlds:
        world.mkdir()
        Image.linear_gradient("L").resize((24, 24)).convert("RGB").save(world / "p.png")
        (world / "night.inv").write_text("\n".join(LINES))
    whole, killed = worlds
    assert type_(*WORDS, folder=whole, INVOKEAI_HOME=str(isolated_home / "whole")).status == 3
    expected = images(whole)
    assert len(expected) == 1 + COUNT + 6
    assert killed_after(start(killed, *WORDS), 3)
    rounds = 1
    while rounds < 6 and killed_after(start(killed, *WORDS, "--resume"), 3 * (rounds + 1)):
        rounds += 1
    assert rounds >= 4
    result = type_(*WORDS, "--resume", folder=killed)
    assert (result.status, result.out.splitlines()[-1]) == (3, "3")
    assert "never.png" not in result.out
    assert images(killed) == expected
    log = (killed / "night.log").read_text()
    assert log.count("resuming session ") >= rounds
    assert " done, 1 failed, " in log.splitlines()[-1]
    (killed / "nowhere.png").write_bytes(expected["p.png"])
    assert type_(*WORDS, "--resume", folder=killed).status == 0
    result = type_("run", "night.inv", folder=killed)
    assert (result.status, "`night.inv` is finished" in result.err) == (0, True)
