"""Imported sessions are untrusted: describe what a session could do before it runs, and show what its lines really do.

The text of an imported line may not match its nodes. Such a line is replaced by a line rebuilt from the nodes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from invocations.catalog.roles import first_argument

from .decompile.equivalence import RecordedLine
from .decompile.script import RecordedLines
from .decompile.session import NotExpressible, ScriptWriter, SessionNames
from .importers.safety import goes_online, plugin_types

if TYPE_CHECKING:
    from invocations.graph.graph import Graph
    from invocations.graph.node import Node
    from invocations.sessions.session import Session
    from invocations.spec import InvocationSpec

    from .decompile.flatten import Catalog

OVERWRITE = "overwrite"


def as_shown(document: Mapping[str, Any], session: Session, catalog: Catalog) -> tuple[dict[str, Any], list[int]]:
    """Return an imported session's document with corrected lines, and the numbers of the lines that were corrected."""
    texts = list(_texts(session, catalog))
    changed = [line.number for line, text in zip(session.lines, texts, strict=True) if text != line.text]
    lines = [{**line, "line": text} for line, text in zip(document["lines"], texts, strict=True)]
    return {**document, "lines": lines}, changed


def dangers(session: Session, catalog: Catalog, output_dir: str, base: str = "") -> list[str]:
    """Return what running a session could do to other files and programs, as phrases; empty if it is harmless.

    base: the folder that relative paths start from (default: the current folder)
    Nodes that have already run count, too: if their results are lost, they run again.
    """
    nodes = session.graph.nodes.values()
    found = [phrase for node in nodes for phrase in _writes(session.graph, node, catalog[node.type], output_dir, base)]
    found += ["use the network"] if goes_online(nodes) or _is_linked(session.graph, "allow_url") else []
    found += [f"use the plug-in `{each}`" for each in plugin_types(nodes, catalog)]
    return list(dict.fromkeys(found))


def _writes(graph: Graph, node: Node, spec: InvocationSpec, output_dir: str, base: str) -> Iterator[str]:
    """Yield what a node that saves images would do besides creating new files in the output folder."""
    if "saves" not in spec.roles:
        return
    name = first_argument(spec)
    linked = {edge.input for edge in graph.incoming(node.id)}
    target = str(node.inputs.get(name) or "")
    if name in linked:
        yield "write files with computed names"
    elif OVERWRITE in linked or node.inputs.get(OVERWRITE):
        yield f"replace `{target or 'existing files'}`"
    elif target not in ("", "-") and not _is_inside(target, output_dir, base):
        yield f"write `{target}`"


def _is_inside(target: str, folder: str, base: str) -> bool:
    path, folder = (os.path.realpath(os.path.join(base, os.path.expanduser(each))) for each in (target, folder))
    return path.startswith(os.path.join(folder, ""))


def _is_linked(graph: Graph, name: str) -> bool:
    return any(edge.input == name for edge in graph.edges)


def _texts(session: Session, catalog: Catalog) -> Iterator[str]:
    """Yield the recorded text of each line if it matches the line's nodes, otherwise a text rebuilt from the nodes."""
    writer = ScriptWriter(catalog, {})
    names = SessionNames(session)
    recorded = RecordedLines(session)
    for line in session.lines:
        nodes, stages = recorded.nodes[line.number], recorded.stages.get(line.number, [])
        for piped in (False, True):
            try:
                honest = writer.explains(RecordedLine(session, names.ids, line.text, (*nodes,), (*stages,), piped))
                written = writer.write(names, line.text, nodes, stages, piped=piped)
            except NotExpressible:
                continue
            yield line.text if honest else "; ".join(written)
            break
        else:
            yield f"# a graph with {', '.join(dict.fromkeys(node.type for node in nodes)) or 'no nodes'}"
