"""A renderer on a fake terminal, and the events of a run with workers, in short notation."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from invocations.events import (
    ModelLoadFinished,
    ModelLoadStarted,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    SessionFinished,
)
from invocations.running.workers.worker_events import NodeAssigned, NodeWaiting, WorkerChanged
from invokeai_cli.render.human import HumanRenderer
from tests.invokeai_cli.fake_terminal import FakeTerminal, screen_on_terminal
from tests.invokeai_cli.render.streams import Stream, screen_with

STEPS, IMAGES = 10, 8
WORK = re.compile("[━╸╺\u2800-\u28ff].*")  # the bar or the spinner of a row, and what follows it
LOAD = {"model": "sdxl", "part": "unet"}


class WorkerRun:
    """Sends events of a run that makes several images to a renderer; image `number` (from 0) is an item of a loop."""

    def __init__(
        self, columns: int = 80, rows: int = 24, *, terminal: bool = True, accessible: bool = False, **variables: str
    ) -> None:
        self.now = 0.0
        self.terminal, self.err = FakeTerminal(), Stream(terminal=False)
        if terminal:
            screen, self.terminal = screen_on_terminal(columns, rows, clock=lambda: self.now, **variables)
        else:
            screen, _, self.err = screen_with(terminal=False)
            screen.environment = replace(screen.environment, clock=lambda: self.now)
        screen.accessible = accessible
        self.renderer: HumanRenderer = HumanRenderer(screen, unit=lambda type_: "image")
        self.renderer.progress.refresh_s = 0.0
        self._ended = 0

    @property
    def shown(self) -> list[str]:
        """The rows on the terminal."""
        return [row.rstrip() for row in self.terminal.shown.split("\n")]

    @property
    def names(self) -> list[str]:
        """The rows on the terminal without bars, spinners and numbers."""
        return [WORK.sub("", row).rstrip() for row in self.shown]

    def draw(self, seconds: float = 0.0) -> None:
        """Let time pass and draw the rows."""
        self.now += seconds
        self.renderer.still_running()

    def join(self, *workers: str, device: str = "cpu") -> None:
        for worker in workers:
            self.change(worker, "ready", device)

    def change(self, worker: str, state: str, device: str = "") -> None:
        self.renderer.event(WorkerChanged("s", "", "", (), 0.0, worker, state, device))

    def start(self, number: int, type_: str = "denoise") -> None:
        self.renderer.event(
            NodeStarted(*_at(number, type_), iteration=number + 1, iterations=IMAGES, ended=self._ended)
        )

    def assign(self, number: int, worker: str, type_: str = "denoise", batch: int = 1) -> None:
        self.renderer.event(NodeAssigned(*_at(number, type_), worker, "cpu", batch))

    def begin(self, number: int, worker: str, type_: str = "denoise") -> None:
        self.start(number, type_)
        self.assign(number, worker, type_)

    def wait(self, number: int, reason: str) -> None:
        self.renderer.event(NodeWaiting(*_at(number), reason))

    def step(self, number: int, step: int, preview: Any = None) -> None:
        self.renderer.event(NodeProgress(*_at(number), step=step, of=STEPS, preview=preview))

    def load(self, number: int) -> None:
        self.renderer.event(ModelLoadStarted(*_at(number), **LOAD))

    def loaded(self, number: int) -> None:
        self.renderer.event(ModelLoadFinished(*_at(number), **LOAD, seconds=1.0))

    def finish(self, number: int, type_: str = "denoise") -> None:
        self._ended += type_ == "denoise"
        self.renderer.event(NodeFinished(*_at(number, type_), outputs={}, seconds=1.0, reused=False, facts={}))

    def end(self) -> None:
        self.renderer.event(SessionFinished("s", "", "", (), 0.0, seconds=1.0))


def at_work(run: WorkerRun, *workers: str) -> WorkerRun:
    """Let each worker have made three of ten steps of an image, at one step a second."""
    run.join(*workers)
    for number, worker in enumerate(workers):
        run.begin(number, worker)
    for step in (1, 2, 3):
        run.now += 1.0
        for number in range(len(workers)):
            run.step(number, step)
    return run


def _at(number: int, type_: str = "denoise") -> tuple[str, str, str, tuple[int, ...], float]:
    return "s", type_[0], type_, (number,), 0.0
