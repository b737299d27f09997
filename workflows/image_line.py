"""The line recorded in an image or in another tool's text or graph file, with seeds, model and notes on running it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from invocations.catalog.roles import roles_of
from invocations.frozen import frozen
from invocations.graph.axes import name_of
from invocations.prompt_syntax import PROMPT_SYNTAX

from .decompile.graph import decompile
from .importers.provenance import NoProvenance, Provenance, provenance_of_file
from .importers.safety import goes_online, reads, writes
from .whole_line import has_stages, makes, whole_line

if TYPE_CHECKING:
    from invocations.catalog.registry import Registry
    from invocations.graph.graph import Graph

    from .workspace import Workspace

STANDARD_INPUT = "-"
MORE = "the line also makes the other images of its sweep"
OUTSIDE = ("/", "~", "\\")  # a path that begins with one of these may lead out of the folder


@frozen
class ImageLine:
    """The line recorded in a file; `identical` means that the line makes exactly the graph stored in the file."""

    line: str
    tool: str
    identical: bool
    notes: tuple[str, ...] = ()


def line_of_image(workspace: Workspace, name: str, path: Path | None = None, *, whole: bool = False) -> ImageLine:
    """Return the line recorded in an image or another tool's file. Raises: NoProvenance, ImageUnreadable.

    path: where the file is (default: `name` in the folder of the workspace)
    whole: return the line as it was run, which may have made a sweep of images; for a sheet of a sweep, that is the
    default
    """
    path = path or Path(workspace.folder, name)
    provenance = provenance_of_file(workspace.catalog, workspace.lookup, path, name)
    return line_of_provenance(workspace, provenance, name, whole=whole)


def line_of_provenance(workspace: Workspace, provenance: Provenance, name: str, *, whole: bool = False) -> ImageLine:
    """Return the line of an image whose provenance is known; see `line_of_image`. Raises: NoProvenance."""
    catalog = workspace.catalog
    if whole:
        if not provenance.typed:
            raise NoProvenance(f"`{name}` does not record the line as it was run", f"`line {quote(name)}` may help")
        found = whole_line(workspace, provenance.typed, provenance.graph)
        why = [f"the line cannot be planned by itself: {found.why}"] if found.plan is None else []
        return ImageLine(found.text, provenance.tool, False, (*provenance.notes, *why))
    if provenance.typed and _is_sweep(provenance.graph):
        found = whole_line(workspace, provenance.typed, provenance.graph)
        identical = found.plan is not None and makes(workspace, found.plan, provenance.graph)
        if identical or (found.plan is not None and has_stages(found.plan, provenance.graph)):
            _refuse_standard_input(provenance, catalog, name, found.text)
            others = () if identical else (MORE,)
            notes = (*provenance.notes, *others, *_warnings(provenance, catalog), *_ancestors(workspace, provenance))
            return ImageLine(found.text, provenance.tool, identical, notes)
    line, missing = _line(workspace, provenance)
    _refuse_standard_input(provenance, catalog, name, line)
    differs = [f"the line does not make the same graph: {each}" for each in missing]
    notes = (*provenance.notes, *differs, *_warnings(provenance, catalog), *_ancestors(workspace, provenance))
    return ImageLine(line, provenance.tool, not (provenance.line or missing), notes)


def _is_sweep(graph: Graph) -> bool:
    """Whether a graph has axes of a sweep, as the graph of a sheet does."""
    return any(name_of(node) for node in graph.nodes.values())


def _line(workspace: Workspace, provenance: Provenance) -> tuple[str, tuple[str, ...]]:
    """Return the line, and a note for each part of the image's graph that the line does not reproduce."""
    defaults = workspace.memory.defaults
    if provenance.line and not any(key.endswith(PROMPT_SYNTAX) for key in defaults):
        return provenance.line, ()
    found = decompile(
        provenance.graph, workspace.catalog, defaults
    )  # also writes inputs that a default set by the user would change
    if not found.line:
        raise NoProvenance(f"its graph cannot be written as a line: {'; '.join(found.missing)}")
    return found.line, found.missing


def _refuse_standard_input(provenance: Provenance, catalog: Registry, name: str, line: str) -> None:
    """Refuse a line that reads an image from standard input: it cannot run by itself. Raises: NoProvenance."""
    if STANDARD_INPUT in reads(provenance.graph.nodes.values(), catalog):
        message = f"`{name}` was made from an image on standard input, so its line cannot run by itself"
        raise NoProvenance(message, f"pipe that image in: cat IMAGE | invokeai {quote(line)}")


def _ancestors(workspace: Workspace, provenance: Provenance) -> Iterator[str]:
    """Yield a note for each ancestor of the image, with the line that made the ancestor."""
    for each in provenance.ancestors:
        line = decompile(each.graph, workspace.catalog, workspace.memory.defaults).line if each.graph else ""
        if line or each.line:
            yield f"`{each.source}` was made by: {line or each.line}"


def _warnings(provenance: Provenance, catalog: Registry) -> Iterator[str]:
    """Yield warnings about what the line does if it is run unchanged."""
    nodes = list(provenance.graph.nodes.values())
    yield from (f"the line reads `{each}`" for each in reads(nodes, catalog))
    yield from (f"the line writes `{each}`" for each in writes(nodes, catalog) if _is_outside(each))
    if any("saves" in roles_of(catalog, node.type) and node.inputs.get("overwrite") for node in nodes):
        yield "`save` in the line overwrites a file of the same name"
    if goes_online(nodes):
        yield "the line may use the network"


def _is_outside(target: str) -> bool:
    return target.startswith(OUTSIDE) or ".." in target or ":" in target
