"""The process at the other end of a socket, as the operating system reports it."""

from __future__ import annotations

import os
import socket
import struct
import sys
from typing import NamedTuple, Protocol

LINUX_CREDENTIALS = struct.Struct("3i")  # `struct ucred`: process, user, group
MAC_LEVEL, MAC_CREDENTIALS, MAC_PROCESS = 0, 1, 2  # SOL_LOCAL, LOCAL_PEERCRED, LOCAL_PEERPID, which Python may not name
MAC_USER = struct.Struct("=Ii")  # the beginning of `struct xucred`: its version, then the user
MAC_CREDENTIALS_BYTES = 76
MAC_PROCESS_ID = struct.Struct("=i")


class Peer(NamedTuple):
    """The user of a process, and the process; 0 if the system does not report it."""

    user: int
    process: int


class Options(Protocol):
    """A socket, of which only the options are read."""

    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...


def peer_of(link: Options, platform: str = sys.platform) -> Peer | None:
    """Return who is connected, or None if this system does not report it. Raises: OSError."""
    if platform == "linux":
        data = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, LINUX_CREDENTIALS.size)
        process, user, _ = LINUX_CREDENTIALS.unpack(data)
        return Peer(user, process)
    if platform == "darwin":
        _, user = MAC_USER.unpack_from(link.getsockopt(MAC_LEVEL, MAC_CREDENTIALS, MAC_CREDENTIALS_BYTES))
        (process,) = MAC_PROCESS_ID.unpack(link.getsockopt(MAC_LEVEL, MAC_PROCESS, MAC_PROCESS_ID.size))
        return Peer(user, process)
    return None


def is_own(link: Options) -> bool:
    """Return True if the process at the other end belongs to the same user; True if the system does not report it."""
    try:
        peer = peer_of(link)
    except OSError:  # it has already disconnected
        return False
    return peer is None or peer.user == os.getuid()
