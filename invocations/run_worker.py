"""Run a worker process: the child that `running/workers/processes.py` starts, connected to it by a socket."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from invocations.cache.keys import Signer
from invocations.cache.local import DiskCache
from invocations.importing import watch_imports
from invocations.local import LocalServices, LocalSettings, local_catalog
from invocations.local_memory import room_bytes
from invocations.running.base import Catalog
from invocations.running.workers.reports import WorkerExcluded, WorkerImporting, WorkerInfo, WorkerReady
from invocations.running.workers.worker_loop import WorkerLoop
from invocations.sessions.session import Session
from invocations.settings_json import settings_from_json

COORDINATOR_ENDED = 75  # the exit status of a worker that still had a step when its coordinator had ended
GRACE_S = 4.0  # how long such a step may take to stop, and copies of models to be written


def main() -> int:
    """Read how to compute from the socket, then run tasks until the coordinator closes it or ends."""
    link = socket.socket(fileno=int(sys.argv[1]))
    link.set_inheritable(False)
    lines = link.makefile("r", encoding="utf-8")
    first = lines.readline()
    if not first:
        return 0
    begin, send, listener = json.loads(first), Sender(link), Listener(lines)
    try:
        info, loop, services = prepare(begin, send)
    except Exception as error:  # such as a missing library, or a device that this machine does not have
        why = next(iter(str(error).splitlines()), type(error).__name__)
        send(WorkerExcluded(begin["id"], f"it cannot start: {why}").to_json())
        return 1
    listener.attach(loop, services)
    send(WorkerReady(info.id, info).to_json())
    report_import = partial(report_library, send, info.id)
    threading.Thread(target=watch_imports, args=(report_import,), name="imports", daemon=True).start()
    loop.run()
    services.close()
    return 0


def report_library(send: Sender, worker: str, library: str) -> None:
    """Report that a large library is being imported, or "" once it has been."""
    send(WorkerImporting(worker, library).to_json())


def prepare(begin: Mapping[str, Any], send: Sender) -> tuple[WorkerInfo, WorkerLoop, LocalServices]:
    """Return what the worker is, what runs its tasks, and its services."""
    settings = LocalSettings(**settings_from_json(begin["settings"]))
    own = own_settings(settings, begin["index"])
    services = LocalServices(own)
    services.digests = DiskCache(  # only for the fingerprints of models that other processes have computed
        settings.cache_dir, Signer(), max_bytes=settings.reuse_bytes, file_of=services.file_of
    )
    computing = LocalServices(settings).computing()
    info = WorkerInfo(begin["id"], own.device, os.getpid(), socket.gethostname(), computing, room_bytes(own))
    catalog = local_catalog(settings)
    loop = WorkerLoop(info.id, services, catalog, send, partial(read_session, settings.data_dir, catalog))
    return info, loop, services


def own_settings(settings: LocalSettings, index: int) -> LocalSettings:
    """Return the settings of the worker with this index: its device, and how many workers use its graphics card."""
    device, workers = device_for(settings.device, index), settings.jobs or 1
    if ":" in settings.device or not device.startswith("cuda"):
        return replace(settings, device=device, on_card=workers)
    import torch

    cards = torch.cuda.device_count()
    return replace(settings, device=device, on_card=len(range(index % cards, workers, cards)))


def device_for(wanted: str, index: int) -> str:
    """Return the device of the worker with this index: each graphics card in turn, if they are wanted."""
    from core.device_class import device_class

    if device_class(wanted, "auto")[0] in ("cpu", "mps") or ":" in wanted:
        return wanted.replace("auto", "cpu")
    from core.devices import nth_device

    return nth_device(wanted, index).name


def read_session(data_dir: Path, catalog: Catalog, session_id: str) -> Session:
    """Read a session from the store. Raises: SessionMissing, SessionDamaged."""
    from invocations.storing.local import LocalStore  # imported on demand: few tasks need it

    store = LocalStore(data_dir / "sessions.sqlite")
    session = Session(session_id, store.created(session_id), catalog.spec)
    for entry in store.read(session_id):
        session.apply(entry)
    session.expansion.advance()
    store.close()
    return session


class Sender:
    """Sends JSON data as lines; a coordinator that has ended is noticed by `listen`."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._lock = threading.Lock()

    def __call__(self, data: Mapping[str, Any]) -> None:
        line = json.dumps(data).encode() + b"\n"
        with self._lock:
            try:
                self._link.sendall(line)
            except OSError:
                return


class Listener:
    """Passes on what the coordinator sends, in a thread.

    When the coordinator has ended, it ends this process: at once if it is still being started, and otherwise when its
    step has stopped, at the latest after a grace period.
    """

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._attached: tuple[WorkerLoop, LocalServices] | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def attach(self, loop: WorkerLoop, services: LocalServices) -> None:
        """Set who receives the messages; the coordinator sends none before the worker is ready."""
        self._attached = loop, services

    def _listen(self) -> None:
        try:
            for line in self._lines:
                if line.endswith("\n") and self._attached is not None:  # a coordinator that dies may leave half a line
                    self._attached[0].receive(json.loads(line))
        except ConnectionResetError:  # the coordinator was killed before it had read everything
            pass
        finally:
            self._end()

    def _end(self) -> None:
        if self._attached is not None:
            loop, services = self._attached
            loop.end()
            time.sleep(GRACE_S)
            if services.is_writing:
                services.stop_writing()
        os._exit(COORDINATOR_ENDED)


if __name__ == "__main__":
    os._exit(main())  # Python could crash if it ended normally while a thread imports libraries
