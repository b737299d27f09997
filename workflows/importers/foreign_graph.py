"""A graph of nodes as another tool records it, and the walk back along its links; all its limits stand here.

The graph is untrusted: a loop, too many nodes and a chain that is too long are one error each, never a hang.
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
MAX_KIND = 200  # characters of a node's kind
MAX_LINKS = 80  # followed one inside the other
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
        """Return the node as it is called in notes."""
        return f"node {short(self.id)} `{short(self.kind)}`"

    def links(self) -> dict[str, NodeLink]:
        """Return the inputs that are links."""
        return {name: value for name, value in self.inputs.items() if isinstance(value, NodeLink)}


class GraphWalk:
    """Follows one graph back from its end; collects notes, and which inputs of which nodes were used."""

    def __init__(self, nodes: Mapping[str, ForeignNode]) -> None:
        if not nodes:
            raise Unreadable(NO_NODES)
        if len(nodes) > MAX_NODES:
            raise Unreadable(f"it has {len(nodes)} nodes; at most {MAX_NODES} are read")
        self.nodes = nodes
        self.notes: list[str] = []
        self.visited: dict[str, None] = {}  # ids, in the order of the walk
        self.used: dict[str, set[str]] = {}  # id -> names of inputs
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
        """Return the value or the link at an input of a node that is understood, None if it has none."""
        self.use(node, name)
        return node.inputs.get(name)

    def passed_on(self, node: ForeignNode, output: Output) -> object:
        """Return what a node only passes on: a link or a value; the link itself for all other nodes."""
        return NodeLink(node.id, output)

    def resolve(self, value: object) -> object:
        """Return a value, or the link to the node that makes it, past all nodes that only pass something on."""
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
        """Follow a link inside others. Raises: Unreadable, if it is one of them, or they are too many."""
        if key in self.open:
            raise Unreadable(LOOP.format(node.shown))
        if len(self.open) >= MAX_LINKS:
            raise Unreadable(f"more than {MAX_LINKS} of its nodes follow one another")
        self.open.append(key)
        yield
        self.open.pop()

    def target(self, value: object) -> tuple[ForeignNode, Output] | None:
        """Return the node and the output that a link leads to, None for a plain value."""
        value = self.resolve(value)
        node = self.nodes.get(value.node) if isinstance(value, NodeLink) else None
        return (node, value.output) if node is not None and isinstance(value, NodeLink) else None


W = TypeVar("W", bound=GraphWalk)


def followed(
    empty: T,
) -> Callable[[Callable[Concatenate[W, ForeignNode, Output, P], T]], Callable[Concatenate[W, object, P], T]]:
    """Make a method on a node and its output one on a link: `empty` if it leads nowhere; each is computed once.

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
