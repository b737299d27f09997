"""Ask for confirmation on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell


def can_ask(shell: Shell) -> bool:
    """Return True if there is a terminal to ask on."""
    environment = shell.environment
    return environment.is_terminal(environment.stdin) and environment.is_terminal(environment.stderr)


def agreed(shell: Shell, question: str) -> bool:
    """Ask a question on the terminal; return True if the answer is yes."""
    assert shell.environment.stdin is not None
    shell.screen.raw(f"{question} [y/N] ")
    return shell.environment.stdin.readline().strip().lower() in ("y", "yes")
