"""Predict which nodes of a graph would run, and which results would be reused from the cache, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from invocations.frozen import frozen
from invocations.graph.node import Edge, Node
from invocations.graph.order import topological
from invocations.spec import InvocationSpec

from .base import ResultCache
from .keys import CacheKey, KnownKeys

REUSED = "the result is cached"
RECOMPUTED = "the node would run again because of `--no-cache`"
Results = Mapping[tuple[str, str], Any]  # output values, keyed by (node id, output name)


@frozen
class Forecast:
    """Whether a node's result would come from the cache; `why` explains this, if reasons were requested."""

    node: str
    type: str
    reused: bool
    why: str = ""
    inputs: Mapping[str, Any] | None = None  # None if the inputs depend on nodes that must run first
    key: CacheKey | None = None


def keys_of(forecasts: Iterable[Forecast]) -> KnownKeys:
    """Return the cache keys that a run can reuse; keys that cover files are omitted, as the files may still change."""
    return {
        each.node: (each.inputs, each.key)
        for each in forecasts
        if each.inputs is not None and each.key is not None and not each.key.files
    }


def forecast(
    nodes: Sequence[Node],
    edges: Iterable[Edge],
    spec_of: Callable[[str], InvocationSpec | None],
    cache: ResultCache,
    *,
    given: Results | None = None,
    recompute: Collection[str] = (),
    reasons: bool = False,
) -> list[Forecast]:
    """Return the forecast of each node, parents first.

    given: the results of nodes that are not in `nodes`. recompute: nodes that run even if their result is cached; the
    nodes after them are looked up as if that result stayed the same. reasons: whether to fill in `Forecast.why`.
    """

    by_id = {node.id: node for node in nodes}
    incoming: dict[str, list[Edge]] = {node.id: [] for node in nodes}
    for edge in edges:
        incoming[edge.target].append(edge)
    sources = {id_: [edge.source for edge in found if edge.source in by_id] for id_, found in incoming.items()}
    values: dict[tuple[str, str], Any] = dict(given or {})
    forecasts = []
    for id_ in topological(list(by_id), sources):
        node, again = by_id[id_], id_ in recompute
        spec = spec_of(node.type)
        forecasts.append(_forecast(node, spec, incoming[id_], values, cache, reasons=reasons, recompute=again))
    return forecasts


def _forecast(
    node: Node,
    spec: InvocationSpec | None,
    incoming: Sequence[Edge],
    values: dict[tuple[str, str], Any],
    cache: ResultCache,
    *,
    reasons: bool,
    recompute: bool,
) -> Forecast:
    """Return the forecast of a node; if its result is cached, add the outputs to `values`."""
    if spec is None or spec.role != "node":
        return Forecast(node.id, node.type, False, "the result is not known until the line runs")
    missing = [edge.source for edge in incoming if (edge.source, edge.output) not in values]
    if missing:
        unknown = f"the inputs are not known until `{missing[0]}` has run"
        never = cache.why(spec, {}) if reasons else ""
        return Forecast(node.id, node.type, False, unknown if spec.reusable else never)
    inputs = {**node.inputs, **{edge.input: values[edge.source, edge.output] for edge in incoming}}
    key = cache.sign(spec, inputs)
    found = cache.peek(key) if key is not None else None
    if found is not None:
        values |= {(node.id, name): value for name, value in found.outputs.items()}
    if recompute:
        return Forecast(node.id, node.type, False, RECOMPUTED, inputs, key)
    if found is not None:
        return Forecast(node.id, node.type, True, REUSED, inputs, key)
    return Forecast(node.id, node.type, False, cache.why(spec, inputs) if reasons else "", inputs, key)
