"""Errors in a directive that is being typed: wrong words, and after some directives wrong names, values and lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import LanguageError, Refusal
from invocations.language.script import located_words
from invocations.language.source import Source, Span
from invokeai_cli.directives.config import check_setting
from invokeai_cli.directives.parse import WrongWord, parse
from invokeai_cli.directives.table import find_directive
from workflows.completion.diagnose import UNFINISHED, WRONG_WORD
from workflows.lookup import check_default
from workflows.planning.defaults import by_model_input, known_input
from workflows.problems import ApplicationError, UsageError
from workflows.scripts.statements import arguments_of_set
from workflows.settings.table import BY_NAME, InvalidValue, find_setting, from_text

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

    Word = tuple[str, Span]

TAKE_A_SETTING = ("get", "set", "unset")


def directive_errors(shell: Shell, source: Source) -> list[LanguageError]:
    """Return the errors in a directive, each at its word; missing words are not errors, as they may still be typed."""
    words = located_words(source)
    texts = [text for text, _ in words]
    directive = find_directive(texts[0])
    assert directive is not None
    try:
        parse(directive, texts[1:])
    except WrongWord as error:
        return [_error(error, words[error.place + 1 :][:1])]
    except UsageError:
        pass
    if directive.name in ("set", "default"):
        return _of_set(shell, words[1:])
    if texts[:2] == ["recipe", "save"] and len(words) > 2:
        return _of_recipe(shell, source, words[2:])
    if directive.name == "config" and len(words) > 2 and texts[1] in TAKE_A_SETTING:
        return _of_config(shell, texts[1], words[2:])
    return []


def _of_recipe(shell: Shell, source: Source, words: Sequence[Word]) -> list[LanguageError]:
    """Return the errors in the name of a recipe and in its line, which is in quotes."""
    from invokeai_cli.directives.recipe import own_recipes  # imported on demand: few lines save a recipe
    from workflows.recipes.line import read_recipe_line

    own, (name, _) = own_recipes(shell), words[0]
    try:
        own.check_name(name)
    except UsageError as error:
        return [_error(error, words[:1])]
    if len(words) < 2 or words[1][0].startswith("--"):
        return []
    text, span = words[1]
    start = span.start + source.slice(span).find(text) if text in source.slice(span) else None
    try:
        read_recipe_line(text, name, own.catalog, own.directives, check=own.check, is_file=own.is_file)
    except Refusal as refusal:
        return [_moved(error, start, span) for error in refusal.errors]
    return []


def _moved(error: LanguageError, start: int | None, word: Span) -> LanguageError:
    """Move an error in the text of a word to its place in the line, or to the whole word if that contains escapes."""
    place = word if start is None else Span(start + error.span.start, start + error.span.end)
    return replace(error, code=error.code if error.code in UNFINISHED else WRONG_WORD, span=place)


def _of_set(shell: Shell, words: Sequence[Word]) -> list[LanguageError]:
    places, model = arguments_of_set([text for text, _ in words])
    words = [words[place] for place in places]
    if not words or "=" in words[0][0]:
        return []
    try:
        name = (by_model_input if model else known_input)(words[0][0], shell.workspace.catalog)
    except UsageError as error:
        return [_error(error, words[:1])]
    text = " ".join(text for text, _ in words[1:])
    try:
        if text:
            check_default(shell.workspace.check_value, shell.workspace.catalog, name, text)
    except UsageError as error:
        return [_error(error, words[1:])]
    return []


def _of_config(shell: Shell, action: str, words: Sequence[Word]) -> list[LanguageError]:
    name = words[0][0]
    setting = find_setting(name)
    if setting is None:
        hint = did_you_mean(name, BY_NAME, "`config show` lists the settings")
        return [_error(UsageError(f"there is no setting `{name}`", hint), words[:1])]
    try:
        if action == "set" and len(words) > 1:
            check_setting(shell, name, from_text(setting, words[1][0], shell.environment.folder))
    except InvalidValue as reason:
        return [_error(UsageError(f"`{name}` {reason}", setting.purpose), words[1:2])]
    except ApplicationError as error:
        return [_error(error, words[1:2])]
    return []


def _error(error: ApplicationError, words: Sequence[Word]) -> LanguageError:
    return LanguageError(WRONG_WORD, error.message, Span(words[0][1].start, words[-1][1].end), error.hint)
