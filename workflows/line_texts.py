"""Texts for the lines of sessions that were added as graphs, so that lists can show them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from invocations.errors import InvocationError
from invocations.graph.graph import Graph
from invocations.shown_numbers import counted

from .decompile.graph import decompile

if TYPE_CHECKING:
    from invocations.catalog.registry import Registry
    from invocations.invoker import Invoker
    from invocations.sessions.session import Session
    from invocations.storing.base import LineInfo, SessionInfo

MAX_NODES: Final = 20  # a longer line explains nothing, and writing it takes long
MAX_TYPES: Final = 8


def with_first_lines(infos: Iterable[SessionInfo], invoker: Invoker, catalog: Registry) -> list[SessionInfo]:
    """Return the same sessions, with a first line for those that were created from a graph; each is written once."""
    return [
        replace(info, first_line=_text(invoker, catalog, info.id, 1)) if info.lines and not info.first_line else info
        for info in infos
    ]


def with_texts(lines: Iterable[LineInfo], invoker: Invoker, catalog: Registry) -> list[LineInfo]:
    """Return the same lines, with a text for those that were added as a graph; each is written once."""
    return [
        line if line.text else replace(line, text=_text(invoker, catalog, line.session, line.number)) for line in lines
    ]


def _text(invoker: Invoker, catalog: Registry, session_id: str, number: int) -> str:
    """Return a text for a line and record it; "" if the session cannot be read or has been deleted."""
    with suppress(InvocationError):
        text = text_of_graph(invoker.open(session_id), number, catalog)
        invoker.describe_line(session_id, number, text)
        return text
    return ""


def text_of_graph(session: Session, number: int, catalog: Registry) -> str:
    """Return the line that creates the same nodes as a line of a session; if there is none, a comment that lists them.

    number: the number of the line, from 1
    """
    line = session.lines[number - 1]
    nodes = [node for node in session.graph.nodes.values() if session.line_of(node.id) == line]
    ids = {node.id for node in nodes}
    edges = [edge for node in nodes for edge in session.graph.incoming(node.id)]
    if 0 < len(nodes) <= MAX_NODES and all(edge.source in ids for edge in edges):
        with suppress(InvocationError):
            graph = Graph(catalog.spec)
            graph.extend(nodes, edges)
            found = decompile(graph, catalog)
            if found.line and not found.missing:
                return found.line
    types = list(dict.fromkeys(node.type for node in nodes))
    more = ", ..." if len(types) > MAX_TYPES else ""
    return (
        f"# a graph of {counted(len(nodes), 'node')}: {', '.join(types[:MAX_TYPES])}{more}"
        if nodes
        else "# an empty graph"
    )
