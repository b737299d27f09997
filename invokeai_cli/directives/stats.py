"""`stats [ID]`: where a session's time and memory went, by node and by command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from invokeai_cli.render.text import file_size
from workflows.charts.duration import duration

from .call import Call
from .filters import chosen_session

if TYPE_CHECKING:
    from invocations.sessions.session import Session

ABOUT = "memory: peak of the program while a node ran, and the increase over before"


@dataclass(slots=True)
class Totals:
    """Totals of a node, or of all nodes of a command; 0 bytes if they were not measured."""

    run: int = 0  # includes failed runs
    reused: int = 0
    failed: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0
    grown_bytes: int = 0
    device_bytes: int = 0

    def add(self, event: Any) -> None:
        """Add the figures of a finished node; for memory, the maximum counts instead of the sum."""
        reused, failed = getattr(event, "reused", False), hasattr(event, "error")
        self.run += not reused
        self.reused += reused
        self.failed += failed
        self.seconds += event.seconds
        for name in ("peak_bytes", "grown_bytes", "device_bytes"):
            setattr(self, name, max(getattr(self, name), getattr(event, name, 0)))

    @property
    def outcome(self) -> str:
        """Return how often it ran, was cached or failed, as in "run 3 x, failed"; a count of one is omitted."""
        counts = [("run", self.run - self.failed), ("cached", self.reused), ("failed", self.failed)]
        return ", ".join(f"{name} {count} x" if count > 1 else name for name, count in counts if count)

    @property
    def memory(self) -> str:
        """Return the memory as it is printed, "" if it was not measured."""
        text = f"{file_size(self.peak_bytes)} +{file_size(self.grown_bytes)}" if self.peak_bytes else ""
        return text + (f"; GPU {file_size(self.device_bytes)}" if self.device_bytes else "")


def run(call: Call) -> Answer:
    """Add up runs, seconds and bytes of each node in order, and of each command, longest first."""
    session = chosen_session(call.shell, *call.values)
    nodes, commands = sums(session)
    tables = _tables(session, nodes, commands)
    total = duration(sum(line.seconds for line in session.lines))
    text = f"session {session.id}: {total}"
    measured = any(each.peak_bytes for each in commands.values())
    return Answer("stats/1", _data(session, nodes, commands), tables, f"{ABOUT}\n{text}" if measured else text)


def sums(session: Session) -> tuple[dict[str, Totals], dict[str, Totals]]:
    """Return the totals of each node, and of each command, longest first."""
    nodes: dict[str, Totals] = {}
    commands: dict[str, Totals] = {}
    for event in session.history:
        if hasattr(event, "seconds"):
            nodes.setdefault(event.node_id, Totals()).add(event)
            commands.setdefault(event.node_type, Totals()).add(event)
    return nodes, dict(sorted(commands.items(), key=lambda each: -each[1].seconds))


def _tables(session: Session, nodes: dict[str, Totals], commands: dict[str, Totals]) -> tuple[Table, ...]:
    if not nodes:
        return ()
    types = {id_: node.type for id_, node in session.graph.nodes.items()}
    rows = [(node, types[node], *_row(found)) for node, found in nodes.items()]
    totals = [("all", name, *_row(found)) for name, found in commands.items()]
    head = ("node", "command", "", "time", "memory")
    return Table(head, tuple(rows)), Table(head, tuple(totals), "By command")


def _row(found: Totals) -> tuple[str, str, str]:
    return found.outcome, duration(found.seconds), found.memory


def _data(session: Session, nodes: dict[str, Totals], commands: dict[str, Totals]) -> dict[str, Any]:
    types = session.graph.nodes
    return {
        "session": session.id,
        "commands": {name: _known(asdict(found).items()) for name, found in commands.items()},
        "nodes": [
            {"node": id_, "type": types[id_].type, **_known(asdict(found).items())} for id_, found in nodes.items()
        ],
    }


def _known(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return totals with null for bytes that were not measured."""
    found = dict(items)
    measured = bool(found["peak_bytes"])
    return {name: None if name.endswith("_bytes") and not measured else value for name, value in found.items()}
