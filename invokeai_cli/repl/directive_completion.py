"""What may follow a word of the shell itself: its own words, and the values of what it sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from invocations.spec import FieldSpec, InvocationSpec
from invokeai_cli.directives.set import known_name
from invokeai_cli.shell_completion import complete
from workflows.completion.choice import GAP, Choice
from workflows.completion.context import Known
from workflows.completion.cursor import Place
from workflows.completion.values import files, own_values
from workflows.manual.categories import CATEGORIES
from workflows.settings.table import BY_NAME, as_text
from workflows.values.constraints import facts

SETS = ("set", "default")
CONFIG_SETS = ["config", "set"]


def directive_words(place: Place, known: Known) -> Iterable[Choice]:
    """Return what may stand at the cursor behind a directive."""
    words = [token.text for token in place.stage]
    behind = len(words) - 1
    if place.typed.startswith("-"):
        return _listed(words, place.typed, known)
    if words[0] in SETS and behind == 0:
        return _inputs(known.catalog)
    if words[0] in SETS and behind == 1:
        field = _input(known.catalog, words[1])
        return own_values(field, place.typed, known) if field else ()
    if words[0] == "unset" and behind == 0 and known.defaults:
        return [Choice(name, f"now {text}") for name, text in sorted(known.defaults.items())]
    if words[:2] == CONFIG_SETS and behind == 2:
        return _setting_values(words[2], place.typed, known)
    return _listed(words, place.typed if "=" in place.typed else "", known)


def _listed(words: list[str], typed: str, known: Known) -> Iterable[Choice]:
    """Return what is offered by the shell's own completion too."""
    found = complete(words, typed, known.catalog)
    yield from (Choice(word, about) for word, about in found.offers.items())
    yield from (Choice(word, about) for word, about in known.named.get(found.names, ()))
    if found.files:
        ends = {"run": (".inv",), "history": (".inv",), "session": (".json",)}.get(words[0], ())
        yield from files(typed, known, ends, found.files == "directory")


def _inputs(catalog: Mapping[str, InvocationSpec]) -> Iterable[Choice]:
    """Return the inputs that may have a default, those of pictures from words first."""
    found: dict[str, Choice] = {}
    for spec in sorted(catalog.values(), key=lambda spec: spec.category != CATEGORIES[0]):
        for field in spec.inputs:
            if field.given != "linked" and not field.free_text and field.name not in found:
                about = f"{facts(field)}{GAP}{field.description}"
                found[field.name] = Choice(field.name, about, int(field.required or spec.category != CATEGORIES[0]))
    return found.values()


def _input(catalog: Mapping[str, InvocationSpec], name: str) -> FieldSpec | None:
    """Return an input by the name that `set` takes, `steps` or `t2i.steps`."""
    command, dot, wanted = known_name(name.replace("-", "_") if "." not in name else name).rpartition(".")
    specs = [spec for spec in [catalog.get(command)] if spec] if dot else catalog.values()
    return next((field for spec in specs if (field := spec.input(wanted)) is not None), None)


def _setting_values(name: str, typed: str, known: Known) -> Iterable[Choice]:
    setting = BY_NAME.get(name)
    if setting is None:
        return []
    if setting.kind in ("path", "paths"):
        return files(typed, known, (), folders_only=True)
    words = setting.choices or {"bool": ("yes", "no")}.get(setting.kind, ())
    if name == "theme":
        words = ("auto", *themes())
    if name == "device":
        words = ("auto", "cpu", "cuda", "mps")
    usual = as_text(setting.default)
    return [Choice(word, "default" if word == usual else "") for word in words]


@cache
def themes() -> tuple[str, ...]:
    """Return the names of the Pygments styles there are."""
    from pygments.styles import get_all_styles  # type: ignore[import-untyped]

    return tuple(sorted(get_all_styles()))
