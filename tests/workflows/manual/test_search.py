"""Commands are found by their words and by the terms of other tools, and sorted into categories."""

from __future__ import annotations

import pytest

from workflows.manual.categories import CATEGORIES
from workflows.manual.search import by_category, commands_with
from workflows.problems import UsageError
from workflows.workspace import Workspace


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["sum"], {"add"}),
        (["txt2img"], {"t2i"}),
        (["montage"], {"grid"}),
        (["cfg", "mask"], {"inpaint"}),
        (["cfg"], {"t2i", "i2i", "inpaint", "outpaint", "denoise"}),
    ],
)
def test_a_command_is_found_if_it_contains_every_word_or_a_term_of_another_tool(
    workspace: Workspace, words: list[str], found: set[str]
) -> None:
    assert {spec.type for spec in commands_with(words, workspace.catalog)} == found


def test_a_search_without_words_finds_every_command(workspace: Workspace) -> None:
    assert [spec.type for spec in commands_with([], workspace.catalog)] == [*workspace.catalog]


def test_a_search_that_finds_nothing_is_an_error_with_a_hint(workspace: Workspace) -> None:
    with pytest.raises(UsageError) as raised:
        commands_with(["nothing-like-it", "at-all"], workspace.catalog)
    assert raised.value.message == "no command matches `nothing-like-it at-all`"
    assert raised.value.hint == "`nodes` lists all"


def test_commands_are_sorted_by_category_in_the_order_of_the_help_and_then_by_name(workspace: Workspace) -> None:
    found = by_category(workspace.catalog.values())
    known = [category for category in CATEGORIES if category in found]
    assert [*found][: len(known)] == known
    for specs in found.values():
        assert [spec.type for spec in specs] == sorted([spec.type for spec in specs])
