"""Another tool's syntax in a prompt causes one warning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.linear_time import assert_linear
from workflows.planning.lint import lint
from workflows.planning.prompt_lint import foreign, lint_prompts
from workflows.workspace import Workspace

LORA = "LoRAs cannot be used yet; leave it out"
BREAK = "use --prompt-syntax a1111"
CHANGES = "prompt editing is not supported; write only one of the alternatives"
WARNING = "unsupported syntax in a prompt is treated as plain words: "
DYNAMIC = "treated as plain words: {}; add --dynamic to make a prompt for each alternative"
TEN = "a weight can be at most 10; 10 is used"
ONE = "write one prompt with weights: (a fox)1.2, (snow)0.8"


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("red house <lora:x:1>", [(LORA, "<lora:x:1>")]),
        ("red house <hypernet:x:1>", [(LORA, "<hypernet:x:1>")]),
        ("red house BREAK blue", [(BREAK, "BREAK")]),
        ("a fox AND a cat", [(ONE, "AND")]),
        ('("a fox", "a cat").blend(.7, .3)', [(ONE, ".blend(")]),
        ('("a fox", "a cat").and()', [(ONE, ".and(")]),
        ("a [fox:cat:0.5]", [(CHANGES, "[fox:cat:0.5]")]),
        ("a [fox|cat]", [(CHANGES, "[fox|cat]")]),
        ("a [dull] house", [(f"write (word)0.9, or {BREAK}", "[dull]")]),
        ("a ((red)) house", [(f"write (word)1.21, or {BREAK}", "((red))")]),
        ("embedding:easy", [("embeddings cannot be used yet; leave it out", "embedding:easy")]),
        ("(tree:-1)", [("a weight cannot be negative", ":-1)")]),
        ("(a:11) (b)12", [(TEN, ":11)"), (TEN, ")12")]),
    ],
)  # fmt: skip
def test_foreign_syntax_is_found_and_a_replacement_suggested(prompt: str, found: list[tuple[str, str]]) -> None:
    assert [(instead, example.replace('"', "")) for instead, example in foreign(prompt)] == found


@pytest.mark.parametrize(
    "prompt",
    [
        "a (red:1.4) house",
        "(16:9) and <3",
        "a fox (series), (snow)1.2++, well-lit",
        r"a \[word\] \(x\)",
        "CATS AND DOGS BREAK",
        "a fox and a cat, at 10:30",
        "a __ line__ and {one} <b>",
        "screen (aspect 16:12)",
    ],
)
def test_supported_syntax_and_plain_words_are_not_reported(prompt: str) -> None:
    assert list(foreign(prompt)) == []


def test_syntax_that_a1111_mode_supports_is_not_reported_in_that_mode() -> None:
    prompt = "((red)) [dull] BREAK (tree:-1) <lora:x:1>"
    assert list(foreign(prompt, "a1111")) == [(LORA, "<lora:x:1>")]


@pytest.mark.parametrize(
    ("line", "warnings"),
    [
        (
            "t2i 'a <lora:x:1> <lora:y:1> BREAK b' --negative 'c <lora:x:1>'",
            [f"{WARNING}`<lora:x:1>`, `<lora:y:1>` ({LORA}); `BREAK` ({BREAK})"],
        ),
        ("t2i 'a ((b)) BREAK c' --prompt-syntax a1111", []),
        ("model | prompt '[c|d]' | noise | denoise | decode",
         [f"{WARNING}`[c|d]` ({CHANGES})"]),
        ("list 'a <lora:x:1>' b | iterate as p | t2i --prompt @p --seed 1",
         [f"{WARNING}`<lora:x:1>` ({LORA})"]),
        ("format '{a|b}'", []),
        ("t2i 'a {red|blue} __animal__'", [DYNAMIC.format("`{red|blue}`, `__animal__`")]),
        ("t2i 'a {red|blue}' --negative 'a {red|blue} {a|b} {c|d} {e|f}'",
         [DYNAMIC.format("`{red|blue}`, `{a|b}`, `{c|d}` and 1 more")]),
        ("t2i 'a {red|blue} <lora:x:1>'", [DYNAMIC.format("`{red|blue}`"), f"{WARNING}`<lora:x:1>` ({LORA})"]),
    ],
)  # fmt: skip
def test_a_line_with_several_problems_causes_one_warning(workspace: Workspace, line: str, warnings: list[str]) -> None:
    assert list(lint_prompts(workspace.plan(line), workspace.catalog)) == warnings


def test_the_warning_is_among_the_warnings_of_the_line(workspace: Workspace) -> None:
    (warning,) = lint(workspace.plan("t2i 'a <lora:x:1>'"), workspace.lookup, workspace.catalog)
    assert warning.startswith("unsupported syntax in a prompt")


@given(st.text(alphabet="ab[]{}<>()|:._-10 \\", max_size=60))
def test_any_prompt_is_checked_without_an_exception(prompt: str) -> None:
    list(foreign(prompt))


@pytest.mark.parametrize("piece", ["[", "{", "<lora:", "__a", "((", ":1", ")."])
def test_checking_a_prompt_takes_linear_time(piece: str) -> None:
    assert_linear(lambda times: list(foreign(piece * times)), most=12_800)
