"""`serve` and `mcp`: replace this process by the web server, or by the server of the Model Context Protocol."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from invokeai_cli.render.answer import Answer
from workflows.problems import UsageError
from workflows.server_program import program, variables_with

from .call import Call


def run(call: Call) -> Answer:
    """Start the server; signals and the exit status are its own. Raises: UsageError."""
    shell, line = call.shell, call.shell.command_line
    if not call.is_whole_program:
        raise UsageError(f"`{call.row.name}` cannot be used in a script or at the prompt", f"invokeai {call.row.name}")
    if line.sets or line.is_json:
        raise UsageError(f"`--set`, `--overwrite`, `--json` and `--events` have no effect on `{call.row.name}`")
    words = program(sys.executable, call.row.name, _mcp(call) if call.row.name == "mcp" else _serve(call))
    return Answer(
        "", None, status=shell.environment.become(words, variables_with(shell.environment.variables, line.flags))
    )


def _mcp(call: Call) -> Mapping[str, tuple[str, ...]]:
    return {"folder": call.every("folder")}


def _serve(call: Call) -> Mapping[str, tuple[str, ...]]:
    return {
        "listen": call.every("listen"), "port": call.every("port"), "host-name": call.every("host-name"),
        "token-file": call.every("token-file"), "events": call.every("events"), "workers": call.every("workers"),
        "in-process": call.every("in-process"), "queue": call.every("queue"), "compat": call.every("compat"),
        "allow-files": call.every("allow-files"), "trusted-proxy": call.every("trusted-proxy"),
        "tls-cert": call.every("tls-cert"), "tls-key": call.every("tls-key"),
        "verbose": ("",) if call.shell.command_line.verbosity else (),
    }  # fmt: skip
