"""The Typer application at work: its lazy group finds the command, the words go to the loop."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.scripts.source import STANDARD_INPUT

from .directives.table import runs_nodes
from .loop import run_directive, run_statement
from .shell import Shell
from .sources import from_words


def run(shell: Shell) -> int:
    """Run the line in the words, or the lines on standard input; return the exit status."""
    words = shell.command_line.words
    if not words or words == (STANDARD_INPUT,):
        return run_directive(shell, ("run", STANDARD_INPUT), from_words((STANDARD_INPUT,)).source)
    if runs_nodes(words):
        return run_directive(shell, words, from_words(words[1:]).source)
    source = from_words(words).source
    if shell.refusal is not None:
        from .pipes.run import run_stream

        return run_stream(shell, source, shell.refusal)
    plan = shell.planned
    if plan is None or plan.source != source or not shell.workspace.is_cached(plan):
        source = from_words(chosen(shell, words)).source
    return run_statement(shell, source)


def chosen(shell: Shell, words: Sequence[str]) -> Sequence[str]:
    """Return the words as the Typer application hands them on.

    The line runs only after Typer has returned, so that Ctrl-C and a closed pipe are ours to answer.
    """
    from .app import call, make_application

    found: list[Sequence[str]] = []

    def take(words: Sequence[str]) -> int:
        found.append(words)
        return 0

    call(make_application(shell.workspace.catalog, take), words)
    return found[0] if found else words
