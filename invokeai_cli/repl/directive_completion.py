"""Completion after a directive at the interactive prompt: its arguments and options, and the values that it can set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from invocations.spec import FieldSpec, InvocationSpec
from invokeai_cli.directives.expected import Expected, expected
from invokeai_cli.shell_completion import complete
from workflows.completion.candidate import GAP, Candidate
from workflows.completion.context import CompletionContext
from workflows.completion.cursor import Cursor
from workflows.completion.values import files, own_values
from workflows.manual.categories import CATEGORIES
from workflows.planning.defaults import current_defaults, known_name
from workflows.settings.table import as_text, find_setting
from workflows.synonyms.table import names_of
from workflows.values.constraints import facts
from workflows.values.positions import IMAGE_SUFFIXES, WEIGHT_SUFFIXES

SUFFIXES = {
    "script": (".inv",),
    "document": (".json",),
    "model": WEIGHT_SUFFIXES,
    "image": IMAGE_SUFFIXES,
    "image or graph": (*IMAGE_SUFFIXES, ".json", ".txt"),
}


def directive_words(cursor: Cursor, context: CompletionContext) -> Iterable[Candidate]:
    """Return the candidates after a directive."""
    words = [token.text for token in cursor.stage]
    found = expected(words)
    if cursor.typed.startswith("-"):
        return _listed(words, found, cursor.typed, cursor.typed, context)
    if found.completes == "input":
        return _inputs(context.catalog)
    if found.completes == "input value":
        field = _input(context.catalog, found.values[0]) if len(found.values) == 1 else None
        return own_values(field, cursor.typed, context) if field else ()
    if found.completes == "default" and context.defaults:
        return [Candidate(name, f"now {text}") for name, text in current_defaults(context.defaults)]
    if found.completes == "setting value":
        return _setting_values(found.values[0], cursor.typed, context)
    return _listed(words, found, cursor.typed if "=" in cursor.typed else "", cursor.typed, context)


def _listed(
    words: list[str], expected: Expected, typed: str, path: str, context: CompletionContext
) -> Iterable[Candidate]:
    """Yield the candidates that shell completion offers too; `path` may begin the path of a file."""
    found = complete(words, typed, context.catalog)
    for word, about in found.offers.items():
        also = names_of(word, "commands") + names_of(word, "topics") if expected.completes == "word" else ()
        yield Candidate(word, about, also=also)
    yield from (Candidate(word, about) for word, about in context.named.get(found.names, ()))
    if found.files:
        suffixes = SUFFIXES.get(expected.completes, ())
        yield from files(path, context, suffixes, found.files == "directory")


def _inputs(catalog: Mapping[str, InvocationSpec]) -> Iterable[Candidate]:
    """Return the inputs that may have a default, beginning with the inputs of text-to-image commands."""
    found: dict[str, Candidate] = {}
    for spec in sorted(catalog.values(), key=lambda spec: spec.category != CATEGORIES[0]):
        for field in spec.inputs:
            if field.given != "linked" and not field.free_text and field.name not in found:
                about = f"{facts(field)}{GAP}{field.description}"
                found[field.name] = Candidate(field.name, about, int(field.required or spec.category != CATEGORIES[0]))
    return found.values()


def _input(catalog: Mapping[str, InvocationSpec], name: str) -> FieldSpec | None:
    """Return the input that a name such as `steps` or `t2i.steps` stands for in `set`."""
    command, dot, wanted = known_name(name.replace("-", "_") if "." not in name else name).rpartition(".")
    specs = [spec for spec in [catalog.get(command)] if spec] if dot else catalog.values()
    return next((field for spec in specs if (field := spec.input(wanted)) is not None), None)


def _setting_values(name: str, typed: str, context: CompletionContext) -> Iterable[Candidate]:
    setting = find_setting(name)
    if setting is None:
        return []
    if setting.kind in ("path", "paths"):
        return files(typed, context, (), folders_only=True)
    words = ("auto", *themes()) if name == "theme" else setting.values
    default = as_text(setting.default)
    return [Candidate(word, "default" if word == default else "") for word in words]


@cache
def themes() -> tuple[str, ...]:
    """Return the names of the installed Pygments styles."""
    from pygments.styles import get_all_styles  # type: ignore[import-untyped]

    return tuple(sorted(get_all_styles()))
