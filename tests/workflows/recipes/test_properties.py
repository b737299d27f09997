"""Any text can be a default or a value of a recipe's input, and reaches the node unchanged."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from invocations.catalog.recipes import describe_recipe
from invocations.catalog.registry import open_registry
from invocations.catalog.snapshot import pack, unpack
from invocations.foreign import toml_data
from invocations.language.printer import as_word, print_value
from invocations.language.source import Source
from invocations.language.tree import Word
from invocations.spec import InvocationSpec
from workflows.planning.plan_line import plan_line
from workflows.recipes.file import text_of
from workflows.recipes.line import read_recipe_line
from workflows.recipes.shown import line_of

BUILT_IN = open_registry().specs()
SYNTAX = "ab1'\"\\|#@-=.$ \n\té狐"
TEXTS = st.text(alphabet=SYNTAX, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))


def saved(line: str) -> InvocationSpec:
    """Return the metadata of the recipe `own`, read from the file that it is saved in."""
    read = read_recipe_line(line, "own", BUILT_IN)
    data = {"type": "own", "summary": "A test.", "pipeline": read.pipeline, "inputs": dict(read.inputs)}
    assert toml_data(text_of(data)) == data
    return unpack(pack(describe_recipe(toml_data(text_of(data)), BUILT_IN, "own.toml")))


def values(line: str, spec: InvocationSpec) -> dict[str, Any]:
    """Return the values of a line that uses the recipe, by command and input."""
    plan = plan_line(Source(None, line), catalog={**BUILT_IN, "own": spec})
    types = {node.id: node.type for node in plan.nodes}
    return {f"{types[each.node]}.{each.input}": each.value for each in plan.values}


def quoted(text: str) -> str:
    """Return a string in double quotes."""
    return print_value(Word(text, '"'))


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_a_value_is_inserted_unchanged(what: str, where: str) -> None:
    spec = saved("t2i a ${what} in ${where=the snow} --seed ${seed=7}")
    found = values(f"own {print_value(as_word(what))} --where {quoted(where)}", spec)
    assert found["prompt.text"] == f"a {what} in {where}"


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_a_default_arrives_unchanged_and_is_shown_so_that_the_line_can_be_saved_again(default: str) -> None:
    spec = saved(f't2i "a ${{what={quoted(default)[1:-1]}}} in the snow" --negative {quoted(f"${{no={default}}}")}')
    assert values("own", spec)["prompt.text"] == f"a {default} in the snow"
    assert values("own", spec)["prompt.negative"] == default
    assert values("own", saved(line_of(spec))) == values("own", spec)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_text_that_only_looks_like_an_input_stays_text(text: str) -> None:
    line = f't2i "\\${{no}} {quoted(text)[1:-1]} ${{what}}"'
    assert values("own x", saved(line))["prompt.text"] == f"${{no}} {text} x"
