"""For each statement: is it a word for the shell or a line of nodes? Run it, show what is wrong, go on or stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.language.script import Statement, words_of
from invocations.language.source import Source
from invocations.language.tokens import tokenize
from invocations.language.variables import MARK
from workflows.problems import Problem, UsageError, at_line, describe

from . import exit_status
from .directives import DIRECTIVES, Leave, before_line, find
from .render.screen import OutputFailed

if TYPE_CHECKING:
    from workflows.planning.variables import Variables

    from .shell import Shell

STOPPED = (exit_status.INTERRUPTED, exit_status.TERMINATED)


def run_all(shell: Shell, statements: Iterable[Statement], *, keep_going: bool) -> int:
    """Run the statements of a script; the first that fails ends it, unless `keep_going`. Return the exit status."""
    failed = False
    for statement in statements:
        try:
            status = run_statement(shell, statement.source)
        except Leave:
            break
        if status in STOPPED or (status and not keep_going):
            return status
        failed = failed or status != exit_status.DONE
    return exit_status.LINES_FAILED if failed else exit_status.DONE


def run_statement(shell: Shell, source: Source) -> int:
    """Run one line; an error in it is shown, a bug goes through. Return the exit status."""
    return guarded(shell, source, lambda: _run(shell, source))


def _run(shell: Shell, source: Source) -> int:
    variables = shell.workspace.memory.variables if source.name is not None and MARK in source.text else None
    directive = as_directive(source, variables)
    if directive:
        return run_directive(shell, *directive)
    from .line import run_line

    return run_line(shell, source)


def guarded(shell: Shell, source: Source, work: Callable[[], int]) -> int:
    """Do the work of a line and return its exit status; an error in it is shown, a bug goes through."""
    try:
        return work()
    except (BrokenPipeError, OutputFailed, Leave):
        raise
    except Exception as error:
        start = len(source.text) - len(source.text.lstrip())
        errors = [at_line(each, source, start) for each in describe(error)]
        if not errors:
            raise
        return show(shell, errors)


def as_directive(source: Source, variables: Variables | None = None) -> tuple[list[str], Source] | None:
    """Return the words of a directive, and the line with what is its own blanked out, so that places stay true."""
    words = words_of(source)
    start = len(source.text) - len(source.text.lstrip())
    if not words or words[0] not in DIRECTIVES or not source.text.startswith(words[0], start):
        return None
    if variables is not None:
        words = words_of(source, variables.filled)
    end = start
    for own in words[: max(1, before_line(words))]:
        end = source.text.index(own, end) + len(own)
    return words, replace(source, text=" " * end + source.text[end:])


def run_directive(shell: Shell, words: Sequence[str], line: Source) -> int:
    """Run a word for the shell itself; `line` is what follows it. Raises: UsageError, where it is piped."""
    from .directives.call import Call

    if not before_line(words) and any(token.kind == "bar" for token in tokenize(line)):
        raise UsageError(
            f"`{words[0]}` is a word for the shell itself and is never piped", "write it alone in its line"
        )
    directive = find(words[0])
    assert directive is not None
    answer = directive(Call(shell, words[0], tuple(words[1:]), line))
    if answer.schema:
        shell.renderer.answer(answer)
    return answer.status


def show(shell: Shell, errors: list[Problem]) -> int:
    """Show errors and return the exit status of the first."""
    if errors:
        shell.renderer.problems(errors)
    return exit_status.of(errors[0]) if errors else exit_status.DONE
