"""Run statements (directives and lines of commands) one by one; after an error, show it and continue or stop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from invocations.language.script import Statement
from invocations.language.source import Source
from invocations.language.tokens import tokenize
from invocations.language.variables import MARK
from workflows.problems import UsageError
from workflows.scripts.statements import as_directive

from . import exit_status
from .directives.table import RESERVED, find_row, takes_line
from .exit_status import ExitScript
from .line import guarded, run_line

if TYPE_CHECKING:
    from .shell import Shell


def run_all(shell: Shell, statements: Iterable[Statement], keep_going: bool) -> int:
    """Run the statements of a script and return the exit status; stop at the first failure unless `keep_going`."""
    failed = False
    for statement in statements:
        try:
            status = run_statement(shell, statement.source)
        except ExitScript:
            break
        if status in exit_status.STOPPED or (status and not keep_going):
            return status
        failed = failed or status != exit_status.DONE
    return exit_status.LINES_FAILED if failed else exit_status.DONE


def run_statement(shell: Shell, source: Source) -> int:
    """Run one line and return the exit status; show expected errors, and re-raise all others."""
    return guarded(shell, source, lambda: _run(shell, source))


def _run(shell: Shell, source: Source) -> int:
    variables = shell.workspace.memory.variables if source.name is not None and MARK in source.text else None
    directive = as_directive(source, RESERVED, variables.filled if variables else None)
    if directive:
        return run_directive(shell, *directive)
    return run_line(shell, source)


def run_directive(shell: Shell, words: Sequence[str], line: Source) -> int:
    """Run a directive; `line` is the text after it. Raises: UsageError, if it is piped."""
    from .directives.call import call_directive

    if not takes_line(words) and any(token.kind == "bar" for token in tokenize(line)):
        row = find_row(words)
        own = row.hint if row is not None and (row.takes_line or " " in row.name) else ""
        hint = own or "write it on a line of its own"
        if not own and row is not None and not row.runs_nodes:
            hint += f"; to pass its output on, use your shell: invokeai {words[0]} | grep WORD"
        raise UsageError(f"`{words[0]}` is a shell directive and cannot be piped", hint)
    answer = call_directive(shell, words, line, partial(run_all, shell))
    if answer.schema:
        shell.renderer.answer(answer)
    return answer.status
