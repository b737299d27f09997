"""What is known of the results of an earlier session: sizes of images, lengths of lists, and the loops of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invocations.sessions.session import Session


class SessionResults:
    """The results of a session, for planning lines that refer to them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def size(self, node: str, output: str) -> tuple[int, int] | None:
        """Return the size of an image or of latents; None if it does not exist yet, or if a loop makes several."""
        made = self.session.values(node, output)
        width, height = (getattr(made[0], side, 0) if len(made) == 1 else 0 for side in ("width", "height"))
        return (width, height) if width and height else None

    def axes(self, node: str, output: str) -> tuple[str, ...]:
        """Return the ids of the `iterate` nodes around an output, the outermost first."""
        return self.session.expansion.loops.axes(node)

    def length(self, node: str, output: str) -> int | None:
        """Return the length of a list; None if it does not exist yet, or if it differs between the items of a loop."""
        lengths = {len(each) for each in self.session.values(node, output) if isinstance(each, (list, tuple))}
        return lengths.pop() if len(lengths) == 1 else None

    def items(self, iterate: str) -> int | None:
        """Return how many items an `iterate` node has, or None if that is not known or differs."""
        return self.session.expansion.loops.items(iterate)
