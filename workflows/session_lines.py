"""The lines of a session: their nodes, their results, and which of them are unfinished."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from invocations.language.parser import read
from invocations.language.source import Source
from invocations.language.tree import Option
from invocations.sessions.journal import SKIPPED
from invocations.storing.base import SessionFilter

if TYPE_CHECKING:
    from invocations.invoker import Invoker
    from invocations.sessions.session import Session

NO_CACHE = "no-cache"
CHANGED_PROMPTS = (
    "its unfinished lines contain `(word:1.3)` or a backslash in a prompt: the version that planned the lines treated "
    "these as plain words, but this version reads them as weights and escapes"
)


def unfinished(session: Session) -> list[int]:
    """Return the numbers of the lines that have not ended or have nodes left to run, except skipped lines."""
    open_lines = {line.number for line in session.open_lines}
    return [
        number
        for number, ids in nodes_by_line(session).items()
        if number in open_lines or (session.lines[number - 1].outcome != SKIPPED and not session.expansion.is_done(ids))
    ]


def left_hint(invoker: Invoker, session: Session, *, failed: bool = False) -> str:
    """Return a hint with the directive that runs what is left, for a session that has nothing to resume or retry.

    The hint names your newest session that was interrupted or, if `failed` is true, that has failures, unless another
    process has it open. It is "" if there is no such session.
    """
    if unfinished(session):
        return f"the session was interrupted; `session resume {session.id}` resumes it"
    for info in invoker.sessions(SessionFilter(own=True)):
        wanted = info.cancelled or info.open or (failed and info.failed)
        if not wanted or info.id == session.id or invoker.in_use(info.id):
            continue
        if failed and info.failed > info.cancelled:
            return f"session {info.id} has failures; `retry {info.id}` runs what failed again"
        return f"session {info.id} was interrupted; `session resume {info.id}` resumes it"
    return ""


def changed_prompts(session: Session) -> str:
    """Return a note if this version reads a prompt of an unfinished line differently, or an empty string."""
    from invocations.prompt_syntax import older_prompts  # imported on demand: few sessions are resumed

    nodes = [each for each in session.graph.nodes.values() if not session.expansion.is_done([each.id])]
    changed = any(any(older_prompts(each.inputs, session.graph.node_type(each.id).spec)) for each in nodes)
    return CHANGED_PROMPTS if changed else ""


def nodes_by_line(session: Session) -> dict[int, list[str]]:
    """Return the ids of the nodes of each line, by line number."""
    found: dict[int, list[str]] = {line.number: [] for line in session.lines}
    for id_ in session.graph.nodes:
        line = session.line_of(id_)
        if line is not None:
            found[line.number].append(id_)
    return found


def uncached_nodes(session: Session, numbers: Collection[int]) -> set[str]:
    """Return the ids of all nodes in these lines whose stage has `--no-cache`."""
    found: set[str] = set()
    for number in numbers:
        line = session.lines[number - 1]
        stages = [stage for stage in session.stages if stage.nodes and session.line_of(stage.nodes[0]) == line]
        for stage, written in zip(stages, read(Source(None, line.text))[0].stages, strict=False):
            if any(isinstance(each, Option) and each.name == NO_CACHE for each in written.arguments):
                found.update(stage.nodes)
    return found


def ends(session: Session, nodes: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return the node and output of each result: the main outputs of stages that feed no other node of their line.

    A node that belongs to no stage, such as one that saves an image, counts as a stage of its own.
    """
    stages = {id_: stage for stage in session.stages for id_ in stage.nodes}
    found = []
    for id_ in nodes:
        line = session.line_of(id_)
        if any(session.line_of(edge.target) == line for edge in session.graph.outgoing(id_)):
            continue
        main = session.graph.node_type(id_).spec.primary_output
        if id_ not in stages:
            found += [(id_, main.name)] if main is not None else []
        elif (primary := stages[id_].primary) is not None and primary[0] == id_:
            found.append(primary)
    return tuple(found)
