"""Planning of whole lines: all or nothing, with recipes expanded, and in constant time even in a long session."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invocations.graph.graph import Graph
from invocations.language.errors import SYNTAX_CODES, Refusal
from tests.workflows.planning.cook import Cook
from workflows.planning.errors import PLANNING_CODES
from workflows.planning.plan_line import Plan
from workflows.planning.scope import Scope


def test_124_an_error_in_one_stage_causes_the_whole_line_to_be_refused(cook: Any, links: Any) -> None:
    cook("load a.png as pic")
    before = (dict(cook.scope.by_number), dict(cook.scope.by_name), cook.scope.last, cook.scope.next_number)
    for line in ("load b.png as pic | blur two", "| blur 2 as pic | nothing", "load b.png as pic | grid | save @x"):
        cook.refusal(line)
        after = (dict(cook.scope.by_number), dict(cook.scope.by_name), cook.scope.last, cook.scope.next_number)
        assert after == before
    assert links(cook("| blur --image @pic")) == ["1.image -> 2.image written"]


def test_124_the_outputs_of_a_refused_line_cannot_be_linked_later(cook: Any) -> None:
    cook("load a.png")
    cook.refusal("| model | blur two")
    assert cook.codes("| encode") == ["missing_input"]


def test_a_recipe_is_expanded_and_linked_internally(cook: Any, links: Any) -> None:
    made = cook("t2i a red fox --steps 20 | upscale 4")
    assert [(node.id, node.type) for node in made.nodes] == [
        ("1.model", "model"),
        ("1.prompt", "prompt"),
        ("1.noise", "noise"),
        ("1.denoise", "denoise"),
        ("1.decode", "decode"),
        ("2", "upscale"),
    ]
    assert "1.decode.image -> 2.image piped" in links(made)
    stage = made.stages[0]
    assert (stage.number, stage.command, stage.is_recipe) == (1, "t2i", True)
    assert stage.outputs == {"image": ("1.decode", "image")}
    assert stage.primary == ("1.decode", "image")


def test_values_set_by_a_recipe_and_values_written_in_the_line_have_different_origins(cook: Any) -> None:
    made = cook("t2i a red fox --steps 20")
    origins = {f"{value.node}.{value.input}": value.origin for value in made.values}
    assert origins["1.prompt.text"] == "written"
    assert origins["1.denoise.steps"] == "written"
    assert origins["1.denoise.strength"] == "recipe"
    assert origins["1.model.name"] == "default"
    assert origins["1.noise.seed"] == "drawn"


def test_a_recipes_default_is_passed_to_its_stages(cook: Any) -> None:
    inputs = {node.id: dict(node.inputs) for node in cook("t2i a red fox").nodes}
    assert inputs["1.denoise"] == {"steps": 12, "strength": 1.0}


def test_a_default_set_by_the_user_applies_to_an_input_of_a_recipe(cook: Any) -> None:
    cook.defaults = {"steps": "7", "t2i.negative": "blur"}
    inputs = {node.id: dict(node.inputs) for node in cook("t2i a red fox").nodes}
    assert inputs["1.denoise"]["steps"] == 7
    assert inputs["1.prompt"]["negative"] == "blur"


@pytest.mark.parametrize(
    ("line", "model", "reason"),
    [
        ("model dream | draw a fox", "1", "named"),
        ("draw a fox", "1.model", "default"),
        ("draw a fox --model dream", "1.model", "written"),
    ],
)
def test_a_recipe_may_take_a_model_by_link_by_name_or_by_default(cook: Any, line: str, model: str, reason: str) -> None:
    taken = [link for link in cook(line).links if link.edge.input == "model"]
    assert [(link.edge.source, link.reason) for link in taken] == [(model, reason)] * 4


def test_recipes_may_use_recipes(cook: Any) -> None:
    made = cook("twice a cat")
    assert [node.id for node in made.nodes][-3:] == ["1.t2i.decode", "1.blur", "1.blur.2"]
    assert dict(made.nodes[3].inputs) == {"steps": 4, "strength": 1.0}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("loop", "error: the recipe `loop` uses itself\n  loop\n  ^^^^"),
        (
            "torn",
            """\
