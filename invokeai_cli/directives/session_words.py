"""What may stand behind `session`, `sessions` and `history`: actions, options, where a session or a file is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

ACTIONS: Final = {
    "show": "its lines, nodes and results",
    "resume": "go on with it",
    "export": "write it to a file",
    "import": "read one from a file",
    "rm": "remove it",
}
OPTIONS: Final = {
    "sessions": {
        "--failed": "only with a line that failed or was stopped",
        "--since": "changed since then: 2d, 3h, 2026-11-23",
        "--limit": "the latest so many",
    },
    "history": {
        "--search": "lines in which all these words occur",
        "--failed": "lines that failed or were stopped",
        "--since": "begun since then: 2d, 3h, 2026-11-23",
        "--session": "lines of one session",
        "--save": "write a script that makes the same graph",
        "--overwrite": "let --save replace a file",
    },
    "session export": {"--overwrite": "replace a file that is there"},
    "session rm": {"--yes": "do not ask"},
}
NAMED: Final = {"latest": "the session that changed last"}


def options_of(command: str, arguments: Sequence[str]) -> dict[str, str]:
    """Return the options that may follow."""
    return OPTIONS.get(f"{command} {arguments[0]}" if command == "session" and arguments else command, {})


def behind(command: str, arguments: Sequence[str]) -> str:
    """Return what may follow: "action", "session", "file" or nothing of these."""
    if command == "session":
        if not arguments:
            return "action"
        if arguments[0] == "import" or (arguments[0] == "export" and len(arguments) > 1):
            return "file"
        return "session" if arguments[0] in ACTIONS else ""
    if command == "history" and arguments:
        return {"--session": "session", "--save": "file"}.get(arguments[-1], "")
    return "session" if command in ("stats", "retry") and not arguments else ""
