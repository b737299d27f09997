"""Kill a process that runs the queue at the chosen occurrence of one kind of event."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from invocations.queueing.base import QueueItem
from invocations.queueing.local import LocalQueue
from invocations.storing.local import LocalStore
from tests.attacks.kills import kind_of

EARLY = "item claimed"


class Fuse:
    """Kills this process at the chosen occurrence of one kind of event, or notes all kinds."""

    def __init__(self, kind: str, skipped: int, note: Path) -> None:
        self.kind = kind
        self.skipped = skipped
        self.note = note

    def pass_by(self, kind: str) -> None:
        """Kill the process if it is time, or note the kind if there is none to wait for."""
        if not self.kind:
            with self.note.open("a") as file:
                file.write(f"{kind}\n")
        elif kind == self.kind:
            self.skipped -= 1
            if self.skipped < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        """Watch what is written from now on."""
        append, claim, update = LocalStore.append_with, LocalQueue.claim, LocalQueue.update

        def appended(store: LocalStore, session_id: str, entries: Any, more: Any = None) -> None:
            kinds = [kind_of(entry) for entry in entries]
            for kind in kinds:
                self.pass_by(f"before {kind}")
            append(store, session_id, entries, more)
            for kind in kinds:
                self.pass_by(f"after {kind}")

        def claimed(queue: LocalQueue, choose: Any) -> QueueItem | None:
            found = claim(queue, choose)
            if found is not None:
                self.pass_by(EARLY)
            return found

        def updated(queue: LocalQueue, item_id: str, change: Any, *entries: Any) -> QueueItem:
            self.pass_by("item before")
            found = update(queue, item_id, change, *entries)
            self.pass_by("item after")
            return found

        LocalStore.append_with = appended  # type: ignore[method-assign] # in a process that ends soon
        LocalQueue.claim = claimed  # type: ignore[method-assign]
        LocalQueue.update = updated  # type: ignore[method-assign]