error: the recipe `torn` cannot be expanded: `add` needs `b` (the b); there is no command `decoed`
  torn
  ^^^^
  it is defined in plug-in torn""",
        ),
    ],
)
def test_a_broken_recipe_is_refused_where_it_is_used(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text


def test_a_planned_line_extends_a_session_with_nodes_edges_and_stages(cook: Any) -> None:
    cook("add 1 2")
    extension = cook("| mul 5 as product").extension(source="poster.inv:2")
    assert [node.id for node in extension.nodes] == ["2"]
    assert [str(edge) for edge in extension.edges] == ["1.value -> 2.a"]
    stage = extension.stages[0]
    assert (stage.number, stage.command, stage.name, stage.line) == (2, "mul", "product", 2)
    assert (stage.outputs, stage.primary) == ({"value": ("2", "value")}, ("2", "value"))
    assert (extension.line, extension.source) == ("| mul 5 as product", "poster.inv:2")


def test_a_scope_is_rebuilt_from_a_session(cook: Any) -> None:
    from invocations.sessions.session import Session

    session = Session("s", 0.0, cook.catalog)
    for line in ("t2i --as fox a fox", "range 1 4 | iterate", "| mul 2"):
        session.apply(cook(line).extension())
    again = Scope.of(session)
    assert again.next_number == cook.scope.next_number
    assert again.lines == cook.scope.lines
    assert set(again.by_name) == {"fox"}
    for number, placed in cook.scope.by_number.items():
        assert again.by_number[number] == placed
    assert again.last is not None
    assert [offer.node for offer in again.last.chain.named("collection")] == ["2"]


def test_syntax_and_planning_errors_are_reported_together(cook: Any) -> None:
    assert cook.refusal("t2i a fox --steps 0 | | upscale 9 --image @@ | frobnicate") == (
        """\
error: `steps` must be 1 to 1000, not 0
  t2i a fox --steps 0 | | upscale 9 --image @@ | frobnicate
                    ^
error: no command between these two `|`
  t2i a fox --steps 0 | | upscale 9 --image @@ | frobnicate
                      ^^^
  add a command, or remove the `|`
error: `@@` is not a reference
  t2i a fox --steps 0 | | upscale 9 --image @@ | frobnicate
                                            ^^
  references are written @name, @3, @-1 or @name.output, or @name* for each item; quote it to use it as text
error: there is no command `frobnicate`
  t2i a fox --steps 0 | | upscale 9 --image @@ | frobnicate
                                                 ^^^^^^^^^^
  `nodes` lists the commands"""
    )


def test_a_missing_input_is_not_reported_if_part_of_the_stage_has_a_syntax_error(cook: Any) -> None:
    assert cook.codes("load @@ | blur 2") == ["bad_reference"]
    assert cook.codes("'load' a.png | blur 2") == ["not_a_command"]


def test_an_empty_line_is_refused(cook: Any) -> None:
    assert cook.codes("") == ["empty_line"]
    assert cook.codes("# only a comment") == ["empty_line"]


def test_135_planning_a_line_takes_no_longer_in_a_long_session(cook: Any) -> None:
    def seconds(lines: list[str]) -> float:
        started = time.process_time()
        for line in lines:
            cook(line)
        return time.process_time() - started

    lines = ["load a.png as p", "| blur 2", "| upscale 2 --image @p", "t2i a fox --steps 4"] * 10
    early = min(seconds(lines) for _ in range(5))
    for _ in range(20):
        seconds(lines)
    assert len(cook.scope.by_number) == 1000
    assert min(seconds(lines) for _ in range(5)) < 2 * early + 0.01


COMMANDS = """add mul range list iterate collect if format say load save upscale blur tint paste grid halves both model
prompt noise encode denoise decode t2i i2i twice torn | | |"""
PIECES = """as fox @fox @1 @-1 @2.image @fox.left --a --b 1 2.5 x.png *.png --steps --scale=4 --no-tiled --tiled -x
--link --link-node --no-link -- none 1,2 red 'a --image --model --help -1 --latents --box [1 \""""
WORDS = st.sampled_from([*COMMANDS.split(), *PIECES.split()])


def refusal(cook: Any, line: str) -> Refusal | Plan:
    """Plan a line; return the refusal, or None if the line is valid."""
    try:
        made: Plan = cook(line)
    except Refusal as refused:
        return refused
    return made


@settings(max_examples=150)
@given(st.lists(st.lists(WORDS, max_size=9).map(" ".join), max_size=4))
def test_random_lines_are_planned_to_a_valid_graph_or_refused_without_a_traceback(lines: list[str]) -> None:
    cook = Cook()
    graph = Graph(cook.catalog)
    for line in lines:
        made = refusal(cook, line)
        if isinstance(made, Refusal):
            assert made.errors
            assert str(made)
        else:
            places = {node.id: place for place, node in enumerate(made.nodes)}
            assert all(places.get(edge.source, -1) < places[edge.target] for edge in made.edges)
            graph.extend(made.nodes, made.edges)
            graph.check_complete([node.id for node in made.nodes])


@settings(max_examples=80)
@given(st.text(max_size=60))
def test_any_string_is_planned_or_refused(text: str) -> None:
    assert refusal(Cook(), "t2i " + text)


def test_every_planning_error_code_is_registered() -> None:
    import re
    from pathlib import Path

    import workflows.planning as package

    folder = Path(package.__file__).parent
    used = set()
    for path in folder.glob("*.py"):
        used |= set(re.findall(r'(?:planning_error|LanguageError)\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert used <= {*PLANNING_CODES, *SYNTAX_CODES}
