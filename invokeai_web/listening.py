"""The sockets on which a server listens."""

from __future__ import annotations

import errno
import ipaddress
import socket
from contextlib import suppress
from typing import Final

from invocations.frozen import frozen
from workflows.problems import UsageError

from .options import LOOPBACK, ServeOptions

TRIED_PORTS: Final = 20  # ports after the chosen one that are tried if it is in use
BACKLOG: Final = 2048
IPV6_LOOPBACK: Final = "::1"


@frozen
class Listening:
    """Sockets that are bound to one port."""

    sockets: tuple[socket.socket, ...]
    port: int
    wanted: int  # the port that was asked for

    def close(self) -> None:
        """Close the sockets."""
        for each in self.sockets:
            each.close()


def listen(options: ServeOptions) -> Listening:
    """Bind the port, or the next free one; on loopback, IPv4 and IPv6. Raises: UsageError."""
    ports = [options.port]
    if options.port and not options.exact_port:
        ports += range(options.port + 1, min(options.port + TRIED_PORTS, 65535) + 1)
    for port in ports:
        try:
            sockets = _bind(options.listen, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _refused(options.listen, port, error) from error
        else:
            return Listening(sockets, sockets[0].getsockname()[1], options.port)
    if options.exact_port:
        message = f"port {options.port} of {options.listen} is in use"
        raise UsageError(message, "stop the program that uses it, or choose another one with `--port`")
    raise UsageError(
        f"ports {ports[0]} to {ports[-1]} of {options.listen} are in use", "choose another one with `--port`"
    )


def is_loopback(address: str) -> bool:
    """Return True if only this machine can reach an address."""
    if address == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(address).is_loopback
    return False


def _bind(address: str, port: int) -> tuple[socket.socket, ...]:
    """Return sockets bound to an address. Raises: OSError."""
    first = _bound(LOOPBACK if address == "localhost" else address, port)
    if address not in (LOOPBACK, "localhost"):
        return (first,)
    try:
        return first, _bound(IPV6_LOOPBACK, first.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE and port:
            first.close()
            raise
        return (first,)  # this machine has no IPv6


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1 if address != "::" else 0)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        made.listen(BACKLOG)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def _refused(address: str, port: int, error: OSError) -> UsageError:
    """Describe why an address cannot be bound."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return UsageError(f"this machine does not have the address `{address}`", "`--listen` takes an IP address")
    if error.errno == errno.EACCES:
        return UsageError(f"port {port} needs more rights than this user has", "choose a port from 1024 on")
    return UsageError(f"cannot listen on {address}:{port}: {error.strerror}")
