"""Live rows on a terminal are redrawn in place and removed completely, at any size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invokeai_cli.render.live_rows import CALM_S
from tests.invokeai_cli.fake_terminal import screen_on_terminal


def test_several_live_rows_are_overwritten_and_removed() -> None:
    screen, terminal = screen_on_terminal()
    screen.note("before")
    screen.live("one 1/2", "two 1/2")
    assert terminal.shown == "before\none 1/2\ntwo 1/2"
    screen.live("one 2/2", "two 1/2")
    assert terminal.shown == "before\none 2/2\ntwo 1/2"
    screen.live("two 2/2")
    assert terminal.shown == "before\ntwo 2/2"
    screen.end_live()
    assert terminal.shown == "before"


def test_a_note_is_written_above_the_live_rows_and_the_preview_is_drawn_again_later() -> None:
    now = [0.0]
    screen, terminal = screen_on_terminal(clock=lambda: now[0])
    screen.live("one", "two", preview="####\n####\n")
    screen.note("something is worth knowing")
    assert terminal.shown == "something is worth knowing\none\ntwo"
    now[0] += CALM_S
    screen.live("one", "two!", preview="####\n####\n")
    assert terminal.shown == "something is worth knowing\n####\n####\none\ntwo!"


def test_a_result_replaces_the_live_rows() -> None:
    screen, terminal = screen_on_terminal()
    screen.live("one", "two")
    screen.result("15")
    assert terminal.shown == "15"


def test_typed_characters_disappear_with_the_next_redraw() -> None:
    screen, terminal = screen_on_terminal()
    screen.live("one", "two")
    terminal.write("^C")
    screen.note("stopping")
    assert terminal.shown == "stopping\none\ntwo"


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 10, 24])
def test_a_terminal_with_few_rows_shows_only_the_live_rows_that_fit(rows: int) -> None:
    screen, terminal = screen_on_terminal(rows=rows)
    screen.note("before")
    preview = "####\n" * 4
    for step in range(5):
        screen.live(*(f"bar {number} {step}/4" for number in range(4)), preview=preview)
    shown = terminal.shown.split("\n")
    assert len(shown) <= rows
    assert ("####" in terminal.shown) == (rows > 8)
    assert "bar 0 4/4" in terminal.shown
    assert ("and " in terminal.shown) == (1 < rows - 1 < 4)
    screen.end_live()
    assert terminal.all.strip() == "before"


def test_a_row_wider_than_the_terminal_is_cut_to_one_row() -> None:
    screen, terminal = screen_on_terminal(columns=40)
    screen.live("x" * 100, "y" * 100)
    assert len(terminal.shown.split("\n")) == 2
    screen.end_live()
    assert terminal.all.strip() == ""


@pytest.mark.parametrize("height", [2, 3, 6, 12])
def test_no_live_row_scrolls_off_a_terminal_that_is_smaller_than_it_has_reported(height: int) -> None:
    screen, terminal = screen_on_terminal(rows=24)
    screen.note("before")
    screen.live("one", "two", preview="####\n" * 9)
    terminal.reported = 24  # a real terminal first drops the rows below the cursor
    terminal.height, terminal.lines = height, [*terminal.lines[: terminal.y + 1], *[[] for _ in range(height)]][:height]
    for step in range(3):
        screen.live(f"one {step}", "two", preview="####\n" * (9 + step))
    assert set(terminal.gone) <= {"", "before"}
    terminal.reported = None
    screen.live("one 3", "two")
    screen.end_live()
    assert set(terminal.all.split("\n")) <= {"", "before"}


@given(
    st.lists(
        st.one_of(
            st.lists(st.text("ab日", max_size=60), min_size=1, max_size=12),
            st.sampled_from(["note", "end", "smaller", "larger"]),
        ),
        max_size=12,
    ),
    st.integers(20, 60),
    st.integers(1, 12),
)
def test_only_notes_remain_after_any_sequence_of_live_rows_and_size_changes(
    acts: list[list[str] | str], columns: int, rows: int
) -> None:
    screen, terminal = screen_on_terminal(columns, rows)
    notes = 0
    for act in acts:
        if isinstance(act, list):
            screen.live(*act, preview="##\n##\n##\n" if len(act) % 2 else "")
        elif act == "note":
            notes += 1
            screen.note("noted")
        elif act == "end":
            screen.end_live()
        else:  # a real terminal first drops the rows below the cursor
            terminal.height = max(rows // 2, terminal.y + 1) if act == "smaller" else max(rows, terminal.height)
            terminal.lines = (terminal.lines + [[] for _ in range(rows)])[: terminal.height]
    screen.end_live()
    assert [row for row in terminal.all.split("\n") if row] == ["noted"] * notes
