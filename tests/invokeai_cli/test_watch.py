"""When a run on a terminal ends, no progress bar remains on the screen, however the run ends."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from invocations.events import Event, NodeProgress, NodeStarted
from invocations.running.base import Run
from invokeai_cli.render.human import HumanRenderer
from invokeai_cli.watch import watch
from tests.invokeai_cli.fake_terminal import screen_on_terminal

EVENTS = (
    NodeStarted("s", "1", "denoise", (0,), 0.0),
    NodeStarted("s", "1", "denoise", (1,), 0.0),
    NodeProgress("s", "1", "denoise", (1,), 0.0, step=1, of=9),
)


class Left(BaseException):
    """Raised instead of exiting the process."""


class Stubborn(Run):
    """A run that yields the events in `EVENTS`, then performs the given actions, with one event after each action."""

    def __init__(self, *then: Callable[[], None]) -> None:
        self.events = iter(EVENTS)
        self.then = iter(then)
        self.cancelled = self.abandoned = False

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        for event in self.events:
            return event
        for act in self.then:
            act()
            return EVENTS[-1]
        raise StopIteration

    def cancel(self) -> None:
        self.cancelled = True

    def abandon(self) -> None:
        self.abandoned = True
        raise OSError  # the session cannot be written, which must not keep the program from ending


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def terminate() -> None:
    signal.raise_signal(signal.SIGTERM)


def hang_up() -> None:
    signal.raise_signal(signal.SIGHUP)


def late() -> None:
    signal.raise_signal(signal.SIGALRM)


def wrong() -> None:
    raise ZeroDivisionError


def leave(status: int) -> None:
    raise Left(status)


@pytest.mark.parametrize(("then", "raised"), [((interrupt, interrupt), Left), ((wrong,), ZeroDivisionError)])
def test_no_bar_remains_if_a_run_ends_at_once(
    then: tuple[Callable[[], None], ...], raised: type[BaseException]
) -> None:
    screen, terminal = screen_on_terminal()
    run = Stubborn(*then)
    with pytest.raises(raised):
        watch(run, HumanRenderer(screen), replace(screen.environment, leave=leave, owns_process=True))
    assert run.cancelled
    assert terminal.shown == (
        "stopping after this step; press Ctrl-C again to stop immediately" if raised is Left else ""
    )


def test_messages_during_a_run_appear_above_the_bars() -> None:
    screen, terminal = screen_on_terminal()
    seen: list[str] = []

    def look() -> None:
        seen.append(terminal.shown)

    run = Stubborn(interrupt, look)
    found = watch(run, HumanRenderer(screen), replace(screen.environment, leave=leave, owns_process=True))
    assert found.signal == signal.SIGINT
    note, waiting, bar = seen[0].split("\n")
    assert note == "stopping after this step; press Ctrl-C again to stop immediately"
    assert waiting.startswith("denoise[0] ")
    assert bar == "denoise[1] ━━╸━━━━━━━━━━━━━━━━━━━━━ 1/9"


def test_a_signal_handler_that_interrupts_a_write_does_not_write_to_the_terminal_itself() -> None:
    screen, terminal = screen_on_terminal()
    seen: list[str] = []

    def listen() -> None:
        before = terminal.shown
        interrupt()
        seen.extend((before, terminal.shown))

    watch(Stubborn(listen), HumanRenderer(screen), replace(screen.environment, leave=leave, owns_process=True))
    assert seen[0] == seen[1]
    assert "stopping after this step" in terminal.shown


@pytest.mark.parametrize(
    ("then", "status"),
    [
        ((interrupt, interrupt), 130), ((terminate, late), 143), ((hang_up, late), 129), ((terminate, interrupt), 143),
        ((interrupt, terminate, late), 143), ((interrupt, hang_up, interrupt), 129),
    ],
)  # fmt: skip
def test_a_run_that_does_not_end_is_abandoned_with_the_status_of_the_signal(
    then: tuple[Callable[[], None], ...], status: int
) -> None:
    screen, _ = screen_on_terminal()
    run = Stubborn(*then)
    with pytest.raises(Left) as left:
        watch(run, HumanRenderer(screen), replace(screen.environment, leave=leave, owns_process=True))
    assert (left.value.args, run.abandoned) == ((status,), True)


def test_further_requests_to_end_do_not_end_a_run_that_is_being_cancelled() -> None:
    screen, _ = screen_on_terminal()
    run = Stubborn(terminate, hang_up, terminate)
    found = watch(run, HumanRenderer(screen), replace(screen.environment, leave=leave, owns_process=True))
    assert (found.status, run.cancelled, run.abandoned) == (143, True, False)
