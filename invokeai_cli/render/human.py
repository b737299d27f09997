"""Output for people: results on standard output; progress, notes, images and errors on standard error."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workflows.shown_text import duration, plain

from .base import LineStarted
from .live_rows import MIN_PREVIEW, preview_rows
from .quiet import QuietRenderer
from .screen import Screen

if TYPE_CHECKING:
    from PIL.Image import Image

    from invocations.values import ImageRef
    from workflows.results import Result
    from workflows.tally import Tally

    from .answer import Answer
    from .progress import Progress

PREVIEW_COLUMNS, PREVIEW_ROWS = 33, 20  # maximum size of the preview of an unfinished image
ROWS_BELOW = 2  # rows that an image leaves free for its path and the interactive prompt
MAX_IMAGES = 8  # maximum number of images shown for one line; a hundred would scroll everything else away
MAX_SCRIPT_IMAGES = 4  # maximum number of images shown for all lines of a script or a stream


class HumanRenderer(QuietRenderer):
    """Shows progress while a line runs, then its results."""

    def __init__(
        self,
        screen: Screen,
        *,
        verbosity: int = 0,
        preview: Callable[[], str] = lambda: "auto",
        read_image: Callable[[ImageRef], Image] | None = None,
        shows: Callable[[str], bool] = lambda type_: False,
        unit: Callable[[str], str] = lambda type_: "item",
    ) -> None:
        super().__init__(screen)
        self.patience_s = 0.2 if screen.terminal else 1.0  # a terminal shows spinners
        self.verbosity = verbosity
        self.preview = preview
        self.read_image = read_image
        self.shows = shows  # returns whether nodes of this type show their images
        self.unit = unit  # returns the unit of progress of a node of this type: "image" or "item"
        self.shown_images: set[str] = set()  # the names of the images that were shown
        self._untyped = 0  # number of scripts and streams that are running, one inside another
        self._untyped_images = 0  # number of images shown since the outermost script or stream began

    @cached_property
    def progress(self) -> Progress:
        """The progress of running tasks, created when it is first needed."""
        from .progress import Progress

        return Progress(self.screen, self.screen.environment.clock)

    def loading(self) -> None:
        """Show at once that the program is starting."""
        self.progress.start("starting")

    def line_started(self, started: LineStarted) -> None:
        """Show the random seeds and, if a model is needed, that the program is starting."""
        self.shown_images.clear()
        if "progress" in self.__dict__:
            self.progress.forget()
        for node, seed in started.seeds:
            self.note(f"seed {seed}" + (f" (node {node})" if len(started.seeds) > 1 else ""))
        if self.verbosity:
            self.note(f"session {started.session}: {started.nodes} node{'s' * (started.nodes != 1)}")
        if started.slow:
            self.loading()

    def event(self, event: Any) -> None:
        """Pass an event to the method named after its class, if there is one."""
        handler = getattr(self, f"_on_{type(event).__name__}", None)
        if handler is not None:
            handler(event)

    def still_running(self) -> None:
        """Show for how long a node has been running."""
        self.progress.still_running()

    def results(self, results: Sequence[Result]) -> None:
        """Write each result, an image before its path."""
        self._end_progress(unless_running=True)
        for result in results:
            if len(result.image_refs) != len(result.text):
                for image in result.image_refs:
                    self._draw(image)
                super().results([result])
                continue
            for image, path in zip(result.image_refs, result.text, strict=True):
                self._draw(image)
                self.screen.result(self._linked(self._shown(path)))
        if "progress" in self.__dict__ and self.progress.workers is not None:
            self.progress.show_again()

    def _linked(self, path: str) -> str:
        """Return the path of an image, as a hyperlink if results are shown on a terminal that supports hyperlinks."""
        if self.screen.out_width is None:
            return path
        from .hyperlinks import knows_hyperlinks, linked

        return linked(self.screen.environment, path) if knows_hyperlinks(self.screen.environment) else path

    def answer(self, answer: Answer) -> None:
        """Write the answer; a help page that is longer than the terminal goes through a pager."""
        if answer.page is not None and self.screen.terminal and self.screen.out_width is not None:
            from .pager import paged

            if paged(self.screen.environment, answer.draw(self.screen)):
                return
        super().answer(answer)

    def warning(self, text: str) -> None:
        """Write a warning; further rows quote the line."""
        self.screen.note(self._fitted("warning: " + "\n".join(map(plain, text.split("\n")))), "warning")

    def note(self, text: str) -> None:
        """Write a note."""
        self.screen.note(plain(text), "dim")

    def plan(self, text: str) -> None:
        """Write one row of a plan."""
        self.screen.note(plain(text), "dim")

    def release(self) -> None:
        """Remove the rows below the cursor."""
        with suppress(RuntimeError):  # a signal arrived in the middle of a write
            self._end_progress()

    def close(self, status: int) -> None:
        """Remove any progress that is still shown."""
        self._end_progress()

    def script_started(self, tally: Tally) -> None:
        """Show the total progress of a script from now on."""
        from workflows.total_progress import Total

        self.stream_started()
        self.progress.total = Total(tally)

    def stream_started(self) -> None:
        """Begin to count images, so that only the first images of the lines that follow are shown."""
        if not self._untyped:
            self._untyped_images = 0
        self._untyped += 1

    def script_advanced(self, tally: Tally) -> None:
        """Update the total progress of the script."""
        self.progress.script_advanced()

    def script_finished(self, tally: Tally) -> None:
        """Write the summary of the script."""
        self._untyped -= 1
        self.progress.total = None
        self.progress.end()
        if tally.lines:
            from workflows.tally import summary

            self.note(summary(tally))

    def _end_progress(self, *, unless_running: bool = False) -> None:
        """Remove all rows; unless_running: those of workers that work on other lines are shown again."""
        if "progress" in self.__dict__ and not (unless_running and self.progress.workers is not None):
            self.progress.end()

    def _on_NodeStarted(self, event: Any) -> None:  # noqa: N802 - named for the event
        is_loop = event.iterations > 1
        loop = self.progress.iteration(event, _key(event), self.unit) if is_loop else None
        self.progress.start(_label(event), _key(event), loop)

    def _on_NodeAssigned(self, event: Any) -> None:  # noqa: N802
        several = f" ({event.batch} {self.unit(event.node_type)}s)" if event.batch > 1 else ""
        label = plain(event.node_type) + (several or _iteration(event))
        self.progress.assign(label, _key(event), event.worker, event.batch)

    def _on_NodeWaiting(self, event: Any) -> None:  # noqa: N802
        if self.screen.terminal:
            self.progress.wait(_key(event), f"{_label(event)}: {plain(event.reason)}")
        else:
            self.note(event.reason)

    def _on_WorkerChanged(self, event: Any) -> None:  # noqa: N802
        self.progress.worker_changed(plain(event.worker), event.state, plain(event.device), plain(event.library))

    def _on_SessionFinished(self, event: Any) -> None:  # noqa: N802
        """Remove the rows of workers, except in a script, where they may run other lines."""
        progress = self.__dict__.get("progress")
        if progress is not None and progress.workers is not None and progress.total is None:
            progress.end()

    _on_SessionFailed = _on_SessionCancelled = _on_SessionFinished  # noqa: N815

    def _on_NodeProgress(self, event: Any) -> None:  # noqa: N802
        if _key(event) not in self.progress.tasks:
            self.progress.start(_label(event), _key(event))
        if event.preview is not None:
            self._preview(event.preview, _key(event))
        self.progress.step(event.step, event.of, _key(event))

    def _on_NodeFinished(self, event: Any) -> None:  # noqa: N802
        self._end(event, cached=event.reused)
        if self.verbosity:
            how = "cached" if event.reused else duration(event.seconds)
            self.note(f"{event.node_id}{_iteration(event)} {event.node_type}: {how}")
        if self.shows(event.node_type):
            for value in event.outputs.values():
                if hasattr(value, "width") and hasattr(value, "height"):
                    self._draw(value, asked=True)

    def _on_NodeFailed(self, event: Any) -> None:  # noqa: N802
        self._end(event)

    def _on_NodeRetried(self, event: Any) -> None:  # noqa: N802
        self.note(f"{event.node_type} ({event.node_id}): {event.reason}")

    def _on_NodeSkipped(self, event: Any) -> None:  # noqa: N802
        if self.verbosity > 1:
            self.note(f"{event.node_id} {event.node_type}: not run, {event.reason}")

    def _on_ModelLoadStarted(self, event: Any) -> None:  # noqa: N802
        node, part = _key(event), "" if self.progress.has_workers else f", {event.part}"
        self.progress.start(plain(f"loading {event.model}{part}"), (*node, event.model, event.part), within=node)

    def _on_ModelLoadFinished(self, event: Any) -> None:  # noqa: N802
        self.progress.end(_key(event, event.model, event.part))
        if self.verbosity:
            self.note(f"loaded {event.model}, {event.part}: {duration(event.seconds)}")

    def _on_LogMessage(self, event: Any) -> None:  # noqa: N802
        if event.warning:
            self.warning(plain(f"`{event.node_type}`: {event.message}"))
        elif self.verbosity or event.note:
            where = "" if event.note else f"{event.node_id}{_iteration(event)} {event.node_type}: "
            self.note(where + event.message)

    def _end(self, event: Any, *, cached: bool = False) -> None:
        """Remove the row of a node that has ended."""
        loop = self.progress.loops.get(event.node_id)
        if loop is not None:
            loop.tally.ended(_key(event), cached=cached)
        self.progress.end(_key(event))

    def _preview(self, image: Image, key: Hashable) -> None:
        """Show an unfinished image above the bars, in half blocks, which can be removed on any terminal."""
        from . import images

        environment = self.screen.environment
        if images.choose(environment, self.preview()) == "none" or not self.screen.unicode:
            return
        true_color = environment.variable("COLORTERM") in ("truecolor", "24bit")
        columns, rows = self.screen.size
        columns, rows = min(columns, PREVIEW_COLUMNS), min(preview_rows(self.progress.row_count, rows), PREVIEW_ROWS)
        codes = images.blocks(image, columns=columns, rows=rows, true_color=true_color) if rows else ""
        self.progress.preview(codes, key)

    def _draw(self, ref: ImageRef, *, asked: bool = False) -> None:
        """Show an image unless too many have been shown; `asked`: a command in the line (`show`) shows it."""
        if self.read_image is None or ref.name in self.shown_images or len(self.shown_images) >= MAX_IMAGES:
            return
        from . import images

        environment = self.screen.environment
        way = images.choose(environment, self.preview(), self.screen.image_protocol)
        if way == "none":
            return
        if self._untyped and not asked:
            self._untyped_images += 1
            if self._untyped_images == MAX_SCRIPT_IMAGES + 1:
                self.note("the next images are not shown; their paths are printed")
            if self._untyped_images > MAX_SCRIPT_IMAGES:
                return
        self.shown_images.add(ref.name)
        true_color = environment.variable("COLORTERM") in ("truecolor", "24bit")
        columns, rows = self.screen.size[0], max(self.screen.size[1] - ROWS_BELOW, MIN_PREVIEW)
        self.screen.raw(images.draw(self.read_image(ref), way, columns=columns, rows=rows, true_color=true_color))


def _key(event: Any, *part: str) -> tuple[Hashable, ...]:
    """Return the identity of a task: the node, its iteration and what it loads."""
    return (event.node_id, event.path, *part)


def _label(event: Any) -> str:
    """Return the name of a task."""
    return plain(event.node_type) + _iteration(event)


def _iteration(event: Any) -> str:
    """Return the iteration in a loop, in the notation of `session show`, such as `[2]`; "" outside loops."""
    return f"[{','.join(map(str, event.path))}]" if event.path else ""
