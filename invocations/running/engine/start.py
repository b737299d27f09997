"""Start an engine in the background, detached from this process and its terminal."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .listening import lock, release
from .place import EnginePlace

MODULE = "invocations.run_engine"
DETACHED = '"$@" &'  # the shell ends at once, so nobody has to wait for the engine as for a child
READY = "ready"
VARIABLE = "INVOKEAI_ENGINE_START"  # names the variable with the settings of the engine


def start_engine(place: EnginePlace, settings: Mapping[str, Any]) -> int:
    """Start an engine; return the descriptor of a pipe, on which `READY` or why it cannot start is written.

    settings: those of the local services as JSON data. Raises: PlaceTaken, OSError.
    """
    held = lock(place)  # the engine inherits the lock, so no other process can start one, or take it for absent
    ready, theirs = os.pipe()
    inherited = {"ready": theirs, "lock": held.fileno()}
    start = json.dumps({"folder": place.folder, "name": place.name, "settings": settings, **inherited})
    try:
        _run(place, start, tuple(inherited.values()))
    except BaseException as error:
        os.close(ready)
        release(place, held)
        if isinstance(error, subprocess.CalledProcessError):
            raise OSError(str(error)) from error
        raise
    finally:
        os.close(theirs)
        held.close()
    return ready


def _run(place: EnginePlace, start: str, inherited: tuple[int, ...]) -> None:
    """Run the engine's module; its log is new, and is not opened through a link.

    Raises: OSError, CalledProcessError.
    """
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        subprocess.run(
            ["/bin/sh", "-c", DETACHED, "sh", sys.executable, "-m", MODULE],
            env={**os.environ, "PYTHONPATH": paths, VARIABLE: start},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=inherited, start_new_session=True,
            cwd="/", check=True,
        )  # fmt: skip
    finally:
        os.close(log)


def read_ready(ready: int, seconds: float | None = None) -> str:
    """Wait until an engine has started or has failed to; return "" or why it cannot start. Closes the descriptor.

    seconds: how long to wait; None for any time
    """
    with suppress(OSError), os.fdopen(ready, "rb") as pipe:
        if not select.select([pipe], [], [], seconds)[0]:
            return "it does not start"
        found = pipe.read().decode("utf-8", "replace").strip()
        return "" if found == READY else found or "it ended while it was starting"
    return "it ended while it was starting"
