"""Which Host and Origin headers a server accepts: a page of another site must not reach it, by whatever name."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Final

from invokeai_web.problem_details import ApiProblem

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
DEFAULT_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_HTTP: Final = {"ws": "http", "wss": "https"}
_SAFE_SITES: Final = frozenset({"", "same-origin", "none"})
HOST_HINT: Final = "to allow it, start the server with `--host-name {}`"
ORIGIN_HINT: Final = (
    "pages of other sites cannot use the server; behind a proxy, start it with `--trusted-proxy ADDRESS`"
)


class Hosts:
    """Checks the headers by which browsers say whom they ask and which page asks.

    names: further names, each with or without a port; without one, any port is accepted, as behind a proxy
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(name.lower() for name in names)

    def check(self, scope: Mapping[str, object], headers: Mapping[str, str], *, is_navigation: bool) -> None:
        """Check the headers of a request; scope: its ASGI scope.

        is_navigation: whether the request opens a static page, which links on other sites may do
        Raises: ApiProblem.
        """
        host = headers.get("host", "")
        if not self._is_ours(host, scope):
            raise ApiProblem(
                403, "wrong_host", f"the server does not have the name `{host[:100]}`", HOST_HINT.format(host[:100])
            )
        origin, scheme = headers.get("origin"), str(scope["scheme"])
        if origin is not None and origin.lower() != f"{_HTTP.get(scheme, scheme)}://{host.lower()}":
            raise ApiProblem(403, "wrong_origin", f"a page of `{origin[:100]}` cannot use the server", ORIGIN_HINT)
        if headers.get("sec-fetch-site", "") not in _SAFE_SITES and not is_navigation:
            raise ApiProblem(403, "wrong_origin", "a page of another site cannot use the server", ORIGIN_HINT)

    def _is_ours(self, host: str, scope: Mapping[str, object]) -> bool:
        """Return True for loopback and the address of the connection, both with its port, and for known names."""
        name, port = split_host(host.lower())
        if not name:
            return False
        bare = f"[{name}]" if ":" in name else name
        if bare in self._names or f"{bare}:{port}" in self._names or host.lower() in self._names:
            return True
        address, own_port = _own(scope)
        is_port = port == own_port or (not port and own_port == DEFAULT_PORTS.get(str(scope["scheme"])))
        return is_port and (name in LOOPBACK_NAMES or (_is_address(name) and name == address))


def split_host(host: str) -> tuple[str, int]:
    """Split a Host header into name and port; the port is 0 if there is none, and the name "" if it is malformed."""
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not colon:
        name, port = host, "0"
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    elif ":" in name:
        return "", 0
    return (name, int(port)) if port.isascii() and port.isdigit() and len(port) <= 5 else ("", 0)


def _own(scope: Mapping[str, object]) -> tuple[str, int]:
    """Return the address and port of this side of the connection."""
    found = scope.get("server")
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        return "", 0
    return str(found[0]), int(found[1] or 0)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
