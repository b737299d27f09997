"""Collect facts about how a result was computed, and its record, which names and the metadata of images contain.

If several nodes recorded the same fact, the node nearest to the result wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from invocations.catalog.roles import first_argument
from invocations.context import Record
from invocations.services.images.base import BY_ITEM, MAKINGS, SHOWS
from invocations.sessions.session import Key, Session
from invocations.values import ConditioningRef, ImageRef, LatentsRef, ModelRef
from invocations.versions import versions

from .base import Catalog
from .origins import Follow, Part, origins, value_of

MAX_ANCESTORS = 8

NAMES = (
    "prompt", "negative", "seed", "steps", "guidance", "scheduler", "model", "width", "height", "strength",
)  # fmt: skip


Read = Callable[[Iterable[ImageRef]], Mapping[str, Any]]
Trace = Sequence[tuple[Key, Part | None, list[Part]]]


def record_of(session: Session, key: Key, *, index: int, makings: Read, catalog: Catalog | None = None) -> Record:
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


def trace(session: Session, start: Key) -> Trace:
    """Return a node, then, breadth first, each part of a result that it was made from, each with its own sources."""
    parts: list[tuple[Key, Part | None, list[Part]]] = [(start, None, origins(session, start))]
    seen: set[Part] = set()
    for _, _, sources in parts:
        for source in sources:
            if source not in seen:
                seen.add(source)
                further = origins(session, source.key, source.output, source.place)
                parts.append((source.key, source, further))
    return parts


def gather_facts(session: Session, traced: Trace) -> dict[str, Any]:
    """Return the facts of a node and of all nodes its result was made from; the nearest node's value wins."""
    facts: dict[str, Any] = {}
    for key, part, sources in traced:
        own = session.facts(key)
        if BY_ITEM in own and part is not None and part.place:
            _add(facts, own[BY_ITEM][part.place[0]].items())
        _add(facts, [(name, value) for name, value in own.items() if name not in (MAKINGS, BY_ITEM, SHOWS)])
        _add(facts, _written(session.graph.nodes[key[0]].inputs))
        _add(facts, _known(session.results.get(key, {}).values()))
        for source in sources:
            _add(facts, _known(session.results[source.key].values()))
    return facts


def gather_files(session: Session, start: Key, traced: Trace) -> tuple[str, ...]:
    """Return the paths or URLs of the loaded images that a node's result was made from.

    The files that reach a node through its main input come before those that reach it through its other inputs.
    """
    if not [part for _, part, _ in traced if part is not None and _loaded(session, part)]:
        return ()
    return tuple(dict.fromkeys([file for part in _main_first(session, start) for file in _loaded(session, part)]))


def _loaded(session: Session, part: Part) -> list[str]:
    """Return the paths or URLs of the images of a part, or [] if its node does not load images."""
    spec = session.graph.node_type(part.key[0]).spec
    if "loads" not in spec.roles:
        return []
    written = str(session.graph.nodes[part.key[0]].inputs.get(first_argument(spec), "")).partition("?")[0]
    return [ref.path or written for ref in _images(value_of(session, part))]


def _main_first(session: Session, start: Key) -> Iterator[Part]:
    """Yield each part that a node's result was made from, depth first, along the main inputs before the others."""
    waiting = _sources(session, start)
    seen: set[Part] = set()
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            yield part
            waiting += _sources(session, part.key, part.output, part.place)


def _sources(session: Session, *result: Any) -> list[Part]:
    """Return the parts that a result was made from, except masks; parts at the main input come last."""
    follow: tuple[Follow, ...] = ("main", "without masks")
    return [*dict.fromkeys(part for each in follow for part in origins(session, *result, follow=each))][::-1]


def gather_ancestors(session: Session, traced: Trace, read: Read) -> tuple[Mapping[str, Any], ...]:
    """Return the records of the loaded images that a node's result was made from: how each was made, nearest first.

    read: reads the records of images from their files; used for files that could not be read when they were listed
    """
    found: list[Mapping[str, Any]] = []
    for key, part, _ in traced:
        makings = session.facts(key).get(MAKINGS, {})
        for ref in _images(value_of(session, part)) if part is not None else ():
            records = makings.get(ref.name, ()) if ref.width else _records(ref, read)
            found += [each for each in records if each not in found]
    return tuple(found[:MAX_ANCESTORS])


def _records(ref: ImageRef, read: Read) -> Iterable[Mapping[str, Any]]:
    from invocations.services.images.unread import is_unread  # imported on demand: few files cannot be read

    return read([ref]).get(ref.name, ()) if is_unread(ref) else ()


def _images(value: Any) -> Iterator[ImageRef]:
    if isinstance(value, ImageRef):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _images(item)


def _written(inputs: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return [(name, value) for name, value in inputs.items() if name in NAMES and not isinstance(value, (list, dict))]


def _known(values: Iterable[Any]) -> list[tuple[str, Any]]:
    """Return the facts that references contain, as (name, value)."""
    found: list[tuple[str, Any]] = []
    for value in values:
        if isinstance(value, ConditioningRef):
            found += ("prompt", value.prompt), ("negative", value.negative)
        elif isinstance(value, LatentsRef):
            found += ("seed", value.seed), ("width", value.width), ("height", value.height)
        elif isinstance(value, ModelRef):
            found.append(("model", value.model))
    return found


def _add(facts: dict[str, Any], more: Iterable[tuple[str, Any]]) -> None:
    for name, value in more:
        if value is not None:
            facts.setdefault(name, value.model if isinstance(value, ModelRef) else value)
