"""Output into a pipe: each result by reference or as a path, as soon as it exists; other output as in `human.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from invokeai_cli import exit_status
from workflows.record import ended_of, record_of
from workflows.results import make_result

from .base import LineStarted
from .human import HumanRenderer
from .json_lines import dump
from .screen import Screen, silence

if TYPE_CHECKING:
    from invocations.events import NodeFinished
    from invocations.values import ImageRef
    from workflows.results import Result


def write_status(screen: Screen, status: int) -> None:
    """Write the exit status of this process as a record for the next process in the pipe."""
    try:
        screen.result(dump(ended_of(status)))
    except BrokenPipeError:  # the next process has already exited
        if screen.environment.owns_process:
            silence(screen.environment.stdout)


class PipedRenderer(HumanRenderer):
    """Writes results that are references as records or as the paths of images, and plain values unchanged.

    passes_references: another process of this program reads the pipe, so records are written, even if a node fails.
    all_records: plain values are written as records too. binary: a refused line would have written an image's bytes.
    saves: returns whether nodes of a type save images, and so write bytes in a line that ends in `save -`.
    """

    def __init__(
        self,
        screen: Screen,
        *,
        verbosity: int,
        preview: Callable[[], str],
        path: Callable[[ImageRef], str],
        store: str,
        passes_references: bool,
        all_records: bool,
        binary: bool,
        saves: Callable[[str], bool],
        unit: Callable[[str], str],
    ) -> None:
        super().__init__(screen, verbosity=verbosity, preview=preview, unit=unit)
        self.path = path
        self.store = store
        self.passes_references = passes_references
        self.all_records = all_records
        self.binary = binary
        self.saves = saves
        self.writes_bytes = False
        self.by_reference = False
        self.written = 0
        self.outputs: dict[str, str] = {}

    def line_started(self, started: LineStarted) -> None:
        """Remember which nodes produce the results."""
        super().line_started(started)
        self.outputs = dict(started.results)
        self.by_reference = self.passes_references and (started.by_reference or self.all_records)
        self.writes_bytes = started.binary
        self.binary = self.binary or (started.binary and self.all_records)

    def event(self, event: Any) -> None:
        """Write a result when its node has finished; several plain values are written at the end instead, in order."""
        super().event(event)
        if event.event == "node_finished" and self.writes_bytes and self.saves(event.node_type):
            self.binary = True
        output = self.outputs.get(event.node_id) if event.event == "node_finished" else None
        if output is not None and (self.by_reference or len(self.outputs) == 1):
            self._write_result(event, output)

    def results(self, results: Sequence[Result]) -> None:
        """Write the results that have not been written yet."""
        self._end_progress(unless_running=True)
        if not self.by_reference and len(self.outputs) > 1:
            super().results(results)

    def upstream_ended(self, status: int) -> None:
        """Remember that the results would have been references; `close` then writes a record that there are none."""
        self.by_reference = self.passes_references

    def close(self, status: int) -> None:
        """Write a record for the next process if this one failed or has no results."""
        super().close(status)
        failed = status not in (exit_status.DONE, exit_status.PIPE_CLOSED)
        has_nothing = self.by_reference and not self.written
        if self.passes_references and not self.binary and (failed or has_nothing):
            write_status(self.screen, status)

    def _write_result(self, event: NodeFinished, output: str) -> None:
        result = make_result(event.node_id, event.node_type, output, event.outputs[output], self.path)
        self.written += 1
        if self.by_reference:
            paths = result.text if result.image_refs else ()
            self.screen.result(dump(record_of(event, output, store=self.store, paths=paths)))
        elif result.text:
            self.screen.result("\n".join(result.text))
