"""Packets of Socket.IO: events are already JSON and are not encoded again, and malformed packets do no harm."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any, Final

from socketio.packet import ACK, CONNECT, DISCONNECT, EVENT, Packet

from invokeai_web.events.base import Numbered

MALFORMED: Final = "malformed packet"  # the name of the event that a malformed packet becomes
FROM_CLIENTS: Final = frozenset({CONNECT, DISCONNECT, EVENT, ACK})  # clients of this server send nothing binary
RESERVED: Final = frozenset({"connect", "disconnect"})  # events that only the library may trigger
_MARK: Final = secrets.token_hex(16)


class RawJson:
    """A value that is JSON text already."""

    def __init__(self, text: str) -> None:
        self.text = text


def json_array(events: Iterable[Numbered]) -> RawJson:
    """Return numbered events as a JSON array."""
    return RawJson(f"[{','.join([event.text for event in events])}]")


class PacketJson:
    """What the library uses instead of the module `json`."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(data: Any, **options: Any) -> str:
        """Return a value as JSON in which each RawJson is inserted as it is."""
        found: list[str] = []

        def mark(value: Any) -> str:
            if not isinstance(value, RawJson):
                raise TypeError(f"{type(value).__name__} is not JSON serializable")
            found.append(value.text)
            return f"{_MARK}{len(found) - 1}"

        text = json.dumps(data, default=mark, **options)
        for index, raw in enumerate(found):
            text = text.replace(f'"{_MARK}{index}"', raw, 1)
        return text


class EventPacket(Packet):  # type: ignore[misc]  # the library has no types
    """A packet whose decoding never fails: what a client must not send becomes an event that no handler knows."""

    json = PacketJson
    packet_type: int
    data: Any

    def decode(self, encoded_packet: Any) -> int:
        """Read a packet; return the number of binary attachments, which is always 0."""
        try:
            super().decode(encoded_packet)
            is_valid = self.packet_type in FROM_CLIENTS and self._is_usable()
        except (ValueError, TypeError, AttributeError, RecursionError):
            is_valid = False
        if not is_valid:
            self.packet_type, self.namespace, self.data = EVENT, "/", [MALFORMED]
        return 0

    def _is_usable(self) -> bool:
        """Whether the library can use the data of this packet."""
        if self.packet_type == EVENT:
            name = self.data[0] if isinstance(self.data, list) and self.data else None
            return isinstance(name, str) and name not in RESERVED
        return self.packet_type != ACK or isinstance(self.data, list)
