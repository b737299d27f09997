"""Which lines of a script an earlier session holds, and how a new session takes them over with their results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from invocations.events import NodeFinished, NodeSkipped
from invocations.graph.node import Node
from invocations.sessions.journal import Claimed, JournalEntry, LineEnded
from workflows.extension import extension_of

if TYPE_CHECKING:
    from invocations.invoker import Invoker
    from invocations.sessions.session import Session

    from .plan import Script, Step


@dataclass(slots=True)
class Match:
    """The steps of a script that a session holds, each with what its nodes are called there.

    whole: all of the session's lines are lines of the script, in order from the first, under the same names.
    """

    steps: list[Step]
    names: list[dict[str, str]]
    whole: bool

    @classmethod
    def of(cls, session: Session, script: Script) -> Match:
        """Compare each line of a script with the lines of a session that say the same."""
        waiting: dict[str, list[tuple[str, ...]]] = {}
        by_line: dict[int, list[str]] = {}
        for id_ in session.graph.nodes:
            line = session.line_of(id_)
            if line is not None:
                by_line.setdefault(line.number, []).append(id_)
        for line in session.lines:
            waiting.setdefault(line.text, []).append(tuple(by_line.get(line.number, ())))
        match = cls([], [], True)
        known: dict[str, str] = {}
        unknown = False  # a line that the session does not hold has come
        for step in script.steps:
            if step.plan is None:
                continue
            candidates = waiting.get(step.plan.text or step.source.text, [])
            names = next((n for ids in candidates if (n := _same(step, ids, session, known)) is not None), None)
            if names is None:
                unknown = True
                continue
            candidates.remove(tuple(names.values()))
            known |= names
            match.steps.append(step)
            match.names.append(names)
            match.whole = match.whole and not unknown and all(new == old for new, old in names.items())
        match.whole = match.whole and len(match.steps) == len(session.lines)
        return match


def _same(step: Step, ids: tuple[str, ...], session: Session, known: Mapping[str, str]) -> dict[str, str] | None:
    """Return what the nodes of a step are called in a session's line, None where it is another line."""
    graph = session.graph
    if len(ids) != len(step.nodes) or step.plan is None:
        return None
    names = dict(zip(step.nodes, ids, strict=True))
    for node in step.plan.nodes:
        old = graph.nodes[names[node.id]]
        if old.type != node.type or not _equal(node, old, graph.node_type(old.id).seeds):
            return None
    ends = {**known, **names}
    edges = {(ends.get(e.source, ""), e.output, ends.get(e.target, ""), e.input) for e in step.plan.edges}
    planned = {names[node.id] for node in step.plan.nodes}
    there = {(e.source, e.output, e.target, e.input) for id_ in planned for e in graph.incoming(id_)}
    return names if edges == there else None


def _equal(new: Node, old: Node, seeds: tuple[str, ...]) -> bool:
    if new.inputs == old.inputs:
        return True
    drawn = {name for name in seeds if new.inputs.get(name) is None}
    return _without(new.inputs, drawn) == _without(old.inputs, drawn)


def _without(inputs: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if name not in names}


def take_over(invoker: Invoker, new: str, old: Session, match: Match) -> None:
    """Put the lines that an old session holds into a new one, with their seeds, results and claims."""
    for step, names in zip(match.steps, match.names, strict=True):
        assert step.plan is not None
        assert step.added is not None
        extension = extension_of(step.plan, step.added)
        nodes = tuple(Node(n.id, n.type, old.graph.nodes[names[n.id]].inputs) for n in extension.nodes)
        session = invoker.extend(new, replace(extension, nodes=nodes))
        entries: list[JournalEntry] = []
        for id_, name in names.items():
            entries += _done(session, old, id_, name)
        line = old.line_of(next(iter(names.values())))
        if line is not None and line.outcome == "done":
            entries.append(LineEnded(len(session.lines), line.seconds, line.outcome))
        invoker.take_in(new, entries)


def _done(session: Session, old: Session, id_: str, name: str) -> Iterator[JournalEntry]:
    """Yield what an old session knows of one node, under its new name."""
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
