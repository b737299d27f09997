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

from .planning.scope import Chain, StageOutputs
from .problems import ApplicationError
from .record import BadStream, PipedRecord

if TYPE_CHECKING:
    from invocations.sessions.session import Session, SessionStage
    from invocations.sessions.unroll import Unrolled

    from .planning.scope import Scope
    from .workspace import Workspace

RERUN_HINT = "run the whole pipe again"


class OtherStore(ApplicationError):
    """The result comes from a process that uses another session store."""

    code = "other_store"


@frozen
class ImportedResult:
    """A result with the lines that made it, and the output that later lines can refer to."""

    unrolled: Unrolled
    offer: Offer


def find(
    workspace: Workspace, record: PipedRecord, number: int, *, store: str
) -> tuple[Session, tuple[str, tuple[int, ...]]]:
    """Return a result's session and its key in that session. Raises: OtherStore, BadStream, SessionDamaged."""
    if record.store != store:
        raise OtherStore(
            f"standard input, line {number}: this result is in {record.store}, but this process uses {store}",
            "both ends of a pipe need the same INVOKEAI_HOME",
        )
    key = (record.node, record.path)
    try:
        session = workspace.invoker.open(record.session)
        if key not in session.results and workspace.invoker.catch_up(record.session):
            session = workspace.invoker.open(record.session)
    except SessionMissing as error:
        raise BadStream(number, f"session `{record.session}` no longer exists", RERUN_HINT) from error
    if record.output not in session.results.get(key, {}):
        what = f"output `{record.output}` of node `{record.node}`"
        raise BadStream(number, f"session `{record.session}` has no {what}", RERUN_HINT)
    return session, key


def import_result(
    workspace: Workspace, scope: Scope, record: PipedRecord, number: int, *, store: str
) -> ImportedResult:
    """Add a result and the stages that made it to the end of a scope.

    store: the data folder of this process. Raises: OtherStore, BadStream, SessionDamaged.
    """
    session, key = find(workspace, record, number, store=store)
    offset = scope.last.number if scope.last else 0
    unrolled = unroll(session, key, workspace.catalog, offset=offset, line=scope.lines + 1)
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


def commit(workspace: Workspace, imported: ImportedResult) -> None:
    """Store an imported result in this session. Raises: GraphError, StoreFailed."""
    first = len(workspace.invoker.open(workspace.session_id).lines) + 1
    for line in imported.unrolled.lines:
        workspace.invoker.extend(workspace.session_id, line)
    workspace.invoker.take_in(workspace.session_id, imported.unrolled.entries(workspace.session_id, first))


def _placed(stage: SessionStage, session: Session, sources: dict[str, str], chain: Chain) -> StageOutputs:
    offers = tuple(
        Offer(stage.number, name, session.graph.type_of(sources[node], output), node, output)
        for name, (node, output) in stage.outputs.items()
    )
    primary = next((offer for offer in offers if (offer.node, offer.output) == stage.primary), None)
    chain.add(offers)
    return StageOutputs(stage.number, stage.command, stage.name, offers, primary, chain)
