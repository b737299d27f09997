"""Parsing the words after a directive according to the directive's metadata."""

from __future__ import annotations

import pytest

from invokeai_cli.directives.directive import ArgumentSpec, Directive, OptionSpec
from invokeai_cli.directives.parse import parse
from invokeai_cli.directives.table import DIRECTIVES
from workflows.problems import UsageError
from workflows.synonyms.subcommands import BY_WORD

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


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("models add", "did you mean `models scan DIR --add`?"),
        ("models import ~/m", "did you mean `models scan ~/m --add`?"),
        ("models remove m", "did you mean `models scan m --remove`?"),
        ("models rm m", "did you mean `models scan m --remove`?"),
        ("models delete m --yes", "did you mean `models scan m --remove`?"),
        ("models show fox", "did you mean `models info fox`?"),
        ("models LS", "did you mean `models list`?"),
        ("models sdxl", "did you mean `models --family sdxl`?"),
        ("models LoRAs", "did you mean `models --kind lora`?"),
        ("models list lora", "did you mean `models list --kind lora`?"),
        ("models list SDXL", "did you mean `models list --family sdxl`?"),
        ("models --type lora", "did you mean `--kind`?"),
        ("models list --type=lora", "did you mean `--kind`?"),
        ("models info fox --base sdxl", "did you mean `--family`?"),
        ("models add https://x.y/z", "models are not downloaded or copied; to use those in a folder: models scan "),
        ("models https://x.y/z", "models are not downloaded or copied; to use those in a folder: models scan "),
        ("config list", "did you mean `config show`?"),
        ("config reset steps", "did you mean `config unset steps`?"),
        ("recipe delete fox", "did you mean `recipe rm fox`?"),
        ("recipe add fox", "did you mean `recipe save fox`?"),
        ("session ls", "did you mean `sessions`?"),
        ("session save latest fox.json", "did you mean `session export latest fox.json`?"),
        ("cache empty", "did you mean `cache clear`?"),
    ],
)
def test_a_word_that_other_programs_use_leads_to_the_subcommand_or_option(words: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(words)
    assert (caught.value.hint or "").startswith(hint)


def test_every_line_suggested_for_a_word_of_another_program_can_be_parsed() -> None:
    for directive, words in BY_WORD.items():
        for typed in words.values():
            first, *rest = typed.split()
            if typed.startswith("--"):
                assert DIRECTIVES[directive].subcommands[0].option(typed[2:]) is not None
            else:
                assert parse(DIRECTIVES[first], rest).row.name.startswith(first)
            assert not any(DIRECTIVES[directive].subcommand(word) for word in words)


def test_a_former_name_of_an_option_is_accepted_with_a_note_but_not_listed() -> None:
    found = parse(DRAW, ["fox", "--colour", "red"])
    assert (found.options, found.notes) == ({"color": ("red",)}, ("`--colour` is now called `--color`",))
    assert "colour" not in DRAW.usage
