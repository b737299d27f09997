"""Graphs decompiled to lines: planning the line results in the same graph."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invocations.catalog.registry import open_registry
from invocations.graph.graph import Edge, Graph, Node
from invocations.language.parser import parse
from invocations.language.printer import as_word, print_value
from invocations.language.source import Source
from workflows.decompile.graph import MAX_NODES, decompile
from workflows.planning.plan_line import plan_line
from workflows.planning.scope import Scope

REGISTRY = open_registry()


def graph_of(*lines: str, defaults: Mapping[str, str] | None = None) -> Graph:
    """Return the graph of a session with these lines; every random seed is 7."""
    graph, scope = Graph(REGISTRY.spec), Scope()
    for line in lines:
        plan = plan_line(Source(None, line), catalog=REGISTRY, scope=scope, defaults=defaults or {})
        added = plan.additions
        edges = (*plan.edges, *added.edges)
        linked = {(edge.target, edge.input) for edge in edges}
        for node in (*plan.nodes, *added.nodes):
            seeds = [f.name for f in REGISTRY[node.type].inputs if f.seed and (node.id, f.name) not in linked]
            drawn = {name: 7 for name in seeds if node.inputs.get(name) is None}
            graph.add_node(Node(node.id, node.type, {**node.inputs, **drawn}))
        graph.extend((), edges)
        scope.add(plan.stage_outputs)
    return graph


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("t2i a red house --steps 4", 't2i "a red house" --model default --steps 4 --seed 7'),
        ("t2i fox -s 4 | scale 2", "t2i fox --model default --steps 4 --seed 7 | scale 2"),
        ("t2i fox | scale | save a-fox.png", "t2i fox --model default --seed 7 | scale | save a-fox.png"),
        (
            "compare-numbers 1 lt 2 as a | not | and @a",
            "compare-numbers 1 lt 2 as compare-numbers | not | and --b=@compare-numbers",
        ),
        ("add 1 2 | mul 5", "add 1 2 | mul 5"),
        ("add 1 2.0 | sub -1.5", "add 1 2.0 | sub -1.5"),
        ("load cat.png | i2i dog --strength 0.5", "load cat.png | i2i dog --strength 0.5 --model default --seed 7"),
        ("i2i cat.png dog", "i2i cat.png dog --model default --seed 7"),
        (
            "inpaint fox.png sky --mask m.png --steps 12",
            "inpaint fox.png sky --mask m.png --model default --steps 12 --seed 7",
        ),
        ("outpaint fox.png snow --all 8", "outpaint fox.png snow --all 8 --model default --seed 7"),
        (
            "t2i fox as x | blur 4 | blend --image @x",
            "t2i --as t2i fox --model default --seed 7 | blur 4 | blend --image @t2i",
        ),
        (
            "range 0 3 | iterate as n | t2i fox --seed @n",
            "range 0 3 | iterate as iterate | t2i fox --model default --seed @iterate",
        ),
        (
            "model default | prompt 'a | b' | noise --seed 7 | denoise | decode",
            'model default | prompt "a | b" | noise --seed 7 | denoise | decode',
        ),
        ("range 1 4 | iterate | mul 10 | collect", "range 1 4 | iterate | mul 10 | collect"),
        ("split 'a,b' ','", "split a,b ,"),
        ("replace '${a}' a b", "replace '${a}' a b"),
    ],
)  # fmt: skip
def test_133_a_graph_becomes_the_line_that_builds_it(line: str, expected: str) -> None:
    found = decompile(graph_of(line), REGISTRY)
    assert (found.line, found.missing) == (expected, ())


@pytest.mark.parametrize(
    "lines",
    [
        ("t2i fox --steps 4", "| blur 2", "| save soft.png"),
        ("t2i --as fox fox", "t2i dog", "blend --image @fox --other @2"),
        ("add 1 2 as a", "add 3 4", "| mul @a"),
        ("load cat.png | flip", "i2i --image @1 --prompt dog --seed 3", "| upscale 2 | save d.png --overwrite"),
        ("t2i red fox as fox | mask-threshold | inpaint --image @fox a blue sky", "| scale 2"),
        ("linspace 1 3 3 | iterate | blur --image fox.png --radius @-1 | collect", "grid --images @-1"),
        ("compare-numbers 1 lt 2", "not @1", "and @1 @2"),
        ("load '*.png' | iterate | invert | save {index}.png",),
        ("pad --image cat.png --all 8 as p | mask-feather --mask @p.mask",),
        ("random 1 5 | round", "range 0 3 | iterate | add @-1"),
    ],
)
def test_132_the_lines_of_a_session_become_one_line_with_the_same_graph(lines: tuple[str, ...]) -> None:
    found = decompile(graph_of(*lines), REGISTRY)
    assert found.missing == ()
    assert "|" not in found.line[:1]
    again = graph_of(found.line)
    assert sorted(node.type for node in again.nodes.values() if node.type != "save") == sorted(
        node.type for node in graph_of(*lines).nodes.values() if node.type != "save"
    )


def test_defaults_that_were_in_effect_when_the_line_ran_are_written_out() -> None:
    graph = graph_of("t2i fox", defaults={"steps": "3", "t2i.guidance": "2"})
    assert decompile(graph, REGISTRY).line == "t2i fox --model default --steps 3 --guidance 2 --seed 7"


def test_defaults_that_are_set_later_do_not_change_the_graph_of_the_line() -> None:
    graph, defaults = graph_of("t2i fox | scale 2"), {"steps": "3", "method": "nearest"}
    found = decompile(graph, REGISTRY, defaults)
    assert found.missing == ()
    (denoise,) = [n for n in graph_of(found.line, defaults=defaults).nodes.values() if n.type == "denoise"]
    assert denoise.inputs.get("steps") is None


TEXT = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("|\"'\\\n\t#@-= "), max_size=30
)


@given(TEXT, TEXT, st.integers(0, 2**64 - 1), st.none() | st.integers(1, 1000), st.booleans())
@settings(max_examples=60)
def test_133_decompiling_the_graph_of_a_random_line_returns_a_line_with_the_same_graph(
    prompt: str, negative: str, seed: int, steps: int | None, tiled: bool
) -> None:
    written = [print_value(as_word(text)) for text in (prompt, negative)]
    line = f"t2i --prompt {written[0]} --negative {written[1]} --seed {seed}"
    line += (f" --steps {steps}" if steps else "") + (" --tiled" if tiled else "")
    graph = graph_of(line)
    found = decompile(graph, REGISTRY)
    assert found.missing == ()
    again = graph_of(found.line)
    assert {n.type: n.inputs for n in again.nodes.values()} == {n.type: n.inputs for n in graph.nodes.values()}
    assert len(again.edges) == len(graph.edges)


def test_a_graph_that_no_line_can_express_is_reported() -> None:
    graph = Graph(REGISTRY.spec)
    graph.extend([Node(name, "add", {"a": 1, "b": 2}) for name in "xyz"])
    graph.add_node(Node("c", "collect", {}))
    graph.extend((), [Edge(name, "value", "c", "item") for name in "xyz"])
    assert decompile(graph, REGISTRY).missing == ("no stage can create `collect` (c)",)


def test_values_that_cannot_be_written_are_reported() -> None:
    graph = Graph(REGISTRY.spec)
    graph.add_node(Node("1", "add", {"a": {"x": 1}, "b": 2}))
    assert decompile(graph, REGISTRY).missing == ("no stage can create `add` (1)",)


def test_an_empty_graph_and_a_huge_graph_are_not_decompiled() -> None:
    assert decompile(Graph(REGISTRY.spec), REGISTRY).missing == ("it has no nodes",)
    graph = Graph(REGISTRY.spec)
    graph.extend([Node(str(i), "add", {"a": 1, "b": 2}) for i in range(MAX_NODES + 1)])
    assert decompile(graph, REGISTRY).line == ""


def test_a_long_chain_of_nodes_is_decompiled() -> None:
    graph = graph_of(" | ".join(["add 1 2", *["mul 1"] * 60]))
    assert decompile(graph, REGISTRY).line == " | ".join(["add 1 2", *["mul 1"] * 60])


EXAMPLES = sorted({example for spec in REGISTRY.specs().values() for example in spec.examples})


@pytest.mark.parametrize("example", EXAMPLES)
def test_133_the_graph_of_every_example_can_be_decompiled(example: str) -> None:
    graph = graph_of(example)
    found = decompile(graph, REGISTRY)
    assert found.missing == ()
    assert len(parse(Source(None, found.line)).stages) <= len(graph)
    again = graph_of(found.line)
    assert sorted((n.type, sorted(n.inputs)) for n in again.nodes.values()) == sorted(
        (n.type, sorted(n.inputs)) for n in graph.nodes.values()
    )
