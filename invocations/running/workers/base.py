"""The port to the workers of a run: what a coordinator asks of them. A kind of worker is one adapter.

A coordinator holds the session: it looks results up, writes the journal, the cache and the user's files. A worker holds
loaded models: it runs the steps that it is given, and writes nothing but files named by their content.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import count
from threading import Lock

from invocations.running.meter import Used
from invocations.spec import InvocationSpec

from .reports import WorkerInfo, WorkerReport
from .task import WorkerTask


class Workers(ABC):
    """A number of workers (`size`), each of which does one task at a time.

    One thread uses the workers at a time. Whatever may have run and did not answer is lost: a worker that cannot be
    reached has ended, and its later reports do not count. A kind of worker is tried by
    `tests/invocations/running/workers/test_workers_contract.py`; after `WorkerLost`, a worker is either started again,
    which ends with `WorkerReady`, or reported as `WorkerExcluded`: a run waits until one of them arrives.
    """

    size: int
    keeps_order: bool = False  # whether nodes run one at a time, in the order in which they run without workers

    def __init__(self) -> None:
        self.in_use = Lock()  # held by the run that uses the workers
        self.numbers = count(1)  # of tasks; reports and cancels of earlier runs may come late

    def accepts(self, spec: InvocationSpec) -> bool:
        """Return True if the workers run nodes of this type; not asked for nodes that need this process."""
        return True

    def title(self, worker: str) -> str:
        """Return what a worker is called in notes."""
        return f"worker {worker}"

    def ran_locally(self, used: Used) -> None:
        """Take note of what a node used that ran in the coordinator's process."""
        return None

    @abstractmethod
    def start(self) -> Sequence[WorkerInfo]:
        """Start workers that are not running, without waiting; return those that are ready and have no task.

        The others are reported as `WorkerReady` once they are ready.
        """

    @abstractmethod
    def submit(self, worker: str, task: WorkerTask) -> None:
        """Give a task to a worker that is ready and has none."""

    @abstractmethod
    def next_report(self, seconds: float) -> WorkerReport | None:
        """Return the next report of any worker, or None if none arrives within this time."""

    @abstractmethod
    def cancel(self, worker: str, number: int) -> None:
        """Ask a worker to stop a task; it reports `StepStopped` for each step that was not done already."""

    def show_previews(self, worker: str, *, wanted: bool) -> None:  # noqa: B027 - only for workers that can
        """Let the steps of a worker make previews from now on, or no longer."""

    def confirm_claim(self, worker: str) -> None:  # noqa: B027 - only for workers that read sessions
        """Let a worker go on after it reported `StepClaimed`."""

    def end_run(self) -> None:  # noqa: B027 - only for workers that others use, too
        """Take note that the run has ended that used the workers."""

    @abstractmethod
    def kill(self, worker: str) -> None:
        """End a worker at once, which is reported as `WorkerLost`, or at least its task (`StepStopped`)."""

    def split(self) -> Sequence[Workers]:
        """Return workers that several runs may use at the same time; they are closed together with these."""
        return (self,)

    @abstractmethod
    def close(self) -> None:
        """End all workers; nothing of them is left."""


def mismatch(info: WorkerInfo, computing: Mapping[str, str]) -> str:
    """Return why the results of a worker could differ from those of the coordinator, or "" if they cannot."""
    for name in sorted({*computing, *info.computing}):
        own, other = computing.get(name, "unknown"), info.computing.get(name, "unknown")
        if own != other:
            return f"its {name} is {other} instead of {own}"
    return ""
