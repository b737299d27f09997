"""Progress is shown as Rich bars on a terminal, and elsewhere as a line for every 10 %."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from invokeai_cli.render.progress import Progress
from tests.invokeai_cli.fake_terminal import FakeTerminal, screen_on_terminal
from tests.invokeai_cli.render.streams import screen_with
from workflows.shown_text import cells, duration
from workflows.tally import Tally, summary
from workflows.total_progress import Total


def frozen(columns: int = 80, **variables: str) -> tuple[Progress, FakeTerminal, list[float]]:
    """Return a progress display that is drawn immediately and a clock whose time is set by the tests."""
    now = [0.0]
    screen, terminal = screen_on_terminal(columns, clock=lambda: now[0], **variables)
    return Progress(screen, lambda: now[0], refresh_s=0.0), terminal, now


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (80, "denoise ━━━━━━╺━━━━━━━━━━━━━━━━━ 3/12  2.0 steps/s  4.5 s left"),
        (60, "denoise ━━╸━━━━━━━ 3/12  2.0 steps/s  4.5 s left"),
        (48, "denoise ━━━╸━━━━━━━━━━ 3/12  4.5 s left"),
        (40, "denoise ━━━╸━━━━━━━━━━ 3/12  4.5 s left"),
        (30, "denoise ━━━━╺━━━━━━━━━━━ 3/12"),
        (20, "denoise ━╸━━━━ 3/12"),
    ],
)
def test_a_progress_bar_adapts_to_the_width_of_the_terminal(columns: int, text: str) -> None:
    progress, terminal, now = frozen(columns)
    progress.start("denoise")
    for step in range(1, 4):
        now[0] = step * 0.5
        progress.step(step, 12)
    assert terminal.shown == text
    assert cells(text) < columns
    progress.end()
    assert terminal.all.strip() == ""


def test_a_bar_is_drawn_in_ascii_if_unicode_is_not_available() -> None:
    screen, _, err = screen_with(terminal=True, encoding="ascii")
    progress = Progress(screen, lambda: 0.0, refresh_s=0.0)
    progress.start("denoise")
    progress.step(3, 12)
    assert err.getvalue().isascii()
    assert "------" in err.getvalue()
    assert "3/12" in err.getvalue()


def test_a_bar_shows_progress_even_without_color() -> None:
    progress, terminal, _ = frozen(NO_COLOR="1")
    progress.start("denoise")
    progress.step(3, 12)
    assert terminal.shown == "denoise ━━━━━━                   3/12"


def test_a_bar_does_not_become_longer_when_its_numbers_become_shorter() -> None:
    progress, terminal, now = frozen()
    progress.start("denoise", "a")
    lengths = []
    for step, seconds in enumerate((30.0, 30.0, 30.0, 0.1, 0.1), 1):
        now[0] += seconds
        progress.step(step, 5, "a")
        lengths.append(len(re.findall("[━╸╺]", terminal.shown)))
    assert lengths == sorted(lengths, reverse=True)


def test_of_several_rows_a_long_name_is_cut_so_that_the_bars_remain() -> None:
    progress, terminal, _ = frozen(40)
    progress.start("denoise[0]", "a")
    progress.start("loading a-model-with-a-name-of-many-words", "b")
    progress.step(10, 20, "a")
    first, second = terminal.shown.split("\n")
    assert first == "denoise[0]                  ━━╸━━ 10/20"
    assert second.startswith("loading a-model-with-a-nam…")


def test_a_label_is_never_parsed_as_markup() -> None:
    progress, terminal, _ = frozen()
    progress.start("[red]:smile:[/red]", "a")
    progress.step(1, 2, "a")
    assert terminal.shown.startswith("[red]:smile:[/red] ")


def test_each_concurrent_task_has_its_own_row() -> None:
    progress, terminal, now = frozen()
    progress.start("starting")
    progress.start("denoise[0]", "a")
    progress.start("loading default, unet", "load")
    progress.start("denoise[1]", "b")
    now[0] = 2.0
    progress.step(1, 4, "a")
    progress.step(3, 4, "b")
    rows = terminal.shown.split("\n")
    assert [row.split(" ")[0] for row in rows] == ["denoise[0]", "loading", "denoise[1]"]
    assert [row.rstrip()[-5:] for row in rows] == ["━ 1/4", "2.0 s", "━ 3/4"]
    progress.preview("####\n####\n", "b")
    progress.end("load")
    assert [row.split(" ")[0] for row in terminal.shown.split("\n")] == ["####", "####", "denoise[0]", "denoise[1]"]
    progress.end("b")
    assert [row.split(" ")[0] for row in terminal.shown.split("\n")] == ["denoise[0]"]
    progress.end()
    assert terminal.all.strip() == ""


def test_a_task_without_steps_shows_its_elapsed_time() -> None:
    progress, terminal, now = frozen()
    progress.still_running()
    assert terminal.shown == ""  # no task runs yet
    progress.start("loading default", "load")
    assert terminal.shown == ""  # a task that finishes at once shows nothing
    now[0] = 3.2
    progress.still_running()
    assert terminal.shown.startswith("loading default ")
    assert terminal.shown.endswith(" 3.2 s")
    progress.end()
    progress.still_running()
    assert terminal.all.strip() == ""


def test_the_rate_of_a_restarted_task_is_measured_again() -> None:
    progress, terminal, now = frozen()
    for seconds in (0.5, 0.25):
        progress.start("denoise", "a")
        for step in range(1, 4):
            now[0] += seconds
            progress.step(step, 12, "a")
        assert f"{1 / seconds:.1f} steps/s" in terminal.shown
        progress.end("a")


def test_bars_are_drawn_at_most_ten_times_a_second() -> None:
    now = [0.0]
    screen, _, err = screen_with(terminal=True)
    progress = Progress(screen, lambda: now[0])
    progress.start("denoise", "a")
    for step in range(1, 1001):
        now[0] = step / 1000
        progress.step(step, 1000, "a")
    assert 9 <= err.getvalue().count("/1000") <= 11


def test_a_script_shows_the_number_of_the_current_image() -> None:
    now = [0.0]
    screen, terminal = screen_on_terminal(clock=lambda: now[0])
    progress = Progress(screen, lambda: now[0], refresh_s=0.0)
    count = Tally(12, 12, lambda: now[0])
    progress.total = Total(count)
    now[0] = 4.0
    count.line(2)
    progress.start("denoise", "a")
    progress.step(1, 4, "a")
    first, second = terminal.shown.split("\n")
    assert first.startswith("image 3 of 12 ━")
    assert first.endswith(" 2.0 s/image  20.0 s left")
    assert second.startswith("denoise       ━")
    assert summary(count) == "1 done, 0 failed, 2 of 12 images, 4.0 s"


def test_the_summary_uses_the_singular_for_one_image() -> None:
    assert summary(Tally(1, 1, lambda: 0.0)) == "0 done, 0 failed, 0 of 1 image, 0 ms"


def test_a_line_that_reports_no_steps_does_not_import_rich() -> None:
    program = (
        "import sys\n"
        "from tests.invokeai_cli.fake_terminal import screen_on_terminal\n"
        "from invokeai_cli.render.progress import Progress\n"
        "screen, terminal = screen_on_terminal()\n"
        "progress = Progress(screen, lambda: 0.0)\n"
        "progress.start('starting')\n"
        "progress.start('add', 'a')\n"
        "assert terminal.shown == 'starting …', terminal.shown\n"
        "progress.end('a')\n"
        "screen.note('error: no', 'error')\n"
        "screen.result('3')\n"
        "print('rich' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_a_terminal_a_long_task_is_reported_at_growing_intervals() -> None:
    now = [0.0]
    screen, _, err = screen_with(terminal=False)
    progress = Progress(screen, lambda: now[0])
    progress.start("decode")
    for second in range(1, 61):
        now[0] = second
        progress.still_running()
    assert err.getvalue().splitlines() == [f"decode: running for {n}.0 s" for n in (10, 20, 40)]


def test_without_a_terminal_a_line_is_printed_every_ten_percent() -> None:
    screen, _, err = screen_with(terminal=False)
    progress = Progress(screen, lambda: 0.0)
    progress.start("denoise")
    for step in range(1, 41):
        progress.step(step, 40)
    lines = err.getvalue().splitlines()
    assert lines[0] == "denoise: 10 % (4 of 40)"
    assert lines[-1] == "denoise: 100 % (40 of 40)"
    assert len(lines) == 10


def test_a_task_with_few_steps_prints_one_line_per_step() -> None:
    screen, _, err = screen_with(terminal=False)
    progress = Progress(screen, lambda: 0.0)
    progress.start("denoise")
    for step in range(1, 4):
        progress.step(step, 3)
    assert err.getvalue().splitlines() == [
        "denoise: 33 % (1 of 3)", "denoise: 66 % (2 of 3)", "denoise: 100 % (3 of 3)",
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
def test_a_duration_is_shown_in_a_readable_form(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_progress_names_the_library_that_is_being_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("torch")
    library.__spec__ = ModuleSpec("torch", None)
    library.__spec__._initializing = True  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", library)
    progress, terminal, _ = frozen()
    progress.start("noise", "a")
    progress.still_running()
    assert terminal.shown.startswith("noise: importing torch ")
    library.__spec__._initializing = False  # type: ignore[attr-defined]
    progress.still_running()
    assert terminal.shown.startswith("noise ")
    assert "torch" not in terminal.shown
