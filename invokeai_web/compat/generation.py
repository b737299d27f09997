"""Requests that wait for images: each becomes a session with a line for each image, which the queue runs."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import anyio
from anyio import to_thread

from invocations.queueing.base import DONE, WAITING, ItemFilter
from invocations.values import ImageRef

from .built_line import planned

if TYPE_CHECKING:
    from invocations.queueing.base import QueueItem
    from invocations.queueing.coordinator import Coordinator
    from invokeai_web.server import Server
    from workflows.importers.parameters import ImportedStep
    from workflows.workspace import Workspace

MOST_WAITING: Final = 20  # items that may wait before a request that blocks is refused
RETRY_AFTER_S: Final = 30
LOOK_S: Final = 1.0  # seconds between two looks whether the client is still there
MOST_BLOCKED: Final = 64  # requests that wait at the same time, each with a thread

StepsOf = Callable[["Workspace", int], Sequence["ImportedStep"]]


class QueueIsLong(Exception):
    """Too many items wait, so a request that waits for its images would wait too long."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} items are waiting already; try again in {RETRY_AFTER_S} seconds")


class NotGenerated(Exception):
    """The images of a request were not made: a node failed, or the request was cancelled."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


@dataclass(frozen=True)
class GeneratedImage:
    """An image with its seed, the facts about how it was made, and the `parameters` text of other tools."""

    ref: ImageRef
    seed: int
    facts: Mapping[str, Any]
    parameters: str


@dataclass
class Generation:
    """The items of one request; ends: for each image, the node and the output that returns it."""

    session: str
    seeds: tuple[int, ...]
    items: list[str] = field(default_factory=list)
    ends: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    started: float = field(default_factory=time.time)


@dataclass(frozen=True)
class GenerationProgress:
    """How far a request is: the finished part from 0 to 1, its images, and the step of the one in progress."""

    part: float
    finished: int
    images: int
    step: int = 0
    steps: int = 0


class Generations:
    """Runs the requests of a server and waits for them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._blocked = anyio.CapacityLimiter(MOST_BLOCKED)

    @property
    def _coordinator(self) -> Coordinator:
        return self._server.coordinator

    def begin(self, steps_of: StepsOf, seeds: Sequence[int], title: str) -> Generation:
        """Add a line for each seed to a new session, and the items that run them.

        steps_of: returns the steps for a seed
        Raises: QueueIsLong, BadRequestValue, Refusal, QueueFull, and whatever `steps_of` raises.
        """
        waiting = len(self._coordinator.items(ItemFilter((WAITING,), limit=MOST_WAITING + 1)))
        if waiting > MOST_WAITING:
            raise QueueIsLong(waiting)
        made = Generation(self._server.invoker.create(title=title).id, tuple(seeds))
        try:
            with self._server.workspace_of(made.session) as workspace:
                for seed in seeds:
                    self._add(workspace, steps_of(workspace, seed), made)
        except BaseException:
            self.cancel(made)
            if not made.items:
                self._server.invoker.delete(made.session)
            raise
        return made

    def _add(self, workspace: Workspace, steps: Sequence[ImportedStep], made: Generation) -> None:
        plan = planned(workspace, steps)
        item = self._coordinator.enqueue_line(made.session, lambda item: workspace.add(plan, item=item))
        made.ends.append(workspace.additions(plan).results)
        made.items.append(item.id)

    async def finished(self, made: Generation, is_gone: Callable[[], Awaitable[bool]]) -> list[GeneratedImage]:
        """Wait for the images of a request and return them; if the client goes away, the request is cancelled.

        Raises: NotGenerated.
        """
        try:
            for id_ in made.items:
                while not (item := await self._waited(id_)).is_ended:
                    if await is_gone():
                        raise NotGenerated("cancelled", "the client closed the connection")
                    if self._server.is_stopping and item.state == WAITING:
                        raise NotGenerated("shutting_down", "the server is shutting down")
                if item.state != DONE:
                    raise _why_not(item)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self.cancel, made)
            raise
        return await to_thread.run_sync(self.images, made)

    async def _waited(self, item_id: str) -> QueueItem:
        return await to_thread.run_sync(self._coordinator.wait, item_id, LOOK_S, limiter=self._blocked)

    def cancel(self, made: Generation) -> None:
        """Cancel what runs and waits for a request."""
        self._coordinator.cancel_all(ItemFilter(session=made.session))

    def images(self, made: Generation) -> list[GeneratedImage]:
        """Return the images of a request that has ended, in the order of its seeds."""
        from invocations.context import Record
        from invocations.running.facts import gather_facts, trace
        from invocations.services.images.metadata import PARAMETERS, texts_of
        from invocations.versions import versions

        found = []
        with self._server.workspace_of(made.session) as workspace:
            for seed, ends in zip(made.seeds, made.ends, strict=True):
                for result in workspace.results_of(workspace.session, ends):
                    facts = gather_facts(workspace.session, trace(workspace.session, (result.node, ())))
                    text = texts_of(Record("", {}, facts, versions())).get(PARAMETERS, "")
                    found += [GeneratedImage(ref, seed, facts, text) for ref in result.image_refs]
        return found

    def content(self, image: GeneratedImage) -> bytes:
        """Return an image as a PNG file with the `parameters` text. Raises: ServiceError."""
        from invocations.services.images.metadata import PARAMETERS

        from .png_text import with_text

        png = self._server.invoker.services.images.path(image.ref).read_bytes()
        return with_text(png, PARAMETERS, image.parameters)

    def progress(self, made: Generation) -> GenerationProgress:
        """Return how far a request is."""
        items = [self._coordinator.item(id_) for id_ in made.items]
        finished = sum(item.is_ended for item in items)
        step, steps = (0, 0) if finished == len(items) else self._step(made.session)
        part = (finished + (step / steps if steps else 0.0)) / max(len(items), 1)
        return GenerationProgress(min(part, 1.0), finished, len(items), step, steps)

    def _step(self, session: str) -> tuple[int, int]:
        """Return the step of the node in progress and the number of its steps; (0, 0) if there is none."""
        from invokeai_web.events.base import Batch
        from invokeai_web.events.unavailable import BusUnavailable

        try:
            found = self._server.bus.read(session, 0)
        except BusUnavailable:
            return 0, 0
        for numbered in reversed(found.events) if isinstance(found, Batch) else ():
            if numbered.event.progress_of is not None:
                data = json.loads(numbered.event.text)
                return int(data["step"]), int(data["of"])
            if numbered.event.is_kept:  # a node has ended since
                return 0, 0
        return 0, 0


def _why_not(item: QueueItem) -> NotGenerated:
    """Return why an item ended without images."""
    if item.error is None:
        return NotGenerated("cancelled", "the request was cancelled")
    return NotGenerated(item.error.code, item.error.message, item.error.hint)
