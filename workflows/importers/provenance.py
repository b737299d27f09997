"""The provenance of an image: how it was made, as a graph, taken from our own or another tool's metadata.

The metadata in a file is untrusted: the graph is checked, invisible characters are removed, and no text is pasted into
a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from invocations.errors import InvocationError
from invocations.frozen import frozen
from invocations.graph.graph import Graph
from invocations.language.errors import Refusal
from invocations.language.source import Source
from workflows.problems import ApplicationError

from .recorded_graph import recorded_graph
from .untrusted import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from invocations.catalog.registry import Registry
    from invocations.local import LocalServices
    from invocations.services.images.metadata import Metadata
    from workflows.planning.plan_line import Plan

    from .parameters import Imported

GRAPH, LINE, ANCESTORS = "invokeai:graph", "invokeai:line", "invokeai:ancestors"
OURS = "invokeai-cli"
SAVED_GRAPHS = "ComfyUI saves graphs with Save and with Export (API), InvokeAI with Save Workflow"
SAVED_TEXTS = "AUTOMATIC1111 can save a text file with prompt, negative prompt and settings next to each image"
MAX_LINE = 100_000  # maximum length of an imported line, in characters


class NoProvenance(ApplicationError):
    """An image contains no usable record of how it was made."""

    code = "nothing_recorded"
    refused = False


@frozen
class Ancestor:
    """An image that was loaded: the name of its file, and how the image was made, as far as the file records it.

    graph: the graph in the file, or None if there is no usable graph
    line: the line as typed, or "" if none is recorded
    """

    source: str
    graph: Graph | None
    line: str = ""


@frozen
class Provenance:
    """How an image was made.

    tool: the program that made it
    line: the line stored in the file, if there is no graph; "" if the line is to be derived from the graph
    typed: the line as it was run, which may have made more images than this one; "" if it is not recorded
    batch: how many images were denoised at once, 1 if that is not recorded
    borrowed: the parts that the model borrowed, each with its lender, as recorded
    """

    tool: str
    graph: Graph
    line: str = ""
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] | None = None
    ancestors: tuple[Ancestor, ...] = ()
    typed: str = ""
    batch: int = 1
    borrowed: str = ""


def provenance_of_file(catalog: Registry, services: LocalServices, path: Path, name: str = "") -> Provenance:
    """Return the provenance that a file records: an image, or another tool's text or graph.

    name: the name of the file in errors. Raises: NoProvenance, ServiceError.
    """
    from .document import is_document

    return (provenance_of_document if is_document(path) else provenance_of)(catalog, services, path, name)


def provenance_of(catalog: Registry, services: LocalServices, path: Path, name: str = "") -> Provenance:
    """Return the provenance of an image file; `name` is its name in errors. Raises: NoProvenance, ServiceError."""
    from invocations.services.images.metadata import hidden_texts, read_metadata

    from .document import read_beside

    metadata = read_metadata(path)
    texts = metadata.texts
    own, notes = _own(catalog, metadata)
    if own is not None:
        return own
    imported = _detected(texts, name or str(path), notes) or _detected(hidden_texts(path), name or str(path), notes)
    imported = imported or read_beside(path)
    if imported is None:
        raise _nothing(name or str(path), notes)
    found = _converted(catalog, services, imported)
    return replace(found, notes=(*notes, *found.notes))


def provenance_of_texts(catalog: Registry, texts: Mapping[str, str], name: str) -> Provenance:
    """Return the provenance in the text chunks that this program writes; `name` names the image in errors.

    Raises: NoProvenance.
    """
    from invocations.services.images.metadata import metadata_of

    own, notes = _own(catalog, metadata_of(texts))
    if own is None:
        raise _nothing(name, notes)
    return own


def _nothing(name: str, notes: list[str]) -> NoProvenance:
    why = "; ".join(notes) or "it has no metadata from this program or another known tool"
    hint = "images from this program and the tools listed by `help images` can be read if their metadata is intact"
    return NoProvenance(f"`{name}` does not record how it was made: {why}", hint)


def _own(catalog: Registry, metadata: Metadata) -> tuple[Provenance | None, list[str]]:
    """Return the provenance that this program has recorded, or None, and notes about it."""
    texts: Mapping[str, str] = metadata.texts
    notes: list[str] = []
    if texts.get(GRAPH, "").strip():
        graph, more = recorded_graph(catalog, texts[GRAPH])
        notes += more
        if graph is not None:
            ancestors = tuple(_ancestors(catalog, metadata)) if ANCESTORS in texts else ()
            typed, borrowed = _typed(texts.get(LINE, "")), metadata.facts.get("borrowed", "")
            batch = _batch(metadata)
            found = Provenance(OURS, graph, "", tuple(notes), metadata.versions, ancestors, typed, batch, borrowed)
            return found, notes
    if texts.get(LINE, "").strip():
        plan, why = _planned(catalog, texts[LINE])
        if plan is not None:
            notes.append("the file contains no usable graph: only its line is used")
            typed = _typed(texts[LINE])
            found = Provenance(OURS, graph_of(plan, catalog), "", tuple(notes), metadata.versions, typed=typed)
            return found, notes
        notes.append(f"its line cannot be planned on its own: {why}")
    return None, notes


def _batch(metadata: Metadata) -> int:
    text = metadata.facts.get("batch", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 and int(text) else 1


def _typed(line: str) -> str:
    from .to_pipeline import cleaned

    return cleaned(line.strip()) if len(line) <= MAX_LINE else ""


def provenance_of_document(catalog: Registry, services: LocalServices, path: Path, name: str = "") -> Provenance:
    """Return the provenance that another tool's text or graph file records; `name` is the name of the file in errors.

    Raises: NoProvenance.
    """
    from .document import read_document

    try:
        imported = read_document(path, name or str(path))
    except Unreadable as why:
        is_graph = path.suffix.lower() == ".json"
        kind, hint = ("a graph", SAVED_GRAPHS) if is_graph else ("another tool's text", SAVED_TEXTS)
        raise NoProvenance(f"`{name or path}` cannot be read as {kind}: {why}", hint) from why
    return _converted(catalog, services, imported)


def provenance_of_text(catalog: Registry, services: LocalServices, text: str) -> Provenance:
    """Return the provenance that a text from another tool records: settings, or a graph in JSON. Raises: NoProvenance.

    A file that the text names is never looked for.
    """
    from .document import read_record

    try:
        imported = read_record(text)
    except (Unreadable, RecursionError) as why:
        reason = why if isinstance(why, Unreadable) else "it is nested too deeply"
        raise NoProvenance(f"the text cannot be read as settings or a graph: {reason}", SAVED_TEXTS) from None
    return _converted(catalog, services, imported, looks_for_files=False)


def _ancestors(catalog: Registry, metadata: Metadata) -> Iterator[Ancestor]:
    """Yield the ancestors that a file records; their strings are as untrusted as the file."""
    from invocations.services.images.makings import earlier_makings

    from .to_pipeline import cleaned

    for making in earlier_makings(metadata):
        graph = recorded_graph(catalog, json.dumps(making["graph"]))[0] if making.get("graph") else None
        yield Ancestor(cleaned(making["source"]), graph, cleaned(making.get("line", "")))


def graph_of(plan: Plan, catalog: Registry) -> Graph:
    """Return the graph of a plan."""
    graph = Graph(catalog.spec)
    graph.extend(plan.nodes, plan.edges)
    return graph


def _planned(catalog: Registry, line: str) -> tuple[Plan | None, str]:
    """Plan a line without a session; return the plan, or why it cannot be planned."""
    from workflows.planning.plan_line import plan_line

    from .to_pipeline import cleaned

    if len(line) > MAX_LINE:
        return None, "it is too long"
    try:
        return plan_line(Source(None, cleaned(line)), catalog=catalog), ""
    except (Refusal, RecursionError) as refused:
        return None, refused.errors[0].message if isinstance(refused, Refusal) else "it is nested too deeply"


def _detected(texts: Mapping[str, str], name: str, notes: list[str]) -> Imported | None:
    """Return what another tool recorded in an image; if a graph cannot be read, a note states the reason."""
    from .detect import detect

    try:
        return detect(texts, name)
    except Unreadable as why:
        notes.append(str(why))
        return None


def _converted(
    catalog: Registry, services: LocalServices, imported: Imported, *, looks_for_files: bool = True
) -> Provenance:
    """Convert what another tool recorded to our line and graph. Raises: NoProvenance."""
    from invocations.language.printer import print_tree

    from .to_pipeline import to_pipeline

    models = [info.name for info in services.models.list() if info.is_usable]
    exists = partial(_exists, services) if looks_for_files else _no_file
    pipeline, notes = to_pipeline(imported, catalog, models, exists)
    line = print_tree(pipeline)
    plan, why = _planned(catalog, line)
    if plan is None:
        raise NoProvenance(f"its {imported.tool} metadata cannot be converted to a line: {why}", None)
    return Provenance(imported.tool, graph_of(plan, catalog), line, notes)


def _no_file(source: str) -> bool:
    return False


def _exists(services: LocalServices, source: str) -> bool:
    """Return True if a file in the folder of the workspace, or at an absolute path, is an image."""
    try:
        services.headers.check(source, allow_url=False)
    except InvocationError:
        return False
    return True
