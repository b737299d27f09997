"""A client's connection to an engine."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .listening import PlaceTaken, lock, unlock
from .messages import LineReader, LineTooLong, Malformed, difference, encode, greeting
from .peer import is_own
from .place import MAX_PATH_BYTES, EnginePlace, why_unsafe

SEND_S = 10.0  # how long an engine may take to read a message
ANSWER_S = 10.0  # how long an engine may take to answer a greeting or a question
CHUNK_BYTES = 1 << 16


class NoEngine(Exception):
    """No engine can be used; `is_absent`: because none is running, so that one may be started."""

    def __init__(self, why: str, *, is_absent: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_absent = is_absent


class EngineLink:
    """An open connection; `info` is what the engine says about itself."""

    def __init__(self, link: socket.socket, facts: Mapping[str, str]) -> None:
        self._link = link
        self._reader = LineReader()
        self._lines: list[dict[str, Any]] = []
        self.info = self._handshake(facts)
        link.settimeout(None)

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._link.fileno()

    def send(self, data: Mapping[str, Any]) -> None:
        """Send a message; that the engine has ended or does not read is noticed when receiving. Raises: LineTooLong."""
        line = encode(data)
        before = self._link.gettimeout()
        self._link.settimeout(SEND_S)
        try:
            self._link.sendall(line)
        except OSError:  # what was not sent is lost, so nothing else can follow
            with suppress(OSError):
                self._link.shutdown(socket.SHUT_RDWR)
        finally:
            self._link.settimeout(before)

    def receive(self) -> list[dict[str, Any]] | None:
        """Wait for messages; return None if the connection has ended, or if what arrives is malformed."""
        lines, self._lines = self._lines, []
        if lines:
            return lines
        try:
            data = self._link.recv(CHUNK_BYTES)
            return self._reader.feed(data) if data else None
        except (OSError, LineTooLong, Malformed):
            return None

    def ask(self, question: str) -> dict[str, Any]:
        """Ask an engine and return its answer. Raises: NoEngine."""
        self._link.settimeout(ANSWER_S)
        self.send({"ask": question})
        return self._answer()

    @property
    def is_open(self) -> bool:
        """Whether the engine has neither ended nor sent anything that was not received."""
        try:
            self._link.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def close(self) -> None:
        """Close the connection; the engine stops what it does for it."""
        self._link.close()

    def _handshake(self, facts: Mapping[str, str]) -> dict[str, Any]:
        """Exchange greetings and return what the engine says about itself. Raises: NoEngine."""
        self._link.settimeout(ANSWER_S)
        self.send(greeting(facts))
        answer = self._answer()
        if facts and (why := difference(facts, answer)):
            raise NoEngine(why)
        info = answer.get("info")
        return info if isinstance(info, dict) else {}

    def _answer(self) -> dict[str, Any]:
        lines = self.receive()
        while lines == []:
            lines = self.receive()
        if lines is None:
            raise NoEngine("it does not answer")
        self._lines = lines[1:]
        return lines[0]


def connect(place: EnginePlace, facts: Mapping[str, str]) -> EngineLink:
    """Connect to the engine at a place. Raises: NoEngine.

    facts: what must be equal on both sides; {} if nothing must, because no task will be given
    """
    link = open_socket(place)
    try:
        return EngineLink(link, facts)
    except BaseException:
        link.close()
        raise


def open_socket(place: EnginePlace) -> socket.socket:
    """Return a connection to the engine at a place, before any greeting. Raises: NoEngine."""
    if not hasattr(socket, "AF_UNIX") or not hasattr(os, "getuid"):
        raise NoEngine("this system cannot use it")
    if not place.is_short:
        raise NoEngine(f"the path of its socket is longer than {MAX_PATH_BYTES} bytes: {place.socket}")
    try:
        why = why_unsafe(place.folder) or why_unsafe(place.socket)
    except OSError as error:
        is_absent = isinstance(error, FileNotFoundError)
        why = "" if is_absent else f"its folder cannot be read: {error.strerror}"
        raise NoEngine(why, is_absent=is_absent) from error
    if why:
        raise NoEngine(why)
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.settimeout(ANSWER_S)
        link.connect(place.socket)
        if not is_own(link):  # the socket may have been replaced since it was checked
            raise NoEngine(f"{place.socket} belongs to another user")
        return link
    except BaseException as error:
        link.close()
        if not isinstance(error, OSError):
            raise
        is_absent = error.errno in (errno.ECONNREFUSED, errno.ENOENT)
        if is_absent:
            remove_stale(place)
        raise NoEngine("" if is_absent else "it does not answer", is_absent=is_absent) from error


def remove_stale(place: EnginePlace) -> None:
    """Remove the socket of an engine that was killed, unless another one is just starting."""
    with suppress(OSError, PlaceTaken):
        held = lock(place)
        with suppress(OSError):
            os.unlink(place.socket)
        unlock(place, held)
