"""What became of a step that did not run at once, and where it ran."""

from __future__ import annotations

from typing import NamedTuple

from invocations.frozen import frozen

from .attempt import Ready
from .inline import Made


@frozen
class Workplace:
    """Where a step ran, how long it waited for a worker, and how long it took."""

    worker: str
    device: str
    queue_seconds: float
    seconds: float


class StepOutcome(NamedTuple):
    """What became of a step; without a result (`made`), it must be looked up in the cache again, and run if missing."""

    ready: Ready
    made: Made | None
    place: Workplace | None = None
