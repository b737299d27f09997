"""Scripts run by a workspace and an observer, without any application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflows.conftest import OpenWorkspace
from tests.workflows.recorder import Recorder
from tests.workflows.scripts.conftest import planned, run
from workflows.observer import Observer, Outcome
from workflows.scripts.options import RunOptions
from workflows.scripts.run import run_script

STOP, ALL = RunOptions(), RunOptions(keep_going=True)


def test_lines_run_in_order_in_one_session(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    outcome, seen = run(workspace, "let x = 3\nadd ${x} 2 as five\nmul @five 2\n")
    assert (outcome, seen.of("result")) == (Outcome.DONE, [5, 10])
    assert seen.of("directive") == ["let x = 3"]
    assert seen.of("line") == ["add ${x} 2 as five", "mul @five 2"]
    assert seen.shown[-1] == ("tally", (2, 0, 0))
    assert [line.outcome for line in workspace.session.lines] == ["done", "done"]


def test_every_error_is_known_before_anything_runs(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    script = planned(workspace, "add 1 2\nad 3\nlet 1x = 2\n")
    assert [error.text.split(": error")[0] for error in script.errors] == ["night.inv:2:1", "night.inv:3:1"]
    assert not workspace.has_session


@pytest.mark.parametrize(
    ("text", "options", "outcome", "results"),
    [
        ("add 1 2\ndiv 1 0\nadd 3 4\n", STOP, Outcome.FAILED, [3]),
        ("add 1 2\ndiv 1 0\nadd 3 4\n", ALL, Outcome.FAILED, [3, 7]),
        ("add 1 2\nad 3\nadd 3 4\n", STOP, Outcome.REFUSED, [3]),
        ("add 1 2\nad 3\nadd 3 4\n", ALL, Outcome.FAILED, [3, 7]),
    ],
)
def test_a_failure_ends_the_script_if_the_keep_going_option_is_off(
    open_workspace: OpenWorkspace, text: str, options: RunOptions, outcome: Outcome, results: list[int]
) -> None:
    found, seen = run(open_workspace(), text, options)
    assert (found, seen.of("result")) == (outcome, results)


def test_a_failed_node_is_reported_with_its_position_in_the_script(open_workspace: OpenWorkspace) -> None:
    _, seen = run(open_workspace(), "add 1 2\n  add 1 2 | div 0\n")
    (problem,) = seen.of("problem")
    assert problem.startswith("night.inv:2:13: error: div (3): ")


def test_a_cancelled_line_stops_the_script_even_if_the_keep_going_option_is_on(open_workspace: OpenWorkspace) -> None:
    outcome, seen = run(open_workspace(), "add 1 2\nadd 3 4\nadd 5 6\n", ALL, cancels="add 3 4")
    assert (outcome, seen.of("stopped")) == (Outcome.STOPPED, ["add 3 4"])
    assert seen.of("line") == ["add 1 2", "add 3 4"]
    assert seen.shown[-1] == ("tally", (1, 0, 0))


def test_ctrl_c_before_the_first_event_of_a_line_cancels_the_line(
    open_workspace: OpenWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    workspace = open_workspace()
    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "line_started", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(workspace, "add 1 2\nadd 3 4\n")
    assert [line.outcome for line in workspace.session.lines] == ["cancelled"]


def test_a_script_is_resumed_by_another_workspace(open_workspace: OpenWorkspace) -> None:
    text = "add 1 2 as three\ndiv 1 0\nadd @three 4\n"
    run(open_workspace(), text)
    outcome, seen = run(open_workspace(), text, RunOptions(keep_going=True, resume=True))
    assert (outcome, seen.of("result"), seen.shown[-1]) == (Outcome.FAILED, [3, 7], ("tally", (1, 1, 1)))
    (note,) = seen.of("note")
    assert note.startswith("resuming session ")


def test_lines_before_the_start_line_run_only_if_later_lines_need_them(open_workspace: OpenWorkspace) -> None:
    _, seen = run(open_workspace(), "add 1 2 as three\ndiv 1 0\nadd @three 4\n", RunOptions(first=3))
    assert (seen.of("result"), seen.of("line")) == ([7], ["add @three 4"])


def test_an_observer_that_overrides_nothing_shows_nothing(
    open_workspace: OpenWorkspace, capfd: pytest.CaptureFixture[str]
) -> None:
    workspace = open_workspace()
    assert run_script(workspace, planned(workspace, "add 1 2\n"), Observer(), STOP) is Outcome.DONE
    assert capfd.readouterr() == ("", "")


PROGRAM = """
import sys
sys.modules["invokeai_cli"] = None
from invocations.catalog.registry import open_registry
from workflows.observer import Observer
from workflows.scripts.options import RunOptions
from workflows.scripts.plan import plan_script
from workflows.scripts.run import run_script
from workflows.scripts.source import from_text
from workflows.settings.place import current_place
from workflows.settings.resolve import resolve
from workflows.workspace import Workspace

class Printer(Observer):
    def results(self, results):
        print([result.value for result in results])

place = current_place()
workspace = Workspace(lambda: resolve(place, {}, {}), catalog=open_registry(), folder=place.folder)
script = plan_script(workspace, from_text("add 1 2 as three\\nmul @three 2\\n", "night.inv"), "night.inv")
print(run_script(workspace, script, Printer(), RunOptions()).value)
workspace.close()
"""


def test_a_program_that_does_not_import_the_terminal_runs_a_script(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
    )
    assert (done.stdout, done.stderr) == ("[3]\n[6]\ndone\n", "")
