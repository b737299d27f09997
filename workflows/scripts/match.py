"""Match a script's lines with the lines of an earlier session, and copy them to a new session with their results."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from invocations.catalog.roles import OVERWRITE
from invocations.events import NodeFinished, NodeSkipped
from invocations.graph.holes import affected
from invocations.graph.node import Node
from invocations.sessions.journal import Claimed, Forgotten, JournalEntry, LineEnded
from workflows.extension import extension_of
from workflows.session_lines import nodes_by_line

if TYPE_CHECKING:
    from invocations.graph.node_type import NodeType
    from invocations.invoker import Invoker
    from invocations.sessions.session import Session

    from .plan import ScriptLine, ScriptPlan


@dataclass(slots=True)
class SessionMatch:
    """The lines of a script that a session contains.

    names: for each line, maps the ids of its nodes in the script to those in the session
    whole: whether the session consists of the first lines of the script, with the same node ids
    former: maps the `id()` of a line to the session's version of the line, which saves images that are no longer saved
    """

    lines: list[ScriptLine]
    names: list[dict[str, str]]
    whole: bool
    former: dict[int, ScriptLine] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, script: ScriptPlan) -> SessionMatch:
        """Match each line of a script with a line of the session that has the same text and the same nodes."""
        waiting = _nodes_by_text(session)
        match = cls([], [], True)
        known: dict[str, str] = {}
        missing = False  # becomes True at the first line that is not in the session
        for line in script.lines:
            if line.plan is None:
                continue
            candidates = waiting.get(line.plan.text or line.source.text, [])
            found, names = _found(line, candidates, session, known)
            if names is None:
                missing = True
                continue
            candidates.remove(tuple(names.values()))
            known |= names
            match.lines.append(found)
            if found is not line:
                match.former[id(line)] = found
            match.names.append(names)
            match.whole = match.whole and not missing and all(new == old for new, old in names.items())
        match.whole = match.whole and len(match.lines) == len(session.lines)
        return match

    def nodes_of(self, line: ScriptLine) -> list[str]:
        """Return the ids that the nodes of a line have in the session."""
        place = next(place for place, each in enumerate(self.lines) if each is line)
        return list(self.names[place].values())

    def only(self, lines: Collection[int]) -> SessionMatch:
        """Return a match that contains only the lines with these values of `id()`."""
        kept = [(line, names) for line, names in zip(self.lines, self.names, strict=True) if id(line) in lines]
        return SessionMatch([line for line, _ in kept], [names for _, names in kept], whole=False)

    def adopt(self, script: ScriptPlan) -> None:
        """Replace lines of a script with the session's versions, which save images that the script no longer saves."""
        script.lines[:] = [self.former.get(id(line), line) for line in script.lines]


def _found(
    line: ScriptLine, candidates: Sequence[tuple[str, ...]], session: Session, known: Mapping[str, str]
) -> tuple[ScriptLine, dict[str, str] | None]:
    """Return the session's version of a line, and the ids of its nodes there; None if the session lacks the line."""
    for version in (line, line.saving):
        for ids in candidates if version is not None else ():
            assert version is not None
            names = _same(version, ids, session, known)
            if names is not None:
                return version, names
    return line, None


def _nodes_by_text(session: Session) -> dict[str, list[tuple[str, ...]]]:
    """Return the ids of the nodes of each line of a session, grouped by the text of the line."""
    by_line = nodes_by_line(session)
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in session.lines:
        found.setdefault(line.text, []).append(tuple(by_line[line.number]))
    return found


def _same(line: ScriptLine, ids: tuple[str, ...], session: Session, known: Mapping[str, str]) -> dict[str, str] | None:
    """Map the ids of a line's nodes to those of a line in the session; return None if the lines differ."""
    graph = session.graph
    if len(ids) != len(line.nodes) or line.plan is None:
        return None
    names = dict(zip(line.nodes, ids, strict=True))
    for node in line.plan.nodes:
        old = graph.nodes[names[node.id]]
        if old.type != node.type or not _equal(node, old, graph.node_type(old.id)):
            return None
    ends = {**known, **names}
    edges = {(ends.get(e.source, ""), e.output, ends.get(e.target, ""), e.input) for e in line.plan.edges}
    planned = {names[node.id] for node in line.plan.nodes}
    there = {(e.source, e.output, e.target, e.input) for id_ in planned for e in graph.incoming(id_)}
    return names if edges == there else None


def _equal(new: Node, old: Node, type_: NodeType) -> bool:
    """Return True if two nodes are equal; an input that one of them lacks counts as having its default.

    Random seeds, and whether an existing file may be overwritten, are not compared.
    """
    if new.inputs == old.inputs:
        return True
    open_ = {name for name in type_.seeds if new.inputs.get(name) is None}
    open_ |= {OVERWRITE} if "saves" in type_.spec.roles else set()
    fields = [field for field in type_.spec.inputs if field.name not in open_]
    return all(new.inputs.get(f.name, f.usual) == old.inputs.get(f.name, f.usual) for f in fields)


def take_over(invoker: Invoker, new: str, old: Session, match: SessionMatch) -> None:
    """Copy the matching lines of an old session to a new one, with their seeds, results and claimed file names.

    Results that lack items, because a node failed, are computed again.
    """
    incomplete = affected(old.graph, old.expansion)
    for line, names in zip(match.lines, match.names, strict=True):
        assert line.plan is not None
        assert line.added is not None
        extension = extension_of(line.plan, line.added)
        nodes = tuple(Node(n.id, n.type, old.graph.nodes[names[n.id]].inputs) for n in extension.nodes)
        session = invoker.extend(new, replace(extension, nodes=nodes))
        entries: list[JournalEntry] = []
        for id_, name in names.items():
            entries += _done(session, old, id_, name)
        ids = {name: id_ for id_, name in names.items()}
        if again := tuple((ids[name], path) for name, path in incomplete if name in ids):
            entries.append(Forgotten((), again))
        recorded = old.line_of(next(iter(names.values())))
        if recorded is not None and recorded.outcome == "done":
            entries.append(LineEnded(len(session.lines), recorded.seconds, recorded.outcome))
        invoker.take_in(new, entries)


def _done(session: Session, old: Session, id_: str, name: str) -> Iterator[JournalEntry]:
    """Yield the entries that an old session recorded for a node, with the new id of the node."""
    kind = session.graph.nodes[id_].type
    for path in old.paths(name):
        key = (name, path)
        if claim := old.claim(key):
            yield Claimed(id_, path, claim)
        if key in old.results:
            where = (session.id, id_, kind, path, session.created)
            yield NodeFinished(*where, outputs=old.results[key], seconds=0.0, reused=True, facts=old.facts(key))
        elif key in old.skipped:
            yield NodeSkipped(session.id, id_, kind, path, session.created, reason=old.skipped[key])
