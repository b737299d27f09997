"""Set, list and remove the user's own defaults for inputs, for all models or for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from invocations.frozen import frozen
from invocations.language.did_you_mean import MAX_SUGGESTIONS, did_you_mean, one_of

from .lookup import check_default, check_for_model, model_name, objection_of
from .planning.defaults import for_model, known_input, known_name, split_model, typed_default
from .problems import UsageError
from .scripts.statements import default_of
from .settings.file import write_default
from .settings.table import BY_NAME, find_setting

if TYPE_CHECKING:
    from .memory import Memory
    from .workspace import Workspace


@frozen
class OwnDefault:
    """A default that the user has set: its input (`steps` or `t2i.steps`), its model, or "", its value and origin.

    unused: why it has no effect, such as that several models have the name of its model, or ""
    """

    input: str
    model: str
    value: str
    origin: str
    unused: str = ""

    @property
    def typed(self) -> str:
        """The default as it is typed after `unset`: `steps --model sd15`."""
        return typed_default(self.input, self.model)

    @property
    def key(self) -> str:
        """The key of the default in a settings file: `defaults.steps` or `model_defaults.sd15.steps`."""
        return f"model_defaults.{self.model}.{self.input}" if self.model else f"defaults.{self.input}"

    @property
    def source(self) -> str:
        """Where the default comes from, and why it has no effect, if so."""
        return f"{self.origin} (not used: {self.unused})" if self.unused else self.origin

    def data(self) -> dict[str, Any]:
        """Return the default as JSON; `model` is None for a default for all models, and `unused` if it is used."""
        own = {"name": self.input, "value": self.value, "origin": self.origin, "model": self.model or None}
        return {**own, "unused": self.unused or None}


def own_defaults(memory: Memory, origins: Mapping[str, str]) -> Iterator[OwnDefault]:
    """Yield the defaults in effect, by name; `origins` are those of the settings."""
    for name, text in sorted(memory.defaults.items()):
        yield OwnDefault(*split_model(name), text, memory.origin(name, origins))


def listed_defaults(workspace: Workspace) -> Iterator[OwnDefault]:
    """Yield the defaults in effect, by name, each with the reason if its model or its value cannot be used."""
    for each in own_defaults(workspace.memory, workspace.settings.origins):
        yield replace(each, unused=_problem(workspace, each))


def _problem(workspace: Workspace, own: OwnDefault) -> str:
    """Return why a default cannot be used, such as that its model is gone or its name is not unique, or ""."""
    look_up, catalog = workspace.check_value, workspace.catalog
    if own.model and (wrong := objection_of(partial(look_up.check_model, own.model))):
        return wrong.message
    try:
        check_default(look_up, catalog, known_input(own.input, catalog), own.value)
    except UsageError as error:
        return error.message
    return ""


def origin_of(key: str, workspace: Workspace, model: str | None = None) -> tuple[Any, str]:
    """Return the value of a setting or a default, and where it comes from: a file, a variable, an option or `default`.

    model: the model that the default is for. Raises: UsageError, if there is neither a setting nor a default.
    """
    settings = workspace.settings
    if model is None and (setting := find_setting(key)):
        return getattr(settings, setting.name), settings.origins[setting.name]
    found = {name: each for each in own_defaults(workspace.memory, settings.origins) for name in (each.typed, each.key)}
    if model is not None:
        key = typed_default(known_name(key), _stored_model(workspace, known_name(key), model))
    if key not in found:
        if model is not None:
            model_name(workspace.check_value, model)
        hint = _near(key, found) or did_you_mean(key, BY_NAME, "`config show` lists them")
        raise UsageError(f"there is no setting or default `{key}`", hint)
    return found[key].value, found[key].origin


def _near(wanted: str, typed: Iterable[str]) -> str | None:
    """Return a hint with the defaults that were meant: those of the same input, or else similar ones."""
    name, known = wanted.partition(" ")[0], [*typed]
    bare = name.rpartition(".")[2]
    same = [each for each in known if each.partition(" ")[0].rpartition(".")[2] == bare and "defaults." not in each]
    return f"did you mean {one_of(same[:MAX_SUGGESTIONS])}?" if same else did_you_mean(wanted, known)


def set_default(workspace: Workspace, words: Sequence[str], model: str | None, *, file: str) -> OwnDefault | None:
    """Set the default in the words after `set`; return None if there are no words.

    model: the model that it is for. file: the settings file to save it in, or "". Raises: UsageError, FileError.
    """
    if not words and model is None:
        return None
    named = ("--model", model_name(workspace.check_value, model)) if model is not None else ()
    given = default_of([*words, *named], workspace.catalog)
    if given is None:
        raise UsageError("`set` needs an argument: INPUT", "usage: set INPUT VALUE [--model NAME]")
    name, text = given
    check_default(workspace.check_value, workspace.catalog, split_model(name)[0], text)
    check_for_model(workspace.check_value, workspace.catalog, *split_model(name), text)
    workspace.memory.set(name, text)
    if file:
        write_default(file, name, text)
    return OwnDefault(*split_model(name), text, "set")


def remove_default(workspace: Workspace, name: str, model: str | None, *, file: str) -> OwnDefault:
    """Remove a default, also from the settings file unless that is "". Raises: UsageError, FileError."""
    memory, wanted = workspace.memory, known_name(name)
    stored = for_model(wanted, _stored_model(workspace, wanted, model) if model is not None else "")
    known = {each.typed for each in own_defaults(memory, {})}
    if not memory.unset(stored):
        typed = typed_default(wanted, model or "")
        raise UsageError(f"no default of `{typed}` is set", _near(typed, sorted(known)))
    if file:
        write_default(file, stored, None)
    return OwnDefault(*split_model(stored), "", "")


def own_of_model(workspace: Workspace, name: str, path: str) -> dict[str, str]:
    """Return the defaults that are set for one model, under any of its names, by input."""
    found = {split_model(each): text for each, text in sorted(workspace.memory.defaults.items())}
    return {own: text for (own, model), text in found.items() if model and _is(workspace, model, name, path)}


def _is(workspace: Workspace, stored: str, name: str, path: str) -> bool:
    """Return True if a name for which a default is stored refers to the model with this name and path."""
    settings = workspace.check_value.settings(stored)
    return settings.path == path if settings is not None else stored in (name, path)


def _stored_model(workspace: Workspace, name: str, model: str) -> str:
    """Return a model's name as its default is stored; a model that is gone keeps the name that was typed."""
    if for_model(name, model) in workspace.memory.defaults:
        return model
    settings = workspace.check_value.settings(model)
    stored = [own for wanted, own in map(split_model, workspace.memory.defaults) if own and wanted == name]
    return next((each for each in stored if settings and _is(workspace, each, model, settings.path)), model)
