"""The entry point of `python -m invokeai_web`: `serve` serves the API, `mcp` speaks MCP over standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from workflows.problems import UsageError, describe

WRONG_LINE: Final = 2
FAILED: Final = 1
INTERRUPTED: Final = 130
MISSING: Final = "error: the web server needs more packages\n  pip install 'invokeai-cli[web]'"


def main(words: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    words = list(sys.argv[1:] if words is None else words)
    command = words.pop(0) if words and not words[0].startswith("-") else "serve"
    try:
        return _run(command, words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("fastapi", "starlette", "uvicorn", "socketio", "httptools"):
            raise
        print(MISSING, file=sys.stderr)
        return WRONG_LINE
    except Exception as error:
        found = describe(error)
        if not found:
            raise
        for problem in found:
            print(problem.text, file=sys.stderr)
        return WRONG_LINE if found[0].refused else FAILED


def _run(command: str, words: Sequence[str]) -> int:
    from .command_line import parse
    from .serve import print_line, serve

    if command != "serve":
        raise UsageError(f"there is no command `{command}`", "the commands are `serve` and `mcp`")
    serve(parse(words), print_line(sys.stdout), print_line(sys.stderr))
    return 0


if __name__ == "__main__":
    sys.exit(main())
