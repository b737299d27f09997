"""Tables, progress, the live line: what is written where."""

from __future__ import annotations

import io

import pytest

from invokeai_cli.environment import Environment
from invokeai_cli.render.progress import Progress
from invokeai_cli.render.screen import CLEAR, Screen, cells, cut, plain
from invokeai_cli.render.tables import Table, draw_tables
from tests.invokeai_cli.eyes import Eyes
from workflows.charts.duration import duration


class Terminal(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def screen(*, terminal: bool, quiet: bool = False, **variables: str) -> tuple[Screen, Terminal, Terminal]:
    out, err = Terminal(terminal), Terminal(terminal)
    world = Environment(None, out, err, {"TERM": "xterm", **variables}, "/")
    return Screen(world, quiet=quiet), out, err


def seen(stream: Terminal) -> str:
    eyes = Eyes()
    eyes.write(stream.getvalue())
    return eyes.shown


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    table = Table(("name", "what"), (("a", "first"), ("日本", "second")))
    assert draw_tables([table], width=None) == "name  what\na     first\n日本  second"


def test_only_the_last_column_is_cut_and_only_on_a_terminal() -> None:
    table = Table(("name", "what"), (("long name", "x" * 100),))
    assert draw_tables([table], width=40).splitlines()[1] == "long name  " + "x" * 28 + "…"
    assert "x" * 100 in draw_tables([table], width=None)


def test_a_row_that_no_column_can_save_goes_on_below() -> None:
    table = Table(("session", "changed", "first line"), (("20261123-214609", "2026-11-23 21:46", "add 3 4"),))
    assert draw_tables([table], width=30).splitlines() == [
        "session  changed  first line",
        "20261123-214609",
        "  2026-11-23 21:46  add 3 4",
    ]
    assert max(map(len, draw_tables([table], width=16).splitlines())) == 16


def test_foreign_text_brings_no_control_characters() -> None:
    assert plain("a\x1b[31mb\nc\u202ed") == "a\\x1b[31mb\\ncd"
    assert "\x1b" not in draw_tables([Table(("",), (("\x1b[2J",),))], width=80)


def test_a_live_line_is_taken_away_before_anything_else_is_written() -> None:
    shown, out, err = screen(terminal=True)
    shown.live("working")
    shown.live("working")
    shown.result("15")
    shown.note("done")
    assert out.getvalue() == "15\n"
    assert err.getvalue() == f"{CLEAR}\x1b[?7lworking\r\x1b[?7h{CLEAR}done\n"


def test_off_a_terminal_nothing_moves() -> None:
    shown, _, err = screen(terminal=False)
    shown.live("working")
    shown.note("error: no", "error")
    assert err.getvalue() == "error: no\n"


def test_quiet_leaves_errors() -> None:
    shown, _, err = screen(terminal=True, quiet=True, NO_COLOR="1")
    shown.live("working")
    shown.note("seed 7")
    shown.note("error: no", "error")
    assert err.getvalue() == "error: no\n"


def test_only_the_first_word_of_an_error_is_coloured() -> None:
    shown, _, err = screen(terminal=True)
    shown.note("error: no: never", "error")
    assert err.getvalue() == "\x1b[1;31merror:\x1b[0m no: never\n"


def test_a_bar_shows_steps_rate_and_time_left() -> None:
    shown, _, err = screen(terminal=True)
    now = [0.0]
    progress = Progress(shown, lambda: now[0])
    progress.begin("denoise")
    for step in range(1, 4):
        now[0] = step * 0.5
        progress.step(step, 12)
    assert seen(err) == "denoise ██████░░░░░░░░░░░░░░░░░░ 3/12  2.0 steps/s  4.5 s left"
    progress.end()
    assert err.getvalue().endswith(CLEAR)


def test_what_tells_no_steps_is_not_silent() -> None:
    now = [0.0]
    shown, _, err = screen(terminal=True)
    progress = Progress(shown, lambda: now[0])
    progress.waiting()
    assert err.getvalue() == ""  # nothing is at work
    progress.begin("loading default")
    now[0] = 3.2
    progress.waiting()
    assert seen(err) == "loading default … 3.2 s"
    progress.end()
    progress.waiting()
    assert err.getvalue().endswith(CLEAR)


def test_off_a_terminal_a_long_silence_is_broken_rarely() -> None:
    now = [0.0]
    shown, _, err = screen(terminal=False)
    progress = Progress(shown, lambda: now[0])
    progress.begin("decode")
    for second in range(1, 61):
        now[0] = second
        progress.waiting()
    assert err.getvalue().splitlines() == [f"decode: at work for {n}.0 s" for n in (10, 20, 40)]


def test_off_a_terminal_there_is_a_line_each_ten_percent() -> None:
    shown, _, err = screen(terminal=False)
    progress = Progress(shown, lambda: 0.0)
    progress.begin("denoise")
    for step in range(1, 41):
        progress.step(step, 40)
    lines = err.getvalue().splitlines()
    assert lines[0] == "denoise: 10 % (4 of 40)"
    assert lines[-1] == "denoise: 100 % (40 of 40)"
    assert len(lines) == 10


def test_few_steps_make_few_lines() -> None:
    shown, _, err = screen(terminal=False)
    progress = Progress(shown, lambda: 0.0)
    progress.begin("denoise")
    for step in range(1, 4):
        progress.step(step, 3)
    assert err.getvalue().splitlines() == [
        "denoise: 30 % (1 of 3)", "denoise: 60 % (2 of 3)", "denoise: 100 % (3 of 3)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0123, "12 ms"),
        (0.9999, "1.0 s"),
        (59.9, "59.9 s"),
        (61, "1 min 01 s"),
        (3700, "1 h 01 min"),
        (59.97, "1 min 00 s"),
    ],
)
def test_a_span_of_time_reads_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_wide_letters_take_two_columns() -> None:
    assert cells("a日") == 3
    assert cut("日本語", 5) == "日本…"
    assert cut("plain", 5) == "plain"


def test_a_wrapped_table_loses_nothing_at_any_width() -> None:
    rows = (("1.denoise", "  conditioning", "<- 1.prompt.conditioning  named"), ("", "  text", '"a  house" written'))
    table = Table(("node", "", ""), rows, wrapped=True)
    whole = draw_tables([table], width=None)
    for width in (20, 30, 40, 60, 80):
        drawn = draw_tables([table], width=width)
        assert drawn.split() == whole.split()
        assert "…" not in drawn
    drawn = draw_tables([table], width=40)
    assert max(map(len, drawn.splitlines())) <= 40
    assert draw_tables([table], width=80) == whole


def test_a_wrapped_value_goes_on_below_itself() -> None:
    table = Table(("", ""), (("text", "one two three four five"),), wrapped=True)
    assert draw_tables([table], width=20) == "text  one two three\n      four five"
