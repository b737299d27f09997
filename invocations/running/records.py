"""The record of a result: how it was computed, as it is stored in the metadata of an image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from invocations.context import Record
from invocations.sessions.session import Key, Session
from invocations.values import ImageRef
from invocations.versions import versions

from .base import Catalog
from .facts import gather_ancestors, gather_facts, gather_files, trace

Makings = Callable[[Iterable[ImageRef]], Mapping[str, Any]]


def record_of(session: Session, key: Key, *, index: int, makings: Makings, catalog: Catalog | None = None) -> Record:
    """Return the record of a node's result.

    key: the node and its iteration. index: a number for file names. makings: reads how loaded images were made
    """
    node_id, path = key
    traced = trace(session, key)
    line = session.line_of(node_id)
    facts = gather_facts(session, traced) | {"index": index}
    if path:  # the node is in a loop
        from .axis_facts import axis_facts
        from .one_item import graph_of_item

        facts |= axis_facts(session, key)
        graph = graph_of_item(session, key, facts, catalog)
    else:
        graph = session.graph.to_json(session.graph.ancestors((node_id,)))
    ancestors = gather_ancestors(session, traced, makings)
    files = gather_files(session, key, traced)
    return Record(line.text if line else "", graph, facts, versions(), ancestors, files)
