"""The server as a process that an agent's program starts, and clients that go away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from tests.invokeai_web.mcp.conftest import text_of
from workflows.workspace import Workspace

DEADLINE_S = 60
LOUD = '''
import os
import subprocess
import sys

from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation

print("imported")
KEPT = sys.__stdout__


class LoudOutput(Output):
    """A number."""

    value: int = output_field(primary=True, description="the number")


@invocation("loud", title="Loud", category="numbers", examples=("loud 1",), reusable=False)
class Loud(Invocation):
    """Print in every way and return a number."""

    value: int = input_field(primary=True, position=1, description="the number")

    def invoke(self, context: InvocationContext) -> LoudOutput:
        print("printed")
        KEPT.write("kept until the process ends\\n")
        os.write(1, b"written to the file descriptor\\n")
        subprocess.run([sys.executable, "-S", "-c", "print('printed by a child')"], check=True)
        return LoudOutput(value=self.value)
'''


def test_nothing_that_a_plug_in_prints_reaches_standard_output(
    server_command: StdioServerParameters, isolated_home: Path, folder: Path
) -> None:
    (isolated_home / "config" / "nodes" / "loud.py").write_text(LOUD)
    with started(server_command) as server:
        asked(server, "initialize", INITIALIZE)
        answer = asked(server, "tools/call", {"name": "run", "arguments": {"line": "loud 4 | add 1"}})
        assert answer["result"]["structuredContent"]["results"][0]["value"] == 5
        out, errors = server.communicate(timeout=DEADLINE_S)
    assert out == ""
    for text in ("imported", "printed", "kept until the process ends", "written to the file descriptor", "by a child"):
        assert text in errors
    assert server.returncode == 0


def test_a_client_that_disconnects_in_mid_run_cancels_the_line(
    server_command: StdioServerParameters, isolated_home: Path, folder: Path
) -> None:
    async def disconnect() -> None:
        async with Client(server_command) as client, anyio.create_task_group() as group:
            begun = anyio.Event()

            async def note(value: float, total: float | None, message: str | None) -> None:
                begun.set()

            async def call() -> None:
                await client.call_tool("run", {"line": "hold 5 | add 1"}, progress_callback=note)

            assert text_of(await client.call_tool("run", {"line": "add 1 2"})) == "3"
            group.start_soon(call)
            with anyio.fail_after(DEADLINE_S):
                await begun.wait()
            group.cancel_scope.cancel()

    anyio.run(disconnect)
    assert history(folder) == [("add 1 2", "done"), ("hold 5 | add 1", "cancelled")]


@pytest.mark.parametrize("reads", [True, False], ids=["standard output is open", "standard output is closed"])
def test_a_client_that_is_killed_in_mid_run_leaves_no_process_and_no_damage(
    server_command: StdioServerParameters, folder: Path, reads: bool
) -> None:
    with started(server_command) as server:
        begin(server, "hold 5 | add 1")
        if not reads:
            server.stdout.close()
        server.stdin.close()
        assert server.wait(DEADLINE_S) == 0
        assert "Traceback" not in server.stderr.read()
    assert history(folder) == [("hold 5 | add 1", "cancelled")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_cancels_the_line_and_ends_the_process(
    server_command: StdioServerParameters, folder: Path, number: signal.Signals
) -> None:
    with started(server_command) as server:
        begin(server, "hold 5 | add 1")
        server.send_signal(number)
        assert server.wait(DEADLINE_S) == -number
        assert "Traceback" not in server.stderr.read()
    assert history(folder) == [("hold 5 | add 1", "cancelled")]


def test_a_message_that_is_not_json_or_asks_for_nonsense_is_no_reason_to_stop(
    server_command: StdioServerParameters,
) -> None:
    with started(server_command) as server:
        server.stdin.write("nonsense\n{}\n[1, 2]\n\x00\ud7ff\n" + '{"jsonrpc": "2.0", "method": 5}\n')
        asked(server, "initialize", INITIALIZE)
        assert asked(server, "no/such", {})["error"]["code"] == -32601
        assert asked(server, "tools/call", {"name": "run", "arguments": {"line": "add 1 2"}})["result"]["content"]


def test_an_invalid_setting_is_told_in_one_line_with_status_2(
    server_command: StdioServerParameters, isolated_home: Path
) -> None:
    (isolated_home / "config" / "config.toml").write_text("jobs = 0\n")
    with started(server_command) as server:
        out, errors = server.communicate(timeout=DEADLINE_S)
    assert (server.returncode, out) == (2, "")
    assert errors.startswith(f"error: {isolated_home / 'config' / 'config.toml'}: `jobs` must be ")
    assert "Traceback" not in errors


INITIALIZE = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}


@contextmanager
def started(command: StdioServerParameters) -> Iterator[subprocess.Popen[str]]:
    """Start the server without a client library; the process is killed if a test fails."""
    with subprocess.Popen(
        [command.command, *command.args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(command.env or {})},
        cwd=command.cwd,
        text=True,
        encoding="utf-8",
        bufsize=1,
    ) as server:
        try:
            yield server
        except BaseException:
            server.kill()
            raise


def asked(server: subprocess.Popen[str], method: str, params: dict[str, Any]) -> dict[str, Any]:
    """Send a request and return its answer, without the notifications before it."""
    send(server, {"id": method, "method": method, "params": params})
    while (message := json.loads(server.stdout.readline())).get("id") != method:
        pass
    if method == "initialize":
        send(server, {"method": "notifications/initialized"})
    return message


def begin(server: subprocess.Popen[str], line: str) -> None:
    """Ask for a line and wait for its first progress."""
    asked(server, "initialize", INITIALIZE)
    params = {"name": "run", "arguments": {"line": line}, "_meta": {"progressToken": "p"}}
    send(server, {"id": "run", "method": "tools/call", "params": params})
    assert json.loads(server.stdout.readline())["method"] == "notifications/progress"


def send(server: subprocess.Popen[str], message: dict[str, Any]) -> None:
    server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    server.stdin.flush()


def history(folder: Path) -> list[tuple[str, str]]:
    """Return each line with its outcome."""
    with Workspace.open(folder) as workspace:
        return [(line.text, line.outcome) for line in workspace.invoker.lines()]
