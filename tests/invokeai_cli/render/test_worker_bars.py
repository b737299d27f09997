"""With workers, a terminal shows a bar for each worker that is at work, below the total."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from invocations.events import SessionCancelled
from tests.invokeai_cli.fake_terminal import TerminalStream
from tests.invokeai_cli.render.worker_run import WorkerRun, at_work
from workflows.results import Result


def test_each_worker_has_a_bar_below_the_total() -> None:
    assert at_work(WorkerRun(), "w1", "w2").shown == [
        "image 1 of 8  ━╸━━━━━━━━━━━━━━━━━━ 5.0 s/image  37.0 s left",
        "w1 denoise[0] ━━━━━━╺━━━━━━━━━━━━━ 3/10  1.0 steps/s  7.0 s left",
        "w2 denoise[1] ━━━━━━╺━━━━━━━━━━━━━ 3/10  1.0 steps/s  7.0 s left",
    ]


def test_on_a_narrow_terminal_the_steps_and_the_time_left_remain() -> None:
    assert at_work(WorkerRun(40), "w1", "w2").shown == [
        "image 1 of 8  ╸━━━━━━━ 37.0 s left",
        "w1 denoise[0] ━━╺━━━━━ 3/10  7.0 s left",
        "w2 denoise[1] ━━╺━━━━━ 3/10  7.0 s left",
    ]


@pytest.mark.parametrize(("variables", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_bars_have_colors_unless_the_user_turned_them_off(variables: dict[str, str], colored: bool) -> None:
    run = at_work(WorkerRun(**variables), "w1", "w2")
    written = run.renderer.screen.environment.stderr
    assert isinstance(written, TerminalStream)
    assert bool(re.search(r"\x1b\[[\d;]*m", written.getvalue())) is colored
    assert run.names == ["image 1 of 8", "w1 denoise[0]", "w2 denoise[1]"]


def test_the_time_left_is_that_of_all_workers_together() -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    for number in (0, 1):
        run.step(number, 10)
        run.finish(number)
    run.now += 17.0
    run.begin(2, "w1")
    run.step(2, 1)
    assert run.shown[0].endswith(" 59.0 s left"), run.shown  # 1.9 images were made in 19 seconds, and 5.9 are left


def test_workers_that_start_are_shown_before_they_have_work() -> None:
    run = WorkerRun()
    for worker in ("w1", "w2"):
        run.change(worker, "starting")
    run.start(0)
    run.draw()
    assert run.names == ["image 1 of 8", "w1 starting", "w2 starting"]
    run.join("w2")
    run.assign(0, "w2")
    run.draw(2.0)
    assert run.names == ["image 1 of 8", "w1 starting", "w2 denoise[0]"]
    assert run.shown[1].endswith(" 2.0 s")


def test_a_worker_that_loads_a_model_names_it_instead_of_its_node() -> None:
    run = WorkerRun()
    run.join("w1", "w2")
    run.begin(0, "w1")
    run.load(0)
    run.draw(1.0)
    assert run.names == ["image 1 of 8", "w1 loading sdxl"]
    run.loaded(0)
    run.draw()
    assert run.names == ["image 1 of 8", "w1 denoise[0]"]


def test_a_lost_worker_restarts_and_its_node_moves_to_another_one() -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    run.load(0)
    run.change("w1", "lost")
    run.draw()
    assert run.names == ["image 1 of 8", "w1 restarting", "w2 denoise[1]"]
    run.change("w1", "starting")
    run.finish(1)
    run.assign(0, "w2")
    run.step(0, 1)
    assert run.names == ["image 2 of 8", "w1 restarting", "w2 denoise[0]"]
    run.join("w1")
    run.begin(2, "w1")
    run.draw()
    assert run.names == ["image 2 of 8", "w1 denoise[2]", "w2 denoise[0]"]


def test_a_node_that_runs_again_begins_without_steps() -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    run.change("w1", "lost")
    run.join("w1")
    run.assign(0, "w1")
    run.draw(2.0)
    assert run.shown[1].endswith(" 2.0 s")
    run.step(0, 1)
    assert run.shown[1].endswith(" 1/10")


def test_a_worker_that_is_no_longer_used_has_no_row() -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    run.change("w1", "lost")
    run.change("w1", "excluded")
    run.draw()
    assert run.names == ["image 1 of 8", "denoise[1]"]  # the only worker left needs no name


@pytest.mark.parametrize(("columns", "names"), [(80, ["w1 cuda:0 denoise[0]", "w2 cuda:1 denoise[1]"]),
                                                (40, ["w1 denoise[0]", "w2 denoise[1]"])])  # fmt: skip
def test_devices_are_named_if_workers_have_different_ones_and_there_is_room(columns: int, names: list[str]) -> None:
    run = WorkerRun(columns)
    run.join("w1", device="cuda:0")
    run.join("w2", device="cuda:1")
    run.begin(0, "w1")
    run.begin(1, "w2")
    run.draw()
    assert run.names[1:] == names


def test_workers_that_do_not_fit_on_the_terminal_are_counted() -> None:
    run = at_work(WorkerRun(rows=10), *(f"w{number}" for number in range(1, 13)))
    assert len(run.shown) == 9
    assert run.names[1] == "w1 denoise[0]"
    assert run.names[7:] == ["w7 denoise[6]", "and 5 more workers"]


def test_rows_are_in_the_order_of_the_numbers_of_workers() -> None:
    run = at_work(WorkerRun(), "w10", "w2", "w1")
    assert [name.split(" ")[0] for name in run.names[1:]] == ["w1", "w2", "w10"]


def test_a_worker_between_two_nodes_keeps_its_row_and_an_idle_one_loses_it() -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    run.finish(0)
    run.draw(0.4)
    assert run.names[1:] == ["w1 denoise[0]", "w2 denoise[1]"]
    run.draw(0.2)
    assert run.names[1:] == ["w2 denoise[1]"]


def test_a_node_of_this_process_has_a_row_only_if_it_takes_long() -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    run.begin(5, "", "save")
    run.draw(0.4)
    assert run.names[1:] == ["w1 denoise[0]", "w2 denoise[1]"]
    run.draw(0.2)
    assert run.names[1:] == ["w1 denoise[0]", "w2 denoise[1]", "save[5]"]
    run.finish(5, "save")
    run.draw()
    assert run.names[1:] == ["w1 denoise[0]", "w2 denoise[1]"]


def test_nodes_that_wait_for_a_worker_have_no_row() -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    run.start(2)
    run.start(3)
    run.draw()
    assert run.names == ["image 1 of 8", "w1 denoise[0]", "w2 denoise[1]"]


@pytest.mark.parametrize("ends", ["finished", "cancelled", "closed"])
def test_the_end_of_a_run_removes_the_bars(ends: str) -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    run.begin(2, "", "save")
    if ends == "finished":
        run.end()
    elif ends == "cancelled":
        run.renderer.event(SessionCancelled("s", "", "", (), 0.0, seconds=1.0))
    else:
        run.renderer.close(1)
    assert run.terminal.all.strip() == ""
    run.draw(1.0)
    assert run.terminal.all.strip() == ""


def test_the_results_of_a_line_leave_the_bars_of_other_lines_in_place() -> None:
    run = at_work(WorkerRun(), "w1", "w2")
    run.renderer.progress.refresh_s = 10.0
    run.renderer.results([Result("1", "save", "image", "string", ("a.png",))])
    assert run.names == ["a.png", "image 1 of 8", "w1 denoise[0]", "w2 denoise[1]"]


def test_the_preview_of_one_worker_is_not_replaced_by_that_of_another() -> None:
    run = WorkerRun()
    run.renderer.preview = lambda: "blocks"
    run.renderer.screen.color = True
    run.join("w1", "w2")
    seen = []
    run.renderer.progress.screen.live = lambda *rows, preview="", unit="": seen.append(preview)  # type: ignore[method-assign]
    for number, worker in enumerate(("w1", "w2")):
        run.begin(number, worker)
        run.step(number, 1, Image.new("RGB", (4, 4), ("red", "blue")[number]))
    assert len({preview for preview in seen if preview}) == 1
    run.finish(0)
    run.step(1, 2, Image.new("RGB", (4, 4), "blue"))
    assert len({preview for preview in seen if preview}) == 2


def test_a_batch_is_one_bar_that_names_its_size() -> None:
    run = WorkerRun()
    for number in range(4):
        run.start(number)
    for number in range(4):
        run.assign(number, "", batch=4)
    for number in range(4):
        run.step(number, 3)
    assert run.names == ["image 1 of 8", "denoise (4 images)"]
    assert run.shown[1].endswith(" 3/10")
    run.finish(0)
    run.draw()
    assert run.names == ["image 2 of 8", "denoise (4 images)"]


def test_a_batch_of_a_worker_names_the_worker_too() -> None:
    run = WorkerRun()
    run.join("w1", "w2")
    for number in range(4):
        run.start(number)
        run.assign(number, "w2", batch=4)
    run.step(0, 3)
    assert run.names == ["image 1 of 8", "w2 denoise (4 images)"]


def test_a_node_that_waits_for_another_command_says_so_until_it_runs() -> None:
    run = WorkerRun()
    run.join("engine")
    run.start(0)
    run.wait(0, "waiting for another invokeai command")
    run.draw()
    assert run.names == ["image 1 of 8", "denoise[0]: waiting for another invokeai command"]
    run.assign(0, "engine")
    run.step(0, 1)
    assert run.names == ["image 1 of 8", "denoise[0]"]
