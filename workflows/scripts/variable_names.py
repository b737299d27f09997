"""Find the names of the variables that a script and the scripts it runs set or use, without planning them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from invocations.language.script import Statement, split_lines, words_of
from invocations.language.variables import used_names
from workflows.planning.variables import Variables, name_of_let
from workflows.problems import ApplicationError

from .source import text_of


def variable_names(text: str, name: str, folder: str, forced: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the variables in a script and in the scripts that it runs.

    forced: the values of `--set`; the scripts are read only if there are any
    """
    if not forced:
        return frozenset()
    reader = _Reader(folder, Variables(forced), {name})
    reader.script(text)
    return frozenset(reader.found)


class _Reader:
    """Reads scripts in the order in which they run, so that `run ${name}` can be followed too."""

    def __init__(self, folder: str, variables: Variables, seen: set[str]) -> None:
        self.folder, self.variables, self.seen = folder, variables, seen
        self.found: set[str] = set()

    def script(self, text: str) -> None:
        for statement in split_lines(text.split("\n")):
            self.found |= used_names(statement.source)
            with suppress(ApplicationError):  # planning reports the error and where it is
                self.statement(statement)

    def statement(self, statement: Statement) -> None:
        source = statement.source
        if source.text.startswith("let", statement.span.start):
            word, *words = words_of(source)
            if word == "let" and (name := name_of_let(tuple(words))):
                self.found.add(name)
                self.variables.let(tuple(words_of(source, self.variables.filled)[1:]))
        elif source.text.startswith("run", statement.span.start):
            words = words_of(source, self.variables.filled)
            if words[0] == "run" and len(words) == 2 and words[1] not in self.seen:
                self.seen.add(words[1])
                self.script(text_of(words[1], self.folder))
