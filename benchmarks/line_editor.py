"""Measure what a web editor asks at each key, through the whole web application, against the prompt's own check."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.measure import Row, in_turn, temporary_home, timed
from invokeai_cli.environment import Environment
from invokeai_cli.options import CommandLine
from invokeai_cli.repl.lexer import colored
from invokeai_cli.repl.state import PromptState
from invokeai_cli.shell import Shell
from invokeai_web.api_app import create_app
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server

TOKEN = "token-of-the-benchmark"
BAR = 3.0
KEYS = 40  # keys that are pressed for one figure
LINES = {
    "a short line": "t2i a red fox --steps {}",
    "a line of four stages": "t2i a red fox --steps {} as fox | blur 2 | blend @fox | scale 2",
    "a sweep": "sweep seed=1..4 | t2i a red fox --steps {} --guidance 5,7",
    "a line with errors": "t2i a red fox --stesp {} | blurr 2",
}


def rows() -> Iterator[Row]:
    """Compare each key in the web editor with the same key at the prompt; each text is new to both."""
    with temporary_home() as home, temporary_home() as other:
        server = Server.open(ServeOptions(in_process=True, requests_per_second=0), home=home, token=TOKEN)
        loop = asyncio.new_event_loop()
        state = prompt(other)
        try:
            press = _client(create_app(server), loop)
            numbers = itertools.count(1)
            for what, line in LINES.items():
                for path, own in (("check", _check), ("complete", _complete)):
                    web = _per_key(line, numbers, partial(press, path))
                    at_the_prompt = _per_key(line, numbers, partial(own, state))
                    figure, reference = in_turn([web, at_the_prompt], 7)
                    yield Row(f"{path}, {what}", figure, reference, BAR, note="per key, HTTP and JSON included")
        finally:
            server.close()
            loop.close()


def prompt(home: str) -> PromptState:
    """Return the state of an interactive prompt with its own home."""
    streams = (io.StringIO(), io.StringIO(), io.StringIO())
    return PromptState(Shell(Environment(*streams, {"INVOKEAI_HOME": home, "NO_COLOR": "1"}, home), CommandLine()))


def _check(state: PromptState, text: str) -> object:
    """Check and color a text as the prompt does at each key."""
    wrong = state.wrong(text, len(text))
    state.check(text).unfinished()
    return colored(text, [error.span for error in wrong])


def _complete(state: PromptState, text: str) -> object:
    """Check and complete a text as the prompt does while the menu is open."""
    return state.suggest(text, len(text))


def _per_key(line: str, numbers: Iterator[int], press: Callable[[str], object]) -> Callable[[], float]:
    """Return a measure of the CPU time of one key, in ms; each key makes another text of the line."""

    def keys() -> None:
        for _ in range(KEYS):
            press(line.format(next(numbers) % 900 + 1))

    return lambda: timed(keys) / KEYS


def _client(app: Any, loop: asyncio.AbstractEventLoop) -> Callable[[str, str], None]:
    """Return a function that sends a text to a route of the editor, without the cost of an HTTP client."""
    headers = [
        (b"host", b"127.0.0.1:9090"),
        (b"authorization", f"Bearer {TOKEN}".encode()),
        (b"content-type", b"application/json"),
    ]

    async def send_request(path: str, text: str) -> None:
        body = json.dumps({"text": text, "cursor": len(text)}).encode()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": f"/api/v1/line/{path}", "raw_path": f"/api/v1/line/{path}".encode(), "query_string": b"",
            "root_path": "", "headers": [*headers, (b"content-length", str(len(body)).encode())],
            "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 9090),
        }  # fmt: skip
        parts = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return parts.pop() if parts else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app(scope, receive, send)
        assert sent[0]["status"] == 200, sent

    return lambda path, text: loop.run_until_complete(send_request(path, text))
