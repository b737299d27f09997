"""One use of a directive: its words, the rest of the line as it was written, and the shell it acts on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invocations.language.source import Source
from workflows.problems import UsageError

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell


@dataclass(frozen=True, slots=True)
class Call:
    """A directive's words without its own name; `line` is the text after that name, for directives that take a line."""

    shell: Shell
    word: str
    words: tuple[str, ...]
    line: Source

    @property
    def is_all(self) -> bool:
        """Tell whether the program does nothing else, so that what is remembered is forgotten at once."""
        words = self.shell.command_line.words
        return bool(words) and words[0].split()[:1] == [self.word]

    def flag(self, name: str) -> tuple[bool, Call]:
        """Tell whether a switch stands among the words, and return the call without it."""
        rest = tuple(word for word in self.words if word != name)
        return len(rest) < len(self.words), Call(self.shell, self.word, rest, self.line)

    def option(self, name: str) -> tuple[str | None, Call]:
        """Return the value of `--name VALUE` or `--name=VALUE`, and the call without it. Raises: UsageError."""
        words = [*self.words]
        for at, word in enumerate(words):
            if word == name or word.startswith(f"{name}="):
                glued = word != name
                if not glued and at + 1 == len(words):
                    raise UsageError(f"`{name}` needs a value", f"write `{name}=VALUE`")
                value = word.partition("=")[2] if glued else words[at + 1]
                del words[at : at + 2 - glued]
                return value, Call(self.shell, self.word, tuple(words), self.line)
        return None, self

    def expect(self, least: int, most: int) -> tuple[str, ...]:
        """Return the words, or refuse too few, too many or options. Raises: UsageError."""
        from . import DIRECTIVES

        usage = f"usage: {DIRECTIVES[self.word].usage}"
        for word in self.words:
            if word.startswith("--"):
                raise UsageError(f"`{self.word}` has no option `{word}`", usage)
        if len(self.words) < least:
            raise UsageError(f"`{self.word}` needs more words", usage)
        if len(self.words) > most:
            raise UsageError(f"`{self.word}` takes fewer words: what is `{self.words[most]}`?", usage)
        return self.words
