r"""Prompts in the syntax of other tools: brackets, escapes, `BREAK`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.prompt_weights import Fragment, merged
from core.text.prompts import fragments, parts
from tests.linear_time import assert_linear

A1111 = [
    ("a (red:1.3) fox", [("a ", 1), ("red", 1.3), (" fox", 1)]),
    ("((red)) [dull]", [("red", 1.21), (" ", 1), ("dull", 0.909091)]),
    ("((red:1.2) fox:1.5)", [("red", 1.8), (" fox", 1.5)]),
    ("(red:1.) (blue: .5 )", [("red ", 1), ("blue", 0.5)]),
    (r"\(red\)1.3 \[x\] \\ a\b", [(r"(red)1.3 [x] \ a\b", 1)]),
    ("(a [b) c]", [("a ", 1.1), ("b", 1), (" c", 0.909091)]),
    ("3:4 a:b close)", [("3:4 a:b close)", 1)]),
    ("(open", [("open", 1.1)]),
    ("(low:-1)(high:99)", [("low", 0), ("high", 10)]),
    ("C++ (a)2", [("C++ ", 1), ("a", 1.1), ("2", 1)]),
]
COMFYUI = [
    ("((a fox:0.5) in snow:1.5), sea", [("a fox", 0.5), (" in snow", 1.5), (", sea", 1)]),
    ("((a)) [b]", [("a", 1.21), (" [b]", 1)]),
    ("(a:b) (:c:2)", [("a:b", 1.1), (" ", 1), (":c", 2)]),
    (r"\(a\) (b\):2)", [("(a) ", 1), ("b)", 2)]),
    ("(open", [("(open", 1)]),
    ("close)", [("close)", 1)]),
]


@pytest.mark.parametrize(
    ("syntax", "prompt", "words"),
    [*(("a1111", *case) for case in A1111), *(("comfyui", *case) for case in COMFYUI)],
)
def test_prompts_from_other_tools_have_the_weights_that_those_tools_would_use(
    syntax: str, prompt: str, words: list[tuple[str, float]]
) -> None:
    assert parts(prompt, syntax) == [tuple(Fragment(*each) for each in words)]


def test_fragments_keep_their_weights_as_written_without_clamping() -> None:
    assert [each.weight for each in fragments("(low:-1)(high:99)", "a1111")] == [-1, 99]


def test_break_inside_brackets_begins_a_new_part_with_the_same_weight() -> None:
    assert parts("a (b BREAK c:2), BREAKS", "a1111") == [
        (Fragment("a "), Fragment("b", 2)),
        (Fragment("c", 2), Fragment(", BREAKS")),
    ]
    assert parts("a BREAK b") == [(Fragment("a BREAK b"),)]


@given(st.text(alphabet="ab()[]\\:1. -", max_size=40))
def test_any_prompt_can_be_parsed(prompt: str) -> None:
    for syntax in ("invoke", "a1111", "comfyui"):
        merged(fragments(prompt, syntax))


@pytest.mark.parametrize("piece", ["(", "[", "(a)", "(a:1.1)", ":1)", "\\(", "((a:1", ":"])
def test_parsing_a_foreign_prompt_takes_linear_time(piece: str) -> None:
    for syntax in ("a1111", "comfyui"):
        assert_linear(lambda times, syntax=syntax: fragments(piece * times, syntax), most=12_800)
