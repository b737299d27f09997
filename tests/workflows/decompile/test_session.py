"""Sessions written as scripts: the script builds an identical graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invocations.catalog.registry import open_registry
from invocations.graph.graph import Edge, Graph, Node
from invocations.language.printer import as_word, print_value
from invocations.language.script import split_script
from invocations.language.source import Source
from invocations.sessions.session import Extension, Session, SessionStage
from workflows.decompile.equivalence import content_hashes
from workflows.decompile.session import NotExpressible, ScriptWriter, SessionNames
from workflows.extension import extension_of
from workflows.planning.plan_line import plan_line
from workflows.planning.scope import Scope
from workflows.planning.variables import Variables

REGISTRY = open_registry()
Defaults = Mapping[str, str]


def session_of(lines: Sequence[str], defaults: Defaults | None = None, variables: Variables | None = None) -> Session:
    """Return a session with these lines, added as if typed: random seeds are drawn, and `set x y` sets a default."""
    session, scope = Session("s", 1.0, REGISTRY.spec), Scope()
    now = dict(defaults or {})
    for line in lines:
        if line.startswith("set "):
            _, name, text = line.split(" ", 2)
            now[name] = text
            continue
        if line.startswith("unset "):
            now.pop(line.split(" ")[1], None)
            continue
        if line.startswith("let "):
            assert variables is not None
            variables.let(tuple(line.split()[1:]))
            continue
        source = Source("script" if variables else None, line)
        fill = variables.fill if variables and "${" in line else None
        plan = plan_line(source, catalog=REGISTRY, scope=scope, defaults=now, fill=fill)
        session.apply(session.prepared(extension_of(plan, plan.additions), 1.0))
        scope.add(plan.stage_outputs)
    return session


def script_of(session: Session, numbers: Sequence[int] = (), defaults: Defaults | None = None) -> list[str]:
    """Return the script for a session, or for the selected lines of the session."""
    writer, names = ScriptWriter(REGISTRY, defaults or {}), SessionNames(session)
    lines = []
    for line in session.lines:
        if numbers and line.number not in numbers:
            continue
        nodes = [node for node in session.graph.nodes.values() if session.line_of(node.id) == line]
        stages = [stage for stage in session.stages if stage.line == line.number]
        lines += writer.write(names, line.text, nodes, stages)
    return (["let dollar = $"] if writer.uses_dollar else []) + lines


def ran(lines: Sequence[str], defaults: Defaults | None = None) -> Session:
    """Return the session that results from running a script with these lines."""
    statements = [each.source.text for each in split_script(Source("script", "\n".join(lines)))]
    assert len(statements) == len(lines)
    return session_of(statements, defaults, Variables())


SHAPES = {
    "words": ["t2i a red house --steps 4 --seed 7 | scale 2"],
    "drawn seeds": ["t2i a red house", "t2i a blue house as b | blur 2", "random 1 5 | round"],
    "as in a prompt": ["t2i a man dressed as santa", "t2i --as santa a boy", "blur 2 --image @santa"],
    "names": ["t2i --as fox a fox", "t2i --as dog a dog", "blend --image @fox --other @dog", "| save fox.png"],
    "numbers": ["add 1 2", "add 3 4 | mul 2", "add @1 @2", "add @-1 @-2", "mul @3.value @1"],
    "each": ["range 1 4 | mul 5", "| add 1", "| collect | sub 2"],
    "leading bars": ["t2i a fox --steps 2", "| blur 2", "| sharpen | save a.png", "add 1 2", "| mul 3"],
    "bars look back": ["model default | prompt fox --negative blur | noise --seed 7", "| denoise", "| decode"],
    "loops": [
        "range 0 3 | iterate as n | t2i a fox --seed @n | collect | grid --columns 2",
        "range 1 3 | iterate | mul 2",
    ],
    "another VAE": [
        "t2i a fox --vae bright", "i2i cat.png a dog --vae bright --model m", "inpaint f.png sky --mask m.png --vae b",
        "outpaint fox.png sky --all 8 --vae b", "model m | vae b | prompt a fox | noise | denoise | decode",
    ],
    "a refiner": ["t2i a fox --model m --refiner r --refiner-start 0.6", "i2i cat.png a dog --refiner r"],
    "recipes": ["i2i cat.png a dog --strength 0.6", "load cat.png | i2i a dog", "inpaint fox.png sky --mask m.png"],
    "outpaint": ["outpaint fox.png snow --all 8"],
    "a choice": ["compare-numbers 3 lt 5 as c | if yes no", "not @c"],
    "set": ["set steps 3", "t2i a fox", "set t2i.guidance 2", "t2i a fox", "set steps 5", "t2i a fox --seed 3 | blur"],
    "a set prompt": ["set prompt a fox", "t2i", "t2i a dog"],
    "a set model": ["set model /somewhere/m", "t2i a fox", "model default | prompt x"],
    "a set seed": ["set seed 5", "t2i a fox", "t2i a fox --seed 6"],
    "a set flag": ["set overwrite yes", "t2i a fox | save x.png", "t2i a fox | save --no-overwrite y.png"],
    "a set negative": ["set negative blur | fog", "t2i 'a | b'", "t2i a fox --negative ''"],
    "files": [
        "load '*.png' | grid --columns 4 | save sheet.png",
        "blur 3 --image cat.png",
        "blend b.png screen --image a.png",
    ],
    "quotes": [
        't2i "say \\"hi\\"" --seed 1',
        "t2i 'a | b' --seed 2",
        "replace 'b c' \"d\\te\" ' '",
        "t2i it's --seed 1",
    ],
    "comments": ["add 1 2  # a sum", "t2i a #ff8800 house # orange"],
    "many lines": ["add 1 \\\n 2", "t2i 'a red\nhouse' --seed 3", "add 1 2 |\n mul 3", "replace 'a\nb' c d"],
    "variables that are none": [
        "t2i a ${x} house --seed 1",
        "t2i 'a ${x}' --seed 1",
        't2i "it\'s ${x} ${y-2}" --seed 1',
        "replace ${a} $b ${dollar}",
        "replace '${x} it' ${ $",
        "replace --text=${x} --old=it's${x} --new=$",
    ],
    "a set variable that is none": ["set steps 4", "set negative ${x}", "t2i a fox", "set fit.color ${y}"],
    "a backslash at the end": ["replace a b c\\ #", "t2i fox\\ --seed 3"],
    "options": [
        "t2i --prompt=fox --seed=3",
        "t2i fox -s 3",
        "t2i --steps 3 -- --fox --",
        "load fox.png | save f.png --no-metadata",
    ],
    "older links": [
        "t2i fox --seed 1",
        "t2i dog --seed 2",
        "blend --link 1 image image --link -1 image other",
        "blur --link-node 2 --radius 3",
        "scale 2 --no-link --image @1",
    ],
    "no cache": ["t2i fox --no-cache --seed 3 | blur 2"],
    "lists": ["list 1 2 3 | iterate | mul 2 | collect", "zip 1,2 3,4", "join --collection @1 ', '"],
    "masks": ["pad --image cat.png --all 8 as p | mask-feather --mask @p.mask"],
    "an open seed said to be open": ["t2i fox --seed none", "t2i fox"],
    "what a recipe keeps to itself": [
        "set method nearest",
        "i2i cat.png a dog",
        "set text x | y",
        "outpaint a.png b --all 8",
    ],
}  # fmt: skip


@pytest.mark.parametrize("lines", SHAPES.values(), ids=SHAPES)
def test_132_a_session_written_as_a_script_builds_an_identical_graph(lines: list[str]) -> None:
    session = session_of(lines)
    again = ran(script_of(session))
    assert again.graph == session.graph
    assert list(again.graph.nodes) == list(session.graph.nodes)
    assert [stage.outputs for stage in again.stages] == [stage.outputs for stage in session.stages]


@pytest.mark.parametrize("lines", SHAPES.values(), ids=SHAPES)
def test_defaults_in_effect_when_the_script_runs_do_not_change_the_graph(lines: list[str]) -> None:
    session = session_of(lines)
    here = {"steps": "9", "t2i.guidance": "1", "radius": "3", "method": "nearest", "seed": "8", "overwrite": "yes"}
    script = script_of(session, defaults=here)
    for defaults in ({}, here):
        again = ran(script, defaults)
        assert [whole(again, id_) for id_ in again.graph.nodes] == [whole(session, id_) for id_ in session.graph.nodes]


def whole(session: Session, id_: str) -> tuple[object, ...]:
    """Return the values of a node, including defaults."""
    node = session.graph.nodes[id_]
    inputs = {field.name: field.default for field in REGISTRY[node.type].inputs} | dict(node.inputs)
    linked = {edge.input: (edge.source, edge.output) for edge in session.graph.incoming(id_)}
    return node.type, {name: repr(value) for name, value in inputs.items() if name not in linked}, linked


def test_a_line_that_needs_no_changes_is_kept_as_typed() -> None:
    lines = ["add 1 2  # a sum", "t2i a fox's den --seed 7 as fox", "| blur 2", "t2i 'x\ny' --seed 2"]
    assert script_of(session_of(lines)) == lines


@pytest.mark.parametrize(
    ("lines", "chosen", "script"),
    [
        (["add 1 2", "add 3 4", "mul @2 5"], (2, 3), ["add 3 4", "mul @1 5"]),
        (["add 1 2", "add 3 4 | mul 2", "mul @-1 @-2"], (2, 3), ["add 3 4 | mul 2", "mul @-1 @-2"]),
        (["add 1 2", "range 1 3", "mul @-2 5"], (1, 3), ["add 1 2", "mul @-1 5"]),
        (["add 1 2 as a", "add 3 4", "| mul @a"], (1, 2, 3), ["add 1 2 as a", "add 3 4", "| mul @a"]),
        (["add 1 2", "range 1 3", "add 3 4", "sub --link 3 value a --link -3 value b"], (1, 3, 4),
         ["add 1 2", "add 3 4", "sub --link 2 value a --link -2 value b"]),
        (["add 1 2", "range 1 3", "mul --a @2* 5", "mul --a @-2.collection* 5"], (2, 3, 4),
         ["range 1 3", "mul --a @1* 5", "mul --a @-2.collection* 5"]),
        (["t2i a --seed 1", "t2i b --seed 2", "blur --link-node 2"], (2, 3), ["t2i b --seed 2", "blur --link-node 1"]),
    ],
)  # fmt: skip
def test_selected_lines_are_written_with_renumbered_references(
    lines: list[str], chosen: tuple[int, ...], script: list[str]
) -> None:
    session = session_of(lines)
    assert script_of(session, chosen) == script
    again = ran(script)
    assert sorted(node.type for node in again.graph.nodes.values()) == sorted(
        node.type
        for node in session.graph.nodes.values()
        if session.line_of(node.id).number in chosen  # type: ignore[union-attr]
    )


def test_a_line_continued_through_a_pipe_begins_with_a_pipe_symbol() -> None:
    session = session_of(["t2i a fox --seed 1", "| blur 2"])
    extension = next(entry for entry in session.log if isinstance(entry, Extension) and entry.line == "| blur 2")
    without = Session("s", 1.0, REGISTRY.spec)
    for entry in session.log:
        same = entry is extension
        without.apply(Extension(extension.nodes, extension.edges, extension.stages, "blur 2") if same else entry)
    assert script_of(without) == ["t2i a fox --seed 1", "| blur 2"]


def test_a_recipe_that_has_changed_is_written_as_separate_nodes() -> None:
    then = session_of(["model default | prompt fox | noise --seed 7 | denoise --steps 3 | decode | invert", "| blur 2"])
    last = then.stages[5]
    whole = SessionStage(
        6, "t2i", "fox", 1, tuple(node for stage in then.stages[:6] for node in stage.nodes),
                  last.outputs, last.primary)  # fmt: skip
    session = Session("s", 1.0, REGISTRY.spec)
    for entry in then.log:
        assert isinstance(entry, Extension)
        first = entry.line.startswith("model")
        stages = (whole,) if first else entry.stages
        session.apply(replace(entry, stages=stages, line="t2i fox --seed 7 --steps 3 as fox" if first else entry.line))
    scope = Scope.of(session)
    plan = plan_line(Source(None, "blend --image @6 --other @fox"), catalog=REGISTRY, scope=scope)
    session.apply(session.prepared(extension_of(plan, plan.additions), 1.0))
    script = script_of(session)
    assert script == [
        "model default | prompt fox | noise --seed 7 | denoise --steps 3 | decode | invert as fox",
        "| blur 2",
        "blend --image @6 --other @fox",
    ]
    again = ran(script)
    first, other = (content_hashes(each.graph.nodes.values(), each.graph.edges, REGISTRY) for each in (session, again))
    assert sorted(first.values()) == sorted(other.values())


def test_a_graph_built_in_python_without_a_line_is_written_as_a_line() -> None:
    session = Session("s", 1.0, REGISTRY.spec)
    nodes = (Node("a", "add", {"a": 1, "b": 2}), Node("b", "mul", {"b": 3}))
    session.apply(Extension(nodes, (Edge("a", "value", "b", "a"),)))
    assert script_of(session) == ["add 1 2 | mul 3"]


def test_a_graph_that_cannot_be_written_is_refused() -> None:
    session = Session("s", 1.0, REGISTRY.spec)
    session.apply(Extension((Node("a", "add", {"a": {"x": object()}, "b": 2}),)))
    with pytest.raises(NotExpressible):
        script_of(session)


TEXT = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("|\"'\\\n\t#@-= ${}ax"), max_size=30
)


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT, st.booleans())
def test_132_any_string_value_is_preserved_in_the_script(one: str, other: str, set_: bool) -> None:
    say = [print_value(as_word(text)) for text in (one, other)]
    lines = [f"replace {say[0]} {say[1]} {say[0]}", f"| replace {say[1]} {say[0]}", "split a,b"]
    session = session_of(lines, {"separator": one} if set_ else None)
    assert ran(script_of(session)).graph == session.graph


def test_graphs_that_differ_in_one_value_are_not_equal() -> None:
    assert session_of(["add 1 2"]).graph != session_of(["add 1 3"]).graph
    assert isinstance(session_of(["add 1 2"]).graph, Graph)
