"""The prompt and an editor that uses `workflows.editing` agree on colors, errors and completion, text by text."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from invokeai_cli.repl.completer import LineCompleter
from invokeai_cli.repl.lexer import STYLES, LineLexer
from invokeai_cli.repl.state import PromptState
from workflows.decompile.flatten import ExposedInputs
from workflows.editing.check import check_text
from workflows.editing.choices import choices_at

TEXTS = [
    "",
    "t2",
    "t2i a red house --steps 20 --seed 18446744073709551615 as house | blur 2 | blend @house",
    "t2i a fox --steps 10,20 --scheduler dd",
    "t2i a fox --stesp 20 | blurr 2",
    "t2i a fox | ",
    "t2i a fox | bl",
    "sweep seed=1..4 steps=10,20 | t2i a fox",
    "sweep se",
    "explain t2i a fox | blur 2",
    "explain sweep seed=1..4 | t2i a fox --st",
    "set steps 20",
    "set stesp 20",
    "config set max_items many",
    'recipe save noir "t2i a fox | blurr"',
    "load nosuch.png | save out.png",
    "add 1 2 as x\nmul @x 3 --b ",
    't2i "a fox',
    "t2i a fox --model nosuch # why",
    "blur --image @",
    "?den",
    "clear",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_colors_errors_and_completion_are_those_of_the_prompt(state: PromptState, text: str) -> None:
    document = Document(text, len(text))
    found = check_text(state, text, len(text), ExposedInputs(state.workspace.catalog))
    wrong = [each for each in found["errors"] if not each["pending"]]
    assert [(each["message"], each["span"][0]) for each in wrong] == [
        (each.message, each.span.start) for each in state.wrong(text, len(text))
    ]
    rows = LineCompleter(state).get_completions(document, CompleteEvent())
    offered = [(each["text"], each["span"][0] - each["span"][1]) for each in choices_at(state, text, len(text))]
    typed = {text[each["span"][0] :] for each in choices_at(state, text, len(text))[:1]}
    if len(offered) == 1 and offered[0][0] in typed:  # the prompt opens no menu for a word that is complete
        offered = []
    if not text.startswith("recipe"):  # the prompt completes the line in quotes
        assert [(each.text, each.start_position) for each in rows] == offered
    assert _styles(state, document) == _styles_of(found, text)


def _styles(state: PromptState, document: Document) -> list[str]:
    lines = LineLexer(state).lex_document(document)
    styles = [[style for style, piece, *_ in lines(number) for _ in piece] for number in range(document.line_count)]
    return [style for line in styles for style in [*line, ""]][:-1]


def _styles_of(found: dict[str, list[dict[str, object]]], text: str) -> list[str]:
    styles = [""] * len(text)
    marks = [(each["span"], STYLES.get(str(each["kind"]), "")) for each in found["tokens"]]
    marks += [(each["span"], "class:wrong") for each in found["errors"] if not each["pending"]]
    for span, style in marks:
        start, end = span  # type: ignore[misc]
        end = min(max(end, start + 1), len(text))
        styles[start:end] = [style if text[at] != "\n" else "" for at in range(start, end)]
    return styles
