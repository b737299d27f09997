"""Where a picture came from: its own graph or line, or what another tool wrote into it; as a graph of ours.

What a file says is a stranger's data: it is checked as a graph, cleaned of what cannot be seen, and never pasted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invocations.errors import GraphError
from invocations.graph.graph import Graph, Node
from invocations.language.errors import Refusal
from invocations.language.source import Source
from workflows.problems import ApplicationError

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell
    from workflows.planning.plan_line import Plan

GRAPH, LINE = "invokeai:graph", "invokeai:line"
OURS = "invokeai-cli"
LONGEST_LINE = 100_000  # characters


class NothingTold(ApplicationError):
    """A picture says nothing of its making that can be used."""

    code = "nothing_told"
    refused = False


@dataclass(frozen=True, slots=True)
class Origin:
    """How a picture was made: by which tool, as a graph; `line` is the line where it is not told from the graph."""

    tool: str
    graph: Graph
    line: str = ""
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] | None = None


def origin_of(shell: Shell, name: str) -> Origin:
    """Return where a picture file came from. Raises: NothingTold, ServiceError."""
    from invocations.services.images.metadata import read_metadata

    metadata = read_metadata(Path(shell.environment.folder, name))
    texts, notes = metadata.texts, []
    if texts.get(GRAPH, "").strip():
        graph, more = _recorded(shell, texts[GRAPH])
        notes += more
        if graph is not None:
            return Origin(OURS, graph, notes=tuple(notes), versions=metadata.versions)
    if texts.get(LINE, "").strip():
        plan, why = _planned(shell, texts[LINE])
        if plan is not None:
            notes.append("the file holds no graph that can be used: this is its line alone")
            return Origin(OURS, graph_of(shell, plan), notes=tuple(notes), versions=metadata.versions)
        notes.append(f"its line cannot be planned by itself: {why}")
    origin = _foreign(shell, texts)
    if origin is None:
        why = "; ".join(notes) or "it holds neither a line of ours nor a text of a tool that is known here"
        hint = "known are our own pictures and those of AUTOMATIC1111, InvokeAI and ComfyUI, where the texts were kept"
        raise NothingTold(f"`{name}` does not tell how it was made: {why}", hint)
    return replace(origin, notes=(*notes, *origin.notes))


def graph_of(shell: Shell, plan: Plan) -> Graph:
    """Return the graph of a plan."""
    graph = Graph(shell.catalog.spec)
    graph.extend(plan.nodes, plan.edges)
    return graph


def _recorded(shell: Shell, text: str) -> tuple[Graph | None, list[str]]:
    """Return the graph that a file of ours holds, checked whole, and what is to be said of it."""
    from invocations.graph.document import read_graph

    from .untrusted import json_object

    data = json_object(text)
    if data is None:
        return None, ["its graph is damaged"]
    try:
        graph = read_graph(data, shell.catalog.spec)
        return _clean(graph, shell)
    except GraphError as error:
        return None, [f"its graph cannot be used here: {error}"]
    except (RecursionError, TypeError, ValueError, AttributeError):
        return None, ["its graph is damaged"]


def _clean(graph: Graph, shell: Shell) -> tuple[Graph, list[str]]:
    """Return the graph without characters that cannot be seen in its texts."""
    nodes = [
        Node(n.id, n.type, {key: _cleaned(value) for key, value in n.inputs.items()}) for n in graph.nodes.values()
    ]
    changed = sorted({n.type for n in nodes if n.inputs != graph.nodes[n.id].inputs})
    if not changed:
        return graph, []
    made = Graph(shell.catalog.spec)
    made.extend(nodes, graph.edges)
    return made, [f"characters that cannot be seen were taken out of {', '.join(f'`{each}`' for each in changed)}"]


def _cleaned(value: Any) -> Any:
    from .to_pipeline import cleaned

    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, (list, tuple)):
        return [_cleaned(item) for item in value]
    return value


def _planned(shell: Shell, line: str) -> tuple[Plan | None, str]:
    """Return the plan of a line that stands alone, or why there is none."""
    from workflows.planning.plan_line import plan_line

    from .to_pipeline import cleaned

    if len(line) > LONGEST_LINE:
        return None, "it is too long"
    try:
        return plan_line(Source(None, cleaned(line)), catalog=shell.catalog), ""
    except (Refusal, RecursionError) as refused:
        return None, refused.errors[0].message if isinstance(refused, Refusal) else "it is too deep"


def _foreign(shell: Shell, texts: Mapping[str, str]) -> Origin | None:
    """Return what another tool tells of a picture."""
    from invocations.language.printer import print_tree

    from .detect import find
    from .to_pipeline import to_pipeline

    found = find(texts)
    if found is None:
        return None
    pipeline, notes = to_pipeline(found, shell.catalog, _models(shell))
    line = print_tree(pipeline)
    plan, why = _planned(shell, line)
    if plan is None:
        raise NothingTold(f"what {found.tool} tells of the picture makes no line here: {why}", None)
    return Origin(found.tool, graph_of(shell, plan), line, notes)


def _models(shell: Shell) -> Collection[str]:
    return [info.name for info in shell.lookup.models.list()]
