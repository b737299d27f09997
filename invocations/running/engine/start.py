"""Start an engine in the background, detached from this process and its terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .place import EnginePlace

MODULE = "invocations.run_engine"
DETACHED = '"$@" &'  # the shell ends at once, so nobody has to wait for the engine as for a child
READY = "ready"
TAKEN = "an engine is already running"  # or starting
VARIABLE = "INVOKEAI_ENGINE_START"  # names the variable with the settings of the engine


def start_engine(place: EnginePlace, settings: Mapping[str, Any]) -> int:
    """Start an engine; return the descriptor of a pipe, on which `READY` or why it cannot start is written.

    settings: those of the local services as JSON data. Raises: OSError.
    """
    os.makedirs(place.folder, mode=0o700, exist_ok=True)
    ready, theirs = os.pipe()
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    start = json.dumps({"folder": place.folder, "name": place.name, "settings": settings, "ready": theirs})
    try:
        with open(place.log, "wb") as log:
            subprocess.run(
                ["/bin/sh", "-c", DETACHED, "sh", sys.executable, "-m", MODULE],
                env={**os.environ, "PYTHONPATH": paths, VARIABLE: start},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(theirs,), start_new_session=True,
                cwd="/", check=True,
            )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        os.close(ready)
        raise error if isinstance(error, OSError) else OSError(str(error)) from error
    finally:
        os.close(theirs)
    return ready


def read_ready(ready: int) -> str:
    """Wait until an engine has started or has failed to; return "" or why it cannot start. Closes the descriptor."""
    with suppress(OSError), os.fdopen(ready, "rb") as pipe:
        found = pipe.read().decode("utf-8", "replace").strip()
        return "" if found == READY else found or "it ended while it was starting"
    return "it ended while it was starting"
