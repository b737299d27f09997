"""Let tests connect only to this machine, so that a test that uses the network fails on every machine."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest


class NetworkUsedError(RuntimeError):
    """A test has tried to reach another machine."""


def allow_loopback_only(patch: pytest.MonkeyPatch) -> None:
    """Refuse connections, datagrams and name lookups that leave this machine."""
    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    look_up = socket.getaddrinfo

    def local_lookup(host: Any, *args: Any, **options: Any) -> Any:
        _check(host)
        return look_up(host, *args, **options)

    patch.setattr(socket, "getaddrinfo", local_lookup)


def is_local(host: object) -> bool:
    """Return True if an address or host name means this machine."""
    text = host.decode() if isinstance(host, bytes) else host
    if text is None or text in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(text).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guarded(method: Any) -> Any:
    def call(self: socket.socket, *args: Any) -> Any:
        for address in args:
            if isinstance(address, tuple) and self.family in (socket.AF_INET, socket.AF_INET6):
                _check(address[0])
        return method(self, *args)

    return call


def _check(host: object) -> None:
    if not is_local(host):
        raise NetworkUsedError(f"a test connects to {host!r}; only this machine is allowed")
