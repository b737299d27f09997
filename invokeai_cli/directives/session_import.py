"""`session import FILE`: import an exported session, as a whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.errors import InvocationError, NotImportable, SessionExists
from invocations.foreign import MAX_BYTES, ForeignData, json_data, too_large
from invocations.sessions.lost_results import refs_of
from invocations.sessions.session import new_session_id
from invocations.storing.exporting import document_of
from invocations.storing.importing import session_of
from invokeai_cli.render.answer import Answer
from workflows.imported_session import as_shown
from workflows.problems import ApplicationError
from workflows.reserved import STANDARD_INPUT
from workflows.scripts.source import ScriptMissing, text_of
from workflows.session_lines import unfinished

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell

    from .call import Call


class NotImported(ApplicationError):
    """A file does not contain a session that can be imported."""

    code = "not_importable"


def run(call: Call) -> Answer:
    """Import a session under its own id, or under a new id if another session has that id."""
    (name,) = call.values
    shell = call.shell
    document = _document(shell, name)
    if (existing := _same(shell, document)) is not None:
        shell.renderer.note(f"session {existing} already exists with the same content; nothing was imported")
        data = {"session": existing, "instead_of": "", "lines": len(document["lines"]), "unfinished": [], "changed": []}
        return Answer("session_imported/1", data, text=existing)
    session, instead_of, changed = _taken_in(shell, document, name)
    notes = [f"session {instead_of} already exists; imported as session {session.id}"] if instead_of else []
    lost = sum(not all(map(shell.workspace.invoker.is_there, refs_of(session, id_))) for id_ in session.graph.nodes)
    if lost:
        notes.append(f"the results of {lost} imported nodes are not on this machine; these nodes run again if needed")
    if left := unfinished(session):
        notes.append(f"unfinished lines: {len(left)}; `session resume {session.id}` runs them")
    if changed:
        shows = f"`history --session {session.id}` shows what the nodes do"
        notes.append(f"lines that do not match their nodes: {len(changed)}; {shows}")
    for note in notes:
        shell.renderer.note(note)
    data = {
        "session": session.id,
        "instead_of": instead_of,
        "lines": len(session.lines),
        "unfinished": left,
        "changed": changed,
    }
    return Answer("session_imported/1", data, text=session.id)


def _document(shell: Shell, name: str) -> Any:
    """Return the content of a file or of standard input. Raises: NotImported."""
    try:
        is_stream, folder = name == STANDARD_INPUT, shell.environment.folder
        text = shell.environment.read(MAX_BYTES + 1) if is_stream else text_of(name, folder)
    except ScriptMissing as error:
        raise NotImported(
            error.message.replace("the script ", "", 1), "use a file from `session export ID FILE`"
        ) from error
    try:
        if len(text) > MAX_BYTES:
            raise ForeignData(too_large(MAX_BYTES))
        return json_data(text)
    except ForeignData as error:
        raise NotImported(f"`{name}` cannot be imported: it {error}", "is the file complete?") from error


def _same(shell: Shell, document: Any) -> str | None:
    """Return the document's session id if the store has a session with this id and the same content, else None."""
    id_ = document.get("id") if isinstance(document, dict) else None
    if not isinstance(id_, str):
        return None
    try:
        return id_ if document_of(shell.workspace.invoker.open(id_)) == document else None
    except InvocationError:  # there is no session with this id
        return None


def _taken_in(shell: Shell, document: Any, name: str) -> tuple[Session, str, list[int]]:
    """Store a document's session under its own id, or under a new id if its own is already taken.

    Return the stored session, its id in the document if a new id was needed (otherwise ""), and the numbers of the
    lines that were changed. Raises: NotImported.
    """
    invoker = shell.workspace.invoker
    instead_of = ""
    try:
        read = session_of(document, invoker.catalog.spec)
        shown, changed = as_shown(document, read, shell.workspace.catalog)
        session = session_of(shown, invoker.catalog.spec)
        while True:
            try:
                invoker.add(session)
            except SessionExists:
                instead_of = instead_of or session.id
                session = session_of(shown, invoker.catalog.spec, new_session_id(session.created))
            else:
                return session, instead_of, changed
    except NotImportable as error:
        raise NotImported(f"`{name}` cannot be imported: {error.message}", error.hint) from error
