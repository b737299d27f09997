"""Names of stages: `as NAME` after the words of a prompt is text unless a later `@NAME` refers to it."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.planning.plan_line import Plan

NAMED = (
    ("t2i a man dressed as santa", "a man dressed as santa", None),
    ("t2i a red house as neon | blur 1", "a red house as neon", None),
    ("t2i a red house as h --seed 1", "a red house as h", None),
    ("t2i a red house as h | blur | save | t2i --as h a tree | blur | paste --over @h", "a red house as h", None),
    ("t2i a man as santa | blur 4 | paste --over @santa", "a man", "santa"),
    ("t2i a man as santa --seed 1 | blur 4 | paste --over @santa", "a man", "santa"),
    ("t2i a man as santa | blur 4 | paste --over @santa.image", "a man", "santa"),
    ("t2i a man as santa | blur 4 | paste --link santa image over", "a man", "santa"),
    ("t2i a man --seed 1 as santa", "a man", "santa"),
    ("t2i a man --tiled as santa", "a man", "santa"),
    ("t2i --as santa a man dressed as santa", "a man dressed as santa", "santa"),
    ("t2i a man --as santa", "a man", "santa"),
    ("t2i a man 'as' santa", "a man as santa", None),
    ("t2i a knight as", "a knight as", None),
    ("t2i a knight as 7up", "a knight as 7up", None),
    ("t2i a knight as \u65e5\u672c", "a knight as \u65e5\u672c", None),
    ("t2i -- a man as santa", "a man as santa", None),
)


def prompt_of(plan: Plan) -> object:
    return next(value.value for value in plan.values if value.input in ("prompt", "text"))


@pytest.mark.parametrize(("line", "prompt", "name"), NAMED)
def test_an_as_clause_names_the_stage_only_if_a_later_reference_uses_the_name(
    cook: Any, line: str, prompt: str, name: str | None
) -> None:
    plan = cook(line.replace(" --tiled", " --no-cache"))
    assert (prompt_of(plan), plan.stages[0].name) == (prompt, name)


def test_a_name_that_was_read_as_part_of_the_prompt_causes_only_one_note(cook: Any) -> None:
    assert cook("t2i a man dressed as santa").notes == (
        "`as santa` was read as part of the text; to name the stage, write: t2i --as santa ...",
    )
    assert cook("t2i --as santa a man").notes == ()
    assert cook("t2i a knight as 7up").notes == ()
    assert cook("t2i a man as santa | blur 4 | paste --over @santa").notes == ()


def test_the_error_for_a_name_that_was_read_as_part_of_the_prompt_explains_how_to_name_the_stage(cook: Any) -> None:
    cook("t2i a red house as h --seed 1")
    assert cook.refusal("blur --image @h") == (
        "error: there is no earlier stage `@h`\n"
        "  blur --image @h\n"
        "               ^^\n"
        "  `as h` was read as part of the text of `t2i`: write @1, or name the stage with `t2i --as h`"
    )


def test_an_as_clause_after_other_arguments_always_names_the_stage(cook: Any) -> None:
    assert cook("load a.png as pic").stages[0].name == "pic"
    assert cook("add 1 2 as sum").stages[0].name == "sum"
    assert cook.codes("add 1 2 as 3d") == ["bad_name"]
    assert cook.codes("add 1 2 as") == ["missing_name"]


def test_an_as_clause_is_read_as_text_only_after_a_positional_prompt(cook: Any) -> None:
    assert cook("i2i cat.png a dog as d").notes
    assert cook("i2i cat.png --prompt dog as d").stages[0].name == "d"


def test_an_as_clause_names_the_stage_if_the_prompt_is_piped_in(cook: Any) -> None:
    assert cook("say hello | say as greeting").stages[1].name == "greeting"
