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
from invocations.cache.base import CachedResult
from invocations.errors import SessionMissing
from invocations.events import Event, NodeError
from invocations.local import LocalServices, LocalSettings, local_catalog
from invocations.running.base import Catalog
from invocations.running.context import LocalContext, invoke_node
from invocations.running.failures import FailedAlone, describe, ran_out_of_memory
from invocations.running.rereading import with_files_read
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

        def attempt(*, low_memory: bool) -> CachedResult:
            context = LocalContext(
                session, id_, spec.type, path, services=self.services, emit=self.emit, is_cancelled=lambda: False,
                claim=self.claim, low_memory=low_memory,
            )  # fmt: skip
            read = with_files_read(spec, inputs, self.services)
            if isinstance(read, NodeError):
                raise FailedAlone(read)
            return invoke_node(spec, read, context, catalog=catalog, classes={})

        try:
            found = self.attempted(attempt)
            self.services.close()
        except Exception as error:  # a node may come from a plug-in, so any exception counts as a failure of the node
            self.write({"error": describe(error, inputs).to_json()})
        else:
            self.write({"outputs": values.to_json(dict(found.outputs)), "facts": values.to_json(dict(found.facts))})

    def attempted(self, attempt: Any) -> CachedResult:
        """Run a node; if memory runs out, run it again in slices."""
        try:
            found: CachedResult = attempt(low_memory=False)
            return found
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
        self.services.free()
        found = attempt(low_memory=True)
        return found

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
