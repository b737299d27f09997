"""Collect facts about how a result was computed, for file names and image metadata; the nearest node's facts win."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from invocations.services.images.base import MAKINGS
from invocations.sessions.session import Key, Session
from invocations.values import ConditioningRef, ImageRef, LatentsRef, ModelRef

from .origins import Part, origins, value_of

MAX_ANCESTORS = 8

NAMES = (
    "prompt", "negative", "seed", "steps", "guidance", "scheduler", "model", "width", "height", "strength",
)  # fmt: skip


def gather_facts(session: Session, start: Key) -> dict[str, Any]:
    """Return the facts of a node and of what its result was made from, breadth first; the nearest node's value wins."""
    facts: dict[str, Any] = {}
    for key, _, sources in _traced(session, start):
        _add(facts, ((name, value) for name, value in session.facts(key).items() if name != MAKINGS))
        _add(facts, _written(session.graph.nodes[key[0]].inputs))
        _add(facts, _known(session.results.get(key, {}).values()))
        for source in sources:
            _add(facts, _known(session.results[source.key].values()))
    return facts


def gather_ancestors(session: Session, start: Key) -> tuple[Mapping[str, Any], ...]:
    """Return how the loaded images were made from which a node's result was made, the nearest first."""
    found: list[Mapping[str, Any]] = []
    for key, part, _ in _traced(session, start):
        makings = session.facts(key).get(MAKINGS, {})
        for ref in _images(value_of(session, part)) if part is not None else ():
            found += [each for each in makings.get(ref.name, ()) if each not in found]
    return tuple(found[:MAX_ANCESTORS])


def _traced(session: Session, start: Key) -> Iterator[tuple[Key, Part | None, list[Part]]]:
    """Yield a node, then the parts of results from which its result was made, breadth first, each with its sources."""
    parts: list[tuple[Key, Part | None, list[Part]]] = [(start, None, origins(session, start))]
    seen: set[Part] = set()
    for key, part, sources in parts:
        yield key, part, sources
        for source in sources:
            if source not in seen:
                seen.add(source)
                parts.append((source.key, source, origins(session, source.key, source.output, source.place)))


def _images(value: Any) -> Iterator[ImageRef]:
    if isinstance(value, ImageRef):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _images(item)


def _written(inputs: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return ((name, value) for name, value in inputs.items() if name in NAMES and not isinstance(value, (list, dict)))


def _known(values: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    """Yield the facts that references carry."""
    for value in values:
        if isinstance(value, ConditioningRef):
            yield "prompt", value.prompt
            yield "negative", value.negative
        elif isinstance(value, LatentsRef):
            yield "seed", value.seed
            yield "width", value.width
            yield "height", value.height
        elif isinstance(value, ModelRef):
            yield "model", value.model


def _add(facts: dict[str, Any], more: Iterable[tuple[str, Any]]) -> None:
    for name, value in more:
        if value is not None:
            facts.setdefault(name, value.model if isinstance(value, ModelRef) else value)
