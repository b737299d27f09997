"""What is known of the results of an earlier session: the sizes of what it has made, and the loops of its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invocations.sessions.session import Session


class SessionResults:
    """The results of a session, for planning lines that refer to them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def size(self, node: str, output: str) -> tuple[int, int] | None:
        """Return the size of an image or of latents; None if there is none yet, or one for each item of a loop."""
        made = self.session.values(node, output)
        width, height = (getattr(made[0], side, 0) if len(made) == 1 else 0 for side in ("width", "height"))
        return (width, height) if width and height else None

    def axes(self, node: str, output: str) -> tuple[str, ...]:
        """Return the ids of the iterates around an output, the outermost first."""
        return self.session.expansion.loops.axes(node)
