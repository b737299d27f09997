"""Completion for an editor: the prompt's own choices, with what they are."""

from __future__ import annotations

from typing import Any

from workflows.completion.checker import LineChecker
from workflows.editing.choices import choices_at


def choice(checker: LineChecker, text: str, word: str) -> dict[str, Any]:
    return next(each for each in choices_at(checker, text, len(text)) if each["text"] == word)


def test_an_option_has_type_range_and_default(checker: LineChecker) -> None:
    found = choice(checker, "t2i a fox --st", "--steps")
    facts = [found[name] for name in ("kind", "type", "limits", "default")]
    assert facts == ["option", "int", "1 to 1000", "from the model"]
    assert found["span"] == [10, 14]


def test_a_command_shows_the_links_it_would_make(checker: LineChecker) -> None:
    found = choice(checker, "t2i a fox | bl", "blur")
    assert found["kind"] == "command"
    assert found["links"] == [{"input": "image", "stage": 1, "output": "image"}]


KINDS = [
    ("t2i a fox --scheduler dd", "ddim", "scheduler"),
    ("t2i a fox --model d", "default", "model"),
    ("t2i a fox --tiled=y", "yes", "choice"),
    ("add 1 2 as x | mul @", "@x", "reference"),
    ("se", "set", "directive"),
    ("sweep se", "seed=", "input"),
    ("load ca", "cat.png", "file"),
    ("?blu", "blur", "command"),
]


def test_each_choice_has_a_kind(checker: LineChecker, cat: object) -> None:
    assert [choice(checker, text, word)["kind"] for text, word, _ in KINDS] == [kind for _, _, kind in KINDS]


def test_an_empty_text_offers_commands_with_which_a_line_can_begin(checker: LineChecker) -> None:
    first = choices_at(checker, "", 0)[0]
    assert (first["text"], first["kind"], first["span"]) == ("t2i", "command", [0, 0])
