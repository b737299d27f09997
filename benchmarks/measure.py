"""Tools for all benchmarks: measure the CPU time of processes that run in turn, take medians, report the results."""

from __future__ import annotations

import os
import pty
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

PYTHON = sys.executable
INVOKEAI = (PYTHON, "-m", "invokeai_cli")
BARE_MS = 10.5  # time of `python -c pass` on the machine for which limits in us or ms were set


@dataclass(frozen=True, slots=True)
class Row:
    """The result for one claim: a figure, its reference, and the limit that their ratio must not exceed."""

    what: str
    figure: float
    reference: float
    bar: float
    unit: str = "ms CPU"
    note: str = ""

    @property
    def ratio(self) -> float:
        """Return figure / reference."""
        return self.figure / self.reference

    @property
    def reached(self) -> bool:
        """Return True if the ratio does not exceed its limit."""
        return self.ratio <= self.bar

    def __str__(self) -> str:
        verdict = "ok  " if self.reached else "MISS"
        note = f"  ({self.note})" if self.note else ""
        return (
            f"{verdict} {self.what:<44} {self.figure:10.2f} / {self.reference:9.2f} {self.unit}"
            f" = {self.ratio:6.2f}   bar {self.bar:g}{note}"
        )


def own_environment(home: str) -> dict[str, str]:
    """Return the environment for a measured process: one thread, its own home, no terminal."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "INVOKEAI_HOME": home, "NO_COLOR": "1"}


def cpu_ms(command: Sequence[str], home: str, *, folder: str = "") -> float:
    """Run a command to its end, in a folder (default: its home); return its CPU time, user and system, in ms."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command, env=own_environment(home), cwd=folder or home, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def cpu_ms_on_a_terminal(command: Sequence[str], home: str) -> float:
    """Run a command on an 80 x 24 terminal and return its CPU time in milliseconds."""
    master, slave = pty.openpty()
    drain = threading.Thread(target=_drain, args=(master,), daemon=True)
    drain.start()
    environment = {**own_environment(home), "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    del environment["NO_COLOR"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, cwd=home, check=False, stdin=slave, stdout=slave, stderr=slave)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.close(slave)
    drain.join(5)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _drain(master: int) -> None:
    """Read a terminal's output until it is closed."""
    with suppress(OSError):
        while os.read(master, 65536):
            pass
    os.close(master)


def in_turn(
    measures: Sequence[Callable[[], float]], runs: int, *, pick: Callable[[Sequence[float]], float] = statistics.median
) -> list[float]:
    """Call each measure once to warm up, then all in turn, `runs` times; `pick` reduces the results of each to one."""
    for measure in measures:
        measure()
    taken = [[measure() for measure in measures] for _ in range(runs)]
    return [pick(column) for column in zip(*taken, strict=True)]


def timed(work: Callable[[], object]) -> float:
    """Run `work` in this process and return its CPU time in milliseconds."""
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def temporary_home() -> tempfile.TemporaryDirectory[str]:
    """Provide a temporary home folder for a benchmark."""
    return tempfile.TemporaryDirectory(prefix="invokeai-benchmark-")
