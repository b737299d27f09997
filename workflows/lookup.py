"""Check the models, schedulers and output files that values name, when a line is planned or a default is set."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from invocations.errors import InvocationError
from invocations.language.did_you_mean import did_you_mean

from .planning.lookup import AXIS_FIELDS, Objection, naming
from .problems import ConfigError, Refused, UsageError

if TYPE_CHECKING:
    from invocations.catalog.registry import Registry
    from invocations.local import LocalServices
    from invocations.services.models.base import ModelSettings
    from invocations.spec import FieldSpec

    from .planning.planned_files import PlannedFiles
    from .settings.resolve import Config

Values = Mapping[str, Any]


class Lookup:
    """Checks values using the services, which are created only if a value needs them.

    files: the files that earlier lines of a script will write.
    """

    def __init__(
        self, services: Callable[[], LocalServices], catalog: Registry, files: PlannedFiles | None = None
    ) -> None:
        self._services = services
        self._catalog = catalog
        self.files = files
        self._by_kind: dict[str, Callable[[str, Values], Objection | None]] = {
            "model": self._model,
            "vae": lambda name, _: objection_of(lambda: self._services().models.latents_of_vae(name)),
            "scheduler": self._one_of("scheduler"),
            "upscaler": self._one_of("upscaler"),
            "target": self._target,
            "file": self._file,
            "text_file": self._text_file,
            "wildcards": self._folder,
        }

    def __call__(self, field: FieldSpec, value: Any, stage: Values) -> Objection | None:
        """Return the error in an input's value, or None if it is valid; `stage` contains all values of its stage."""
        ask = self._by_kind.get(field.completes)
        return ask(value, stage) if ask is not None and isinstance(value, str) else None

    def check_model(self, name: str) -> None:
        """Refuse a name or path of a model that cannot be used. Raises: InvocationError."""
        self._services().models.check(name)

    def _model(self, name: str, _: Values) -> Objection | None:
        return objection_of(lambda: self.check_model(name))

    def _one_of(self, what: str) -> Callable[[str, Values], Objection | None]:
        def among(name: str, _: Values) -> Objection | None:
            known = names(self._services(), what)
            if name in known:
                return None
            hint = did_you_mean(name, known, "known: " + ", ".join(f"`{each}`" for each in known))
            near = _closest_scheduler(name) if what == "scheduler" else None
            if near:
                hint = f"the closest is `{near}`"
            if what == "upscaler":
                hint = self._model_named(name) + (hint or "")
            return Objection(f"unknown_{what}", f"there is no {what} `{name}`", hint)

        return among

    def _model_named(self, name: str) -> str:
        """Return the start of a hint if a word names a model instead of an upscaler, else ""."""
        try:
            info = self._services().models.details(name).info
        except InvocationError:
            return ""
        state = "which cannot be used yet" if info.kind == "upscaler" else "not an upscaler"
        return f"`{name}` is {info.title}, {state}; "

    def _file(self, source: str, stage: Values) -> Objection | None:
        if self._will_be_written(source):
            return None
        return objection_of(lambda: self._services().headers.check(source, allow_url=bool(stage.get("allow_url"))))

    def _text_file(self, source: str, _: Values) -> Objection | None:
        return objection_of(lambda: self._services().files.check(source))

    def _folder(self, source: str, _: Values) -> Objection | None:
        return objection_of(lambda: self._services().files.check_folder(source))

    def text_file(self, path: str) -> bytes:
        """Return the content of a file other than an image. Raises: InvocationError."""
        return self._services().files.read(path)

    def size(self, path: str) -> tuple[int, int] | None:
        """Return width and height of an image file in pixels, or None if its header does not state them."""
        return None if self._will_be_written(path) else self._services().headers.size(path)

    def sizes(self, path: str) -> Sequence[tuple[int, int] | None] | None:
        """Return the size of each file that a path or a pattern matches, or None if they are not known."""
        return None if self._will_be_written(path) else self._services().headers.sizes(path)

    def wildcard_folders(self, written: Sequence[str]) -> Sequence[str]:
        """Return the folders to search for wildcard files, given the folders that a line names."""
        return self._services().files.wildcard_folders(written)

    def _will_be_written(self, source: str) -> bool:
        return self.files is not None and self.files.may_match(str(self._services().headers.path(source)))

    def pattern(self, written: str, format_name: str) -> str:
        """Return the absolute path of a target, with `*` for each field of a template; "" if it is not a file."""
        try:
            return self._services().images.targets.pattern(written, format_name)
        except InvocationError:  # the error is reported when the value is checked
            return ""

    def target(self, written: str, format_name: str) -> str | None:
        """Return the one absolute path that a target stands for, or None if its name comes from a template."""
        try:
            path = self._services().images.targets.fixed(written, format_name)
        except InvocationError:  # the error is reported when the value is checked
            return None
        return os.path.realpath(path) if path is not None else None

    def settings(self, model: str) -> ModelSettings | None:
        """Return the default settings of a model, or None if the model cannot be used."""
        try:
            return self._services().models.settings_of(model)
        except InvocationError:
            return None

    def vae(self, name: str) -> tuple[int, int] | None:
        """Return the form of the latents of a VAE, or None if the VAE cannot be used."""
        try:
            return self._services().models.latents_of_vae(name)
        except InvocationError:
            return None

    def _target(self, target: str, stage: Values) -> Objection | None:
        return check_target(
            self._services(), self._catalog, target, stage.get("format") or "", fields=stage.get(AXIS_FIELDS, ())
        )


