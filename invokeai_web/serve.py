"""`serve`: listen, tell where, answer requests until a signal arrives, and close everything."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Final, TextIO

from invocations.versions import PROGRAM, versions
from workflows.settings.folders import Folders

from .listening import Listening, is_loopback, listen
from .options import ServeOptions
from .running_server import RunningServer, announced
from .server import Server
from .token_file import NAME, VARIABLE, find_token

NO_TLS: Final = (
    "warning: other machines can reach {address}, and the connection is not encrypted: use `--tls-cert` and "
    "`--tls-key`, or a reverse proxy with HTTPS"
)


def serve(options: ServeOptions, say: Callable[[str], None], warn: Callable[[str], None]) -> None:
    """Run a server until SIGTERM or Ctrl-C; say: prints a line for the user.

    Raises: ApplicationError.
    """
    from .api_app import create_app
    from .uvicorn_server import log_to, run, uvicorn_server

    listening = listen(options)
    try:
        folders = _folders()
        token_file = options.token_file or os.path.join(folders.config, NAME)
        token = find_token(os.environ, token_file)
        server = Server.open(options, token=token, warn=lambda text: warn(f"warning: {text}"))
        try:
            log_to(sys.stderr, verbose=options.verbose)
            runner = uvicorn_server(create_app(server), options, server.stop)
            url = url_of(options, listening)
            with runner.capture_signals(), announced(folders.state, url) as other:
                for line in greeting(options, listening, url, token, token_file, other):
                    say(line)
                if not is_loopback(options.listen) and not options.tls_cert and not options.trusted_proxies:
                    warn(NO_TLS.format(address=options.listen))
                run(runner, listening)
            say("stopped")
        finally:
            server.close()
    finally:
        listening.close()


def url_of(options: ServeOptions, listening: Listening) -> str:
    """Return the URL of the server as this machine reaches it."""
    address = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.listen, options.listen)
    host = f"[{address}]" if ":" in address and not address.startswith("[") else address
    return f"{options.scheme}://{host}:{listening.port}"


def greeting(
    options: ServeOptions, listening: Listening, url: str, token: str, token_file: str, other: RunningServer | None
) -> Iterator[str]:
    """Yield what a user has to know at the start."""
    if listening.port != listening.wanted and listening.wanted:
        yield f"port {listening.wanted} is in use: using {listening.port}"
    if other is not None:
        yield f"another server with the same sessions runs at {other.url} (process {other.process})"
    yield f"{PROGRAM} {versions().get(PROGRAM, '')} at {url}"
    yield f"open   {url}/#token={token}"
    place = f"in the variable {VARIABLE}" if os.environ.get(VARIABLE) else f"in {token_file}"
    yield f"token  {place}"
    if options.queue == "paused":
        yield "queue  paused"
    yield "Ctrl-C stops the server"


def print_line(stream: TextIO) -> Callable[[str], None]:
    """Return a function that prints a line at once."""

    def say(text: str) -> None:
        print(text, file=stream, flush=True)

    return say


def _folders() -> Folders:
    from workflows.settings.folders import find_folders
    from workflows.settings.place import current_place

    return find_folders(current_place())
