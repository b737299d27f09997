"""Colours: the kinds of words, the wrong ones, and themes."""

from __future__ import annotations

import pytest

from invokeai_cli.errors import ConfigError
from invokeai_cli.language.source import Span
from invokeai_cli.repl.lexer import colored
from invokeai_cli.repl.style import OWN, make_style

PIECES = [
    ("t2i a fox --steps 20", [("command", "t2i"), ("", "a"), ("", "fox"), ("option", "--steps"), ("number", "20")]),
    ("help blur", [("directive", "help"), ("", "blur")]),
    ("add 1 2 | mul @1", [("command", "add"), ("number", "1"), ("number", "2"), ("bar", "|"), ("command", "mul")]),
    ('load "a | b"', [("command", "load"), ("string", '"a | b"')]),
    ('load "open', [("command", "load"), ("string", '"open')]),
    ("| blur # it", [("bar", "|"), ("command", "blur")]),
    ("add 1 2\nhelp x", [("command", "add"), ("number", "1"), ("number", "2"), ("directive", "help")]),
    ("add 1 |\nhelp x", [("command", "add"), ("number", "1"), ("bar", "|"), ("command", "help")]),
]


@pytest.mark.parametrize(("text", "pieces"), PIECES)
def test_each_word_has_the_colour_of_its_kind(text: str, pieces: list[tuple[str, str]]) -> None:
    found = [(style.removeprefix("class:"), piece) for line in colored(text, ()) for style, piece, *_ in line]
    assert [each for each in found if each[1].strip()][: len(pieces)] == pieces


@pytest.mark.parametrize("text", ["", " a  b ", 'x "\n" | y\n\n# z', "--a=b -c @1 \\\n"])
def test_colours_change_no_letter(text: str) -> None:
    assert "\n".join("".join(piece for _, piece, *_ in line) for line in colored(text, ())) == text


def test_what_is_wrong_is_red_also_within_a_word() -> None:
    (line,) = colored("t2i --steps=many", (Span(12, 16),))
    assert line[-1] == ("class:wrong", "many")


@pytest.mark.parametrize("theme", ["auto", "monokai", "default", "bw"])
def test_a_theme_is_the_name_of_a_pygments_style(theme: str) -> None:
    assert {name for name, _ in make_style(theme).style_rules} >= set(OWN)  # type: ignore[attr-defined]


def test_a_theme_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="there is no theme `monokay`") as refused:
        make_style("monokay")
    assert refused.value.hint == "did you mean `monokai`?"
