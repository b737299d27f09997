"""A session: a growing graph with its results, errors, lines and history, all derived from a log of entries."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from invocations.errors import NodeFixed, SessionBusy, SessionMissing
from invocations.events import Event, LogMessage, NodeError, NodeFailed, NodeFinished, NodeSkipped, Path
from invocations.graph.expand import Expansion
from invocations.graph.graph import Graph
from invocations.graph.node_type import Specs

from .journal import (
    CANCELLED,
    OPEN,
    QUARANTINED,
    Began,
    Claimed,
    Extension,
    Forgotten,
    JournalEntry,
    LineEnded,
    Retried,
    SessionLine,
    SessionStage,
)
from .seeds import with_seeds
from .session_parts import Key, SessionParts

__all__ = [
    "CANCELLED", "QUARANTINED", "Claimed", "Extension", "Forgotten", "JournalEntry", "Key", "LineEnded", "Retried",
    "Session", "SessionLine", "SessionStage", "new_session_id",
]  # fmt: skip


def new_session_id(created: float) -> str:
    """Return a new, unique id for a session; `created` is in seconds since 1970."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(created))}-{os.urandom(3).hex()}"


class Session:
    """One session. It is changed only by applying entries, while its lock is held."""

    def __init__(self, session_id: str, created: float, specs: Specs) -> None:
        self.id = session_id
        self.created = created
        self.suspects: set[Key] = set()  # nodes that were quarantined and may run again, but not in the program
        self.imported = False  # an imported session may be malicious, so it only runs after `Invoker.trust`
        self.is_reopened = False  # whether it was read from the store, so that its results may refer to lost content
        self.is_deleted = False
        self.graph = Graph(specs)
        self.lock = threading.RLock()
        self.running = threading.Lock()  # held while a run is in progress, so that a session has only one at a time
        self.expansion = Expansion(self.graph)
        # Outputs, keyed by node id and iteration path (the index in each enclosing loop).
        self.results: Mapping[Key, Mapping[str, Any]] = MappingProxyType(self.expansion.results)
        self._parts = SessionParts()

    @property
    def errors(self) -> Mapping[Key, NodeError]:
        """Errors, keyed by node id and iteration path."""
        return MappingProxyType(self.expansion.errors)

    @property
    def skipped(self) -> Mapping[Key, str]:
        """The reasons why nodes were skipped, keyed by node id and iteration path."""
        return MappingProxyType(self.expansion.skipped)

    @property
    def stages(self) -> Sequence[SessionStage]:
        """The stages of all lines, in order."""
        return self._parts.stages

    @property
    def lines(self) -> Sequence[SessionLine]:
        """The lines, in order."""
        return self._parts.lines

    @property
    def history(self) -> Sequence[Event]:
        """The events of nodes that ran, failed or were skipped, in order."""
        return self._parts.history

    @property
    def log(self) -> Sequence[JournalEntry]:
        """All entries, in order; applying them to an empty session reproduces this session."""
        return self._parts.log

    @property
    def names(self) -> Mapping[str, SessionStage]:
        """The stages by name; a later stage replaces an earlier stage with the same name."""
        return MappingProxyType(self._parts.names)

    @property
    def open_lines(self) -> tuple[SessionLine, ...]:
        """The lines that have not ended."""
        with self.lock:
            return tuple(self._parts.lines[number - 1] for number in self._parts.open_lines)

    def busy(self) -> SessionBusy:
        """Return the error for a session that is running in this process."""
        return SessionBusy(self.id, f"session `{self.id}` is already running", "wait for that run, or cancel it")

    def begin_run(self) -> None:
        """Let a run begin, which releases `running` at its end. Raises: SessionBusy, SessionMissing."""
        with self.lock:
            if self.is_deleted:
                raise SessionMissing(self.id, f"session `{self.id}` has been deleted")
            if not self.running.acquire(blocking=False):
                raise self.busy()

    def become(self, other: Session) -> None:
        """Take over the state of another object, which was read from the store, of the same session."""
        with self.lock:
            self.graph, self.expansion, self.results, self._parts = (
                other.graph, other.expansion, other.results, other._parts
            )  # fmt: skip
            self.suspects, self.is_reopened = other.suspects, True

    def paths(self, node_id: str) -> list[Path]:
        """Return the iteration paths of a node in order; outside loops, the only path is ()."""
        return self.expansion.runs.paths(node_id)

    def values(self, node_id: str, output: str, only: Collection[Key] | None = None) -> list[Any]:
        """Return the values of an output in the order of iteration paths, leaving out missing ones.

        only: the runs whose values are returned (default: all)
        """
        keys = [(node_id, path) for path in self.paths(node_id)]
        found = (self.expansion.results.get(key) for key in keys if only is None or key in only)
        return [outputs[output] for outputs in found if outputs is not None]

    def line_of(self, node_id: str) -> SessionLine | None:
        """Return the line that added a node."""
        number = self._parts.line_of.get(node_id)
        return self._parts.lines[number - 1] if number is not None else None

    def lines_of(self, node_ids: Iterable[str]) -> set[int]:
        """Return the numbers of the lines that added these nodes."""
        return {self._parts.line_of[id_] for id_ in node_ids}

    def lines_left(self) -> set[int]:
        """Return the numbers of all lines with nodes that have yet to run."""
        with self.lock:
            return self.lines_of(id_ for id_ in self.graph.nodes if not self.expansion.is_done((id_,)))

    def facts(self, key: Key) -> Mapping[str, Any]:
        """Return the facts that a node recorded."""
        return self._parts.facts.get(key, {})

    def count(self, node_type: str) -> int:
        """Return how often nodes of a type have finished."""
        return self._parts.counts.get(node_type, 0)

    def deaths(self, key: Key, boot: str) -> int:
        """Return how often the program ended while this node was running, since the machine's boot with id `boot`."""
        found, starts = self._parts.unfinished_starts.get(key, ("", 0))
        return starts if found == boot else 0

    @property
    def begun(self) -> Set[Key]:
        """The nodes that have started to run and have not finished, by node and iteration."""
        return self._parts.unfinished_starts.keys()

    def has_finished(self, key: Key) -> bool:
        """Return True if a node has finished, even if its result was dropped later."""
        return key in self._parts.finished

    @property
    def quarantined(self) -> Set[Key]:
        """The nodes that do not run again until `retry`, because they crashed a process in which they ran alone."""
        return self._parts.quarantined

    def claim(self, key: Key) -> str:
        """Return the file that a node was about to write, or wrote, in its last run, or ""."""
        return self._parts.claims.get(key, "")

    def prepared(self, extension: Extension, now: float) -> Extension:
        """Return the extension with missing seeds and the time filled in; the session does not change.

        Raises: GraphError.
        """
        for edge in extension.edges:
            if edge.target in self.graph:
                raise NodeFixed(
                    f"`{edge.target}` is already part of the session and cannot be changed",
                    node=edge.target,
                    field=edge.input,
                )
        nodes = with_seeds(self.graph, tuple(extension.nodes), extension.edges)
        return replace(extension, nodes=nodes, edges=tuple(extension.edges), time=extension.time or now)

    def apply(self, entry: JournalEntry) -> None:
        """Apply one entry, completely or not at all. Raises: GraphError, if an extension breaks a rule."""
        with self.lock:
            if isinstance(entry, NodeFinished):
                self._finish(entry)
            elif isinstance(entry, Extension):
                self.graph.extend(entry.nodes, entry.edges, complete=True)
                self._extend(entry)
            elif isinstance(entry, Began):
                self._begin(entry)
            elif isinstance(entry, Claimed):
                self._parts.claims[entry.node_id, entry.path] = entry.target
            elif isinstance(entry, NodeFailed):
                self._parts.unfinished_starts.pop((entry.node_id, entry.path), None)
                if entry.error.code == QUARANTINED:
                    self._parts.quarantined.add((entry.node_id, entry.path))
                self.expansion.fail((entry.node_id, entry.path), entry.error)
                self._parts.history.append(entry)
            elif isinstance(entry, NodeSkipped):
                self.expansion.skip((entry.node_id, entry.path), entry.reason)
                self._parts.history.append(entry)
            elif isinstance(entry, LogMessage):
                self._parts.history.append(entry)
            elif isinstance(entry, LineEnded):
                self._end_line(entry)
            elif isinstance(entry, Retried):
                self._retry(entry)
            elif isinstance(entry, Forgotten):
                self.expansion.forget(entry.nodes, entry.results)
            self._parts.log.append(entry)

    def retry(self, entry: Retried) -> set[str]:
        """Clear all errors; return the failed nodes and the nodes that they blocked."""
        with self.lock:
            self._parts.log.append(entry)
            return self._retry(entry)

    def _retry(self, entry: Retried) -> set[str]:
        if entry.retry_quarantined:
            self.suspects |= self._parts.quarantined
            self._parts.unfinished_starts.clear()
            self._parts.quarantined.clear()
        return self.expansion.retry()

    def _begin(self, entry: Began) -> None:
        """Count the start of a node; starts before the machine was restarted do not count."""
        key = (entry.node_id, entry.path)
        boot, starts = self._parts.unfinished_starts.get(key, (entry.boot, 0))
        self._parts.unfinished_starts[key] = (entry.boot, starts + 1 if boot == entry.boot else 1)

    def extend(self, extension: Extension, store: Callable[[], None]) -> None:
        """Add a prepared extension after calling `store` to store it; if either fails, the session does not change.

        Raises: GraphError, and whatever `store` raises.
        """
        with self.lock:
            self.graph.extend(extension.nodes, extension.edges, complete=True)
            try:
                store()
            except BaseException:
                self.graph.undo(extension.nodes, extension.edges)
                raise
            self._extend(extension)
            self._parts.log.append(extension)

    def _extend(self, extension: Extension) -> None:
        ids = sorted([node.id for node in extension.nodes], key=self.graph.rank)
        parts = self._parts
        parts.lines.append(SessionLine(len(parts.lines) + 1, extension.line, extension.source, extension.time))
        parts.open_lines[len(parts.lines)] = None
        for id_ in ids:
            parts.line_of[id_] = len(parts.lines)
        for stage in extension.stages:
            parts.stages.append(stage)
            if stage.name:
                parts.names[stage.name] = stage
        self.expansion.add(ids)

    def _finish(self, entry: NodeFinished) -> None:
        parts = self._parts
        key = (entry.node_id, entry.path)
        self.expansion.succeed(key, entry.outputs)
        parts.history.append(entry)
        parts.unfinished_starts.pop(key, None)
        if key not in parts.finished:
            parts.finished.add(key)
            parts.counts[entry.node_type] = parts.counts.get(entry.node_type, 0) + 1
        if entry.facts:
            parts.facts[key] = entry.facts

    def _end_line(self, entry: LineEnded) -> None:
        parts = self._parts
        if entry.outcome == OPEN:
            parts.open_lines[entry.number] = None
        else:
            parts.open_lines.pop(entry.number, None)
        if entry.outcome in (CANCELLED, OPEN):
            for key in [key for key in parts.unfinished_starts if parts.line_of.get(key[0]) == entry.number]:
                del parts.unfinished_starts[key]
        line = parts.lines[entry.number - 1]
        parts.lines[entry.number - 1] = replace(line, seconds=line.seconds + entry.seconds, outcome=entry.outcome)
