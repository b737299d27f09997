"""Measure each further image of a process against diffusers' pipeline, in wall-clock time, with all processors.

A line with eight seeds and the default settings makes one image like the other; diffusers makes them one by one. Each
side runs in a process of its own, chooses its number of threads itself, and saves its images as PNG files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.batches import IMAGES, LINE, theirs
from benchmarks.measure import PYTHON, Row, in_turn, own_environment, temporary_home

BAR, RUNS = 1.0, 7
LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


def rows() -> Iterator[Row]:
    """Make eight images with both programs in turn, and compare the medians of the time per image."""
    with ExitStack() as stack:
        sides = [_program(stack, name) for name in ("ours", "theirs")]
        figure, reference = in_turn(sides, runs=RUNS)
    yield Row("each further image of a process", figure / IMAGES, reference / IMAGES, BAR, "ms")


def _program(stack: ExitStack, name: str) -> Callable[[], float]:
    """Start one of the programs; return a function that lets it make eight images and returns the milliseconds."""
    home = stack.enter_context(temporary_home())
    environment = {name: value for name, value in own_environment(home).items() if name not in LIMITS}
    process = stack.enter_context(
        subprocess.Popen(
            [PYTHON, "-m", __spec__.name, name, home], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
    )  # fmt: skip
    stack.callback(process.kill)

    def measure() -> float:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    return measure


def ours(home: str) -> Callable[[int], object]:
    """Return a function that runs a line in one session."""
    from invocations.events import SessionFinished
    from workflows import Workspace

    os.chdir(home)
    workspace = Workspace.open(home=home)

    def make(run: int) -> None:
        first = run * IMAGES
        plan = workspace.plan(LINE.format(run=run, first=first, last=first + IMAGES - 1, folder=home))
        *_, last = workspace.submit(plan)
        if not isinstance(last, SessionFinished) or len([*Path(home).glob(f"{run}-*.png")]) != IMAGES:
            raise RuntimeError(f"no images were made: {last}")

    return make


def main(side: str, home: str) -> None:
    """Answer each line of standard input with the milliseconds that eight images took."""
    make = {"ours": ours, "theirs": theirs}[side](home)
    for run, _ in enumerate(sys.stdin):
        started = time.perf_counter()
        make(run)
        print(1000 * (time.perf_counter() - started), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
