"""Tables are plain and complete without a terminal; on a terminal, Rich draws them to fit its width."""

from __future__ import annotations

import re

import pytest

from invokeai_cli.render.answer import MANY_ROWS, Answer
from invokeai_cli.render.tables import Table, tables_text
from tests.invokeai_cli.render.streams import screen_with
from workflows.shown_text import cells


def shown(*tables: Table, width: int, color: bool = False) -> list[str]:
    """Return the lines that a terminal with this width shows."""
    variables = {} if color else {"NO_COLOR": "1"}
    screen, _, _ = screen_with(terminal=True, COLUMNS=str(width), **variables)
    return Answer("x/1", {}, tables).draw(screen).split("\n")


def test_columns_are_as_wide_as_their_values() -> None:
    table = Table(("name", "what"), (("a", "first"), ("日本", "second")))
    assert tables_text([table]) == "name  what\na     first\n日本  second"
    assert shown(table, width=80) == ["name  what", "a     first", "日本  second"]


def test_only_the_last_column_is_cut_and_only_on_a_terminal() -> None:
    table = Table(("name", "what"), (("long name", "x" * 100),))
    assert shown(table, width=40)[1] == "long name  " + "x" * 28 + "…"
    assert "x" * 100 in tables_text([table])


def test_a_very_long_value_is_complete_in_a_pipe_and_moves_only_the_rest_of_its_row() -> None:
    table = Table(("name", "what"), (("x" * 200, "first"), ("a", "second")))
    assert tables_text([table]) == f"name{' ' * 78}what\n{'x' * 200}  first\na{' ' * 81}second"


def test_tables_share_column_widths_and_a_table_with_a_title_omits_its_headings() -> None:
    tables = (Table(("a", "b"), (("long", "1"),)), Table(("a", "b"), (("x", "2"),), "Title"))
    assert tables_text(tables) == "a     b\nlong  1\n\nTitle\nx     2"
    assert "\n".join(shown(*tables, width=80)) == tables_text(tables)


def test_on_a_narrow_terminal_a_row_continues_on_the_next_line() -> None:
    table = Table(("session", "changed", "first line"), (("20261123-214609", "2026-11-23 21:46", "add 3 4"),))
    assert shown(table, width=30) == [
        "20261123-214609  changed",
        "  2026-11-23 21:46  first line",
        "  add 3 4",
    ]
    assert max(map(len, shown(table, width=20))) <= 20


def test_a_row_split_over_lines_has_headings_before_its_values_unless_only_the_first_column_has_a_heading() -> None:
    table = Table(("session", "lines", "", "size"), (("a1", "3", "x" * 30, ""),))
    assert shown(table, width=30) == ["a1  lines 3", "  " + "x" * 28, "  xx"]
    table = Table(("node", "", ""), (("1", "add", "written " * 5),))
    assert shown(table, width=30)[0] == "node"


def test_untrusted_text_has_neither_control_characters_nor_markup() -> None:
    table = Table(("",), (("\x1b[2J[bold]:smile:[/bold]",),))
    assert shown(table, width=80) == ["\\x1b[2J[bold]:smile:[/bold]"]
    assert "\x1b[2J" not in "".join(shown(table, width=80, color=True))


def test_headings_and_states_are_styled_only_if_color_is_on() -> None:
    table = Table(("line", "state"), (("1", "failed"),))
    drawn = shown(table, width=80, color=True)
    assert drawn[0].startswith("\x1b[1")
    assert re.search(r"\x1b\[1;[\d;]+mfailed", drawn[1])
    assert "\x1b" not in "".join(shown(table, width=80))


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80])
def test_a_wrapped_table_is_complete_at_any_width(width: int) -> None:
    rows = (("1.denoise", "  conditioning", "<- 1.prompt.conditioning  named"), ("", "  text", '"a  house" written'))
    table = Table(("node", "", ""), rows, wrapped=True)
    drawn = shown(table, width=width)
    assert "\n".join(drawn).split() == tables_text([table]).split() or width == 20
    assert "".join("".join(drawn).split()) == "".join(tables_text([table]).split())
    assert max(map(cells, drawn)) <= width


def test_a_wrapped_value_continues_in_its_column() -> None:
    table = Table(("", ""), (("text", "one two three four five"),), wrapped=True)
    assert shown(table, width=20) == ["text  one two three", "      four five"]


@pytest.mark.parametrize(("rows", "is_colored"), [(MANY_ROWS, True), (MANY_ROWS + 1, False)])
def test_thousands_of_rows_that_fit_the_terminal_are_drawn_without_rich(rows: int, *, is_colored: bool) -> None:
    table = Table(("name", "kind"), (("fox", "model"),) * rows, fitted=True)
    lines = shown(table, width=80, color=True)
    assert len(lines) == rows + 1
    assert ("\x1b[" in "".join(lines)) == is_colored
    wide = Table(("name", "kind"), (("fox", "x" * 100),) * rows)
    assert all(len(line) <= 80 for line in shown(wide, width=80))
