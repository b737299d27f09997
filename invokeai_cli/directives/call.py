"""One use of a directive: its parsed arguments and options, and the shell that it acts on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from importlib import import_module
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.language.source import Source

from .directive import Directive
from .parse import parse
from .table import ALIASES, find_directive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from invocations.language.script import Statement
    from invokeai_cli.render.answer import Answer
    from invokeai_cli.shell import Shell

    RunStatements = Callable[[Iterable[Statement], bool], int]


@frozen
class Call:
    """The table row of a directive and the values that were typed; `line` is the line of commands that follows it.

    run_statements: runs statements as they arrive; its second argument is whether to continue after a failure.
    """

    shell: Shell
    row: Directive
    values: tuple[str, ...]
    line: Source
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    run_statements: RunStatements | None = None

    @property
    def is_whole_program(self) -> bool:
        """Whether the program exits after this directive, so that anything that is only in memory is lost."""
        words = self.shell.command_line.words
        return bool(words) and words[0].split()[:1] == self.row.name.split()[:1]

    def flag(self, name: str) -> bool:
        """Whether a switch is on."""
        return bool(self.every(name))

    def option(self, name: str) -> str | None:
        """Return the value of an option, None if it is absent."""
        return next(iter(self.every(name)), None)

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of an option."""
        assert self.row.option(name) is not None, f"the table row of {self.row.name} has no option --{name}"
        return self.options.get(name, ())


def call_directive(
    shell: Shell, words: Sequence[str], line: Source, run_statements: RunStatements | None = None
) -> Answer:
    """Run the directive at the start of the words; `line` is the text after it. Raises: UsageError."""
    directive = find_directive(words[0])
    assert directive is not None
    parsed = parse(directive, words[1:])
    if words[0] in ALIASES:
        shell.renderer.note(f"`{words[0]}` is now called `{directive.name}`")
    for note in parsed.notes:
        shell.renderer.note(note)
    return runner(parsed.row)(Call(shell, parsed.row, parsed.values, line, parsed.options, run_statements))


def runner(row: Directive) -> Callable[[Call], Answer]:
    """Return the function that runs a directive; its module is imported here."""
    run: Callable[[Call], Answer] = import_module(f"invokeai_cli.directives.{row.module or row.name}").run
    return run


def can_ask(shell: Shell) -> bool:
    """Return True if there is a terminal to ask on."""
    environment = shell.environment
    return environment.is_terminal(environment.stdin) and environment.is_terminal(environment.stderr)
