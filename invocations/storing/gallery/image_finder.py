"""Find the images that the lines of a session have made, entry by entry, without building the session.

An image counts if it is a result of a line, that is, if no other node of the line uses it, or if the line saved it.
An image that a line only loaded from a file does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from invocations.events import NodeFinished
from invocations.sessions.journal import Claimed, Extension, JournalEntry
from invocations.values import ImageRef, ModelRef

from .base import FoundImage
from .names import is_image_id

MAX_PER_NODE: Final = 1000  # images that one run of a node adds to the gallery
MAX_NODES_ABOVE: Final = 1000  # how many nodes are searched for the model of an image


class ImageFinder:
    """Finds the images of one session; its entries must be passed in order."""

    def __init__(self, session_id: str) -> None:
        self.session = session_id
        self._lines = 0
        self._line_of: dict[str, int] = {}
        self._ends: set[tuple[str, str]] = set()  # (node, output) of each result of a stage
        self._free: set[str] = set()  # nodes outside stages
        self._used: set[tuple[str, str]] = set()  # (node, output) of these nodes that other nodes use
        self._sources: dict[str, list[str]] = {}
        self._models: dict[str, str] = {}
        self._saved: set[str] = set()  # nodes that have saved an image

    def found(self, entry: JournalEntry) -> list[FoundImage]:
        """Return the images that an entry adds, as far as the gallery lists them."""
        if isinstance(entry, NodeFinished):
            return self._finished(entry)
        if isinstance(entry, Extension):
            self._extend(entry)
        elif isinstance(entry, Claimed):
            self._saved.add(entry.node_id)
        return []

    def _extend(self, extension: Extension) -> None:
        self._lines += 1
        self._line_of.update(dict.fromkeys([node.id for node in extension.nodes], self._lines))
        for edge in extension.edges:
            self._sources.setdefault(edge.target, []).append(edge.source)
        ends, free, used = results_of(extension)
        self._ends |= ends
        self._free |= free
        self._used |= {each for each in used if each[0] in free}

    def _finished(self, entry: NodeFinished) -> list[FoundImage]:
        refs: dict[ImageRef, None] = {}
        for output, value in entry.outputs.items():
            if isinstance(value, ModelRef):
                self._models[entry.node_id] = value.model
            elif self._counts(entry.node_id, output):
                refs.update(dict.fromkeys(ref for ref in images_in(value) if self._is_made(entry.node_id, ref)))
        if not refs:
            return []
        line, model = self._line_of.get(entry.node_id, 0), self._model_of(entry.node_id)
        where = (self.session, entry.node_id, tuple(entry.path), line, model, entry.time)
        return [FoundImage(ref, *where) for ref in refs]

    def _counts(self, node: str, output: str) -> bool:
        end = (node, output)
        return end in self._ends or (node in self._free and end not in self._used) or node in self._saved

    def _is_made(self, node: str, ref: ImageRef) -> bool:
        """Return False for an image that was read from a file, and for a reference that names no content."""
        return is_image_id(ref.name) and ref.width > 0 < ref.height and (not ref.path or node in self._saved)

    def _model_of(self, node: str) -> str:
        """Return the name of the nearest model among the nodes that a node depends on, or ""."""
        seen: dict[str, None] = {node: None}
        for each in islice(_growing(seen), MAX_NODES_ABOVE):
            if each in self._models:
                return self._models[each]
            seen.update(dict.fromkeys(self._sources.get(each, ())))
        return ""


def results_of(extension: Extension) -> tuple[set[tuple[str, str]], set[str], set[tuple[str, str]]]:
    """Return the results of the stages of a line, its nodes outside stages, and the outputs that its nodes use.

    Only the primary output of a stage is a result; nodes outside stages, such as those of a graph, may have several. An
    output that another node of the line uses is not a result.
    """
    used = {(edge.source, edge.output) for edge in extension.edges}
    staged = {id_ for stage in extension.stages for id_ in stage.nodes}
    ends = {stage.primary for stage in extension.stages if stage.primary is not None} - used
    return ends, {node.id for node in extension.nodes} - staged, used


def images_in(value: Any) -> Iterator[ImageRef]:
    """Yield the images in the value of an output, which may be a list."""
    if isinstance(value, ImageRef):
        yield value
    elif isinstance(value, (list, tuple)):
        yield from islice((each for each in value if isinstance(each, ImageRef)), MAX_PER_NODE)


def _growing(seen: dict[str, None]) -> Iterator[str]:
    """Yield keys in order, including those that are added meanwhile."""
    done = 0
    while done < len(seen):
        for each in list(seen)[done:]:
            done += 1
            yield each


def find_all(session_id: str, entries: Iterable[JournalEntry]) -> Iterator[FoundImage]:
    """Yield the images of all entries of a session."""
    finder = ImageFinder(session_id)
    for entry in entries:
        yield from finder.found(entry)
