"""A connected socket: the sessions that it watches, and the preview that is on its way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from invokeai_web.problem_details import ApiProblem

if TYPE_CHECKING:
    from invokeai_web.events.base import Preview

    from .watch import SessionWatch

MAX_SESSIONS: Final = 16
REQUESTS: Final = 64  # requests at once
REQUESTS_PER_S: Final = 20
MAX_LEFT_BYTES: Final = 4 * 2**20


class Viewer:
    """One socket.

    left: bytes that were sent for sessions that it no longer watches, which it may not have read
    """

    def __init__(self, sid: str) -> None:
        self.sid = sid
        self.watches: dict[str, SessionWatch] = {}
        self.left = 0
        self.is_showing = False  # whether a preview is on its way: the client has not acknowledged it
        self.next_preview: Preview | None = None
        self._requests, self._counted = 0.0, 0.0

    def count_request(self, now: float) -> None:
        """Count a request that costs work; `now` is in seconds. Raises: ApiProblem, if there are too many."""
        self._requests = max(0.0, self._requests - (now - self._counted) * REQUESTS_PER_S)
        self._counted = now
        if self._requests >= REQUESTS:
            raise ApiProblem(429, "too_many_requests", "there are too many requests", "wait for a second")
        self._requests += 1

    def offer_preview(self, preview: Preview) -> Preview | None:
        """Return a preview if it may be sent now; otherwise the latest one waits for the client."""
        watch = self.watches.get(preview.session)
        if watch is None or not watch.previews:
            return None
        if self.is_showing:
            self.next_preview = preview
            return None
        self.is_showing = True
        return preview

    def acknowledge_preview(self) -> Preview | None:
        """Note that the client has received a preview; return the next one, if any."""
        self.is_showing = False
        waiting, self.next_preview = self.next_preview, None
        return None if waiting is None else self.offer_preview(waiting)

    def drop(self, session: str) -> SessionWatch | None:
        """Stop watching a session."""
        watch = self.watches.pop(session, None)
        if watch is not None:
            self.left += watch.credit.size
        return watch
