"""`session import FILE`: a session that was exported, here or elsewhere, is kept here whole or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from invocations.errors import NotImportable, SessionExists
from invocations.sessions.lost_results import refs_of
from invocations.storing.importing import session_of
from invokeai_cli.render.answer import Answer
from workflows.problems import ApplicationError
from workflows.scripts.source import STANDARD_INPUT, ScriptMissing, text_of
from workflows.session_lines import unfinished

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell

    from .call import Call


class NotImported(ApplicationError):
    """A file holds no session that can be kept here."""

    code = "not_importable"


def run(call: Call) -> Answer:
    """Take a session in, under its own id or, where that is taken, under a new one."""
    (name,) = call.values
    shell = call.shell
    session, instead_of = _taken_in(shell, _document(shell, name), name)
    notes = [f"there is a session {instead_of} already: this one is {session.id}"] if instead_of else []
    lost = sum(not all(map(shell.workspace.invoker.is_there, refs_of(session, id_))) for id_ in session.graph.nodes)
    if lost:
        notes.append(f"what {lost} of its nodes gave is not on this machine: they run again where a line needs them")
    if left := unfinished(session):
        some = "1 of its lines is" if len(left) == 1 else f"{len(left)} of its lines are"
        notes.append(f"{some} unfinished: `session resume` runs whatever they say")
    for note in notes:
        shell.renderer.note(note)
    data = {"session": session.id, "instead_of": instead_of, "lines": len(session.lines), "unfinished": left}
    return Answer("session_imported/1", data, text=session.id)


def _document(shell: Shell, name: str) -> object:
    """Return what a file, or standard input, holds. Raises: NotImported."""
    try:
        text = shell.environment.read() if name == STANDARD_INPUT else text_of(name, shell.environment.folder)
    except ScriptMissing as error:
        raise NotImported(error.message.replace("the script ", "", 1), "`session export ID FILE` writes one") from error
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotImported(f"`{name}` cannot be imported: it is no JSON: {error}", "is it whole?") from error


def _taken_in(shell: Shell, document: object, name: str) -> tuple[Session, str]:
    """Keep the session of a document; return it, and the id it had where that was taken. Raises: NotImported."""
    invoker = shell.workspace.invoker
    instead_of = ""
    try:
        session = session_of(document, invoker.catalog.spec)
        while True:
            try:
                invoker.add(session)
            except SessionExists:
                instead_of = instead_of or session.id
                session = session_of(document, invoker.catalog.spec, invoker.new_id(session.created))
            else:
                return session, instead_of
    except NotImportable as error:
        raise NotImported(f"`{name}` cannot be imported: {error.message}", error.hint) from error
