"""Start, stop and question an engine, for applications."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import Any

from .crashes import CRASHED, Crashes
from .link import EngineLink, NoEngine, connect, open_socket, remove_stale
from .listening import TAKEN, PlaceTaken, is_free
from .messages import ENDED
from .peer import peer_of
from .place import EnginePlace
from .process import POLL_S, OtherProcess
from .start import read_ready, start_engine

START_S = 60.0  # how long an engine that another process starts or stops may take to be ready or to have ended
END_S = 20.0  # how long an engine may take to end before it is killed
CLOSED_S = 1.0  # the same, if it does not answer: it may just be ending
KILL_S = 10.0  # how long the system may take to end a process that was killed
NAMES = ("engine-", ".sock")  # the beginning and the end of the names of sockets


class EngineFailed(Exception):
    """An engine cannot be started, stopped or asked; the message says why."""


class EngineControl:
    """The engine at a place.

    settings: those of the local services as JSON data. sleep: waits for some seconds. clock: returns seconds
    """

    def __init__(
        self,
        place: EnginePlace,
        settings: Mapping[str, Any],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.place = place
        self._settings = settings
        self._sleep = sleep
        self._clock = clock

    def start(self, *, is_asked: bool = True) -> bool:
        """Start the engine and wait until it is ready; return False if it was running. Raises: EngineFailed.

        is_asked: whether the user has asked for it; otherwise, an engine that crashed too often is not started
        """
        until, crashes = self._clock() + START_S, Crashes(self.place.crashes)
        while self.status() is None:
            if not is_asked and crashes.are_many:
                raise EngineFailed(CRASHED)
            crashes.forget()
            try:
                why = read_ready(start_engine(self.place, self._settings), START_S)
            except PlaceTaken as taken:
                self._wait_for_other(str(taken), until)
                continue
            except OSError as error:
                why = (error.strerror or str(error)).lower()
            if why:
                raise EngineFailed(why)
            return True
        return False

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

        An engine that does not answer, or does not end, is killed. Raises: EngineFailed.
        """
        until = self._clock() + START_S
        while True:
            try:
                link = open_socket(self.place)
            except NoEngine as error:
                if not error.is_absent:
                    raise EngineFailed(error.why) from error
                if self._is_free():
                    return False
                self._wait_for_other(TAKEN, until)
                continue
            with link:
                self._stop(link)
            return True

    def free(self) -> bool:
        """Let an idle engine end, and one that waits for the next step of a run unload its models.

        Return True if the engine has freed its memory.
        """
        with suppress(NoEngine), open_socket(self.place) as link:
            peer, freed = peer_of(link), EngineLink(link, {}).ask("free").get("freed")
            if freed == ENDED and peer is not None:
                with suppress(ValueError), closing(OtherProcess(peer.process, self._sleep, self._clock)) as process:
                    process.ends_within(END_S)
            return bool(freed)
        return False

    def log(self) -> str:
        """Return what the engine has written to its log."""
        with suppress(OSError), open(self.place.log, encoding="utf-8", errors="replace") as file:
            return file.read()
        return ""

    def others(self) -> list[EngineControl]:
        """Return the engines of other versions, home folders or devices that are in the same folder."""
        begin, end = NAMES
        try:
            names = sorted(name for name in os.listdir(self.place.folder) if name.startswith(begin))
        except OSError:
            return []
        places = [EnginePlace(self.place.folder, name.removesuffix(end)) for name in names if name.endswith(end)]
        return [EngineControl(place, {}, self._sleep, self._clock) for place in places if place != self.place]

    def _is_free(self) -> bool:
        try:
            return is_free(self.place)
        except (PlaceTaken, OSError) as error:
            raise EngineFailed(str(error)) from error

    def _wait_for_other(self, why: str, until: float) -> None:
        """Wait briefly because another process starts or stops the engine. Raises: EngineFailed, if it takes long."""
        if why != TAKEN or self._clock() >= until:
            raise EngineFailed(why)
        self._sleep(POLL_S)

    def _stop(self, link: socket.socket) -> None:
        """Stop the engine that is connected, and remove its socket. Raises: EngineFailed."""
        peer, engine = peer_of(link), None
        with suppress(NoEngine):
            engine = EngineLink(link, {})
        pid = peer.process if peer else engine and engine.info.get("pid")
        if type(pid) is not int:
            raise EngineFailed("its process is not known")
        try:
            found = OtherProcess(pid, self._sleep, self._clock)
        except ValueError as error:
            raise EngineFailed(str(error)) from error
        with closing(found) as process:
            if not process.ends_within(END_S if _asked(engine, "stop") else CLOSED_S):
                process.kill()
                if not process.ends_within(KILL_S):
                    raise EngineFailed(f"its process {pid} does not end")
        remove_stale(self.place)


def _asked(engine: EngineLink | None, question: str) -> bool:
    """Return True if an engine has answered a question."""
    if engine is not None:
        with suppress(NoEngine):
            engine.ask(question)
            return True
    return False
