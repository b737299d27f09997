"""Generate 24 images with two workers, kill one of them at 30 random events, and compare with a run in one process.

Half of the images come from the sweep of one line, half from the lines of a script, of which several are in progress.

    python -m tests.attacks.worker_kills --kills 30 --seed 1

No node is hit three times, because a node that ends three workers is quarantined. Every image must be there, with the
content that it has without workers; each node must be recorded once, and `denoise` run at most once more per kill.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from invocations.events import NodeFinished
from invocations.running.workers.reports import StepEmitted, StepFinished, StepStarted, WorkerReady, WorkerReport
from invocations.running.workers.task import TaskStep, WorkerTask
from invocations.sessions.journal import Began
from tests.attacks.kill_report import Report
from workflows import Workspace
from workflows.observer import Observer
from workflows.results import Result
from workflows.scripts.options import RunOptions
from workflows.scripts.plan import plan_script
from workflows.scripts.run import run_script
from workflows.scripts.source import from_text

LINE = "t2i a fox --seed {seeds} --steps {steps} --width 64 --height 64"
MOST_HITS = 2  # how often one node may be hit
MOST_LOSSES = 2  # how often a worker may be killed without a result in between; the third time, it is excluded
EVENTS = 7  # how many events of each image may be hit, on average; a higher number would leave kills for the end


@dataclass
class Killer:
    """Kills workers when they are ready, get a task or report something, `left` times, spread over all images."""

    workers: Any
    images: int
    left: int
    dice: random.Random
    kinds: Counter[str] = field(default_factory=Counter)
    hits: Counter[tuple[str, tuple[int, ...]]] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)  # by worker: since its latest result
    steps: dict[str, TaskStep] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._submit, self._next_report = self.workers.submit, self.workers.next_report
        self.workers.submit, self.workers.next_report = self.submit, self.next_report

    def submit(self, worker: str, task: WorkerTask) -> None:
        """Give a task to a worker, which may be killed before or after that."""
        (self.steps[worker],) = task.steps
        is_first = self.dice.random() < 0.5
        if is_first:
            self.maybe_kill(worker, "before its task")
        self._submit(worker, task)
        if not is_first:
            self.maybe_kill(worker, "after its task")

    def next_report(self, seconds: float) -> WorkerReport | None:
        """Return the next report; the worker that sent it may be killed before the pool sees it."""
        report: WorkerReport | None = self._next_report(seconds)
        if isinstance(report, WorkerReady):
            self.maybe_kill(report.worker, report.kind)
        if isinstance(report, (StepStarted, StepEmitted, StepFinished)):
            self.losses[report.worker] *= not isinstance(report, StepFinished)
            self.maybe_kill(report.worker, report.event.event if isinstance(report, StepEmitted) else report.kind)
            self.images -= isinstance(report, StepFinished) and self.steps[report.worker].type == "denoise"
        return report

    def maybe_kill(self, worker: str, kind: str) -> None:
        """Throw the dice; kill a worker unless it has ended, or it or its node was hit too often."""
        if not self.left or self.dice.random() * self.images * EVENTS >= self.left:
            return
        found = self.workers._running.get(worker)
        step = self.steps.get(worker)
        node = (step.node_id, step.path) if step is not None else ("", ())
        if found is not None and self.hits[node] < MOST_HITS and self.losses[worker] < MOST_LOSSES:
            os.kill(found.process.pid, signal.SIGKILL)
            self.left -= 1
            self.hits[node] += 1
            self.losses[worker] += 1
            self.kinds[kind] += 1


@dataclass
class Finding:
    """What one run left behind: the name of each image, and how often each node was recorded and `denoise` begun."""

    images: list[str]
    finished: Counter[tuple[str, tuple[int, ...]]]
    denoised: int
    outcome: str


def generate(
    home: Path, jobs: int, *, images: int, steps: int = 3, kills: int = 0, seed: int = 0, script: bool = False
) -> tuple[Finding, Counter[str]]:
    """Generate images in a home of their own, and return what is there and at which events workers were killed.

    script: whether each image has a line of its own
    """
    with Workspace.open(home=home, settings={"jobs": str(jobs), "output_dir": str(home)}) as workspace:
        killer = Killer(workspace.invoker.workers, images, kills, random.Random(seed)) if kills else None
        outcome, results = (run_lines if script else run_sweep)(workspace, images, steps)
        log = workspace.session.log
        names = [ref.name for result in results for ref in result.image_refs]
        finished = Counter((entry.node_id, entry.path) for entry in log if isinstance(entry, NodeFinished))
        begun = [entry for entry in log if isinstance(entry, Began) and entry.node_type == "denoise"]
        return Finding(names, finished, len(begun), outcome), killer.kinds if killer else Counter()


def run_sweep(workspace: Workspace, images: int, steps: int) -> tuple[str, list[Result]]:
    """Generate images with one line, and return the last event and the images."""
    plan = workspace.plan(LINE.format(seeds=f"1..{images}", steps=steps), most_items=images)
    *_, last = workspace.submit(plan)
    return last.event, workspace.results(plan)


def run_lines(workspace: Workspace, images: int, steps: int) -> tuple[str, list[Result]]:
    """Generate images with the lines of a script, and return its outcome and the images."""
    text = "".join(LINE.format(seeds=number + 1, steps=steps) + "\n" for number in range(images))
    seen = ResultCollector()
    script = plan_script(workspace, from_text(text, "kills.inv"), "kills.inv")
    return run_script(workspace, script, seen, RunOptions()).value, seen.found


class ResultCollector(Observer):
    """Collects the results of all lines."""

    def __init__(self) -> None:
        self.found: list[Result] = []

    def results(self, results: Sequence[Result]) -> None:
        self.found += results


def attack(root: Path, *, images: int, kills: int, seed: int) -> Report:
    """Compare a sweep and a script with killed workers to runs in one process."""
    report = compare(root / "sweep", images - images // 2, kills - kills // 2, seed, script=False)
    other = compare(root / "script", images // 2, kills // 2, seed, script=True)
    return Report(report.hits + other.hits, 2, report.wrong + other.wrong)


def compare(root: Path, images: int, kills: int, seed: int, *, script: bool) -> Report:
    """Compare a run with killed workers to a run in one process."""
    expected, _ = generate(root / "one", 1, images=images, script=script)
    found, kinds = generate(root / "two", 2, images=images, kills=kills, seed=seed, script=script)
    report = Report(hits=kinds, worlds=1)
    if found.images != expected.images or len(found.images) != images:
        same = sum(one == other for one, other in zip(expected.images, found.images, strict=False))
        report.wrong.append(f"{same} of {images} images are equal; {len(found.images)} are there")
    if found.finished != expected.finished or set(found.finished.values()) != {1}:
        report.wrong.append(f"nodes were not recorded once each: {found.finished - expected.finished}")
    if not images <= found.denoised <= images + kills:
        report.wrong.append(f"`denoise` ran {found.denoised} times")
    if found.outcome != expected.outcome or found.outcome not in ("session_finished", "done"):
        report.wrong.append(f"the run ended with {found.outcome}")
    return report


def main(words: list[str] | None = None) -> int:
    """Run the attack, print the report, and return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Kill workers that generate images at random events.")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000), help="default: random")
    asked = parser.parse_args(words)
    print(f"seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as root:
        report = attack(Path(root), images=asked.images, kills=asked.kills, seed=asked.seed)
    print(report)
    return 1 if report.wrong or report.kills != asked.kills else 0


if __name__ == "__main__":
    sys.exit(main())
