"""What is wrong with the text so far, by the real parser and planner; what is only unfinished is told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from invocations.errors import InvocationError
from invocations.language.errors import LanguageError, Refusal
from invocations.language.script import is_incomplete, split_script
from invocations.language.source import Source, Span
from invokeai_cli.directives import before_line
from invokeai_cli.directives.graph_words import read_words
from invokeai_cli.loop import as_directive
from workflows.problems import ApplicationError

UNFINISHED = {"missing_input", "missing_value", "empty_stage", "unclosed_quote", "missing_name", "unfinished_line"}
WRONG_WORD = "wrong_word"  # of a directive
OF_ONE_LINE = {
    WRONG_WORD,
    "unknown_command",
    "unknown_option",
    "directive_piped",
    "bad_value",
    "out_of_range",
    "surplus_word",
}
OfDirective = Callable[[Source], list[LanguageError]]


@dataclass(frozen=True, slots=True)
class Checked:
    """The errors of a text in the order of their places, and whether more must be typed before it can run."""

    errors: tuple[LanguageError, ...] = ()
    incomplete: bool = False

    def wrong(self, text: str, cursor: int, words: frozenset[str]) -> tuple[LanguageError, ...]:
        """Return the errors that more typing at the cursor cannot mend; `words` are those that may be meant."""
        return tuple(e for e in self.errors if e.code not in UNFINISHED and not _in_the_making(e, text, cursor, words))

    def unfinished(self) -> tuple[LanguageError, ...]:
        """Return what is merely not written yet."""
        return tuple(error for error in self.errors if error.code in UNFINISHED)


def _nothing(source: Source) -> list[LanguageError]:
    return []


def check(
    text: str,
    plan: Callable[[Source], object],
    of_directive: OfDirective = _nothing,
    *,
    remembered: dict[str, list[LanguageError]] | None = None,
) -> Checked:
    """Check a text as it would be checked when it is run.

    plan: plans one line, changes nothing, or raises Refusal; of_directive: tells what a directive will refuse.
    remembered: what was found of lines before, so that of a long text only the line that changes is planned again.
    """
    if not text.strip() or text.strip()[0] in "!?":
        return Checked()
    known = {} if remembered is None else remembered
    begins = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]  # of each line
    errors: list[LanguageError] = []
    for index, statement in enumerate(split_script(Source(None, text))):
        line = statement.source.text
        if line not in known:
            known[line] = _check_line(statement.source, plan, of_directive)
        offset = begins[statement.source.first_line - 1]
        for error in known[line]:
            if not index or error.code in OF_ONE_LINE:  # it may need what the line before it will give
                errors.append(_moved(error, offset))
    return Checked(tuple(errors), is_incomplete(text))


def _check_line(source: Source, plan: Callable[[Source], object], of_directive: OfDirective) -> list[LanguageError]:
    directive = as_directive(source)
    if directive is not None:
        words, rest = directive
        if words[0] == "graph":
            line = read_words(rest, lambda command: ()).line
            if line is None:
                return []
            source = line
        elif 0 < before_line(words) < len(words):
            source = rest
        elif "|" not in words:
            return of_directive(source)
    try:
        plan(source)
    except Refusal as refusal:
        return list(refusal.errors)
    except (ApplicationError, InvocationError, OSError):  # told when it runs
        return []
    return []


def _in_the_making(error: LanguageError, text: str, cursor: int, words: frozenset[str]) -> bool:
    """Tell whether the word at the cursor may still become right."""
    if cursor != error.span.end or (cursor < len(text) and not text[cursor].isspace()):
        return False
    written = text[error.span.start : cursor].rpartition("=")[2]
    if error.code in ("bad_option", "bad_reference", "unknown_reference", WRONG_WORD):
        return True
    return any(word.startswith(written) and word != written for word in words)


def _moved(error: LanguageError, by: int) -> LanguageError:
    span = Span(error.span.start + by, error.span.end + by)
    return LanguageError(error.code, error.message, span, error.hint, error.notes)
