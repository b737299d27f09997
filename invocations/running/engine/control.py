"""Start, stop and question an engine, for applications."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from .crashes import Crashes
from .link import NoEngine, connect, remove_stale
from .place import EnginePlace
from .start import TAKEN, read_ready, start_engine

START_S = 60.0  # how long an engine that another process has started may take to be ready
END_S = 10.0  # how long an engine may take to end after its connections are closed
POLL_S = 0.02


class EngineFailed(Exception):
    """An engine cannot be started, stopped or asked; the message says why."""


class EngineControl:
    """The engine at a place; settings: those of the local services as JSON data. sleep: waits for some seconds."""

    def __init__(
        self, place: EnginePlace, settings: Mapping[str, Any], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.place = place
        self._settings = settings
        self._sleep = sleep

    def start(self) -> bool:
        """Start the engine and wait until it is ready; return False if it was running. Raises: EngineFailed."""
        if self.status() is not None:
            return False
        Crashes(self.place.crashes).forget()
        try:
            why = read_ready(start_engine(self.place, self._settings))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
        if why == TAKEN:  # another process has just started it
            return not self._wait_until_ready()
        if why:
            raise EngineFailed(why)
        return True

    def status(self) -> Mapping[str, Any] | None:
        """Return what the engine says about itself, or None if it is not running. Raises: EngineFailed."""
        try:
            link = connect(self.place, {})
            try:
                return link.ask("status")
            finally:
                link.close()
        except NoEngine as error:
            if error.is_absent:
                return None
            raise EngineFailed(error.why) from error

    def stop(self) -> bool:
        """Stop the engine and wait until its process has ended; return False if it is not running.

        Raises: EngineFailed.
        """
        try:
            link = connect(self.place, {})
            try:
                pid = int(link.info.get("pid", 0))
                link.ask("stop")
                link.wait_for_end(END_S)
            finally:
                link.close()
        except NoEngine as error:
            if error.is_absent:
                return False
            raise EngineFailed(error.why) from error
        self._wait_for(pid)
        remove_stale(self.place)
        return True

    def log(self) -> str:
        """Return what the engine has written to its log."""
        with suppress(OSError), open(self.place.log, encoding="utf-8", errors="replace") as file:
            return file.read()
        return ""

    def others(self) -> list[EngineControl]:
        """Return the engines of other versions, home folders or devices that are in the same folder."""
        try:
            names = sorted(name for name in os.listdir(self.place.folder) if name.endswith(".sock"))
        except OSError:
            return []
        places = [EnginePlace(self.place.folder, name.removesuffix(".sock")) for name in names]
        return [EngineControl(place, {}, self._sleep) for place in places if place != self.place]

    def _wait_until_ready(self) -> bool:
        """Wait until an engine that is starting can be reached. Raises: EngineFailed."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self.status() is not None:
                return True
            self._sleep(POLL_S)
        raise EngineFailed("it does not start")

    def _wait_for(self, pid: int) -> None:
        """Wait until a process has ended; one that does not end is killed."""
        until = time.monotonic() + END_S
        with suppress(ProcessLookupError):
            while time.monotonic() < until:
                os.kill(pid, 0)
                self._sleep(POLL_S)
            os.kill(pid, signal.SIGKILL)
