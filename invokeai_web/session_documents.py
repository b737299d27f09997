"""Sessions as JSON for clients: without paths of this machine, and with strings for seeds and other large integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.graph.exact_integers import with_strings, write_document
from invocations.public_json import public_json
from invocations.storing.exporting import document_of

from .clean_data import clean_data

if TYPE_CHECKING:
    from invocations.sessions.session import Session

    from .server import Server


def session_document(session: Session, server: Server) -> dict[str, Any]:
    """Return the document of a session (`session-export/1`), with the inputs and tracebacks of errors left out."""
    with session.lock:
        document = document_of(session)
    if session.imported:
        from workflows.imported_session import as_shown

        document, _ = as_shown(document, session, server.catalog)
    document["graph"] = public_graph(document["graph"], server)
    for row in document["errors"]:
        error = row["error"]
        row["error"] = {name: error[name] for name in ("type", "message", "code", "hint")}
    for row in document["lines"]:
        row["source"] = ""  # the path of a script
    for part in ("results", "errors", "skipped", "messages", "lines"):
        document[part] = clean_data(public_json(with_strings(document[part])), server.without_paths)
    return document


def public_graph(graph: dict[str, Any], server: Server) -> dict[str, Any]:
    """Return a graph document as clients receive it."""
    written = write_document(graph, server.catalog)
    found: dict[str, Any] = clean_data(public_json(written), server.without_paths)
    return found
