"""The graph of another tool, the walk back along its links, and the limits of that walk.

The graph is untrusted: a loop, too many nodes or too long a chain causes an error, never a hang.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from invocations.frozen import frozen

from .parameters import short
from .untrusted import Unreadable

MAX_NODES = 2000
MAX_KIND = 200  # maximum length of a node's type, in characters
MAX_LINKS = 80  # how deep the recursion along links may go
NO_NODES = "it has no nodes"
LOOP = "its links form a loop at {}"

PASSED_ON = "passed on"

Output = int | str  # the position of an output, or its name
P = ParamSpec("P")
T = TypeVar("T")


@frozen
class NodeLink:
    """A link to one output of a node."""

    node: str
    output: Output


@frozen
class ForeignNode:
    """A node of another tool; its inputs are plain values and `NodeLink`s."""

    id: str
    kind: str
    inputs: Mapping[str, Any]

    @property
    def shown(self) -> str:
        """The name of the node in notes."""
        return f"node {short(self.id)} `{short(self.kind)}`"

    def links(self) -> dict[str, NodeLink]:
        """Return the inputs that are linked to other nodes."""
        return {name: value for name, value in self.inputs.items() if isinstance(value, NodeLink)}


class GraphWalk:
    """Walks back through a graph from its last node, collecting notes and recording which inputs were used."""

    def __init__(self, nodes: Mapping[str, ForeignNode]) -> None:
        if not nodes:
            raise Unreadable(NO_NODES)
        if len(nodes) > MAX_NODES:
            raise Unreadable(f"it has {len(nodes)} nodes; at most {MAX_NODES} are read")
        self.nodes = nodes
        self.notes: list[str] = []
        self.visited: dict[str, None] = {}  # ids of nodes, in the order of the walk
        self.used: dict[str, set[str]] = {}  # id of a node -> names of its inputs that were used
        self.found: dict[tuple[object, ...], Any] = {}
        self.open: list[tuple[object, ...]] = []

    def note(self, text: str) -> None:
        """Record a note, without duplicates."""
        if text not in self.notes:
            self.notes.append(text)

    def use(self, node: ForeignNode, *names: str) -> None:
        """Record that a node is understood, and that these inputs were used."""
        self.used.setdefault(node.id, set()).update(names)

    def get(self, node: ForeignNode, name: str) -> object:
        """Return the value or the link at an input and mark the input as used; None if the node has no such input."""
        self.use(node, name)
        return node.inputs.get(name)

    def passed_on(self, node: ForeignNode, output: Output) -> object:
        """Return the link or value that a node only passes on; for any other node, a link to its output."""
        return NodeLink(node.id, output)

    def resolve(self, value: object) -> object:
        """Follow a link past nodes that only pass on a value; return the plain value, or a link to its origin."""
        passed: set[NodeLink] = set()
        while isinstance(value, NodeLink) and (node := self.nodes.get(value.node)):
            if value in passed:
                raise Unreadable(LOOP.format(node.shown))
            passed.add(value)
            self.visited[node.id] = None
            key = (PASSED_ON, value)
            if key not in self.found:
                with self.inside(key, node):
                    self.found[key] = self.passed_on(node, value.output)
            following = self.found[key]
            if following == value:
                return value
            value = following
        return value

    @contextmanager
    def inside(self, key: tuple[object, ...], node: ForeignNode) -> Iterator[None]:
        """Guard one step of the walk. Raises: Unreadable, if the links form a loop or are nested too deeply."""
        if key in self.open:
            raise Unreadable(LOOP.format(node.shown))
        if len(self.open) >= MAX_LINKS:
            raise Unreadable(f"more than {MAX_LINKS} of its nodes form a single chain")
        self.open.append(key)
        yield
        self.open.pop()

    def target(self, value: object) -> tuple[ForeignNode, Output] | None:
        """Return the node and the output that a link leads to, or None for a plain value."""
        value = self.resolve(value)
        node = self.nodes.get(value.node) if isinstance(value, NodeLink) else None
        return (node, value.output) if node is not None and isinstance(value, NodeLink) else None


W = TypeVar("W", bound=GraphWalk)


def followed(
    empty: T,
) -> Callable[[Callable[Concatenate[W, ForeignNode, Output, P], T]], Callable[Concatenate[W, object, P], T]]:
    """Turn a method that takes a node and an output into a method that takes a link to that output.

    The method returns `empty` if the link leads nowhere. Results are cached, so each output is computed once.
    Raises: Unreadable.
    """

    def wrap(method: Callable[Concatenate[W, ForeignNode, Output, P], T]) -> Callable[Concatenate[W, object, P], T]:
        @wraps(method)
        def follow(walk: W, value: object, /, *args: P.args, **kwargs: P.kwargs) -> T:
            target = walk.target(value)
            if target is None:
                return empty
            node, output = target
            key = (method.__name__, node.id, output, *args)
            if key not in walk.found:
                with walk.inside(key, node):
                    walk.found[key] = method(walk, node, output, *args, **kwargs)
            found: T = walk.found[key]
            return found

        return follow

    return wrap
