"""Measure a new process up to the first denoising step of the default model, against `import torch`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import INVOKEAI, PYTHON, Row, cpu_ms, in_turn, own_environment, temporary_home

BAR = 1.3
LINE = ("--events", "--no-cache", "t2i", "a", "red", "fox", "--steps", "4", "--seed", "1")


def cpu_to_first_step(home: str, line: Sequence[str] = LINE) -> float:
    """Start the program; return the CPU time in milliseconds until it reports its first denoising step."""
    with subprocess.Popen(
        (*INVOKEAI, *line), env=own_environment(home), cwd=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event.get("event") == "node_progress" and event.get("node_type") == "denoise":
                used = _cpu_ms_of(process.pid)
                process.kill()
                return used
    raise RuntimeError("the program ended before reporting a denoising step")


def _cpu_ms_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rows() -> Iterator[Row]:
    """Measure the time to the first step."""
    with temporary_home() as home:
        torch = (PYTHON, "-c", "import torch")
        reference, figure = in_turn([partial(cpu_ms, torch, home), partial(cpu_to_first_step, home)], runs=5)
        yield Row("start to first step", figure, reference, BAR)
