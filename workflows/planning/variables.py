"""The variables of a script, which are set by `let` lines and `--set`, and used as `${name}`.

The value of a variable is never parsed as part of the language. Variables are replaced in words without quotes and in
double quotes, but not in single quotes, nor after a backslash in double quotes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from invocations.frozen import mutable
from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import LanguageError
from invocations.language.printer import marks
from invocations.language.source import Source, Span
from invocations.language.tokens import is_name
from invocations.language.tree import Argument, Pipeline, Stage, Word
from invocations.language.variables import MARK, segments, sets_itself, substitute, uses
from workflows.problems import UsageError

USAGE = "usage: let NAME = VALUE"
IN_TEMPLATE = "if it is a variable of the template, put the template in single quotes"


class UnknownVariable(UsageError):
    """A directive of a script uses a variable that is not set."""

    code = "unknown_variable"


@mutable
class Variables:
    """The values of variables by name; `forced` ones come from `--set` and override values from `let`."""

    forced: Mapping[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    def fork(self) -> Variables:
        """Return an independent copy."""
        return Variables(self.forced, dict(self.own))

    def get(self, name: str) -> str | None:
        """Return the value of a variable, or None if it is not set."""
        return self.forced.get(name, self.own.get(name))

    def let(self, words: tuple[str, ...]) -> tuple[str, str]:
        """Set a variable from the words `NAME = VALUE`; return name and value. Raises: UsageError."""
        words = _apart(words)
        if len(words) < 3 or words[1] != "=":
            raise UsageError("`let` takes NAME = VALUE", USAGE)
        if not _can_be_set(words[0]):
            raise UsageError(f"`{words[0]}` is not a valid name", "names consist of letters, digits, _ and -; " + USAGE)
        self.own[words[0]] = " ".join(words[2:])
        return words[0], self.own[words[0]]

    def filled(self, text: str) -> str:
        """Return a string with its variables replaced. Raises: UnknownVariable."""
        return substitute(text, self._value)

    def fill(self, pipeline: Pipeline, source: Source) -> tuple[Pipeline, list[LanguageError]]:
        """Return the tree of a line with variables replaced by their values, and an error for each unknown variable."""
        errors: list[LanguageError] = []
        stages = tuple(self._stage(stage, source, errors) for stage in pipeline.stages)
        return replace(pipeline, stages=stages), errors

    def _stage(self, stage: Stage, source: Source, errors: list[LanguageError]) -> Stage:
        if MARK not in source.slice(stage.span):
            return stage
        if any(uses(stage.command.text)):
            message = "a variable stands for a value, not for a command"
            errors.append(LanguageError("not_a_command", message, stage.command.span, "write the command itself"))
        return replace(stage, arguments=tuple(self._argument(each, source, errors) for each in stage.arguments))

    def _argument(self, argument: Argument, source: Source, errors: list[LanguageError]) -> Argument:
        word = argument.value
        if not isinstance(word, Word) or word.quote == "'" or MARK not in word.text:
            return argument
        at = word.span.start
        parts = segments(word.text, word.literals)
        for use in (use for part in parts for use in uses(part)):
            start = _place(source.text, use.text, at, word.span.end)
            at = start + len(use.text)
            if self.get(use.name) is None:
                hint = IN_TEMPLATE if sets_itself(word.text, use.name) else self._suggested(use.name)
                errors.append(LanguageError("unknown_variable", _unknown(use.name), Span(start, at), hint))
        text = "$".join(substitute(part, lambda name: self.get(name) or "") for part in parts)
        return replace(argument, value=replace(word, text=text, literals=marks(text) if word.quote else ()))

    def _value(self, name: str) -> str:
        text = self.get(name)
        if text is None:
            raise UnknownVariable(_unknown(name), self._suggested(name))
        return text

    def _suggested(self, name: str) -> str | None:
        return did_you_mean(name, {**self.own, **self.forced}, f"set it: let {name} = VALUE, or --set {name}=VALUE")


def _place(line: str, text: str, start: int, end: int) -> int:
    """Return the position of the next variable in a line that is not escaped by a backslash."""
    at = line.find(text, start, end)
    while at >= 0 and (at - len(line[:at].rstrip("\\"))) % 2:
        at = line.find(text, at + 1, end)
    return max(at, start)


def name_of_let(words: tuple[str, ...]) -> str:
    """Return the name that the words after `let` set, or "" if there is none."""
    name = _apart(words)[0] if words else ""
    return name if _can_be_set(name) else ""


def _unknown(name: str) -> str:
    return f"there is no variable `{name}`"


def _can_be_set(name: str) -> bool:
    return is_name(name) and name.isascii()


def _apart(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words, with the first `=` as a word of its own."""
    if words and "=" in words[0]:
        name, _, rest = words[0].partition("=")
        return (name, "=", *([rest] if rest else []), *words[1:])
    if len(words) > 1 and words[1].startswith("=") and len(words[1]) > 1:
        return (words[0], "=", words[1][1:], *words[2:])
    return words
