"""Events of a session for tests of buses and publishers."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from invocations.events import Event, LogMessage, NodeProgress, NodeStarted, SessionFinished
from invokeai_web.events.base import Batch, EventBus, Follower, Found, Preview
from invokeai_web.events.public_event import PublicEvent, public_event

SESSION = "s1"
DEADLINE_S = 30.0


def started(node: str = "blur_1", session: str = SESSION) -> NodeStarted:
    return NodeStarted(session, node, "blur", (), 1.0)


def progress(step: int, node: str = "blur_1", of: int = 20, preview: Any = None) -> NodeProgress:
    return NodeProgress(SESSION, node, "blur", (), 1.0, step=step, of=of, preview=preview)


def said(message: str) -> LogMessage:
    return LogMessage(SESSION, "blur_1", "blur", (), 1.0, message=message)


def ended() -> SessionFinished:
    return SessionFinished(SESSION, "", "", (), 2.0, seconds=1.0)


def public(*events: Event) -> list[PublicEvent]:
    return [public_event(event) for event in events]


def lines(*messages: str) -> list[PublicEvent]:
    return public(*map(said, messages))


def numbers(found: Found) -> list[int]:
    assert isinstance(found, Batch)
    return [each.number for each in found.events]


def messages(found: Iterable[Any]) -> list[str]:
    """Return the messages of log events."""
    return [json.loads(each.text)["message"] for each in found]


class Recorder(EventBus):
    """A bus that remembers what is published."""

    def __init__(self, *, previews: bool = False) -> None:
        self.batches: list[list[PublicEvent]] = []
        self.previews: list[Preview] = []
        self._wanted = previews
        self._arrived = threading.Condition()

    def publish(self, session: str, events: Any, preview: Preview | None = None) -> None:
        with self._arrived:
            self.batches.append(list(events))
            self.previews += [preview] if preview else []
            self._arrived.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        with self._arrived:
            return self._arrived.wait_for(condition, DEADLINE_S)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(each.text) for batch in self.batches for each in batch]

    def wants_previews(self, session: str) -> bool:
        return self._wanted

    def read(self, session: str, after: int, epoch: str = "") -> Found:
        raise AssertionError("nobody reads")

    position = follow = want_previews = read  # type: ignore[assignment]

    def close(self) -> None:
        return None


async def take(follower: Follower) -> Any:
    """Return what a follower receives next."""
    async with asyncio.timeout(DEADLINE_S):
        return await follower.get()


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "the condition never held"
        time.sleep(0.005)
