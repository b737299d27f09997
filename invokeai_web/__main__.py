"""The entry point of `python -m invokeai_web`: `serve` serves the API, `mcp` speaks MCP over standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from workflows.problems import UsageError, describe

FAILED: Final = 1
WRONG_LINE: Final = 2
INTERRUPTED: Final = 130
NEEDED: Final = ("fastapi", "uvicorn", "httptools", "wsproto", "socketio", "python_multipart")
MISSING: Final = "error: `serve` needs packages that are not installed: pip install 'invokeai-cli[web]'"


def main(words: Sequence[str]) -> int:
    """Run the command that the first word names, `serve` by default, and return its exit status."""
    named = bool(words) and not words[0].startswith("-")
    command, rest = (words[0], words[1:]) if named else ("serve", words)
    if command == "mcp":
        from .mcp.command import main as serve_agent

        return serve_agent(rest)
    try:
        return _serve(command, rest)
    except KeyboardInterrupt:  # before the server handles it
        return INTERRUPTED
    except Exception as error:
        found = describe(error)
        if not found:
            raise
        for problem in found:
            print(problem.text, file=sys.stderr)
        return WRONG_LINE if found[0].refused else FAILED


def _serve(command: str, words: Sequence[str]) -> int:
    from .command_line import parse
    from .serve import print_line, serve

    if command != "serve":
        raise UsageError(f"there is no command `{command}`", "the commands are `serve` and `mcp`")
    options = parse(words)
    if any(find_spec(name) is None for name in NEEDED):
        print(MISSING, file=sys.stderr)
        return WRONG_LINE
    serve(options, print_line(sys.stdout), print_line(sys.stderr))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
