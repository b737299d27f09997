"""The options of `serve` as data."""

from __future__ import annotations

from typing import Final

from invocations.frozen import frozen

PORT: Final = 9090
LOOPBACK: Final = "127.0.0.1"


@frozen
class ServeOptions:
    """How a server listens, whom it trusts, and how it runs nodes.

    listen, port: the address and port to bind; port 0: a free one. exact_port: fail if the port is in use, instead of
    trying the next ones. host_names: names besides loopback by which clients may reach the server. token_file: the
    file of the token (default: in the config folder). trusted_proxies: addresses whose X-Forwarded headers are used.
    tls_cert, tls_key: PEM files. events: `local`, or the URL of a Redis server. workers: how many worker processes run
    nodes: a number, or `auto` for one for each graphics card. in_process: nodes run in threads of the server.
    queue: `running` or `paused` at the start; "": as it was when the last server ended. compat: other APIs to offer:
    `openai`, `a1111`. allow_files: a folder whose files lines may read. verbose: log more. requests_per_second: how
    many a client may send; 0: no limit.
    """

    listen: str = LOOPBACK
    port: int = PORT
    exact_port: bool = False
    host_names: tuple[str, ...] = ()
    token_file: str = ""
    trusted_proxies: tuple[str, ...] = ()
    tls_cert: str = ""
    tls_key: str = ""
    events: str = "local"
    workers: str = "auto"
    in_process: bool = False
    queue: str = ""
    compat: tuple[str, ...] = ()
    allow_files: str = ""
    verbose: bool = False
    requests_per_second: float = 20

    @property
    def scheme(self) -> str:
        """The scheme of the server's URLs."""
        return "https" if self.tls_cert else "http"
