"""Errors in a directive that is being typed: names and values of `set` and `config`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import LanguageError
from invocations.language.source import Source, Span
from invocations.language.tokens import Token, tokenize
from invokeai_cli.directives.config import check_setting
from workflows.completion.diagnose import WRONG_WORD
from workflows.lookup import check_default
from workflows.planning.defaults import known_input
from workflows.problems import ApplicationError, UsageError
from workflows.settings.table import BY_NAME, InvalidValue, from_text

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

TAKE_A_SETTING = ("get", "set", "unset")


def directive_errors(shell: Shell, source: Source) -> list[LanguageError]:
    """Return what a directive will refuse, each error at its word."""
    tokens = [token for token in tokenize(source) if token.kind in ("word", "quoted", "unclosed")]
    words = [token.value for token in tokens]
    if words[0] in ("set", "default") and len(words) > 1 and "=" not in words[1]:
        return _of_set(shell, tokens)
    if words[0] == "config" and len(words) > 2 and words[1] in TAKE_A_SETTING:
        return _of_config(shell, tokens)
    return []


def _of_set(shell: Shell, tokens: Sequence[Token]) -> list[LanguageError]:
    try:
        name = known_input(tokens[1].value, shell.workspace.catalog)
    except UsageError as error:
        return [_error(error, tokens[1:2])]
    text = " ".join(token.value for token in tokens[2:])
    try:
        if text:
            check_default(shell.workspace.check_value, shell.workspace.catalog, name, text)
    except UsageError as error:
        return [_error(error, tokens[2:])]
    return []


def _of_config(shell: Shell, tokens: Sequence[Token]) -> list[LanguageError]:
    name = tokens[2].value
    setting = BY_NAME.get(name)
    if setting is None:
        hint = did_you_mean(name, BY_NAME, "`config show` lists the settings")
        return [_error(UsageError(f"there is no setting `{name}`", hint), tokens[2:3])]
    try:
        if tokens[1].value == "set" and len(tokens) > 3:
            check_setting(shell, name, from_text(setting, tokens[3].value, shell.environment.folder))
    except InvalidValue as reason:
        return [_error(UsageError(f"`{name}` {reason}", setting.description), tokens[3:4])]
    except ApplicationError as error:
        return [_error(error, tokens[3:4])]
    return []


def _error(error: ApplicationError, tokens: Sequence[Token]) -> LanguageError:
    return LanguageError(WRONG_WORD, error.message, Span(tokens[0].span.start, tokens[-1].span.end), error.hint)
