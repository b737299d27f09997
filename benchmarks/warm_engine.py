"""Measure a line that uses the warm engine, client and engine together, against the same line inside a session."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import chdir
from functools import partial
from itertools import count
from pathlib import Path
from unittest.mock import patch

from benchmarks.measure import INVOKEAI, PYTHON, Row, cpu_ms, in_turn, own_environment, temporary_home
from workflows import Workspace

BAR, START_UPS = 1.1, 15.0
RUNS = 9
LINE = "t2i a red fox --seed {} | save fox.png --overwrite"  # the number of steps is the model's default
NUMBERS = count()
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def rows() -> Iterator[Row]:
    """Measure a new image in turn: with the engine, and in a session that has the model loaded."""
    with temporary_home() as home, chdir(home):
        variables = {"INVOKEAI_HOME": home, "INVOKEAI_ENGINE": "on", "XDG_RUNTIME_DIR": home}
        with patch.dict(os.environ, own_environment(home) | variables):
            yield from _rows(home)


def _rows(home: str) -> Iterator[Row]:
    _engine("start")  # by the program that is measured: this process may run other code, which has an engine of its own
    try:
        with Workspace.open(home=home, settings={"engine": "off"}) as workspace:
            pid = int(json.loads(_engine("status", "--json"))["pid"])
            measures = [
                partial(cpu_ms, (PYTHON, "-c", "pass"), home), partial(_warm_ms, pid, home),
                partial(_inside_ms, workspace),
            ]  # fmt: skip
            bare, warm, inside = in_turn(measures, RUNS)
    finally:
        _engine("stop")
    yield Row(
        "t2i with the warm engine, CPU of both", warm, inside * BAR + START_UPS * bare, 1.0, note=_note(inside, bare)
    )


def _engine(*words: str) -> str:
    return subprocess.run((*INVOKEAI, "engine", *words), check=True, capture_output=True, text=True).stdout


def _note(inside: float, bare: float) -> str:
    return f"{BAR:g} x {inside:.0f} ms inside a session + {START_UPS:g} x {bare:.1f} ms bare Python"


def _warm_ms(pid: int, home: str) -> float:
    """Run a line that uses the engine; return the CPU time of its process and of the engine."""
    made = Path(home, "fox.png")
    made.unlink(missing_ok=True)
    before = _process_ms(pid)
    client = cpu_ms((*INVOKEAI, LINE.format(next(NUMBERS))), home)
    if not made.is_file():
        raise RuntimeError("the line made no image")
    return client + _process_ms(pid) - before


def _inside_ms(workspace: Workspace) -> float:
    """Run a line in a session whose process has the model; return the CPU time of all its threads."""
    before = _process_ms(os.getpid())
    workspace.run(LINE.format(next(NUMBERS)))
    return _process_ms(os.getpid()) - before


def _process_ms(pid: int) -> float:
    """Return the CPU time of a process so far, of all threads, from Linux."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return TICK_MS * (int(fields[11]) + int(fields[12]))
