"""`python -m invokeai_web mcp`: start what this package serves."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

USAGE: Final = "error: name what to serve\n  python -m invokeai_web mcp"


def main(arguments: Sequence[str]) -> int:
    """Serve and return the exit status."""
    if arguments[:1] == ["mcp"]:
        from .mcp.command import main as serve_agent

        return serve_agent(arguments[1:])
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
