"""`--vary` in a line that uses a recipe with several texts replaces a word in the text that contains it."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.language.errors import Refusal
from invocations.language.source import Source
from tests.workflows.recipes.test_line import BUILT_IN, spec_of
from workflows.planning.plan import Plan
from workflows.planning.plan_line import plan_line


def planned(recipe: str, line: str) -> Plan:
    return plan_line(Source(None, line), catalog={**BUILT_IN, "own": spec_of(recipe)})


def replaced(plan: Plan) -> list[tuple[Any, Any]]:
    """Return each text in which a node replaces a word, and the word."""
    nodes = [node for node in plan.nodes if "replaces" in BUILT_IN[node.type].roles]
    return [(node.inputs.get("text"), node.inputs.get("old")) for node in nodes]


TWO = "t2i ${what} | i2i ${then}"


@pytest.mark.parametrize(
    ("word", "text"), [("red", "a red boat"), ("green", "a green boat"), ("boat", "a red boat"), ("ship", "a ship")]
)
def test_a_word_is_replaced_in_the_first_text_that_contains_it(word: str, text: str) -> None:
    then = text if word == "ship" else "a green boat"
    plan = planned(TWO, f'own a red boat --then "{then}" --vary {word}=blue')
    assert replaced(plan) == [(text, word)]


def test_words_can_be_replaced_in_several_texts_of_a_recipe() -> None:
    plan = planned('t2i "a ${what} in ${place}"', 'own "red boat" --place "green sea" --vary green=blue --vary red=old')
    assert replaced(plan)[:2] == [("green sea", "green"), ("red boat", "red")]  # then come those of the recipe itself
    assert [axis.name for axis in plan.axes] == ["green", "red"]


def test_the_error_for_an_unknown_word_names_all_texts_of_the_recipe() -> None:
    with pytest.raises(Refusal) as caught:
        planned(TWO, 'own a red boat --then "a green boat" --vary pink=blue')
    assert [error.message for error in caught.value.errors] == ["`pink` does not occur in `what` or `then`"]
