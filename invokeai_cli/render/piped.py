"""For the next process of a pipe: each result as soon as it is there, by reference; all else as people see it."""

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


class PipedRenderer(HumanRenderer):
    """Writes a line that holds references as records, and plain values as they are.

    sure: another process of the pipe reads, so that it is told when we fail. binary: a picture's bytes are written.
    """

    def __init__(
        self,
        screen: Screen,
        *,
        verbosity: int,
        preview: Callable[[], str],
        path: Callable[[ImageRef], str],
        store: str,
        sure: bool,
        binary: bool,
    ) -> None:
        super().__init__(screen, verbosity=verbosity, preview=preview)
        self.path = path
        self.store = store
        self.sure = sure
        self.binary = binary
        self.by_reference = False
        self.told = 0
        self.wanted: dict[str, str] = {}

    def line_started(self, started: LineStarted) -> None:
        """Take in which nodes give the results."""
        super().line_started(started)
        self.wanted = dict(started.results)
        self.by_reference = started.by_reference
        self.binary = self.binary or started.binary

    def event(self, event: Any) -> None:
        """Hand a result over when its node has finished; of several plain ones the order counts, they come later."""
        super().event(event)
        output = self.wanted.get(event.node_id) if event.event == "node_finished" else None
        if output is not None and (self.by_reference or len(self.wanted) == 1):
            self._give(event, output)

    def results(self, results: Sequence[Result]) -> None:
        """Write what was not written when it was there."""
        self.progress.end()
        if not self.by_reference and len(self.wanted) > 1:
            super().results(results)

    def upstream_empty(self) -> None:
        """Go on as one who gives references, and has none."""
        self.by_reference = True

    def close(self, status: int) -> None:
        """Tell the next process that we have failed, or that there is nothing to come."""
        super().close(status)
        failed = status not in (exit_status.DONE, exit_status.PIPE_CLOSED)
        if self.binary or not ((failed and (self.sure or self.by_reference)) or (self.by_reference and not self.told)):
            return
        try:
            self.screen.result(dump(ended_of(status)))
        except BrokenPipeError:  # it has gone before us: our own status counts
            if self.screen.environment.owns_process:
                silence(self.screen.environment.stdout)

    def _give(self, event: NodeFinished, output: str) -> None:
        result = make_result(event.node_id, event.node_type, output, event.outputs[output], self.path)
        self.told += 1
        if self.by_reference:
            paths = result.text if result.pictures else ()
            self.screen.result(dump(record_of(event, output, store=self.store, paths=paths)))
        elif result.text:
            self.screen.result("\n".join(result.text))
