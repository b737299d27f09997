"""Log entries for the tests of the session stores: one entry of each kind, and lines with outcomes."""

from __future__ import annotations

from invocations.events import NodeError, NodeFailed, NodeFinished, NodeSkipped
from invocations.graph.graph import Edge, Node
from invocations.sessions.session import Extension, LineEnded, Retried, SessionStage
from invocations.values import ImageRef, MaskRef

ENTRIES = (
    Extension(
        (Node("a", "width", {"image": MaskRef("m", 1, 2)}), Node("b", "add", {"b": None})),
        (Edge("a", "value", "b", "a"),),
        (SessionStage(1, "width", "fox", 1, ("a",), {"value": ("a", "value")}, ("a", "value")),
         SessionStage(2, "show", None, 1, ("b",), {}, None)),
        "width m.png as fox",
        "x.inv:1",
        12.5,
    ),
    NodeFinished("s", "a", "width", (), 13.0, {"value": 1, "images": [ImageRef("i", 1, 1, "p.png")]}, 0.5, True,
                 {"seed": 3}),
    NodeFinished("s", "a", "width", (0, 2), 13.0, {"value": "ü\n"}, 0.5, False, {}),
    NodeFailed("s", "b", "add", (1,), 14.0, NodeError("E", "m", "c", "h", {"image": MaskRef("m")}, "t"), 0.1),
    NodeSkipped("s", "b", "add", (), 15.0, "not chosen"),
    Retried(16.0),
    LineEnded(1, 2.5, "failed"),
)  # fmt: skip


def lined(*lines, time=10.0):
    """Return log entries for lines of one node each: a line ending in `!` fails, a line ending in `?` never ends."""
    entries = []
    for number, line in enumerate(lines, 1):
        node = Node(str(number), "number", {"value": number})
        entries.append(Extension((node,), (), (), line.rstrip("!?"), "x.inv:1", time + number))
        if not line.endswith("?"):
            entries.append(LineEnded(number, 0.5, "failed" if line.endswith("!") else "done"))
    return entries
