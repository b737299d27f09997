"""The options of every command: `--link`, `--link-node`, `--no-link` and `--no-cache`."""

from __future__ import annotations

from typing import Any

import pytest


def test_the_no_link_option_turns_off_all_automatic_links(cook: Any) -> None:
    assert cook.codes("model | load a.png | blur --no-link") == ["missing_input"]


def test_the_link_option_takes_a_node_an_output_and_an_input(cook: Any, links: Any) -> None:
    cook("add 1 2 as sum")
    for node in ("1", "sum", "@sum", "@1"):
        number = cook.scope.next_number
        assert links(cook(f"mul 3 --link {node} value b")) == [f"1.value -> {number}.b written"]


def test_a_negative_node_number_in_the_link_option_counts_back(cook: Any, links: Any) -> None:
    assert links(cook("add 1 2 | say hi --as hi | mul --link -2 value b 4")) == ["1.value -> 3.b written"]


def test_the_link_node_option_links_outputs_to_inputs_with_the_same_names(cook: Any, links: Any) -> None:
    cook("model")
    cook("prompt a fox --model @1")
    assert "1.model -> 3.model written" in links(cook("encode cat.png --link-node 1"))


def test_the_link_node_option_falls_back_to_the_primary_output_and_input(cook: Any, links: Any) -> None:
    cook("add 1 2")
    assert links(cook("mul 5 --link-node 1")) == ["1.value -> 2.a written"]


REFUSALS = (
    ("add 1 --link 1 value", "`--link` needs 3 values", "--link takes NODE OUTPUT INPUT"),
    ("add 1 --link-node", "`--link-node` needs a value", "--link-node takes NODE"),
    ("add 1 --link 9 value b", "there is no earlier stage `@9`", "valid here: @1 (load)"),
    ("add 1 --link 1 picture b", "`load` has no output `picture`", "its outputs are `image`, `collection`"),
    ("add 1 --link 1 image c", "`add` has no input `c`", "its inputs are `a`, `b`"),
    ("add 1 --link 1 image b", "`@1.image` produces an image, but `b` of `add` takes an int or float", ""),
    ("add 1 2 --link-node 1", "`load` has no output that `add` takes", "its outputs are image (image)"),
)


@pytest.mark.parametrize(("line", "message", "hint"), REFUSALS)
def test_an_invalid_link_option_is_refused(cook: Any, line: str, message: str, hint: str) -> None:
    cook("load cat.png")
    text = cook.refusal(line)
    assert message in text
    assert hint in text


@pytest.mark.parametrize(
    ("line", "recompute"),
    [
        ("add 1 2", set()),
        ("add 1 2 --no-cache", {"1"}),
        ("add 1 2 | mul 3 --no-cache | add 4", {"2"}),
        ("load cat.png | upscale --no-cache", {"2"}),
        ("t2i a fox | upscale --no-cache", {"2"}),
    ],
)
def test_the_no_cache_option_applies_only_to_the_stage_it_follows(cook: Any, line: str, recompute: set[str]) -> None:
    assert cook(line).recompute == recompute


def test_the_no_cache_option_after_a_recipe_applies_to_all_nodes_of_the_recipe(cook: Any) -> None:
    plan = cook("t2i a fox --no-cache | upscale")
    assert plan.recompute == set(plan.stages[0].nodes)
    assert len(plan.recompute) > 1
