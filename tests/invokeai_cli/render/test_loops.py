"""Progress of a loop: the number of the current image, and the time left for all images."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invocations.events import Event, NodeFailed, NodeFinished, NodeProgress, NodeStarted
from invocations.events import NodeError as Why
from invokeai_cli.render.base import LineStarted
from invokeai_cli.render.human import HumanRenderer
from tests.invokeai_cli.fake_terminal import FakeTerminal, screen_on_terminal
from tests.invokeai_cli.render.streams import Stream, screen_with
from workflows.tally import Tally

STEPS = 4


class Clock:
    """A clock whose time is set by the tests."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def units(type_: str) -> str:
    return "image" if type_ == "denoise" else "item"


def on_terminal(columns: int = 80) -> tuple[HumanRenderer, FakeTerminal, Clock]:
    clock = Clock()
    screen, terminal = screen_on_terminal(columns, clock=clock)
    renderer = HumanRenderer(screen, unit=units)
    renderer.progress.refresh_s = 0.0
    return renderer, terminal, clock


def off_terminal() -> tuple[HumanRenderer, Stream, Clock]:
    clock = Clock()
    screen, _, err = screen_with(terminal=False)
    screen.environment = replace(screen.environment, clock=clock)
    return HumanRenderer(screen, unit=units), err, clock


def at(number: int, node: str = "d", type_: str = "denoise") -> tuple[str, str, str, tuple[int, ...], float]:
    return "s", node, type_, (number - 1,), 0.0


def started(number: int, of: int = 12) -> Event:
    return NodeStarted(*at(number), iteration=number, iterations=of, ended=number - 1)


def finished(number: int, *, cached: bool = False) -> Event:
    return NodeFinished(*at(number), outputs={}, seconds=1.0, reused=cached, facts={})


def run(renderer: HumanRenderer, clock: Clock, *numbers: int, of: int = 12, seconds: float = 2.0) -> None:
    """Run the given iterations of a loop in four steps per iteration; each step takes `seconds` seconds."""
    for number in numbers:
        renderer.event(started(number, of))
        for step in range(1, STEPS + 1):
            clock.now += seconds
            renderer.event(NodeProgress(*at(number), step=step, of=STEPS))
        renderer.event(finished(number))


def begin(renderer: HumanRenderer, clock: Clock, number: int, steps: int) -> None:
    """Run the first steps of an iteration."""
    renderer.event(started(number))
    for step in range(1, steps + 1):
        clock.now += 2.0
        renderer.event(NodeProgress(*at(number), step=step, of=STEPS))


def test_a_loop_shows_the_number_of_the_current_image_and_the_time_left_for_all_images() -> None:
    renderer, terminal, clock = on_terminal()
    run(renderer, clock, 1, 2)
    begin(renderer, clock, 3, steps=2)
    total, image = terminal.shown.split("\n")
    assert total.startswith("image 3 of 12 ━")
    assert total.endswith(" 8.0 s/image  1 min 16 s left")  # 9.5 images are left, at 8 seconds each
    assert image.startswith("denoise[2]    ━")
    assert image.endswith(" 2/4  2.0 s/step  4.0 s left")


@pytest.mark.parametrize(
    ("columns", "total", "image"),
    [
        (48, "image 3 of 12 ━╸━━━━━━━ 1 min 16 s left", "denoise[2]    ━━━━╸━━━━ 2/4  4.0 s left"),
        (40, "image 3 of 12 ━╸━━━━━━━ 1 min 16 s left", "denoise[2]    ━━━━╸━━━━ 2/4  4.0 s left"),
        (30, "image 3 of 12 ━━╺━━━━━━━━", "denoise[2]    ━━━━━╸━━━━━ 2/4"),
        (20, "image 3 of 12", "denoise[2]      2/4"),
    ],
)
def test_on_a_narrow_terminal_the_step_numbers_remain_visible(columns: int, total: str, image: str) -> None:
    renderer, terminal, clock = on_terminal(columns)
    run(renderer, clock, 1, 2)
    begin(renderer, clock, 3, steps=2)
    assert [row.rstrip() for row in terminal.shown.split("\n")] == [total, image]


def test_a_long_name_never_hides_the_numbers() -> None:
    renderer, terminal, _ = on_terminal(40)
    where = ("s", "1", "restore_faces_and_upscale_everything_slowly", (), 0.0)
    renderer.event(NodeStarted(*where))
    renderer.event(NodeProgress(*where, step=12, of=20))
    assert terminal.shown.endswith("… 12/20")


def test_a_loop_without_images_counts_items() -> None:
    renderer, terminal, _ = on_terminal()
    where = at(7, "n", "nap")
    renderer.event(NodeStarted(*where, iteration=7, iterations=9, ended=6))
    renderer.event(NodeProgress(*where, step=1, of=2))
    assert terminal.shown.startswith("item 7 of 9 ━")


def test_the_image_count_and_the_time_left_remain_visible_while_nodes_without_steps_run() -> None:
    renderer, terminal, clock = on_terminal()
    for number in (1, 2, 3):
        run(renderer, clock, number)
        where = at(number, "v", "decode")
        renderer.event(NodeStarted(*where, iteration=number, iterations=12, ended=number - 1))
        clock.now += 2.0
        renderer.progress.still_running()
        assert terminal.shown.split(" ━")[0] == f"image {number} of 12"
        renderer.event(NodeFinished(*where, outputs={}, seconds=2.0, reused=False, facts={}))
    begin(renderer, clock, 4, steps=2)
    total = terminal.shown.split("\n")[0]
    assert total.endswith(" 9.8 s/image  1 min 24 s left"), total  # 32 seconds for 3.25 images, including `decode`


