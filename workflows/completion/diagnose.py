"""Find errors in text while it is typed, with the parser and the planner that are also used to run it.

Errors that only say that something is still missing are kept separate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from itertools import accumulate

from invocations.errors import InvocationError
from invocations.frozen import frozen
from invocations.language.errors import LanguageError
from invocations.language.script import is_incomplete, split_script
from invocations.language.source import Source, Span
from workflows.planning.plan_line import LineAnalysis
from workflows.problems import ApplicationError
from workflows.reserved import ReservedWords
from workflows.scripts.statements import as_directive

from .line_words import read_line

UNFINISHED = {"missing_input", "missing_value", "empty_stage", "unclosed_quote", "missing_name", "unfinished_line"}
IN_RANGE = "0123456789.,:/?+-eE"  # the characters of an unfinished range
WRONG_WORD = "wrong_word"  # code of an error in the words of a directive
OF_ONE_LINE = {
    WRONG_WORD,
    "unknown_command",
    "unknown_option",
    "directive_piped",
    "bad_value",
    "bad_range",
    "out_of_range",
    "surplus_word",
}
OfDirective = Callable[[Source], list[LanguageError]]


@frozen
class CheckedLine:
    """The errors of one line, and the line as planned; `analysis` is None if there is nothing to plan."""

    errors: tuple[LanguageError, ...] = ()
    analysis: LineAnalysis | None = None


@frozen
class Diagnosis:
    """The errors in the typed text.

    errors: all errors, in the order in which they occur
    incomplete: whether the text may continue on the next line, as after an open quote
    lines: the start and the end of each planned line in the text, and its analysis
    """

    errors: tuple[LanguageError, ...] = ()
    incomplete: bool = False
    lines: tuple[tuple[int, int, LineAnalysis], ...] = field(default=(), compare=False, repr=False)

    def wrong(self, text: str, cursor: int, words: frozenset[str]) -> tuple[LanguageError, ...]:
        """Return the errors that typing more at the cursor cannot fix.

        words: the words that the word at the cursor may become
        """
        return tuple(e for e in self.errors if e.code not in UNFINISHED and not _in_progress(e, text, cursor, words))

    def unfinished(self) -> tuple[LanguageError, ...]:
        """Return the errors that say only that something is still missing."""
        return tuple(error for error in self.errors if error.code in UNFINISHED)

    def line_at(self, position: int) -> tuple[LineAnalysis, int] | None:
        """Return the planned line at a position, and where the line starts in the text."""
        return next(((line, begin) for begin, end, line in self.lines if begin <= position <= end), None)


def no_errors(source: Source) -> list[LanguageError]:
    """Return no errors: no directive is checked."""
    return []


def diagnose(
    text: str,
    analyze: Callable[[Source], LineAnalysis],
    reserved: ReservedWords,
    of_directive: OfDirective = no_errors,
    *,
    remembered: dict[str, CheckedLine] | None = None,
) -> Diagnosis:
    """Check typed text by the rules that apply when it is run.

    analyze: plans one line as far as possible, without side effects
    of_directive: returns the errors of a directive
    remembered: a cache of the lines already checked, so that only changed lines are planned again; this call updates it
    """
    if not text.strip() or text.strip()[0] in "!?":
        return Diagnosis()
    known = {} if remembered is None else remembered
    begins = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]  # start of each line in the text
    errors: list[LanguageError] = []
    lines: list[tuple[int, int, LineAnalysis]] = []
    for index, statement in enumerate(split_script(Source(None, text))):
        line = statement.source.text
        if line not in known:
            known[line] = _check(statement.source, analyze, reserved, of_directive)
        checked, begin = known[line], begins[statement.source.first_line - 1]
        if checked.analysis is not None:
            lines.append((begin, begin + len(line), checked.analysis))
        for error in checked.errors:
            if (
                not index or error.code in OF_ONE_LINE
            ):  # other errors may depend on earlier lines, which have not run yet
                errors.append(_moved(error, begin))
    return Diagnosis(tuple(errors), is_incomplete(text), tuple(lines))


def _check(
    source: Source, analyze: Callable[[Source], LineAnalysis], reserved: ReservedWords, of_directive: OfDirective
) -> CheckedLine:
    directive = as_directive(source, reserved)
    if directive is not None:
        words, rest = directive
        if words[0] in reserved.switches:
            line = read_line(rest, reserved.switches[words[0]]).line
            if line is None:
                return CheckedLine()
            source = line
        elif 0 < reserved.before_line(words) < len(words):
            source = rest
        elif "|" not in words:
            return CheckedLine(tuple(of_directive(source)))
    try:
        analysis = analyze(source)
    except (ApplicationError, InvocationError, OSError):  # the error is reported when the line runs
        return CheckedLine()
    return CheckedLine(analysis.errors, analysis)


def _in_progress(error: LanguageError, text: str, cursor: int, words: frozenset[str]) -> bool:
    """Return True if the word at the cursor may still become valid."""
    if cursor != error.span.end or (cursor < len(text) and not text[cursor].isspace()):
        return False
    written = text[error.span.start : cursor].rpartition("=")[2]
    if error.code in ("bad_range", "bad_value") and written and all(char in IN_RANGE for char in written):
        return True
    if error.code in ("bad_option", "bad_reference", "unknown_reference", WRONG_WORD):
        return True
    if error.code == "unknown_option" and "." in written:  # `words` does not contain the options of a recipe's stages
        return True
    return any(word.startswith(written) and word != written for word in words)


def _moved(error: LanguageError, by: int) -> LanguageError:
    span = Span(error.span.start + by, error.span.end + by)
    return LanguageError(error.code, error.message, span, error.hint, error.notes)
