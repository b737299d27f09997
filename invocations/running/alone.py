"""Run one node alone in a fresh process: used for a node that may have crashed the program.

The process reads the session from the store and writes lines of JSON: events, the names of files that it is about to
write, and finally the result or the error. It ends when this program ends; its death is blamed on the node only if
this program is still alive.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Any, Final

from invocations import values
from invocations.cache.base import CachedResult
from invocations.errors import Cancelled
from invocations.events import Event, Path, error_from_json, event_from_json

from .child import ending, start_child
from .failures import Died, FailedAlone

MODULE: Final = "invocations.run_alone"
ACCEPTED: Final = "ok\n"
POLL_S: Final = 0.02  # seconds between checks whether the run has been cancelled


class Alone:
    """Runs nodes in processes of their own.

    settings: the settings of the local services, as JSON data. flush: writes pending changes to disk, where the
    process reads them.
    """

    def __init__(self, settings: dict[str, Any], flush: Callable[[], None]) -> None:
        self._settings = settings
        self._flush = flush

    def run(
        self,
        session_id: str,
        node_id: str,
        path: Path,
        *,
        emit: Callable[[Event], None],
        claim: Callable[[str], object],
        is_cancelled: Callable[[], bool],
    ) -> CachedResult:
        """Run a node and return its result. Raises: Died, FailedAlone, Cancelled."""
        self._flush()
        job = {"settings": self._settings, "session": session_id, "node": node_id, "path": path}
        with _started() as process:
            assert process.stdin is not None
            try:
                process.stdin.write(json.dumps(job) + "\n")
                process.stdin.flush()
                return self._follow(process, session_id, emit, claim, is_cancelled)
            except BrokenPipeError:
                raise Died(ending(process)) from None
            finally:
                process.kill()
                with suppress(OSError):  # closing the stream also flushes it, which fails if the process is dead
                    process.stdin.close()

    def _follow(
        self,
        process: subprocess.Popen[str],
        session_id: str,
        emit: Callable[[Event], None],
        claim: Callable[[str], object],
        is_cancelled: Callable[[], bool],
    ) -> CachedResult:
        assert process.stdin is not None
        for line in _lines(process, is_cancelled):
            data = json.loads(line)
            if "event" in data:
                emit(event_from_json({**data, "session_id": session_id}))
            elif "claim" in data:
                claim(data["claim"])
                process.stdin.write(ACCEPTED)
                process.stdin.flush()
            elif "error" in data:
                raise FailedAlone(error_from_json(data["error"]))
            else:
                return CachedResult(values.mapping_from_json(data["outputs"]), values.mapping_from_json(data["facts"]))
        raise Died(ending(process))


def _started() -> subprocess.Popen[str]:
    process: subprocess.Popen[str]
    process = start_child(MODULE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    return process


def _lines(process: subprocess.Popen[str], is_cancelled: Callable[[], bool]) -> Any:
    """Yield each line that a process writes, until the process ends. Raises: Cancelled."""
    assert process.stdout is not None
    queue: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_pump, args=(process.stdout, queue), daemon=True).start()
    while True:
        if is_cancelled():
            raise Cancelled
        try:
            line = queue.get(timeout=POLL_S)
        except Empty:
            continue
        if not line:
            return
        yield line


def _pump(stream: IO[str], queue: SimpleQueue[str]) -> None:
    try:
        for line in stream:
            if line.endswith("\n"):  # a process that dies may leave an incomplete last line
                queue.put(line)
    except ValueError:  # the stream was closed
        pass
    queue.put("")
