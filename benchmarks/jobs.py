"""Compare `--jobs 2` with two independent processes, and measure what coordinating a task costs."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PIL import Image

from benchmarks.measure import INVOKEAI, PYTHON, Row, cpu_ms, in_turn, own_environment, temporary_home
from invocations.events import NodeFinished
from workflows import Workspace

IMAGES, LEAST = 40, 0.93
TASKS, MOST = 200, 0.5
SWEEP = "t2i a fox --steps 20 --seed {}..{} | save '{{seed}}.png'"
LINE = "t2i a fox --steps 20 --seed {0} | save {0}.png\n"
BLURS = f"load p.png | blur --radius 1..2/{TASKS}"


def rows() -> Iterator[Row]:
    """Generate images in both ways, in turn; then count the CPU time of a coordinator whose workers do small tasks."""
    with temporary_home() as home:
        halves = [SWEEP.format(1, IMAGES // 2), SWEEP.format(IMAGES // 2 + 1, IMAGES)]
        two, jobs = in_turn(
            [partial(wall_s, home, [(line,) for line in halves]),
             partial(wall_s, home, [(SWEEP.format(1, IMAGES), "--jobs", "2")])],
            runs=2, pick=min,
        )  # fmt: skip
        yield Row(f"{IMAGES} images with --jobs 2, against two processes", jobs, two, 1 / LEAST, "s")
        two, jobs = in_turn(
            [partial(wall_s, home, [("run", "first.inv"), ("run", "second.inv")]),
             partial(wall_s, home, [("run", "all.inv", "--jobs", "2")])],
            runs=2, pick=min,
        )  # fmt: skip
        yield Row(f"a script of {IMAGES} lines with --jobs 2, against two processes", jobs, two, 1 / LEAST, "s")
        bare, task = in_turn([partial(cpu_ms, (PYTHON, "-c", "pass"), home), coordination(home)], runs=5)
        yield Row("coordination of a task, against bare Python", task, bare, MOST)


def wall_s(home: str, lines: Sequence[Sequence[str]]) -> float:
    """Run lines at the same time, each in a home of its own; return how many seconds it takes until all have ended."""
    with temporary_home() as folder:
        write_scripts(Path(folder))
        started = time.perf_counter()
        processes = [
            subprocess.Popen(
                (*INVOKEAI, *words), cwd=folder, env=own_environment(os.path.join(folder, str(number))),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            for number, words in enumerate(lines)
        ]  # fmt: skip
        failed = [process.wait() for process in processes]
        seconds = time.perf_counter() - started
        if any(failed) or len(list(Path(folder).glob("*.png"))) != IMAGES:
            raise RuntimeError("not every image was saved")
        return seconds


def write_scripts(folder: Path) -> None:
    """Write a script of single images, and its two halves."""
    lines = [LINE.format(number + 1) for number in range(IMAGES)]
    for name, part in (("all", lines), ("first", lines[: IMAGES // 2]), ("second", lines[IMAGES // 2 :])):
        (folder / f"{name}.inv").write_text("".join(part))


def coordination(home: str) -> Callable[[], float]:
    """Return a function that measures the coordinator's CPU time in milliseconds for each task of two workers."""
    file = Path(home, "p.png")
    Image.new("RGB", (8, 8), "teal").save(file)
    line = BLURS.replace("p.png", str(file))

    def measure() -> float:
        settings = {"jobs": "2", "cache": False, "output_dir": home}
        with Workspace.open(home=home, settings=settings) as workspace:
            plan = workspace.plan(line, most_items=TASKS)
            before = resource.getrusage(resource.RUSAGE_SELF)
            done = [event for event in workspace.submit(plan) if isinstance(event, NodeFinished) and event.worker]
            after = resource.getrusage(resource.RUSAGE_SELF)
        if len(done) != TASKS:
            raise RuntimeError(f"workers did {len(done)} of {TASKS} tasks")
        return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / TASKS

    return measure
