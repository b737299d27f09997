"""Collect facts about how a result was computed, for file names and image metadata; the nearest node's facts win."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from invocations.sessions.session import Key, Session
from invocations.values import ConditioningRef, LatentsRef, ModelRef

from .origins import Part, origins

NAMES = (
    "prompt", "negative", "seed", "steps", "guidance", "scheduler", "model", "width", "height", "strength",
)  # fmt: skip


def gather_facts(session: Session, start: Key) -> dict[str, Any]:
    """Return the facts of a node and of what its result was made from, breadth first; the nearest node's value wins."""
    facts: dict[str, Any] = {}
    parts = [(start, origins(session, start))]
    seen: set[Part] = set()
    for key, sources in parts:
        _add(facts, session.facts(key).items())
        _add(facts, _written(session.graph.nodes[key[0]].inputs))
        _add(facts, _known(session.results.get(key, {}).values()))
        for source in sources:
            _add(facts, _known(session.results[source.key].values()))
        for source in sources:
            if source not in seen:
                seen.add(source)
                parts.append((source.key, origins(session, source.key, source.output, source.place)))
    return facts


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
