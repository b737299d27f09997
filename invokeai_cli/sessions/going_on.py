"""Lines that a session holds already are run: only what is not done of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from invocations.language.parser import read
from invocations.language.source import Source
from invocations.language.tree import Option
from invokeai_cli.line import failures_of, stopped
from invokeai_cli.loop import show
from invokeai_cli.render.base import LineStarted
from invokeai_cli.watch import watch
from workflows.giving import results_of

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell


NO_CACHE = "no-cache"


def unfinished(session: Session) -> list[int]:
    """Return the numbers of the lines that have not ended, or of which something is left to do."""
    open_lines = {line.number for line in session.open_lines}
    return [
        number for number, ids in _nodes(session).items() if number in open_lines or not session.expansion.is_done(ids)
    ]


def run_lines(shell: Shell, session: Session, numbers: Collection[int]) -> int:
    """Run what is not done of some lines, give all that they give, and return the exit status."""
    by_line = _nodes(session)
    nodes = [id_ for number in numbers for id_ in by_line[number]]
    texts = [" ".join(session.lines[number - 1].text.split()) for number in numbers]
    slow = any(session.graph.node_type(id_).spec.model_bound for id_ in nodes)
    shell.renderer.line_started(LineStarted("; ".join(texts), "", session.id, (), len(nodes), slow))
    recompute = _to_recompute(session, numbers)
    run = shell.invoker.run(session.id, reuse=shell.config.cache, recompute=recompute, only=nodes, again=True)
    watched = watch(run, shell.renderer, shell.environment)
    shell.renderer.results(results_of(shell, session, _ends(session, nodes)))
    if watched.signal:
        return show(shell, [stopped(shell, watched, len(nodes), session.id)])
    verbose = shell.command_line.verbosity > 0
    return show(shell, failures_of(watched, verbose=verbose))


def _nodes(session: Session) -> dict[int, list[str]]:
    """Return the nodes of each line."""
    found: dict[int, list[str]] = {line.number: [] for line in session.lines}
    for id_ in session.graph.nodes:
        line = session.line_of(id_)
        if line is not None:
            found[line.number].append(id_)
    return found


def _to_recompute(session: Session, numbers: Collection[int]) -> set[str]:
    """Return the nodes of the stages that say `--no-cache` in their line."""
    found: set[str] = set()
    for number in numbers:
        line = session.lines[number - 1]
        stages = [stage for stage in session.stages if stage.nodes and session.line_of(stage.nodes[0]) == line]
        for stage, written in zip(stages, read(Source(None, line.text))[0].stages, strict=False):
            if any(isinstance(each, Option) and each.name == NO_CACHE for each in written.arguments):
                found.update(stage.nodes)
    return found


def _ends(session: Session, nodes: Collection[str]) -> list[tuple[str, str]]:
    """Return what lines give: the primary output of each node that feeds no other of its line."""
    ends = []
    for id_ in nodes:
        primary = session.graph.node_type(id_).spec.primary_output
        line = session.line_of(id_)
        if primary is not None and all(session.line_of(edge.target) != line for edge in session.graph.outgoing(id_)):
            ends.append((id_, primary.name))
    return ends
