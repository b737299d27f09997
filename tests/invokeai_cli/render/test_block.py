"""Rows that are written over, as a person sees them: nothing is left behind on a terminal of any size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invokeai_cli.render.bars import bar
from invokeai_cli.render.block import SETTLES
from invokeai_cli.render.progress import Progress
from invokeai_cli.render.text import cells
from tests.invokeai_cli.eyes import watched


def test_several_rows_are_written_over_and_taken_away() -> None:
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


def test_a_note_goes_above_the_rows_and_the_picture_follows_when_all_is_calm() -> None:
    now = [0.0]
    screen, eyes = watched(clock=lambda: now[0])
    screen.live("one", "two", picture="####\n####\n")
    screen.note("something is worth knowing")
    assert eyes.shown == "something is worth knowing\none\ntwo"
    now[0] += SETTLES
    screen.live("one", "two!", picture="####\n####\n")
    assert eyes.shown == "something is worth knowing\n####\n####\none\ntwo!"


def test_a_result_takes_their_place() -> None:
    screen, eyes = watched()
    screen.live("one", "two")
    screen.result("15")
    assert eyes.shown == "15"


def test_what_is_typed_over_them_is_gone_at_the_next_change() -> None:
    screen, eyes = watched()
    screen.live("one", "two")
    eyes.write("^C")
    screen.note("stopping")
    assert eyes.shown == "stopping\none\ntwo"


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 10, 24])
def test_a_low_terminal_shows_what_it_has_room_for(rows: int) -> None:
    screen, eyes = watched(rows=rows)
    screen.note("before")
    picture = "####\n" * 4
    for step in range(5):
        screen.live(*(f"bar {number} {step}/4" for number in range(4)), picture=picture)
    shown = eyes.shown.split("\n")
    assert len(shown) <= rows
    assert ("####" in eyes.shown) == (rows > 8)
    assert "bar 0 4/4" in eyes.shown
    assert ("and " in eyes.shown) == (1 < rows - 1 < 4)
    screen.end_live()
    assert eyes.all.strip() == "before"


def test_bars_wider_than_the_terminal_take_one_row_each() -> None:
    screen, eyes = watched(columns=40)
    screen.live("x" * 100, "y" * 100)
    assert [len(row) for row in eyes.shown.split("\n")] == [39, 39]
    screen.end_live()
    assert eyes.all.strip() == ""


def test_a_smaller_window_counts_more_than_the_variable() -> None:
    screen, eyes = watched(columns=40, COLUMNS="120")
    screen.live("x" * 100)
    assert len(eyes.shown) == 39


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
            screen.live(*act, picture="##\n##\n##\n" if len(act) % 2 else "")
        elif act == "note":
            notes += 1
            screen.note("noted")
        elif act == "end":
            screen.end_live()
        else:  # the rows below the cursor go first, as terminals do it
            eyes.height = max(rows // 2, eyes.y + 1) if act == "smaller" else max(rows, eyes.height)
            eyes.lines = (eyes.lines + [[] for _ in range(rows)])[: eyes.height]
    screen.end_live()
    assert [row for row in eyes.all.split("\n") if row] == ["noted"] * notes


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (79, "denoise ██████░░░░░░░░░░░░░░░░░░ 3/12  2.0 steps/s  4.5 s left"),
        (59, "denoise █████░░░░░░░░░░░░░░░░ 3/12  2.0 steps/s  4.5 s left"),
        (45, "denoise █░░░░░░ 3/12  2.0 steps/s  4.5 s left"),
        (39, "denoise ███░░░░░░░░░░░ 3/12  4.5 s left"),
        (29, "denoise ████░░░░░░░░░░░░ 3/12"),
        (19, "denoise █░░░░░ 3/12"),
        (15, "denoise 3/12"),
        (10, "denoi…3/12"),
    ],
)
def test_a_bar_tells_what_there_is_room_for(room: int, text: str) -> None:
    assert bar("denoise", 3, 12, room=room, rate=2.0) == text
    assert cells(text) <= room


def test_what_runs_at_the_same_time_has_a_bar_each() -> None:
    screen, eyes = watched()
    now = [0.0]
    progress = Progress(screen, lambda: now[0])
    progress.begin("starting")
    progress.begin("denoise[0]", "a")
    progress.begin("loading default, unet", "load")
    progress.begin("denoise[1]", "b")
    now[0] = 2.0
    progress.step(1, 4, "a")
    progress.step(3, 4, "b")
    assert eyes.shown.split("\n") == [
        "denoise[0] ██████░░░░░░░░░░░░░░░░░░ 1/4",
        "loading default, unet … 2.0 s",
        "denoise[1] ██████████████████░░░░░░ 3/4",
    ]
    progress.picture("####\n####\n", "b")
    progress.end("load")
    assert [row.split(" ")[0] for row in eyes.shown.split("\n")] == ["####", "####", "denoise[0]", "denoise[1]"]
    progress.end("b")
    assert [row.split(" ")[0] for row in eyes.shown.split("\n")] == ["denoise[0]"]
    progress.end()
    assert eyes.all.strip() == ""