def _closest_scheduler(name: str) -> str | None:
    """Return the scheduler that is closest to another tool's sampler."""
    from .synonyms.samplers import scheduler_of  # imported on demand: most schedulers are known

    return scheduler_of(name)[0]


def names(services: LocalServices, what: str) -> tuple[str, ...]:
    """Return all names of one kind: `model` or `vae` (that can be used), `any model`, `scheduler` or `upscaler`."""
    if what in ("model", "vae", "any model"):
        return tuple([model.name for model in services.models.list() if what == "any model" or model.serves_as(what)])
    return services.generation.schedulers() if what == "scheduler" else services.enhancement.upscalers()


def check_target(
    services: LocalServices,
    catalog: Registry,
    target: str = "",
    format: str = "",  # noqa: A002 - the input's name
    fields: Sequence[str] = (),
) -> Objection | None:
    """Return the error in a file name or template for `save`, or None; "" checks the configured template.

    fields: the fields that the axes of a sweep fill
    """
    return objection_of(lambda: services.images.check_target(target, format, (*catalog.foreign_facts, *fields)))


def check_template(services: LocalServices, catalog: Registry, settings: Config) -> None:
    """Check the configured file name template before anything is generated. Raises: ConfigError."""
    objection = check_target(services, catalog)
    if objection is not None:
        origin = settings.origins["template"]
        raise ConfigError(f"the setting `template` ({origin}): {objection.message}", objection.hint)


def check_device(settings: Config) -> None:
    """Check the configured device and precision, as far as possible without loading anything. Raises: ConfigError."""
    from invocations.services.generation import checked

    objection = objection_of(lambda: checked.check_device(settings.device, settings.dtype))
    if objection is not None:
        name = "dtype" if objection.message.startswith(f"`{settings.dtype}`") else "device"
        raise ConfigError(f"the setting `{name}` ({settings.origins[name]}): {objection.message}", objection.hint)


def model_name(look_up: Lookup, text: str) -> str:
    """Return a name of the model with this name or path, or its path if the name is not unique.

    Raises: UsageError, if there is no such model.
    """
    if objection := objection_of(lambda: look_up.check_model(text)):
        raise Refused(objection.message, objection.hint, objection.code)
    settings = look_up.settings(text)
    if settings is None:
        return text
    named = look_up.settings(settings.name)
    return settings.name if named is not None and named.path == settings.path else settings.path


def check_default(look_up: Lookup, catalog: Registry, name: str, text: str) -> None:
    """Check that a command accepts a default with this name, such as `steps` or, for one command, `t2i.steps`.

    Raises: UsageError.
    """
    from invocations.language.source import Span

    from .planning.errors import PlanningError
    from .planning.read_values import read_text

    command, dot, wanted = name.rpartition(".")
    specs = [catalog[command]] if dot else catalog.values()
    fields = [field for spec in specs if (field := spec.input(wanted)) is not None]
    refused: list[Objection] = []
    for field in sorted(fields, key=lambda field: field.given == "linked"):
        try:
            value = read_text(field, text, Span(0, 0))
        except PlanningError as reason:
            refused.append(Objection(UsageError.code, reason.error.message, reason.error.hint))
            continue
        objection = look_up(naming(field, value), getattr(value, "text", value), {})
        if objection is None:
            return
        refused.append(objection)
    if refused:
        raise Refused(refused[0].message, refused[0].hint, refused[0].code)


def check_for_model(look_up: Lookup, catalog: Registry, name: str, model: str, text: str) -> None:
    """Check that a model accepts a default, such as a width that is a multiple of 8. Raises: UsageError."""
    settings = look_up.settings(model) if model else None
    inputs = [field for spec in catalog.values() if (field := spec.input(name)) is not None]
    fields = [field for field in inputs if field.by_model and field.precheck]
    if settings is None or not fields:
        return
    from invocations.language.source import Span
    from invocations.precheck.find import checker
    from invocations.precheck.known import Unknown
    from invocations.services.translate_errors import translated

    from .planning.one_default import OneDefault
    from .planning.read_values import read_text

    known = OneDefault(name, read_text(fields[0], text, Span(0, 0)), settings)

    def check() -> None:
        with translated(), suppress(Unknown):
            checker(fields[0].precheck)(known, name)

    objection = objection_of(check)
    if objection is not None:
        raise UsageError(objection.message, objection.hint)


def objection_of(check: Callable[[], object]) -> Objection | None:
    """Call a service and return the error that it raises, or None."""
    try:
        check()
    except InvocationError as error:
        return Objection(error.code, error.message, error.hint or None)
    return None
