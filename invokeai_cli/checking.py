"""What a value in a line names is looked up while the line is planned: a model, a scheduler, a file to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from invocations.errors import InvocationError

from .errors import ConfigError, suggest
from .planning.checking import Objection

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
            hint = suggest(name, known, "known: " + ", ".join(known))
            return Objection(f"unknown_{what}", f"there is no {what} `{name}`", hint)

        return among

    def _target(self, target: str, beside: Values) -> Objection | None:
        guests = any(spec.origin != "built in" and not spec.is_recipe for spec in self._shell.catalog.values())
        images = self._shell.lookup.images
        return _refused(lambda: images.check_target(target, beside.get("format") or "", others=guests))


def check_template(shell: Shell) -> None:
    """Refuse the configured name of pictures before one is drawn that would get it. Raises: ConfigError."""
    objection = _refused(lambda: shell.lookup.images.check_target("", "", others=True))
    if objection is not None:
        origin = shell.config.origins["template"]
        raise ConfigError(f"the setting `template` ({origin}): {objection.message}", objection.hint)


def _refused(step: Callable[[], None]) -> Objection | None:
    try:
        step()
    except InvocationError as error:
        return Objection(error.code, error.message, error.hint or None)
    return None
