"""Errors of a line that is well formed: their codes, and how one is raised from deep inside planning."""

from __future__ import annotations

from collections.abc import Iterable

from invocations.language.errors import LanguageError
from invocations.language.source import Span

PLANNING_CODES = {
    "unknown_command": "a stage's command does not exist",
    "directive_piped": "a directive is part of a pipeline",
    "unknown_option": "a command has no such input",
    "missing_value": "an option has no value",
    "unwanted_value": "a flag or an option of the shell is given a value it does not take",
    "written_twice": "an input is written more than once and takes one value",
    "surplus_word": "a bare word has no input to fill",
    "bad_value": "a text is no value of the input's type",
    "out_of_range": "a value is outside the input's range",
    "not_writable": "an input takes only a reference and a text is written",
    "not_linkable": "an input is written and a reference is given",
    "reference_in_text": "a reference stands among the words of a free text",
    "unknown_reference": "a reference names no earlier stage",
    "unknown_output": "a stage has no such output",
    "no_output": "a stage that is referred to gives nothing",
    "type_mismatch": "an output does not fit an input",
    "list_into_scalar": "a list meets an input that takes one value",
    "scalar_into_list": "one value meets an input that takes a list",
    "missing_input": "a required input is neither written nor linked",
    "ambiguous_link": "two outputs are equally near to an input",
    "nothing_before": "a leading bar goes on from a session that is empty",
    "duplicate_name": "two stages of one line have the same name",
    "bad_default": "a default that was set does not suit the input",
    "broken_recipe": "a recipe cannot be expanded",
    "help_asked": "help is asked for in the middle of a pipeline",
    "empty_line": "a line holds no command",
    "unknown_variable": "`${name}` names no variable of the script",
}


class PlanningError(Exception):
    """One error, on its way to the list of the line's errors."""

    def __init__(self, error: LanguageError) -> None:
        super().__init__(error.message)
        self.error = error


def planning_error(
    code: str, message: str, span: Span, hint: str | None = None, notes: Iterable[str] = ()
) -> PlanningError:
    """Make an error that planning raises."""
    return PlanningError(LanguageError(code, message, span, hint, tuple(notes)))


def listed(words: Iterable[str], most: int = 12) -> str:
    """Return words in a row, cut after `most`."""
    every = list(words)
    return ", ".join(every[:most]) + (", ..." if len(every) > most else "")
