"""Behaviors 53a and 93a with random graphs: lists with holes match a reference implementation."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invocations.sessions.session import Extension
from tests.invocations.kitchen_faults import Picky
from tests.invocations.random_graphs import closing, grown, plans_of, reference

FAILED = object()
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
plans = plans_of("number", "iterate", "iterate", "picky", "picky", "collect", "collect")
numbers = st.lists(st.integers(0, 15), min_size=1, max_size=5)


def holed(plan, choices):
    """Return the nodes and edges of a plan in which every collector keeps holes and every loop has a given list."""
    nodes, edges = grown(plan)
    linked = {edge.target for edge in edges if edge.input == "collection"}
    loops = {node.id for node in nodes if node.type == "iterate"} & linked
    edges = [edge for edge in edges if edge.target not in loops]
    nodes = [replace(node, inputs={"collection": [0, 1]}) if node.id in loops else node for node in nodes]
    nodes = closing(nodes, edges, choices)
    return [
        replace(node, inputs={**node.inputs, "holes": True}) if node.type == "collect" else node for node in nodes
    ], edges


def expected(nodes, edges):
    """Return the results by node id and by the index in each loop; iterations without a result are left out."""
    paths = {id_: list(values) for id_, values in reference(nodes, edges).items()}
    axes, found = axes_of(nodes, edges), {}
    for node in nodes:
        arriving = [edge for edge in edges if edge.target == node.id]
        for path in paths[node.id]:
            index = dict(zip(axes[node.id], path, strict=True))
            used = {
                edge: [
                    found[edge.source, other]
                    for other in sorted(paths[edge.source])
                    if all(index.get(axis, at) == at for axis, at in zip(axes[edge.source], other, strict=True))
                ]
                for edge in arriving
            }
            found[node.id, path] = result_of(node, path, used)
    return {key: value for key, value in found.items() if value is not FAILED}


def result_of(node, path, used):
    if node.type == "number":
        return node.inputs["value"]
    if node.type == "iterate":
        return node.inputs["collection"][path[-1]]
    if node.type == "picky":
        ((value,),) = used.values()
        return FAILED if value is FAILED or (value == node.inputs["bad"] and not Picky.cured) else value
    lists = [each for edge, values in used.items() if edge.input == "collection" for each in values]
    items = [value for edge, values in used.items() if edge.input == "item" for value in values]
    if FAILED in lists or (items and all(item is FAILED for item in items)):
        return FAILED
    return [*(value for each in lists for value in each), *(None if item is FAILED else item for item in items)]


def axes_of(nodes, edges):
    axes, place = {}, {node.id: number for number, node in enumerate(nodes)}
    for node in nodes:
        arriving = [edge for edge in edges if edge.target == node.id]
        items = {axis for edge in arriving if edge.input != "collection" for axis in axes[edge.source]}
        around = items | {axis for edge in arriving for axis in axes[edge.source]}
        if node.type == "collect":
            around -= set(node.inputs.get("by", sorted(items, key=place.__getitem__)[-1:]))
        axes[node.id] = (*sorted(around, key=place.__getitem__), *([node.id] if node.type == "iterate" else []))
    return axes


@quick
@given(plans, numbers, st.booleans())
def test_053a_lists_with_holes_match_the_reference_implementation(make_bench, plan, choices, reopen):
    Picky.cured = False
    nodes, edges = holed(plan, choices)
    bench = make_bench()
    bench.invoker.extend(bench.session.id, Extension(tuple(nodes), tuple(edges)))
    bench.run()
    assert results(bench) == expected(nodes, edges)
    Picky.cured = True
    if reopen:
        bench.reopen()
    bench.retry()
    assert results(bench) == expected(nodes, edges)
    assert bench.events[-1].event == "session_finished"
    assert bench.retry().ran() == []


def results(bench):
    return {key: next(iter(outputs.values())) for key, outputs in bench.session.results.items()}
