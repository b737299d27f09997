"""What is known about the results of an earlier session: the sizes of images and latents, and the loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from invocations.graph.axes import name_of
from invocations.values import ModelRef

if TYPE_CHECKING:
    from invocations.sessions.session import Session


class SessionResults:
    """The results of a session, for planning lines that refer to them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def size(self, node: str, output: str) -> tuple[int, int] | None:
        """Return the size of an image or of latents; None if there is none yet, or if a loop makes several."""
        made = self.session.values(node, output)
        width, height = (getattr(made[0], side, 0) if len(made) == 1 else 0 for side in ("width", "height"))
        return (width, height) if width and height else None

    def values(self, node: str, output: str) -> Sequence[Any] | None:
        """Return the values of an output, or None if its node has not run."""
        return self.session.values(node, output) or None

    def count(self, node: str, output: str) -> int | None:
        """Return the length of the list that an output returned, or None if it did not return exactly one list."""
        made = self.session.values(node, output)
        return len(made[0]) if len(made) == 1 and isinstance(made[0], (list, tuple)) else None

    def largest(self, node: str, output: str) -> tuple[int, int] | None:
        """Return the largest width and height among the images in the only list that an output returned, or None."""
        made = self.session.values(node, output)
        items = made[0] if len(made) == 1 and isinstance(made[0], (list, tuple)) else ()
        sizes = [(getattr(item, "width", 0), getattr(item, "height", 0)) for item in items]
        return (max(each[0] for each in sizes), max(each[1] for each in sizes)) if sizes else None

    def models(self, node: str, output: str) -> Sequence[str] | None:
        """Return the names of the models that an output returned, or None if its node has not run."""
        return [made.model for made in self.session.values(node, output) if isinstance(made, ModelRef)] or None

    def runs(self, node: str) -> int | None:
        """Return how often a node has run, or None if it has not."""
        return len(self.session.paths(node)) or None

    def is_from_file(self, node: str) -> bool:
        """Return True if a node depends on a loaded file."""
        from .stems import is_from_file  # imported on demand: few lines need it

        graph = self.session.graph
        specs = {each.type: graph.node_type(id_).spec for id_, each in graph.nodes.items()}
        return is_from_file(node, graph.nodes.get, graph.incoming, specs)

    def items(self, iterate: str) -> int | None:
        """Return how many items an `iterate` node has in each run, or None if that is unknown or varies."""
        return self.session.expansion.loops.items(iterate)

    def axes(self, node: str, output: str) -> tuple[str, ...]:
        """Return the ids of the `iterate` nodes around an output, the outermost first."""
        return self.session.expansion.loops.axes(node)

    def axis(self, iterate: str) -> tuple[str, tuple[str, ...]]:
        """Return the name of the axis of an `iterate` node ("" if it has none), and its axes with this one last."""
        return name_of(self.session.graph.nodes[iterate]), self.session.expansion.loops.axes(iterate)
