"""Read plain values from the inputs of another tool's nodes; a value that cannot be used is always noted."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from .foreign_graph import ForeignNode, GraphWalk, NodeLink
from .parameters import MAX_SEED, RANDOM_SEED, cut_prompt, short
from .untrusted import integer, number

N = TypeVar("N", int, float)


class ScalarWalk(GraphWalk):
    """Finds the plain values of inputs."""

    @abstractmethod
    def value(self, link: object, wanted: str) -> object:
        """Return the plain value at a link; None if it is not known.

        wanted: the name of the input that has the link
        """

    def scalar(self, node: ForeignNode, *names: str) -> object:
        """Return the first value found in these inputs, following links; add a note if a link has no value."""
        for name in names:
            if name not in node.inputs:
                continue
            value = self.resolve(self.get(node, name))
            found = self.value(value, name) if isinstance(value, NodeLink) else value
            if isinstance(found, (str, int, float)):
                return found
            if isinstance(value, NodeLink):
                other = self.nodes.get(value.node)
                where = other.shown if other else f"node {short(value.node)}, which the file does not contain"
                self.note(f"{node.shown}: `{name}` comes from {where} and is not known")
            elif found is not None:
                self.note(f"{node.shown}: `{name}: {short(found)}` is ignored: it is not a single value")
        return None

    def integer(self, node: ForeignNode, *names: str) -> int | None:
        """Return an integer of 0 or more, or None; add a note if the value is anything else."""
        return self._converted(node, names, integer(found := self.scalar(node, *names)), found)

    def seed(self, node: ForeignNode, *names: str) -> int | None:
        """Return a seed, or None; add a note with the limit if the seed is too large."""
        found = self.scalar(node, *names)
        if str(found) == RANDOM_SEED:
            return None  # a later note reports that no seed is recorded
        if isinstance(found, int) and found > MAX_SEED:
            self.note(f"{node.shown}: the seed {short(found)} is ignored: the largest seed is {MAX_SEED}")
            return None
        return self._converted(node, names, integer(found), found)

    def number(self, node: ForeignNode, *names: str) -> float | None:
        """Return a finite number, or None; add a note if the value is anything else."""
        return self._converted(node, names, number(found := self.scalar(node, *names)), found)

    def string(self, node: ForeignNode, *names: str) -> str:
        """Return a string, or "" if there is none."""
        found = self.scalar(node, *names)
        return cut_prompt(found, self.note) if isinstance(found, str) else ""

    def _converted(self, node: ForeignNode, names: tuple[str, ...], made: N | None, found: object) -> N | None:
        if made is None and found is not None:
            name = next(name for name in names if name in node.inputs)
            self.note(f"{node.shown}: `{name}: {short(found)}` is ignored: it is not a number that can be used here")
        return made
