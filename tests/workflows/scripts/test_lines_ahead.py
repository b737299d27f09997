"""Lines of a script that workers begin before their turn; the workers of these tests run in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from invocations.events import NodeError
from invocations.language.source import Source
from invocations.running.workers.reports import StepFailed, WorkerReport
from invocations.running.workers.task import WorkerTask
from invocations.sessions.journal import LineEnded
from invocations.values import ImageRef
from tests.invocations.running.workers.fake_workers import FakeWorkers
from tests.workflows.conftest import OpenWorkspace
from tests.workflows.recorder import Recorder
from tests.workflows.scripts.conftest import DEFAULT, run
from workflows.observer import Outcome
from workflows.scripts.options import RunOptions
from workflows.workspace import Workspace

SINGLE = "".join(f"load cat.png | blur {n} | save {n}.png\n" for n in range(1, 9))
ALL = RunOptions(keep_going=True)
RESUME = RunOptions(resume=True)


class Crew(FakeWorkers):
    """Two workers whose blurs a test can hold, or let fail; `done` contains the radius of each blur that ran."""

    def __init__(self, workspace: Workspace) -> None:
        invoker = workspace.invoker
        super().__init__(2, invoker.services, self.decide, invoker.catalog)
        self.done: list[float] = []
        self.fails: Counter[float] = Counter()  # how often the blur with a radius fails
        self.waits: dict[float, float] = {}  # by radius: the radius of the blur that has to run first
        self._held: list[tuple[str, WorkerTask]] = []
        workspace.settings = replace(workspace.settings, jobs="2")
        invoker._make_workers = lambda: self

    @property
    def begun(self) -> list[float]:
        """The radius of each blur that was given to a worker."""
        return [radius(task) for _, task in self.given if task.steps[0].type == "blur"]

    def decide(self, worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if task.steps[0].type != "blur":
            return None
        if self.waits.get(radius(task), 0.0) not in (0.0, *self.done):
            self._held.append((worker, task))
            return []
        return [*self.blur(worker, task), *self.released()]

    def blur(self, worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        if self.fails[radius(task)]:
            self.fails[radius(task)] -= 1
            return [StepFailed(worker, task.number, task.attempt, 0, NodeError("ValueError", "no", "bad_value"))]
        self._loops[worker].do(task)
        self.done.append(radius(task))
        return []

    def released(self) -> list[WorkerReport]:
        """Return the reports of the blurs that no longer have to wait."""
        free = [each for each in self._held if self.waits[radius(each[1])] in self.done]
        self._held = [each for each in self._held if each not in free]
        return [report for each in free for report in self.blur(*each)]


def radius(task: WorkerTask) -> float:
    found: float = task.steps[0].inputs["radius"]
    return found


def made(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.png") if path.name != "cat.png"}


def outcomes(workspace: Workspace) -> list[str]:
    return [line.outcome for line in workspace.session.lines]


@pytest.fixture
def open_(open_workspace: OpenWorkspace, cat: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Workspace]:
    monkeypatch.chdir(cat.parent)
    return open_workspace


def test_a_later_line_runs_while_an_earlier_one_waits_and_is_shown_in_its_turn(open_: Callable[[], Workspace]) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits = {1: 4}
    outcome, seen = run(workspace, SINGLE)
    assert (outcome, crew.done) == (Outcome.DONE, [2, 3, 4, 1, *crew.done[4:]])
    assert seen.of("line") == SINGLE.splitlines()
    assert [Path(image.path).name for image in seen.of("result")] == [f"{n}.png" for n in range(1, 9)]
    assert outcomes(workspace) == ["done"] * 8


def test_two_lines_for_each_worker_begin_early(open_: Callable[[], Workspace]) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits = {1: 5}
    ahead: list[float] = []

    class FirstLine(Recorder):
        def results(self, results: Sequence[object]) -> None:
            ahead.extend([] if ahead else crew.begun)

    run(workspace, SINGLE, observer=FirstLine())
    assert sorted(ahead) == [1, 2, 3, 4, 5]


def test_a_directive_runs_after_all_lines_before_it_and_before_all_lines_after_it(
    open_: Callable[[], Workspace],
) -> None:
    workspace = open_()
    crew = Crew(workspace)
    at: list[tuple[list[float], list[float], bool]] = []

    class Directives(Recorder):
        def directive(self, source: Source) -> Outcome:
            at.append((sorted(crew.begun), sorted(crew.done), crew.in_use.locked()))
            workspace.memory.variables.let(["r", "=", "7"])
            return super().directive(source)

    text = "load cat.png | blur 1\nload cat.png | blur 2\nlet r = 7\nload cat.png | blur ${r}\nload cat.png | blur 4\n"
    outcome, _ = run(workspace, text, observer=Directives())
    assert (outcome, at) == (Outcome.DONE, [([1, 2], [1, 2], False)])
    assert sorted(crew.done) == [1, 2, 4, 7]


SCRIPTS = {
    "single lines": (SINGLE, DEFAULT),
    "lines with links": (
        "load cat.png | blur 1 as one\nblur 2 --image @one as two\nblur 3 --image @one | save b.png\n"
        "blend --image @two --other @one | save c.png\n| blur 5 | save d.png\n?1\nadd 1 2\n",
        DEFAULT,
    ),
    "numbered files": ("load cat.png | blur 1 | save 'x-{index}.png'\n" * 3 + "load cat.png | blur 2 | save\n" * 2, DEFAULT),
    "loops": (
        "range 1 4 | iterate as n | blur @n --image cat.png | save 'l-{index}.png'\nload cat.png | blur 9 | save e.png\n"
        "range 4 6 | iterate | blur --image cat.png | collect | length\n",
        DEFAULT,
    ),
    "a file that an earlier line saves": (
        "load cat.png | blur 1 | save a.png\nload a.png | blur 2 | save b.png\nload *.png | blur 3 | save 'c-{index}.png'\n",
        DEFAULT,
    ),
    "a failure": ("load cat.png | blur 1 | save a.png\ndiv 1 0\nload cat.png | blur 2 | save b.png\n", DEFAULT),
    "failures and --keep-going": (
        "load cat.png | blur 1 | save a.png\ndiv 1 0 as d\nadd @d 1\nload cat.png | blur 2 | save b.png\nblurr 3\nadd 1 2\n",
        ALL,
    ),
    "a limit": (SINGLE, RunOptions(max_images=3)),
    "directives": ("let r = 3\nload cat.png | blur ${r} | save a.png\nset radius 5\nload cat.png | blur | save b.png\n", DEFAULT),
    "a later line at first": (SINGLE, RunOptions(first=3)),
    "existing files": (SINGLE.replace("save 2.png", "save 1.png"), RunOptions(skip_existing=True, keep_going=True)),
}


@pytest.mark.parametrize(("text", "options"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_script_has_the_results_that_it_has_without_workers(
    open_: Callable[[], Workspace], cat: Path, text: str, options: RunOptions
) -> None:
    plain, single = open_(), Path.cwd()
    found = [*run(plain, text, options)]
    expected = (found[0], shown(found[1]), made(cat.parent), [each for each in outcomes(plain) if each])
    for path in cat.parent.glob("*.png"):
        if path.name != "cat.png":
            path.unlink()
    plain.invoker.cache.clear()
    workspace = open_()
    crew = Crew(workspace)
    outcome, seen = run(workspace, text, options)
    assert (outcome, shown(seen), made(cat.parent), [each for each in outcomes(workspace) if each]) == expected
    assert crew.done or "blur" not in text


def shown(seen: Recorder) -> list[tuple[str, object]]:
    """Return what was shown, except events, with the names of the files of images instead of their references."""
    return [
        (kind, Path(value.path).name if isinstance(value, ImageRef) and value.path else value)
        for kind, value in seen.shown
        if kind != "event"
    ]
