"""The front door: answers what needs no node to be imported (help, version, completion, refusals, directives) itself.

Neither typer, pydantic, rich nor torch is imported here or by what this calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import exit_status
from .completing import WORD as COMPLETE
from .directives import DIRECTIVES
from .loop import make_plan, run_directive, run_statement
from .sources import STANDARD_INPUT, from_words, words_of

if TYPE_CHECKING:
    from .shell import Shell

RUNS = frozenset({"run"})  # directives that run nodes


def answer(shell: Shell) -> int | None:
    """Return the exit status if the words could be answered here; None where nodes must run. Raises: Refusal."""
    line = shell.command_line
    if line.version:
        return _version(shell)
    if line.help:
        return _directive(shell, ("help", *line.help_for))
    if not line.words:
        return _nothing(shell)
    if line.words[0] == COMPLETE:
        return _complete(shell, line.words[1:])
    if line.words == (STANDARD_INPUT,):
        return None
    if line.words[0] in DIRECTIVES:
        return None if line.words[0] in RUNS else _directive(shell, line.words)
    source = from_words(line.words).source
    first = words_of(source)[:1]
    if first and first[0] in DIRECTIVES:
        return None if first[0] in RUNS else run_statement(shell, source)
    make_plan(shell, source)
    return None


def _directive(shell: Shell, words: tuple[str, ...]) -> int:
    return run_directive(shell, words, from_words(words[1:]).source)


def _nothing(shell: Shell) -> int | None:
    """Without a word: lines from standard input if something is piped in, else the help."""
    environment = shell.environment
    if environment.stdin is not None and not environment.is_terminal(environment.stdin):
        return None
    return _directive(shell, ("help",))


def _version(shell: Shell) -> int:
    from .versions import versions

    shell.renderer.answer(versions())
    return exit_status.DONE


def _complete(shell: Shell, words: tuple[str, ...]) -> int:
    """Answer a shell's script: `__complete INDEX WORD...`, where INDEX is the place of the word under the cursor."""
    from .completing import complete

    index = int(words[0]) - 1 if words and words[0].isascii() and words[0].isdigit() else len(words) - 1
    before, current = words[1 : 1 + index], (words[1 + index : 2 + index] or ("",))[0]
    lines = complete(before, current, shell.catalog).as_lines()
    if lines:
        shell.screen.result(lines)
    return exit_status.DONE
