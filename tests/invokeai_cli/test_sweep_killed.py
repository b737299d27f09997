"""A sweep of 60 images in a real process that is killed again and again, and resumed each time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.damaged import damage
from tests.invokeai_cli.conftest import TypeLine

LINE = "load p.png | hue 1..12:1 | blur 0..4:1 | save '{row}-{col}.png' | grid | save sheet.png"
EVENTS = (5, 60, 61, 62, 75, 98, 120, 31, 44, 17)  # after how many lines of output each process is killed
HERE = Path(__file__).parents[2]


def world(folder: Path) -> Path:
    folder.mkdir()
    Image.linear_gradient("L").resize((24, 24)).convert("RGB").save(folder / "p.png")
    (folder / "s.inv").write_text(LINE + "\n")
    return folder


def images(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


def killed_after(folder: Path, count: int) -> tuple[int, list[str]]:
    """Run the script and kill its process after `count` lines of output.

    Return the exit status of the process, and the nodes that finished before it was killed.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "invokeai_cli", "--events", "run", "s.inv", "--resume"], cwd=folder, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(HERE)},
    )  # fmt: skip
    assert process.stdout is not None
    lines = [line for line, _ in zip(process.stdout, range(count), strict=False)]
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=240)
    events = [json.loads(line) for line in lines if line.endswith("\n")]
    return process.returncode, finished_in(events)


def finished_in(events: list[dict[str, Any]]) -> list[str]:
    return [f"{each['node_id']}{each['path']}" for each in events if each["event"] == "node_finished"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_072_a_killed_sweep_draws_each_image_once_and_ends_like_an_uninterrupted_one(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    whole, killed = world(tmp_path / "whole"), world(tmp_path / "killed")
    assert type_("run", "s.inv", folder=whole, INVOKEAI_HOME=str(isolated_home / "whole")).status == 0
    expected = images(whole)
    assert len(expected) == 1 + 60 + 1
    rounds = [killed_after(killed, count) for count in EVENTS]
    assert rounds[0][0] == -signal.SIGKILL
    last = type_("--events", "run", "s.inv", "--resume", folder=killed)
    assert last.status == 0
    finished = [node for _, nodes in rounds for node in nodes] + finished_in(last.events)
    assert len(set(finished)) == len(finished)
    assert images(killed) == expected


def test_055_the_first_image_of_a_sweep_is_saved_before_the_third_is_computed(type_: TypeLine, tmp_path: Path) -> None:
    folder = world(tmp_path / "once")
    events = type_("--events", LINE, folder=folder).events
    nodes = [each["node_id"] for each in events if each["event"] == "node_finished"]
    first = nodes.index("4")
    assert nodes[:first].count("3") == 1
    assert nodes[-3:] == ["5.collect", "5", "6"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_sweep_with_a_broken_first_file_is_completed_once_the_file_is_mended(
    type_: TypeLine, tmp_path: Path
) -> None:
    folder = world(tmp_path / "killed")
    (folder / "in").mkdir()
    for name in "bc":
        Image.linear_gradient("L").resize((24, 24)).rotate(ord(name)).save(folder / "in" / f"{name}.png")
    damage(folder / "in" / "a.png")
    (folder / "s.inv").write_text(
        "blur 'in/*.png' 1..6:1 | save '{stem}-{axis.radius}.png' | grid | save --overwrite sheet.png\n"
    )
    rounds = [killed_after(folder, count)[1] for count in (30, 45, 50)]
    first = type_("--events", "run", "s.inv", "--resume", folder=folder)
    assert first.status == 3
    holed = images(folder)
    assert set(holed) == {"p.png", "sheet.png", *(f"{name}-{radius}.png" for name in "bc" for radius in range(1, 7))}
    Image.linear_gradient("L").resize((24, 24)).save(folder / "in" / "a.png")
    last = type_("--events", "run", "s.inv", "--resume", folder=folder)
    assert last.status == 0
    finished = [node for nodes in (*rounds, finished_in(first.events), finished_in(last.events)) for node in nodes]
    looped = [node for node in finished if node.endswith("]") and not node.endswith("[]")]
    assert len(looped) == len(set(looped))
    whole = images(folder)
    changed = {name for name, data in whole.items() if holed.get(name) != data}
    assert changed == {"sheet.png", *(f"a-{radius}.png" for radius in range(1, 7))}
