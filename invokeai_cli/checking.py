"""What a value names is looked up when a line is planned or a setting is set: a model, a scheduler, a file to write."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from invocations.errors import InvocationError
from invocations.language.did_you_mean import did_you_mean
from workflows.planning.lookup import Objection, naming
from workflows.problems import ConfigError, UsageError
from workflows.settings.table import BY_NAME

if TYPE_CHECKING:
    from invocations.spec import FieldSpec

    from .shell import Shell

Values = Mapping[str, Any]


class Lookup:
    """Asks the services of a shell about the values of a line; each is made only when a value wants it."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._by_kind: dict[str, Callable[[str, Values], Objection | None]] = {
            "model": self._model,
            "scheduler": self._one_of("scheduler"),
            "upscaler": self._one_of("upscaler"),
            "target": self._target,
        }

    def __call__(self, field: FieldSpec, value: Any, beside: Values) -> Objection | None:
        """Return what is wrong with a value of an input, None where nothing is."""
        ask = self._by_kind.get(field.completes)
        return ask(value, beside) if ask is not None and isinstance(value, str) else None

    def _model(self, name: str, _: Values) -> Objection | None:
        return _refused(lambda: self._shell.lookup.models.check(name))

    def _one_of(self, what: str) -> Callable[[str, Values], Objection | None]:
        def among(name: str, _: Values) -> Objection | None:
            known = self._shell.names(what)
            if name in known:
                return None
            hint = did_you_mean(name, known, "known: " + ", ".join(known))
            return Objection(f"unknown_{what}", f"there is no {what} `{name}`", hint)

        return among

    def _target(self, target: str, beside: Values) -> Objection | None:
        images = self._shell.lookup.images
        return _refused(lambda: images.check_target(target, beside.get("format") or "", others=has_guests(self._shell)))


def check_template(shell: Shell) -> None:
    """Refuse the configured name of pictures before one is drawn that would get it. Raises: ConfigError."""
    objection = _refused(lambda: shell.lookup.images.check_target("", "", others=has_guests(shell)))
    if objection is not None:
        origin = shell.config.origins["template"]
        raise ConfigError(f"the setting `template` ({origin}): {objection.message}", objection.hint)


def check_setting(shell: Shell, name: str, value: Any) -> None:
    """Refuse a value of a setting that its text alone does not give away. Raises: UsageError, ConfigError."""
    if name == "template":
        images = shell.services_with(template=value).images
        objection = _refused(lambda: images.check_target("", "", others=has_guests(shell)))
        if objection is not None:
            raise UsageError(objection.message, objection.hint)
    elif name == "theme":
        from .render.style import make_style  # only here: it is not light

        make_style(value)
    elif BY_NAME[name].kind in ("path", "paths"):
        for path in [value] if isinstance(value, str) else value:
            if os.path.exists(path) and not os.path.isdir(path):
                raise UsageError(f"`{path}` is a file, and `{name}` takes a folder", None)


def check_default(shell: Shell, name: str, text: str) -> None:
    """Refuse a default that no command with that input takes; `name`: `steps`, `t2i.steps`. Raises: UsageError."""
    from invocations.language.source import Span
    from workflows.planning.errors import PlanningError
    from workflows.planning.read_values import read_text

    command, dot, wanted = name.rpartition(".")
    specs = [shell.catalog[command]] if dot else shell.catalog.values()
    fields = [field for spec in specs if (field := spec.input(wanted)) is not None]
    look_up, refused = Lookup(shell), []
    for field in sorted(fields, key=lambda field: field.given == "linked"):
        try:
            value = read_text(field, text, Span(0, 0))
        except PlanningError as reason:
            refused.append(Objection("", reason.error.message, reason.error.hint))
            continue
        objection = look_up(naming(field, value), getattr(value, "text", value), {})
        if objection is None:
            return
        refused.append(objection)
    if refused:
        raise UsageError(refused[0].message, refused[0].hint)


def has_guests(shell: Shell) -> bool:
    """Tell whether there are nodes that are not ours: they may bring facts of their own into names of files."""
    return any(spec.origin != "built in" and not spec.is_recipe for spec in shell.catalog.values())


def _refused(step: Callable[[], None]) -> Objection | None:
    try:
        step()
    except InvocationError as error:
        return Objection(error.code, error.message, error.hint or None)
    return None
