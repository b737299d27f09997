"""Parsing the words after a directive according to the directive's metadata."""

from __future__ import annotations

import pytest

from invokeai_cli.directives.directive import ArgumentSpec, Directive, OptionSpec
from invokeai_cli.directives.parse import parse
from invokeai_cli.directives.table import DIRECTIVES
from workflows.problems import UsageError

DRAW = Directive(
    "draw",
    "draw something",
    (ArgumentSpec("WHAT", "what to draw"), ArgumentSpec("WHERE", "where", required=False)),
    (
        OptionSpec("big", "large", excludes="small"),
        OptionSpec("small", "little", excludes="big"),
        OptionSpec("color", "its color", "NAME", aliases=("colour",)),
        OptionSpec("set", "a value", "NAME=VALUE", repeat=True),
    ),
)


def read(words: str) -> tuple[str, tuple[str, ...], dict[str, tuple[str, ...]]]:
    first, *rest = words.split()
    found = parse(DRAW if first == "draw" else DIRECTIVES[first], rest)
    return found.row.name, found.values, dict(found.options)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("draw fox", ("draw", ("fox",), {})),
        ("draw fox there --big", ("draw", ("fox", "there"), {"big": ("",)})),
        ("draw --color red fox", ("draw", ("fox",), {"color": ("red",)})),
        ("draw fox --color=red", ("draw", ("fox",), {"color": ("red",)})),
        ("draw --set a=1 fox --set=b=2", ("draw", ("fox",), {"set": ("a=1", "b=2")})),
        ("history 3 --search red fox --failed", ("history", ("3",), {"search": ("red", "fox"), "failed": ("",)})),
        ("history --search=red fox", ("history", (), {"search": ("red", "fox")})),
        ("session", ("session show", (), {})),
        ("session rm a b --yes", ("session rm", ("a", "b"), {"yes": ("",)})),
        ("set steps 30 --save", ("set", ("steps", "30"), {"save": ("",)})),
        ("set steps=30", ("set", ("steps", "30"), {})),
        ("set negative a --b", ("set", ("negative", "a", "--b"), {})),
        ("let x = --a", ("let", ("x", "=", "--a"), {})),
        ("cache why blur --radius 3", ("cache why", ("blur", "--radius", "3"), {})),
    ],
)
def test_the_words_after_a_directive_are_parsed(
    words: str, found: tuple[str, tuple[str, ...], dict[str, tuple[str, ...]]]
) -> None:
    assert read(words) == found


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("draw", "`draw` needs an argument: WHAT", "usage: draw WHAT [WHERE] [--big | --small] [--color NAME]"),
        ("draw a b c", "`draw` got an unexpected argument: `c`", "usage: draw WHAT [WHERE] ["),
        ("draw a --bgi", "`draw` has no option `--bgi`", "did you mean `--big`?"),
        ("draw a --nothing", "`draw` has no option `--nothing`", "usage: draw WHAT"),
        ("draw a --color", "`--color` needs a value: --color NAME", "its color"),
        ("draw a --big=yes", "`--big` takes no value", "write `--big` alone"),
        ("draw a --color x --color y", "`--color` can be given only once", "usage: draw WHAT"),
        ("draw a --big --small", "`--small` and `--big` cannot be combined", "choose one of them"),
        ("set steps", "`set` needs an argument: VALUE", "usage: set [INPUT VALUE] [--save]"),
        ("config --all", "`config` has no option `--all`", "usage: config [show | "),
    ],
)
def test_invalid_words_are_refused(words: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(words)
    assert caught.value.message == message
    assert (caught.value.hint or "").startswith(hint)


def test_a_former_name_of_an_option_is_accepted_with_a_note_but_not_listed() -> None:
    found = parse(DRAW, ["fox", "--colour", "red"])
    assert (found.options, found.notes) == ({"color": ("red",)}, ("`--colour` is now called `--color`",))
    assert "colour" not in DRAW.usage
