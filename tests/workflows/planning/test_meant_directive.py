"""A line that begins with a command where a similar directive was meant is refused with what to write."""

from __future__ import annotations

import pytest

from invocations.language.errors import LanguageError
from invocations.language.source import Source, Span
from workflows.planning.meant_directive import with_meant_directive
from workflows.reserved import ReservedWords

DIRECTIVES = ("models", "recipe")  # those with the subcommands of the lines below


def error(start: int, end: int) -> LanguageError:
    return LanguageError("model_missing", "there is no model", Span(start, end), None)


@pytest.mark.parametrize(
    ("text", "message", "hint", "place"),
    [
        ("model scan x", "there is no command `model scan`", "did you mean `models scan`?", (0, 10)),
        ("  model  list", "there is no command `model list`", "did you mean `models list`?", (2, 13)),
    ],
)
def test_the_directive_is_suggested(text: str, message: str, hint: str, place: tuple[int, int]) -> None:
    errors = (error(place[1] - 4, place[1]), error(0, 1))
    found = with_meant_directive(errors, Source(None, text), DIRECTIVES)
    assert [(each.message, each.hint, each.span) for each in found] == [(message, hint, Span(*place))]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("model scan | prompt a | nosuch", [(24, 30)]),  # a model may be named `scan`
        ("config list", [(7, 11)]),
        ("models scan", [(7, 11)]),
    ],
)
def test_other_errors_stay_as_they_are(text: str, places: list[tuple[int, int]]) -> None:
    errors = tuple([error(*place) for place in places])
    assert with_meant_directive(errors, Source(None, text), DIRECTIVES) == errors


def test_only_directives_with_the_subcommand_are_considered() -> None:
    reserved = ReservedWords(subcommands={"models": ("list", "scan"), "recipe": ("list",), "config": ("show",)})
    assert (reserved.having("list"), reserved.having("scan"), reserved.having("fox")) == (
        ["models", "recipe"],
        ["models"],
        [],
    )
