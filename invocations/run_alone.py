"""Run one node of a stored session, then exit: the child process that `running/alone.py` starts."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from invocations import values
from invocations.errors import SessionMissing
from invocations.events import Event, NodeError
from invocations.local import LocalServices, LocalSettings, local_catalog
from invocations.running.base import Catalog
from invocations.running.inline import perform_and_store
from invocations.running.rereading import with_files_read
from invocations.running.session_context import SessionContext
from invocations.sessions.session import Session
from invocations.settings_json import settings_from_json
from invocations.storing.local import LocalStore

PARENT_ENDED = 75


def main() -> int:
    """Read a job from standard input, run the node in it, and write events and the result to standard output."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # standard output carries JSON, so whatever a node prints goes to standard error
    sys.stdout = sys.stderr
    job = json.loads(sys.stdin.readline())
    _Worker(job, out).run()
    return 0


class _Worker:
    """Runs the node that a job names."""

    def __init__(self, job: dict[str, Any], out: TextIO) -> None:
        self.job = job
        self.out = out
        self.settings = LocalSettings(**settings_from_json(job["settings"]))
        self.services = LocalServices(self.settings)
        self.answers: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        """Queue the answers from the program that started this process; exit when that program ends."""
        for line in sys.stdin:
            self.answers.put(line)
        os._exit(PARENT_ENDED)

    def run(self) -> None:
        catalog = local_catalog(self.settings)
        session = self.session(catalog)
        id_, path = self.job["node"], tuple(self.job["path"])
        inputs = session.expansion.pending.get((id_, path))
        if inputs is None:
            raise SessionMissing(session.id, f"node `{id_}` is not ready to run")
        spec = session.graph.node_type(id_).spec

        read = with_files_read(spec, inputs, self.services)
        if isinstance(read, NodeError):
            self.write({"error": read.to_json()})
            return
        context = SessionContext(
            session, id_, spec.type, path, services=self.services, emit=self.emit, is_cancelled=lambda: False,
            claim=self.claim,
        )  # fmt: skip
        made = perform_and_store(spec, read, context, services=self.services, catalog=catalog, classes={})
        self.services.close()
        if isinstance(made, NodeError):
            self.write({"error": made.to_json()})
        else:
            found, _ = made
            self.write({"outputs": values.to_json(dict(found.outputs)), "facts": values.to_json(dict(found.facts))})

    def session(self, catalog: Catalog) -> Session:
        """Read the session from the store."""
        store = LocalStore(Path(self.settings.data_dir) / "sessions.sqlite")
        session = Session(self.job["session"], store.created(self.job["session"]), catalog.spec)
        for entry in store.read(session.id):
            session.apply(entry)
        session.expansion.advance()
        store.close()
        return session

    def emit(self, event: Event) -> None:
        self.write(event.to_json())

    def claim(self, target: str) -> None:
        """Report that the node is about to write a file, and wait until the parent process has recorded this."""
        self.write({"claim": target})
        self.answers.get()

    def write(self, data: dict[str, Any]) -> None:
        self.out.write(json.dumps(data, default=str) + "\n")
        self.out.flush()


if __name__ == "__main__":
    sys.exit(main())
