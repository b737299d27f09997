"""Generate 24 images with two workers, kill one of them at 30 random events, and compare with a run in one process.

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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from invocations.events import Event, NodeFinished
from invocations.running.workers.reports import StepEmitted, StepFinished, StepStarted, WorkerReady, WorkerReport
from invocations.running.workers.task import TaskStep, WorkerTask
from invocations.sessions.journal import Began
from tests.attacks.kill_report import Report
from workflows import Workspace

LINE = "t2i a fox --seed 1..{images} --steps {steps} --width 64 --height 64"
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
    last: Event


def generate(
    home: Path, jobs: int, *, images: int, steps: int = 3, kills: int = 0, seed: int = 0
) -> tuple[Finding, Counter[str]]:
    """Generate images in a home of their own, and return what is there and at which events workers were killed."""
    with Workspace.open(home=home, settings={"jobs": str(jobs), "output_dir": str(home)}) as workspace:
        killer = Killer(workspace.invoker.workers, images, kills, random.Random(seed)) if kills else None
        plan = workspace.plan(LINE.format(images=images, steps=steps), most_items=images)
        *_, last = workspace.submit(plan)
        session = workspace.session
        names = [ref.name for result in workspace.results(plan) for ref in _images(result)]
        finished = Counter((entry.node_id, entry.path) for entry in session.log if isinstance(entry, NodeFinished))
        begun = [entry for entry in session.log if isinstance(entry, Began) and entry.node_type == "denoise"]
        return Finding(names, finished, len(begun), last), killer.kinds if killer else Counter()


def _images(result: Any) -> list[Any]:
    value = result.value
    return value if isinstance(value, list) else [value]


def attack(root: Path, *, images: int, kills: int, seed: int) -> Report:
    """Compare a run with killed workers to a run in one process."""
    expected, _ = generate(root / "one", 1, images=images)
    found, kinds = generate(root / "two", 2, images=images, kills=kills, seed=seed)
    report = Report(hits=kinds, worlds=1)
    if found.images != expected.images or len(found.images) != images:
        same = sum(one == other for one, other in zip(expected.images, found.images, strict=False))
        report.wrong.append(f"{same} of {images} images are equal; {len(found.images)} are there")
    if found.finished != expected.finished or set(found.finished.values()) != {1}:
        report.wrong.append(f"nodes were not recorded once each: {found.finished - expected.finished}")
    if not images <= found.denoised <= images + kills:
        report.wrong.append(f"`denoise` ran {found.denoised} times")
    if found.last.event != "session_finished":
        report.wrong.append(f"the run ended with {found.last}")
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
