"""Import a result from another process into this session, with all nodes that it was made from.

The session it comes from is only read, because another process may be using it. Nothing is stored until the line that
continues from the result has been planned.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.errors import SessionMissing
from invocations.frozen import frozen
from invocations.graph.linking import Offer
from invocations.sessions.unroll import unroll
from workflows.planning.scope import Chain, StageOutputs
from workflows.problems import ApplicationError

from .read import BadStream

if TYPE_CHECKING:
    from invocations.sessions.session import Session, SessionStage
    from invocations.sessions.unroll import Unrolled
    from invokeai_cli.shell import Shell
    from workflows.planning.scope import Scope
    from workflows.record import PipedRecord

RERUN_HINT = "run the whole pipe again"


class OtherStore(ApplicationError):
    """The result comes from a process that uses another session store."""

    code = "other_store"


@frozen
class ImportedResult:
    """A result with the lines that made it, and the output that later lines can refer to."""

    unrolled: Unrolled
    offer: Offer


def find(shell: Shell, record: PipedRecord, number: int) -> tuple[Session, tuple[str, tuple[int, ...]]]:
    """Return a result's session and its key in that session. Raises: OtherStore, BadStream, SessionDamaged."""
    if record.store != shell.store:
        raise OtherStore(
            f"standard input, line {number}: this result is in {record.store}, but this process uses {shell.store}",
            "both ends of a pipe need the same INVOKEAI_HOME",
        )
    key = (record.node, record.path)
    try:
        session = shell.workspace.invoker.open(record.session)
        if key not in session.results and shell.workspace.invoker.catch_up(record.session):
            session = shell.workspace.invoker.open(record.session)
    except SessionMissing as error:
        raise BadStream(number, f"session `{record.session}` no longer exists", RERUN_HINT) from error
    if record.output not in session.results.get(key, {}):
        what = f"output `{record.output}` of node `{record.node}`"
        raise BadStream(number, f"session `{record.session}` has no {what}", RERUN_HINT)
    return session, key


def import_result(shell: Shell, scope: Scope, record: PipedRecord, number: int) -> ImportedResult:
    """Add a result and the stages that made it to the end of a scope. Raises: OtherStore, BadStream, SessionDamaged."""
    session, key = find(shell, record, number)
    offset = scope.last.number if scope.last else 0
    unrolled = unroll(session, key, shell.workspace.catalog, offset=offset, line=scope.lines + 1)
    sources, chain = unrolled.sources, Chain()
    for stage in unrolled.stages:
        scope.keep(_placed(stage, session, sources, chain))
    scope.lines += len(unrolled.lines)
    end = (unrolled.end, record.output)
    last = scope.last if scope.last and scope.last.number > offset else None
    offer = next((offer for offer in last.offers if (offer.node, offer.output) == end), None) if last else None
    if last is None or offer is None:  # the node was added by the program, not written in a line
        offer = Offer(scope.next_number, record.output, session.graph.type_of(record.node, record.output), *end)
        last = StageOutputs(offer.stage, session.graph.nodes[record.node].type, None, (offer,), offer, chain)
    scope.keep(replace(last, primary=offer))
    return ImportedResult(unrolled, offer)


def commit(shell: Shell, imported: ImportedResult) -> None:
    """Store an imported result in this session. Raises: GraphError, StoreFailed."""
    first = len(shell.workspace.invoker.open(shell.workspace.session_id).lines) + 1
    for line in imported.unrolled.lines:
        shell.workspace.invoker.extend(shell.workspace.session_id, line)
    shell.workspace.invoker.take_in(
        shell.workspace.session_id, imported.unrolled.entries(shell.workspace.session_id, first)
    )


def _placed(stage: SessionStage, session: Session, sources: dict[str, str], chain: Chain) -> StageOutputs:
    offers = tuple(
        Offer(stage.number, name, session.graph.type_of(sources[node], output), node, output)
        for name, (node, output) in stage.outputs.items()
    )
    primary = next((offer for offer in offers if (offer.node, offer.output) == stage.primary), None)
    chain.add(offers)
    return StageOutputs(stage.number, stage.command, stage.name, offers, primary, chain)
