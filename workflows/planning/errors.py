"""Planning errors: the codes of errors in lines that can be parsed, and the exception that carries one error."""

from __future__ import annotations

from collections.abc import Iterable

from invocations.language.errors import LanguageError
from invocations.language.source import Span

PLANNING_CODES = {
    "unknown_command": "a stage's command does not exist",
    "directive_piped": "a directive is used inside a pipeline, but must stand alone",
    "unknown_option": "an option names an input that the command does not have",
    "missing_value": "an option has no value",
    "unwanted_value": "a value is given to an option that takes none",
    "written_twice": "an input that takes one value is set more than once",
    "axis_twice": "an axis of a sweep is written twice",
    "bad_expression": "an expression such as `steps > 20` is wrong, or no item of the sweep fulfills it",
    "bad_table": "a table cannot be read, or one of its values does not fit its input",
    "bad_zip": "`--zip` names axes that cannot advance together",
    "bad_vary": "`--vary` names a word that is not in the text",
    "bad_template": "a prompt template cannot be read, or a wildcard file cannot be used",
    "sweep_too_large": "a sweep has more items than are allowed",
    "surplus_word": "there are more positional arguments than inputs",
    "bad_value": "a string cannot be converted to the input's type",
    "out_of_range": "a value is outside the input's range",
    "not_utf8": "a string contains bytes that are not UTF-8",
    "not_writable": "an input that takes only a reference has a value",
    "not_linkable": "an input that takes only a value has a reference",
    "reference_in_text": "a reference is part of free text",
    "unknown_reference": "a reference names an earlier stage that does not exist",
    "unknown_output": "a reference names an output that the stage does not have",
    "no_output": "a referenced stage has no output",
    "type_mismatch": "an output does not fit an input",
    "bad_range": "a range such as `1..8` has no items, or a part of it is missing or wrong",
    "misplaced_each": "`@name*` refers to something that is not a list, or stands where only a single value can",
    "list_into_scalar": "a list is linked to an input that takes one value",
    "unused_value": "a template has no placeholder for a value",
    "unused_result": "the result of a stage is not used by any later stage",
    "scalar_into_list": "one value is linked to an input that takes a list",
    "missing_items": "items of a list may be missing, but an input needs all of them",
    "missing_input": "a required input has no value and no link",
    "ambiguous_link": "several outputs are equally near candidates for an input",
    "nothing_before": "a line begins with `|`, but the session has no earlier line to continue",
    "duplicate_name": "two stages of one line have the same name",
    "bad_default": "a default is not valid for the input",
    "unusable_input": "a model cannot be used with an input",
    "recipe_circle": "a line that is saved as a recipe uses that recipe",
    "sweep_in_recipe": "a line that is saved as a recipe begins with `sweep`",
    "broken_recipe": "a recipe cannot be expanded",
    "line_too_long": "a line has more stages or words than a server allows",
    "help_asked": "`--help` is used in a script",
    "empty_line": "a line has no command",
    "file_exists": "a file that would be written already exists",
    "no_stem": "a file name contains `{stem}`, but the image is not made from a loaded file",
    "same_target": "two images would be written to the same file",
    "unknown_axis": "`collect --by` names an axis that its items do not have",
    "axis_in_use": "`collect --by` closes an axis, but not another one that depends on it",
    "unknown_variable": "`${name}` refers to a variable that is not set",
}


class PlanningError(Exception):
    """Carries an error to where the errors of the line are collected."""

    def __init__(self, error: LanguageError) -> None:
        super().__init__(error.message)
        self.error = error


def planning_error(
    code: str, message: str, span: Span, hint: str | None = None, notes: Iterable[str] = ()
) -> PlanningError:
    """Return an exception for the planner to raise."""
    return PlanningError(LanguageError(code, message, span, hint, tuple(notes)))


def listed(words: Iterable[str], most: int = 12) -> str:
    """Return the words separated by commas, cut after `most` words."""
    every = list(words)
    return ", ".join(every[:most]) + (", ..." if len(every) > most else "")
