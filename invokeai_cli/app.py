"""One source of lines, one shell: what the words ask for is run."""

from __future__ import annotations

from .loop import run_all, run_statement
from .shell import Shell
from .sources import STANDARD_INPUT, from_input, from_words


def run(shell: Shell) -> int:
    """Run the line in the words, or the lines on standard input; return the exit status."""
    words = shell.command_line.words
    if not words or words == (STANDARD_INPUT,):
        return run_all(shell, from_input(shell.environment), keep_going=shell.config.keep_going)
    return run_statement(shell, from_words(words).source)