def test_images_that_are_made_out_of_order_are_counted_as_they_finish() -> None:
    renderer, terminal, clock = on_terminal()
    for ended, number in enumerate((1, 3, 2, 4)):
        where = at(number)
        renderer.event(NodeStarted(*where, iteration=number, iterations=4, ended=ended))
        clock.now += 1.0
        renderer.event(NodeProgress(*where, step=1, of=4))
        assert terminal.shown.split(" ━")[0] == f"image {ended + 1} of 4"
        renderer.event(finished(number))


def test_the_total_disappears_when_the_loop_ends() -> None:
    renderer, terminal, clock = on_terminal()
    run(renderer, clock, 1, 2, of=2)
    where = ("s", "g", "grid", (), 0.0)
    renderer.event(NodeStarted(*where))
    renderer.event(NodeProgress(*where, step=1, of=2))
    assert terminal.shown.startswith("grid ━")
    renderer.close(0)
    assert terminal.all.strip() == ""


def test_a_failed_image_counts_as_finished() -> None:
    renderer, terminal, clock = on_terminal()
    begin(renderer, clock, 1, steps=2)
    renderer.event(NodeFailed(*at(1), error=Why("ValueError", "no"), seconds=1.0))
    begin(renderer, clock, 2, steps=1)
    assert terminal.shown.startswith("image 2 of 12 ━")


def test_a_line_that_runs_again_starts_its_count_and_rate_from_zero() -> None:
    renderer, terminal, clock = on_terminal()
    run(renderer, clock, 1, 2, seconds=50.0)
    renderer.line_started(LineStarted("t2i a fox", "", "s"))
    run(renderer, clock, 1)
    begin(renderer, clock, 2, steps=4)
    assert terminal.shown.split("\n")[0].endswith(" 8.0 s/image  1 min 20 s left")


def test_a_script_shows_the_line_number_above_the_image_number_of_a_loop() -> None:
    renderer, terminal, clock = on_terminal()
    tally = Tally(images=5, lines=3, clock=clock, loops=True)
    renderer.script_started(tally)
    tally.line(1)
    renderer.script_advanced(tally)
    begin(renderer, clock, 4, steps=1)
    assert [row.split(" ━")[0].rstrip() for row in terminal.shown.split("\n")] == [
        "line 2 of 3", "image 4 of 12", "denoise[3]",
    ]  # fmt: skip


def test_without_a_terminal_a_long_loop_prints_a_line_every_ten_percent() -> None:
    renderer, err, clock = off_terminal()
    run(renderer, clock, *range(1, 21), of=20)
    lines = err.getvalue().splitlines()
    assert lines[0] == "10 % (2 of 20 images)  8.0 s/image  2 min 24 s left"
    assert lines[-1] == "100 % (20 of 20 images)"
    assert len(lines) == 10


def test_without_a_terminal_a_short_loop_prints_a_line_for_every_ten_percent() -> None:
    renderer, err, clock = off_terminal()
    run(renderer, clock, 1, 2, 3, of=3)
    assert err.getvalue().splitlines() == [
        "16 % (0 of 3 images)  8.0 s/image  20.0 s left",
        "25 % (0 of 3 images)  8.0 s/image  18.0 s left",
        "33 % (1 of 3 images)  8.0 s/image  16.0 s left",
        "41 % (1 of 3 images)  8.0 s/image  14.0 s left",
        "50 % (1 of 3 images)  8.0 s/image  12.0 s left",
        "66 % (2 of 3 images)  8.0 s/image  8.0 s left",
        "75 % (2 of 3 images)  8.0 s/image  6.0 s left",
        "83 % (2 of 3 images)  8.0 s/image  4.0 s left",
        "91 % (2 of 3 images)  8.0 s/image  2.0 s left",
        "100 % (3 of 3 images)",
    ]


def test_without_a_terminal_only_the_first_of_two_loops_that_run_in_turn_is_reported() -> None:
    renderer, err, clock = off_terminal()
    for number in range(1, 13):
        run(renderer, clock, number)
        renderer.event(NodeStarted(*at(number, "e"), iteration=number, iterations=12, ended=number - 1))
        renderer.event(NodeProgress(*at(number, "e"), step=1, of=2))
        renderer.event(NodeFinished(*at(number, "e"), outputs={}, seconds=1.0, reused=False, facts={}))
    lines = err.getvalue().splitlines()
    assert len(lines) == 10 + 1
    assert [line.partition("  ")[0] for line in lines[:2]] == ["16 % (2 of 12 images)", "25 % (3 of 12 images)"]


def test_without_a_terminal_cached_images_do_not_change_the_time_left() -> None:
    renderer, err, clock = off_terminal()
    for number in range(1, 10):
        renderer.event(started(number, 20))
        renderer.event(finished(number, cached=True))
    run(renderer, clock, 10, 11, 12, of=20)
    lines = err.getvalue().splitlines()
    assert lines == [
        "50 % (10 of 20 images)  8.0 s/image  1 min 20 s left",
        "60 % (12 of 20 images)  8.0 s/image  1 min 04 s left",
    ]


def test_without_a_terminal_a_loop_over_plain_values_prints_nothing() -> None:
    renderer, err, _ = off_terminal()
    for number in range(1, 101):
        where = at(number, "m", "mul")
        renderer.event(NodeStarted(*where, iteration=number, iterations=100, ended=number - 1))
        renderer.event(NodeFinished(*where, outputs={}, seconds=0.0, reused=False, facts={}))
    assert err.getvalue() == ""
