"""Two workers in the process of a test, whose `blur` nodes the test can hold or let fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from invocations.events import NodeError
from invocations.running.workers.reports import StepFailed, StepStarted, StepStopped, WorkerReport
from invocations.running.workers.task import WorkerTask
from tests.invocations.running.workers.fake_workers import FakeWorkers
from workflows.workspace import Workspace

SINGLE = "".join(f"load cat.png | blur {n} | save {n}.png\n" for n in range(1, 9))


class Crew(FakeWorkers):
    """Two workers whose blurs a test can hold, or let fail; `done` contains the radius of each blur that ran."""

    def __init__(self, workspace: Workspace) -> None:
        invoker = workspace.invoker
        super().__init__(2, invoker.services, self.decide, invoker.catalog)
        self.done: list[float] = []
        self.fails: Counter[float] = Counter()  # how often the blur with a radius fails
        self.waits: dict[float, float] = {}  # by radius: the radius of the blur that has to run first
        self._held: list[tuple[str, WorkerTask]] = []
        workspace.settings = replace(workspace.settings, jobs="2")
        invoker._make_workers = lambda: self

    @property
    def begun(self) -> list[float]:
        """The radius of each blur that was given to a worker."""
        return [radius(task) for _, task in self.given if task.steps[0].type == "blur"]

    def decide(self, worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if task.steps[0].type != "blur":
            return None
        if self.waits.get(radius(task), 0.0) not in (0.0, *self.done):
            self._held.append((worker, task))
            return [StepStarted(worker, task.number, task.attempt, 0)]
        return [*self.blur(worker, task), *self.released()]

    def blur(self, worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        if self.fails[radius(task)]:
            self.fails[radius(task)] -= 1
            return [StepFailed(worker, task.number, task.attempt, 0, NodeError("ValueError", "no", "bad_value"))]
        self._loops[worker].do(task)
        self.done.append(radius(task))
        return []

    def cancel(self, worker: str, number: int) -> None:
        super().cancel(worker, number)
        for each in [each for each in self._held if each[0] == worker and each[1].number == number]:
            self._held.remove(each)
            self.tell(StepStopped(worker, number, each[1].attempt, 0))

    def released(self) -> list[WorkerReport]:
        """Return the reports of the blurs that no longer have to wait."""
        free = [each for each in self._held if self.waits[radius(each[1])] in self.done]
        self._held = [each for each in self._held if each not in free]
        return [report for each in free for report in self.blur(*each)]


def radius(task: WorkerTask) -> float:
    found: float = task.steps[0].inputs["radius"]
    return found


def made(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.png") if path.name != "cat.png"}


def outcomes(workspace: Workspace) -> list[str]:
    return [line.outcome for line in workspace.session.lines]
