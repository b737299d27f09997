"""With workers, scripts, screen readers and logs show the progress of the line that is running."""

from __future__ import annotations

from invocations.events import NodeFinished, NodeStarted
from invocations.running.workers.worker_events import NodeAssigned
from invokeai_cli.render.base import LineStarted
from invokeai_cli.render.piped import PipedRenderer
from tests.invokeai_cli.render.worker_run import WorkerRun, at_work
from workflows.tally import Tally


def test_in_a_script_workers_go_on_with_later_lines_when_a_line_has_ended() -> None:
    run = WorkerRun()
    tally = Tally(images=5, lines=3, clock=lambda: run.now, loops=True)
    run.renderer.script_started(tally)
    at_work(run, "w1", "w2")
    run.end()
    run.renderer.line_started(LineStarted("t2i a fox", "a.inv:2", "s"))
    run.step(1, 4)
    assert run.names == ["line 1 of 3", "image 1 of 8", "w1 denoise[0]", "w2 denoise[1]"]
    run.renderer.script_finished(tally)
    assert [row for row in run.shown if "w1" in row or "w2" in row] == []


def test_in_a_script_the_loop_of_a_later_line_is_not_counted_before_its_turn() -> None:
    run = WorkerRun()
    run.renderer.script_started(Tally(images=5, lines=3, clock=lambda: run.now, loops=True))
    run.join("w1", "w2")
    where = ("s", "1", "upscale", (), 0.0)
    run.renderer.event(NodeStarted(*where))
    run.renderer.event(NodeAssigned(*where, "w2", "cpu"))
    run.now += 1.0
    run.begin(0, "w1")
    run.step(0, 4)
    assert run.names == ["line 1 of 3", "w1 denoise[0]", "w2 upscale"]
    run.renderer.event(NodeFinished(*where, outputs={}, seconds=1.0, reused=False, facts={}))
    run.step(0, 5)
    assert run.names[:2] == ["line 1 of 3", "image 1 of 8"]


def test_results_in_a_pipe_leave_the_bars_of_later_lines_in_place() -> None:
    run = WorkerRun()
    run.renderer = PipedRenderer(
        run.renderer.screen, verbosity=0, preview=lambda: "none", path=lambda ref: "a.png", store="",
        passes_references=False, all_records=False, binary=False, saves=lambda type_: False, unit=lambda type_: "image",
    )  # fmt: skip
    run.renderer.progress.refresh_s = 0.0
    at_work(run, "w1", "w2")
    run.renderer.results([])
    run.step(1, 4)
    assert run.names == ["image 1 of 8", "w1 denoise[0]", "w2 denoise[1]"]


def test_without_a_terminal_waiting_for_another_command_is_a_note() -> None:
    run = WorkerRun(terminal=False)
    run.start(0)
    run.wait(0, "waiting for another invokeai command")
    assert run.err.getvalue() == "waiting for another invokeai command\n"


def images(run: WorkerRun) -> list[str]:
    """Make three of eight images in two workers, one step a second; return the lines on standard error."""
    at_work(run, "w1", "w2")
    for number in (0, 1):
        run.now += 7.0
        run.step(number, 10)
        run.finish(number)
    run.begin(2, "w1")
    run.now += 10.0
    run.step(2, 10)
    run.finish(2)
    return run.err.getvalue().splitlines()


def test_a_screen_reader_gets_a_line_for_each_finished_image() -> None:
    assert images(WorkerRun(terminal=False, accessible=True)) == [
        "1 of 8 images finished  8.2 s/image  54.8 s left",
        "2 of 8 images finished  8.9 s/image  53.3 s left",
        "3 of 8 images finished  9.3 s/image  46.4 s left",
    ]


def test_without_a_terminal_and_a_screen_reader_a_line_is_printed_every_ten_percent() -> None:
    lines = images(WorkerRun(terminal=False))
    assert [line.partition("  ")[0] for line in lines] == [
        "16 % (1 of 8 images)", "25 % (2 of 8 images)", "37 % (3 of 8 images)",
    ]  # fmt: skip
