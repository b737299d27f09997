"""A run watched to its end: events to the renderer, Ctrl-C and SIGTERM to the run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from invocations.events import NOT_CHOSEN, Event, NodeFailed, NodeFinished, NodeSkipped

from . import exit_status
from .environment import Environment
from .signals import handlers

if TYPE_CHECKING:
    from invocations.running.base import Run

    from .render.base import Renderer

TICK = 1.0  # seconds without an event, then the renderer may say that something is at work
PATIENCE = 5  # seconds that a run has to stop after SIGTERM before the program ends without it


@dataclass(slots=True)
class Watch:
    """What came of watching: how many nodes finished, which failed, which had to wait for one that failed.

    signal: what stopped the run, 0 for nothing.
    """

    finished: int = 0
    failures: list[NodeFailed] = field(default_factory=list)
    blocked: list[NodeSkipped] = field(default_factory=list)
    signal: int = 0

    @property
    def status(self) -> int:
        """Return the exit status that the signal asks for."""
        return exit_status.TERMINATED if self.signal == signal.SIGTERM else exit_status.INTERRUPTED


def watch(run: Run, renderer: Renderer, environment: Environment) -> Watch:
    """Show every event of a run; the first Ctrl-C cancels it and waits, the second ends the program."""
    watched = Watch()

    def stop(number: int, frame: FrameType | None = None) -> None:
        if watched.signal:
            renderer.let_go()
            environment.leave(watched.status)
        watched.signal = number
        run.cancel()
        if number == signal.SIGTERM:
            if hasattr(signal, "alarm"):
                signal.alarm(PATIENCE)
        else:
            renderer.note("stopping after this step; Ctrl-C again ends at once")

    def give_up(number: int, frame: FrameType | None = None) -> None:
        renderer.let_go()
        environment.leave(exit_status.TERMINATED)

    with handlers(environment, {"SIGINT": stop, "SIGTERM": stop, "SIGALRM": give_up}):
        try:
            for event in _heard(run, renderer):
                _count(event, watched)
                renderer.event(event)
        except KeyboardInterrupt:  # where no handler may be set
            run.cancel()
            watched.signal = signal.SIGINT
        except BaseException:
            run.cancel()
            renderer.let_go()
            raise
    return watched


def _heard(run: Run, renderer: Renderer) -> Iterator[Event]:
    """Yield the events of a run; the renderer hears of it while none comes."""
    events = iter(run)
    while True:
        while not run.wait(TICK):
            renderer.waiting()
        try:
            event = next(events)
        except StopIteration:
            return
        yield event


def _count(event: Event, watched: Watch) -> None:
    if isinstance(event, NodeFinished):
        watched.finished += 1
    elif isinstance(event, NodeFailed):
        watched.failures.append(event)
    elif isinstance(event, NodeSkipped) and event.reason != NOT_CHOSEN:
        watched.blocked.append(event)
