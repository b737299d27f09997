"""Run a warm engine: the process that `running/engine/start.py` starts; it ends when it is stopped or idle for long."""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from invocations.cache.keys import Signer
from invocations.cache.local import DiskCache
from invocations.engine_facts import engine_facts
from invocations.errors import InvocationError
from invocations.local import LocalServices, LocalSettings, local_catalog
from invocations.run_worker import device_for
from invocations.running.context import note
from invocations.running.engine.idle import Idleness
from invocations.running.engine.listening import listen, release
from invocations.running.engine.log import shorten
from invocations.running.engine.place import EnginePlace
from invocations.running.engine.server import EngineServer
from invocations.running.engine.start import READY, VARIABLE
from invocations.running.engine.turns import Turns
from invocations.running.workers.reports import WorkerInfo
from invocations.running.workers.worker_loop import WorkerLoop
from invocations.settings_json import settings_from_json
from invocations.values import ModelRef, mapping_from_json

SMALL_BYTES = 64 * 2**20  # a model of this size loads faster than a client should wait
FAILED = 1


def main() -> int:
    """Read the settings from a variable, take over the lock of the place, say that the engine is ready, and serve."""
    faulthandler.enable()  # a crash inside a library is explained in the log
    start = json.loads(os.environ.pop(VARIABLE))
    place = EnginePlace(start["folder"], start["name"])
    settings = replace(LocalSettings(**settings_from_json(start["settings"])), jobs=1, engine="off", preview_every=0)
    for each in ("ready", "lock"):
        os.set_inheritable(start[each], False)
    held = open(start["lock"], "a", encoding="ascii")  # noqa: SIM115 - stays open as long as the engine runs
    try:
        server, services = make_server(place, settings)
    except (InvocationError, OSError) as error:
        release(place, held)
        say(start["ready"], str(error))
        return FAILED
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: server.stop())
    say(start["ready"], READY)
    try:
        serve(server, services)
    except BaseException:
        traceback.print_exc()
        return FAILED
    finally:
        server.close()
        release(place, held)
    return 0


def serve(server: EngineServer, services: LocalServices) -> None:
    """Serve clients until the engine is stopped or idle for long, and finish what the services do in the background."""
    server.run()
    if services.is_writing:  # the next engine writes the converted copy
        services.stop_writing()
    with suppress(InvocationError):
        services.close()


def say(ready: int, text: str) -> None:
    """Write whether the engine is ready to the pipe of the process that started it, which may have ended."""
    with suppress(OSError):
        os.write(ready, text.encode())
    os.close(ready)


def make_server(place: EnginePlace, settings: LocalSettings) -> tuple[EngineServer, LocalServices]:
    """Return the server of a place that is locked, and its services. Raises: InvocationError, OSError."""
    device = device_for(settings.device, 0)
    services = LocalServices(replace(settings, device=device))
    services.digests = DiskCache(  # only for the fingerprints of models that other processes have computed
        settings.cache_dir, Signer(), max_bytes=settings.reuse_bytes, file_of=services.file_of
    )
    catalog = local_catalog(settings)

    def make_loop(send: Callable[[Mapping[str, Any]], None]) -> WorkerLoop:
        services.generation.on_note = note  # each client sees the notes that are shown once
        return WorkerLoop("engine", services, catalog, send, progress_s=0.0)

    def prepare(message: Mapping[str, Any]) -> None:
        services.generation.preview_every = int(message.get("preview_every", 0))

    server = EngineServer(
        place, listen(place), make_loop, facts=engine_facts(settings, LocalServices(settings).computing()),
        info=WorkerInfo("engine", device, os.getpid()), turns=Turns(lambda task: is_small(services, task)),
        idleness=Idleness(), prepare=prepare, unload=lambda: unload(services), status=lambda: status(services),
        tend=lambda: shorten(place.log),
    )  # fmt: skip
    return server, services


def is_small(services: LocalServices, message: Mapping[str, Any]) -> bool:
    """Return True if the models of a task are small."""
    try:
        inputs = [mapping_from_json(step["inputs"]) for step in message["task"]["steps"]]
        models = [value for each in inputs for value in each.values() if isinstance(value, ModelRef)]
        return all(services.models.card(model).size_bytes < SMALL_BYTES for model in models)
    except (InvocationError, OSError):
        return False


def unload(services: LocalServices) -> None:
    """Unload all models."""
    services.generation.free()
    gc.collect()


def status(services: LocalServices) -> dict[str, Any]:
    """Return what the engine holds: the names of the loaded models, and their size."""
    generation = services.generation
    models = [os.path.basename(path.removesuffix(f"{os.sep}{part}")) for path, part in generation.held_parts]
    return {"models": list(dict.fromkeys(models)), "model_bytes": generation.held_bytes}


if __name__ == "__main__":
    sys.exit(main())
