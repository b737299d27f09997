"""Refuse `{stem}` in the name of a saved image that is not made from a loaded file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from invocations.catalog.roles import first_argument
from invocations.language.errors import LanguageError
from invocations.language.source import Span

if TYPE_CHECKING:
    from invocations.graph.graph import Edge, Node
    from invocations.spec import InvocationSpec

FIELD = "{stem"
STANDARD_INPUT = "-"


def uses_stem(node: Node, spec: InvocationSpec) -> bool:
    """Whether a node saves an image under the name of the file that it is made from."""
    return "saves" in spec.roles and FIELD in str(node.inputs.get(first_argument(spec), ""))


def refused_stems(
    nodes: Iterable[Node],
    spans: Mapping[tuple[str, str], Span | None],
    commands: Mapping[str, Span],
    catalog: Mapping[str, InvocationSpec],
    is_from_file: Callable[[str], bool],
) -> Iterator[LanguageError]:
    """Yield an error for each file name with `{stem}` whose image is not made from a loaded file.

    spans: the place of each value, by node and input
    commands: the place of each node's command. is_from_file: whether a node depends on a loaded file
    """
    for node in nodes:
        if uses_stem(node, catalog[node.type]) and not is_from_file(node.id):
            name = first_argument(catalog[node.type])
            message = "`{stem}` stands for the name of a loaded file, but this image does not come from a file"
            hint = "use another field, such as {index} or {prompt}"
            yield LanguageError("no_stem", message, spans.get((node.id, name)) or commands[node.id], hint)


def is_from_file(
    start: str,
    node_of: Callable[[str], Node | None],
    incoming: Callable[[str], Iterable[Edge]],
    catalog: Mapping[str, InvocationSpec],
    earlier: Callable[[str, str], bool] = lambda node, output: False,
) -> bool:
    """Return True if a node, or one that it depends on, loads an image from a file.

    earlier: returns whether an output of an earlier line, given its node and its name, depends on such a node
    """
    waiting, seen = [start], {start}
    for id_ in waiting:
        node = node_of(id_)
        if node is not None and _loads_file(node, catalog[node.type]):
            return True
        for edge in incoming(id_):
            if node_of(edge.source) is None and earlier(edge.source, edge.output):
                return True
            if edge.source not in seen:
                seen.add(edge.source)
                waiting.append(edge.source)
    return False


def _loads_file(node: Node, spec: InvocationSpec) -> bool:
    lists = any(output.type.base == "list" for output in spec.outputs)  # models are not image files
    return "loads" in spec.roles and lists and node.inputs.get(first_argument(spec)) != STANDARD_INPUT
