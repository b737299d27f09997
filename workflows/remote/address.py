"""The address of a server, as users write it: `gpu`, `gpu:9000`, `[::1]:9090`, `https://gpu.example`."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from invocations.frozen import frozen
from workflows.problems import UsageError

PORT: Final = 9090  # the port on which `invokeai serve` listens
PORTS: Final = {"http": PORT, "https": 443}
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
EXAMPLES: Final = "for example `gpu`, `gpu:9090` or `https://gpu.example`"


@frozen
class Address:
    """Where a server is; `text` is the address as written."""

    text: str
    scheme: str
    host: str
    port: int

    @property
    def is_protected(self) -> bool:
        """Whether nobody else on the network can read what is sent."""
        return self.scheme == "https" or self.host in LOOPBACK


def read_address(text: str) -> Address:
    """Read the address of a server. Raises: UsageError."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port, host = parts.port, parts.hostname
    except ValueError:
        port, host = None, None
    else:
        if parts.scheme in PORTS and host and not (parts.username or parts.path.strip("/") or parts.query):
            return Address(text, parts.scheme, host, port or PORTS[parts.scheme])
    raise UsageError(f"`{text}` is not the address of a server", EXAMPLES)
