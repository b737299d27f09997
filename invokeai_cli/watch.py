"""Follow a run to its end: pass events to the renderer, and Ctrl-C, SIGTERM and SIGHUP to the run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

from invocations.frozen import mutable
from workflows.run_report import RunReport
from workflows.signals import ENDING, handlers, status_of

from .environment import Environment

if TYPE_CHECKING:
    from invocations.events import Event
    from invocations.running.base import Run

    from .render.base import Renderer

STOP_TIMEOUT_S = 5  # maximum time to wait for the run to end after SIGTERM or SIGHUP


@mutable
class Watch(RunReport):
    """What happened in a run. signal: the signal that stopped it, or 0. answered: whether a note about it was shown.

    abandoned: whether the program ends although the run has not
    """

    signal: int = 0
    answered: bool = True
    abandoned: bool = False

    @property
    def status(self) -> int:
        """The exit status for the signal."""
        return status_of(self.signal)


def watch(run: Run, renderer: Renderer, environment: Environment) -> Watch:
    """Show every event of a run; the first signal cancels it and waits, a Ctrl-C after that ends the program.

    A closed terminal or `timeout` may send several signals at once, so only the first of SIGTERM and SIGHUP counts.
    """
    watched = Watch()

    def stop(number: int, frame: FrameType | None = None) -> None:
        if number == signal.SIGINT and watched.signal:
            give_up(number)
        first = watched.signal in (0, signal.SIGINT)
        if number == signal.SIGINT:
            watched.answered = False  # a note is shown later, because the handler may have interrupted another write
        elif first and hasattr(signal, "alarm"):
            signal.alarm(STOP_TIMEOUT_S)
        watched.signal, watched.stopped = number if first else watched.signal, True
        run.cancel()

    def give_up(number: int, frame: FrameType | None = None) -> None:
        if not watched.abandoned:
            watched.abandoned = True
            with suppress(Exception):
                run.abandon()
        _leave(renderer, environment, watched.status)

    wanted = {"SIGINT": stop, **dict.fromkeys(ENDING, stop), "SIGALRM": give_up}
    with handlers(wanted, owns_process=environment.owns_process):
        try:
            for event in _heard(run, renderer, watched):
                watched.count(event)
                renderer.event(event)
        except KeyboardInterrupt:  # raised by Python if the program may not set a signal handler
            run.end()
            watched.signal, watched.stopped = signal.SIGINT, True
        except BaseException:  # such as a closed pipe
            run.end()
            renderer.release()
            raise
    return watched


def _leave(renderer: Renderer, environment: Environment, status: int) -> None:
    """End the program from a signal handler; the screen is left as it is, in case a write was interrupted."""
    with suppress(RuntimeError):
        renderer.release()
    environment.leave(status)


def _heard(run: Run, renderer: Renderer, watched: Watch) -> Iterator[Event]:
    """Yield the events of a run; in between, let the renderer show that it is running or that a signal arrived.

    `Run.cancel` ends the waiting, so the note about a signal appears at once.
    """
    events = iter(run)
    while True:
        while not run.wait(renderer.patience_s):
            if not watched.answered:
                _answer(renderer, watched)
            renderer.still_running()
        if not watched.answered:
            _answer(renderer, watched)
        try:
            event = next(events)
        except StopIteration:
            return
        yield event


def _answer(renderer: Renderer, watched: Watch) -> None:
    """Show, once, that the run is stopping."""
    watched.answered = True
    renderer.note("stopping after this step; press Ctrl-C again to stop immediately")
