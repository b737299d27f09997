"""Rows that are drawn again and again, as a person sees them: nothing is left behind on a terminal of any size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invokeai_cli.render.live_rows import CALM_S
from tests.invokeai_cli.eyes import watched


def test_several_rows_are_overwritten_and_removed() -> None:
    screen, eyes = watched()
    screen.note("before")
    screen.live("one 1/2", "two 1/2")
    assert eyes.shown == "before\none 1/2\ntwo 1/2"
    screen.live("one 2/2", "two 1/2")
    assert eyes.shown == "before\none 2/2\ntwo 1/2"
    screen.live("two 2/2")
    assert eyes.shown == "before\ntwo 2/2"
    screen.end_live()
    assert eyes.shown == "before"


def test_a_note_goes_above_the_rows_and_the_preview_follows_after_a_while() -> None:
    now = [0.0]
    screen, eyes = watched(clock=lambda: now[0])
    screen.live("one", "two", preview="####\n####\n")
    screen.note("something is worth knowing")
    assert eyes.shown == "something is worth knowing\none\ntwo"
    now[0] += CALM_S
    screen.live("one", "two!", preview="####\n####\n")
    assert eyes.shown == "something is worth knowing\n####\n####\none\ntwo!"


def test_a_result_takes_their_place() -> None:
    screen, eyes = watched()
    screen.live("one", "two")
    screen.result("15")
    assert eyes.shown == "15"


def test_what_is_typed_over_them_disappears_with_the_next_change() -> None:
    screen, eyes = watched()
    screen.live("one", "two")
    eyes.write("^C")
    screen.note("stopping")
    assert eyes.shown == "stopping\none\ntwo"


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 10, 24])
def test_a_low_terminal_shows_what_it_has_room_for(rows: int) -> None:
    screen, eyes = watched(rows=rows)
    screen.note("before")
    preview = "####\n" * 4
    for step in range(5):
        screen.live(*(f"bar {number} {step}/4" for number in range(4)), preview=preview)
    shown = eyes.shown.split("\n")
    assert len(shown) <= rows
    assert ("####" in eyes.shown) == (rows > 8)
    assert "bar 0 4/4" in eyes.shown
    assert ("and " in eyes.shown) == (1 < rows - 1 < 4)
    screen.end_live()
    assert eyes.all.strip() == "before"


def test_rows_wider_than_the_terminal_take_one_row_each() -> None:
    screen, eyes = watched(columns=40)
    screen.live("x" * 100, "y" * 100)
    assert len(eyes.shown.split("\n")) == 2
    screen.end_live()
    assert eyes.all.strip() == ""


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
def test_whatever_happens_only_notes_are_left(acts: list[list[str] | str], columns: int, rows: int) -> None:
    screen, eyes = watched(columns, rows)
    notes = 0
    for act in acts:
        if isinstance(act, list):
            screen.live(*act, preview="##\n##\n##\n" if len(act) % 2 else "")
        elif act == "note":
            notes += 1
            screen.note("noted")
        elif act == "end":
            screen.end_live()
        else:  # the rows below the cursor go first, as in terminals
            eyes.height = max(rows // 2, eyes.y + 1) if act == "smaller" else max(rows, eyes.height)
            eyes.lines = (eyes.lines + [[] for _ in range(rows)])[: eyes.height]
    screen.end_live()
    assert [row for row in eyes.all.split("\n") if row] == ["noted"] * notes
