"""Progress bars on a terminal, drawn by rich: name, bar or spinner, and as much of step, rate and time left as fits.

The bars are drawn into text and placed by `live_rows`, which explains why rich.live is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID
from rich.spinner import Spinner
from rich.table import Column
from rich.text import Text

from invocations.importing import library_being_imported
from workflows.running_task import Task as Running
from workflows.shown_text import cells, duration
from workflows.total_progress import Total

from .paint import STYLES
from .rich_console import draw

MAX_BAR, MIN_BAR = 24, 5  # maximum and minimum width of a bar, in columns
MIN_NAME = 16  # minimum width of the names that are cut, so that several rows keep their bars
MIN_ROOM = 39  # bars are not made narrower than this many columns if the terminal is wide enough


class Bars:
    """The bars for the running tasks; rich records the steps and times of each task and computes the rate from them."""

    def __init__(self, make_console: Callable[[int], Console], clock: Callable[[], float]) -> None:
        self._make_console = make_console
        self._progress = Progress(auto_refresh=False, get_time=clock, console=make_console(MIN_ROOM))
        self._spinner = Spinner(
            "dots" if self._progress.console.encoding.startswith("utf") else "line", style=STYLES["code"]
        )
        self._ids: dict[Running | Total, TaskID] = {}
        self._widths: dict[tuple[int, int], int] = {}  # of the facts so far, so that bars do not change their length

    def rows(self, tasks: Iterable[Running], totals: Iterable[Total], columns: int) -> list[str]:
        """Return the rows for a terminal of this width: the totals, then the tasks."""
        running: list[Running | Total] = [*totals, *tasks]
        for gone in [each for each in self._ids if each not in running]:
            self._progress.remove_task(self._ids.pop(gone))
        library = library_being_imported()
        for each in running:
            importing = library and each is running[-1] and not each.step[1] and not getattr(each, "owner", "")
            self._update(each, f"{each.label}: importing {library}" if importing else each.label)
        room = bar_room(columns)
        self._progress.columns = fit_columns(self._progress.tasks, room, self._spinner, self._widths)
        drawn = {task.id: task for task in self._progress.tasks}
        table = self._progress.make_tasks_table([drawn[self._ids[each]] for each in running])
        return draw(self._make_console(room), table).split("\n")

    def _update(self, running: Running | Total, label: str) -> None:
        step, steps = running.step
        if running not in self._ids:
            self._ids[running] = self._progress.add_task(label, total=steps or None, running=running)
        id_ = self._ids[running]
        if step < next(task.completed for task in self._progress.tasks if task.id == id_):
            self._progress.reset(id_)
        self._progress.update(id_, description=label, completed=step, total=steps or None)


def bar_room(columns: int) -> int:
    """Return the width of the bars: they leave room at the edge, so that they do not wrap when the window shrinks."""
    return max(min(columns - 1, MIN_ROOM), columns * 4 // 5)


def fit_columns(
    tasks: list[Task], room: int, spinner: Spinner, widths: dict[tuple[int, int], int]
) -> tuple[ProgressColumn, ...]:
    """Return the columns that fit: first the bar is shortened, then the rate and the time left are omitted.

    Of several rows, a long name is cut. widths: of the facts so far, by `room` and detail; they are updated
    """
    name = max((cells(task.description) for task in tasks), default=0)
    for detail in (2, 1, 0):
        facts = max((cells(facts_of(task, detail)) for task in tasks), default=0)
        facts = widths[room, detail] = max(facts, widths.get((room, detail), 0))
        bar = min(MAX_BAR, room - name - facts - 2)
        if bar >= MIN_BAR:
            return _Name(name), _Work(bar, spinner), _Facts(detail)
    if len(tasks) > 1 and room - facts - 2 - MIN_BAR >= MIN_NAME:
        return _Name(room - facts - 2 - MIN_BAR), _Work(MIN_BAR, spinner), _Facts(0)
    return _Name(max(room - facts - 1, 1)), _Facts(0)


def facts_of(task: Task, detail: int) -> str:
    """Return the step, rate and time left of a task; without the rate if `detail` is 1; only the step if it is 0."""
    running = task.fields["running"]
    if task.total is None:
        return ""
    if isinstance(running, Total):
        step, rate, left = "", running.pace, running.left
    else:
        speed, rest = task.speed or 0.0, task.total - task.completed
        step, rate = f"{task.completed:.0f}/{task.total:.0f}", pace(speed)
        left = f"{duration(rest / speed)} left" if speed and rest else ""
    shown = (step, rate if detail == 2 else "", left if detail else "")
    return "  ".join(text for text in shown if text)


def pace(speed: float) -> str:
    """Return the steps per second, or the seconds per step if a step takes over a second; "" if not known yet."""
    if not speed:
        return ""
    if speed < 1:
        return f"{1 / speed:.1f} s/step"
    return f"{speed:.1f} steps/s" if speed < 1000 else f"{speed:.0f} steps/s"


class _Name(ProgressColumn):
    def __init__(self, width: int) -> None:
        super().__init__(Column(width=width, no_wrap=True, overflow="ellipsis"))

    def render(self, task: Task) -> Text:
        return Text(task.description)


class _Work(BarColumn):
    """A bar; for a task without steps, a spinner and, if there is room, the elapsed time."""

    def __init__(self, width: int, spinner: Spinner) -> None:
        super().__init__(
            width, style="dim", complete_style=STYLES["code"], finished_style=STYLES["good"],
            table_column=Column(width=width),
        )  # fmt: skip
        self.width = width
        self.spinner = spinner

    def render(self, task: Task) -> RenderableType:  # type: ignore[override]
        if task.total is not None:
            return super().render(task)
        now = task.get_time()
        seconds = now - task.fields["running"].began
        frame = self.spinner.frames[int(now * 1000 / self.spinner.interval) % len(self.spinner.frames)]
        elapsed = f" {duration(seconds)}" if seconds >= 1 else ""
        return Text.assemble((frame, STYLES["code"]), elapsed if cells(elapsed) < self.width else "")


class _Facts(ProgressColumn):
    def __init__(self, detail: int) -> None:
        super().__init__(Column(no_wrap=True))
        self.detail = detail

    def render(self, task: Task) -> Text:
        return Text(facts_of(task, self.detail))
