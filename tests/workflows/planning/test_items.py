"""An error in one item of a list points at that item, however the list is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.language.errors import Refusal
from invocations.language.source import Span
from invocations.spec import FieldSpec, FieldType
from workflows.planning.errors import PlanningError
from workflows.planning.read_values import read_text
from workflows.values.compound import split_items
from workflows.workspace import Workspace


@pytest.fixture
def here(workspace: Workspace, cat: Path) -> Workspace:
    for name in ("dog.png", "a,b.png"):
        (cat.parent / name).write_bytes(cat.read_bytes())
    return workspace


def refused(workspace: Workspace, line: str) -> list[tuple[str, str]]:
    """Return the message of each error in a line, and the words that it points at."""
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    return [(error.message, line[error.span.start : error.span.end]) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("line", "message", "item"),
    [
        ("grid cat.png nosuch.png dog.png", "no file matches `nosuch.png`", "nosuch.png"),
        ("grid --images cat.png,nosuch.png,dog.png", "no file matches `nosuch.png`", "nosuch.png"),
        ("grid --images='cat.png, nosuch.png'", "no file matches `cat.png, nosuch.png`", "'cat.png, nosuch.png'"),
        ("grid --images cat.png --images nosuch.png,dog.png", "no file matches `nosuch.png`", "nosuch.png"),
        ("grid --images 'a,b.png' --images nosuch.png", "no file matches `nosuch.png`", "nosuch.png"),
        ('grid --images cat.png,"nosuch.png"', 'no file matches `"nosuch.png"`', '"nosuch.png"'),
        ("load cat.png dog.png nosuch.png", "no file matches `nosuch.png`", "nosuch.png"),
    ],
)
def test_the_error_for_a_missing_file_in_a_list_points_at_the_file(
    here: Workspace, line: str, message: str, item: str
) -> None:
    assert refused(here, line) == [(message, item)]


NUMBERS = FieldSpec("values", FieldType("list", (FieldType("int"),)), "numbers", ge=0, le=9)


@pytest.mark.parametrize(
    ("text", "message", "item"),
    [
        ("1,x,3", "`values` takes a whole number for each item, not `x`", "x"),
        ("1, 22 ,3", "`values` must be 0 to 9, not 22", "22"),
        ("1,,3", "`values` takes a whole number for each item, not `1,,3`", "1,,3"),
        ("[1,22]", "`values` must be 0 to 9, not 22", "[1,22]"),
        ("x", "`values` takes a whole number for each item, not `x`", "x"),
    ],
)
def test_the_error_for_an_item_of_the_wrong_type_or_range_points_at_the_item(
    text: str, message: str, item: str
) -> None:
    with pytest.raises(PlanningError) as caught:
        read_text(NUMBERS, text, Span(5, 5 + len(text)))
    error = caught.value.error
    assert (error.message, text[error.span.start - 5 : error.span.end - 5]) == (message, item)


def test_the_error_for_an_item_in_a_quoted_word_points_at_the_whole_word() -> None:
    with pytest.raises(PlanningError) as caught:
        read_text(NUMBERS, "1,x", Span(5, 12), quoted=True)
    assert caught.value.error.span == Span(5, 12)


def test_items_are_split_and_keep_their_positions_in_the_text() -> None:
    text = "a, 'b,c' ,d,"
    assert list(split_items(text)) == [("a", 0, 1), ("b,c", 3, 5), ("d", 10, 1), ("", 12, 0)]
