"""The error of a bus that cannot be reached."""

from __future__ import annotations

from workflows.problems import ApplicationError


class BusUnavailable(ApplicationError):
    """The bus cannot be reached now."""

    code = "events_unavailable"

    def __init__(self) -> None:
        super().__init__("the events cannot be read, because Redis cannot be reached", "try again later")
