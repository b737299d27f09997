"""The server itself, in this process and on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from invokeai_web.api_app import create_app
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.invokeai_cli.on_server.fake_api import TOKEN
from tests.invokeai_web.served import served


@contextmanager
def real_server(home: Path, models_dirs: str = "", rate: float = 0) -> Iterator[tuple[str, Server]]:
    """Yield the address of a server, and the server. rate: how many requests a second it answers (default: any)"""
    home.mkdir(parents=True, exist_ok=True)
    settings = {"device": "cpu", **({"models_dirs": models_dirs} if models_dirs else {})}
    server = Server.open(
        ServeOptions(in_process=True, requests_per_second=rate), folder=home, home=home, settings=settings, token=TOKEN
    )
    try:
        with served(create_app(server)) as port:
            yield f"127.0.0.1:{port}", server
            server.stop(0)
    finally:
        server.close()
