"""The front door: answers what needs no node to be imported (help, version, completion, refusals, directives) itself.

Neither typer, pydantic, rich nor torch is imported here or by what this calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import exit_status
from .directives.reserved import RESERVED
from .directives.table import runs_nodes, takes_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .shell import Shell

COMPLETE: Final = "__complete"  # the first word by which a shell's script asks
STANDARD_INPUT: Final = ("-",)


def answer(shell: Shell) -> int | None:
    """Return the exit status if the words could be answered here; None where nodes must run. Raises: Refusal."""
    line = shell.command_line
    if line.version:
        return _version(shell)
    if line.help:
        return _help(shell, line.help_for)
    if not line.words:
        return _nothing(shell)
    if line.words[0] == COMPLETE:
        return _complete(shell, line.words[1:])
    return None if line.words == STANDARD_INPUT else _without_running(shell, line.words)


def _without_running(shell: Shell, words: Sequence[str]) -> int | None:
    """Answer a directive, or refuse a line that cannot be planned; None for what shall run."""
    from invocations.language.errors import Refusal
    from invocations.language.script import is_silent
    from workflows.scripts.statements import as_directive

    from .loop import run_directive
    from .pipes.wanting import wants_more
    from .sources import from_words

    if words[0] in RESERVED:
        own = takes_line(words) or 1
        return None if runs_nodes(words) else run_directive(shell, words, from_words(words[own:]).source)
    source = from_words(words).source
    if len(words) == 1 and is_silent(source):
        return exit_status.DONE
    directive = as_directive(source, RESERVED)
    if directive:
        return None if runs_nodes(directive[0]) else run_directive(shell, *directive)
    if len(words) == 1:
        _refuse_file(shell, words[0])
    try:
        shell.planned = shell.workspace.plan(source)
    except Refusal as refusal:
        if not wants_more(shell.environment, refusal):
            raise
        shell.refusal = refusal
        return None
    shell.renderer.loading()
    return None


def _refuse_file(shell: Shell, word: str) -> None:
    """Refuse a script's name without `run`. Raises: UsageError."""
    import os

    if os.path.isfile(os.path.join(shell.environment.folder, word)) and word not in shell.workspace.catalog:
        from workflows.problems import UsageError

        raise UsageError(f"there is no command `{word}`", f"it is a file; to run its lines: invokeai run {word}")


def _help(shell: Shell, words: tuple[str, ...]) -> int:
    """Answer `--help`: the same as the directive, without reading a line."""
    from invocations.language.source import Source

    from .directives.call import call_directive

    shell.renderer.answer(call_directive(shell, ("help", *words), Source(None, "")))
    return exit_status.DONE


def _nothing(shell: Shell) -> int | None:
    """Without a word: lines from standard input if something is piped in, the prompt on a terminal, else the help."""
    environment = shell.environment
    if environment.stdin is not None and not environment.is_terminal(environment.stdin):
        return None
    if environment.stdin is None or not environment.is_terminal(environment.stderr):
        return _help(shell, ())
    from .repl.prompt import run

    return run(shell)


def _version(shell: Shell) -> int:
    from .versions import versions

    shell.renderer.answer(versions())
    return exit_status.DONE


def _complete(shell: Shell, words: tuple[str, ...]) -> int:
    """Answer a shell's script: `__complete INDEX WORD...`, where INDEX is the place of the word under the cursor."""
    from .shell_completion import complete

    index = int(words[0]) - 1 if words and words[0].isascii() and words[0].isdigit() else len(words) - 1
    before, current = words[1 : 1 + index], (words[1 + index : 2 + index] or ("",))[0]
    lines = complete(before, current, shell.workspace.catalog, shell.names).as_lines()
    if lines:
        shell.screen.result(lines)
    return exit_status.DONE
