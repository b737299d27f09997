"""A run watched to its end: events to the renderer, Ctrl-C and SIGTERM to the run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from workflows.observer import RunReport

from . import exit_status
from .environment import Environment
from .signals import handlers

if TYPE_CHECKING:
    from invocations.events import Event
    from invocations.running.base import Run

    from .render.base import Renderer

GLANCE = 0.2  # seconds after which a signal is answered where no event comes
TICK = 1.0  # seconds without an event, then the renderer may say that something is at work
PATIENCE = 5  # seconds that a run has to stop after SIGTERM before the program ends without it


@dataclass(slots=True)
class Watch(RunReport):
    """What happened in a run, and the signal that stopped it (0: none); answered: whether its arrival was shown."""

    signal: int = 0
    answered: bool = True

    @property
    def status(self) -> int:
        """Return the exit status that the signal asks for."""
        return exit_status.TERMINATED if self.signal == signal.SIGTERM else exit_status.INTERRUPTED


def watch(run: Run, renderer: Renderer, environment: Environment) -> Watch:
    """Show every event of a run; the first Ctrl-C cancels it and waits, the second ends the program."""
    watched = Watch()

    def stop(number: int, frame: FrameType | None = None) -> None:
        if watched.signal:
            _leave(renderer, environment, watched.status)
        watched.signal, watched.stopped = number, True
        run.cancel()
        if number == signal.SIGTERM:
            if hasattr(signal, "alarm"):
                signal.alarm(PATIENCE)
        else:
            watched.answered = False  # said outside the handler, which may come in the middle of another writing

    def give_up(number: int, frame: FrameType | None = None) -> None:
        _leave(renderer, environment, exit_status.TERMINATED)

    with handlers(environment, {"SIGINT": stop, "SIGTERM": stop, "SIGALRM": give_up}):
        try:
            for event in _heard(run, renderer, watched):
                watched.count(event)
                renderer.event(event)
        except KeyboardInterrupt:  # where no handler may be set
            run.cancel()
            watched.signal, watched.stopped = signal.SIGINT, True
        except BaseException:
            run.cancel()
            renderer.release()
            raise
    return watched


def _leave(renderer: Renderer, environment: Environment, status: int) -> None:
    """End the program from a signal handler; one that came in the middle of a writing leaves what is shown."""
    with suppress(RuntimeError):
        renderer.release()
    environment.leave(status)


def _heard(run: Run, renderer: Renderer, watched: Watch) -> Iterator[Event]:
    """Yield the events of a run; the renderer hears of it while none comes, and of a signal soon after it came."""
    events = iter(run)
    while True:
        glances = 0
        while not run.wait(GLANCE):
            _answer(renderer, watched)
            glances += 1
            if glances * GLANCE >= TICK:
                renderer.still_running()
                glances = 0
        _answer(renderer, watched)
        try:
            event = next(events)
        except StopIteration:
            return
        yield event


def _answer(renderer: Renderer, watched: Watch) -> None:
    """Say once that a run is stopping."""
    if not watched.answered:
        watched.answered = True
        renderer.note("stopping after this step; Ctrl-C again ends at once")
