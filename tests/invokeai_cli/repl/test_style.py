"""Themes, and the colors of errors and of each kind of word."""

from __future__ import annotations

import pytest

from invocations.language.source import Span
from invokeai_cli.render.style import MENU, OWN, PLAIN_MENU, make_style
from invokeai_cli.repl.lexer import colored
from workflows.problems import ConfigError

PIECES = [
    ("t2i a fox --steps 20", [("command", "t2i"), ("", "a"), ("", "fox"), ("option", "--steps"), ("number", "20")]),
    ("help blur", [("directive", "help"), ("", "blur")]),
    ("add 1 2 | mul @1", [("command", "add"), ("number", "1"), ("number", "2"), ("bar", "|"), ("command", "mul")]),
    ('load "a | b"', [("command", "load"), ("string", '"a | b"')]),
    ('load "open', [("command", "load"), ("string", '"open')]),
    ("| blur # it", [("bar", "|"), ("command", "blur")]),
    ("add 1 2\nhelp x", [("command", "add"), ("number", "1"), ("number", "2"), ("directive", "help")]),
    ("add 1 |\nhelp x", [("command", "add"), ("number", "1"), ("bar", "|"), ("command", "help")]),
    (
        "t2i a,fox --steps 10,1..8:2,x --seed 4x",
        [
            ("command", "t2i"),
            ("", "a,fox"),
            ("option", "--steps"),
            ("number", "10"),
            ("", ","),
            ("number", "1..8:2"),
            ("", ",x"),
            ("option", "--seed"),
            ("number", "4x"),
        ],
    ),
    (
        'explain sweep seed=1..4 prompt="a, b" | t2i',
        [
            ("directive", "explain"),
            ("", "sweep"),
            ("option", "seed"),
            ("option", "="),
            ("number", "1..4"),
            ("option", "prompt"),
            ("option", "="),
            ("string", '"a, b"'),
            ("bar", "|"),
            ("command", "t2i"),
        ],
    ),
    (
        'sweep seed=1..4 prompt="a, b" "c" x=@p*',
        [
            ("command", "sweep"),
            ("option", "seed"),
            ("option", "="),
            ("number", "1..4"),
            ("option", "prompt"),
            ("option", "="),
            ("string", '"a, b"'),
            ("string", '"c"'),
            ("option", "x"),
            ("option", "="),
            ("reference", "@p*"),
        ],
    ),
]


@pytest.mark.parametrize(("text", "pieces"), PIECES)
def test_each_word_has_the_color_of_its_kind(text: str, pieces: list[tuple[str, str]]) -> None:
    found = [(style.removeprefix("class:"), piece) for line in colored(text, ()) for style, piece, *_ in line]
    assert [each for each in found if each[1].strip()][: len(pieces)] == pieces


@pytest.mark.parametrize("text", ["", " a  b ", 'x "\n" | y\n\n# z', "--a=b -c @1 \\\n"])
def test_colors_do_not_change_the_text(text: str) -> None:
    assert "\n".join("".join(piece for _, piece, *_ in line) for line in colored(text, ())) == text


def test_a_thousand_pasted_lines_are_highlighted_in_one_pass() -> None:
    text = "\n".join(["t2i a red fox --steps 20 | blur 2"] * 1000)
    lines = colored(text, (Span(at, at + 3) for at in range(0, len(text), 34)))
    assert len(lines) == 1000
    assert all(line[0] == ("class:wrong", "t2i") for line in lines)


def test_an_error_is_red_even_within_a_word() -> None:
    (line,) = colored("t2i --steps=many", (Span(12, 16),))
    assert line[-1] == ("class:wrong", "many")


def luminance(color: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.1)."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio between two colors, from 1 to 21 (WCAG 2.1)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["#000000", "#1e1e1e", "#ffffff", "#fdf6e3"])
def test_the_default_colors_are_readable_on_light_and_dark_backgrounds(ground: str) -> None:
    colors = {word.removeprefix("fg:") for style in OWN.values() for word in style.split() if "#" in word}
    assert len(colors) == 6
    least = 3 if ground in ("#000000", "#ffffff") else 2.5
    assert {color: contrast(color, ground) for color in colors if contrast(color, ground) < least} == {}


def test_the_menu_has_its_own_background() -> None:
    for part, style in MENU.items():
        words = dict(word.split(":") for word in style.split() if ":" in word)
        assert "fg" not in words or contrast(words["fg"], words["bg"]) >= 6, part


def test_the_menu_is_still_distinct_without_color() -> None:
    assert "#" not in "".join(PLAIN_MENU.values())
    assert all("reverse" in style or "underline" in style for style in PLAIN_MENU.values())


@pytest.mark.parametrize("theme", ["auto", "monokai", "default", "bw"])
def test_a_theme_is_a_pygments_style(theme: str) -> None:
    assert {name for name, _ in make_style(theme).style_rules} >= set(OWN)  # type: ignore[attr-defined]


def test_an_unknown_theme_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="there is no theme `monokay`") as refused:
        make_style("monokay")
    assert refused.value.hint == "did you mean `monokai`?"
