"""The checks of an installation, from the quickest to the self test; each yields its findings."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from invocations.errors import InvocationError
from invocations.services.models.base import NEEDS, NOT_YET, UNUSABLE, ModelInfo
from invocations.shown_numbers import counted, readable_size
from invocations.versions import MADE_BY, versions
from workflows.backend import Backend
from workflows.own_defaults import listed_defaults
from workflows.planning.scope import SET_BY_OPTION, SET_IN_SESSION
from workflows.problems import ApplicationError
from workflows.settings.folders import why_unusable
from workflows.workspace import Workspace

from .finding import ERROR, OK, WARNING, Finding, Status
from .self_test import self_test

Check = Callable[[Workspace], Iterable[Finding]]
REINSTALL: Final = "install the program again: pip install --force-reinstall invokeai-cli"
LITTLE_BYTES: Final = 2 * 10**9  # enough for a few hundred images and their cached intermediate results
TOO_LITTLE_BYTES: Final = 10**8
FREE: Final = "delete files, or run `invokeai cache clear`; the setting `disk_limit` limits all caches"


def examine(backend: Workspace) -> Iterator[Finding]:
    """Run every check and yield its findings as they come."""
    for name, check in CHECKS.items():
        try:
            yield from check(backend)
        except (ApplicationError, InvocationError) as error:
            yield Finding(name, ERROR, error.message, error.hint or "")
        except (ImportError, OSError, RuntimeError) as error:
            yield Finding(name, ERROR, f"{type(error).__name__}: {error}", REINSTALL)


def _versions(backend: Backend) -> Iterator[Finding]:
    """Yield the version of Python and of each library that is needed to generate images."""
    yield Finding("python", OK, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    found = versions()
    for name in MADE_BY:
        yield Finding(name, OK, found[name]) if name in found else Finding(name, ERROR, "not installed", REINSTALL)


def _settings(backend: Backend) -> Iterator[Finding]:
    """Check all settings, and yield the path of the user's settings file. Raises: ConfigError."""
    file = backend.settings.folders.user_file
    backend.check_template()
    yield Finding("settings", OK, file if os.path.isfile(file) else f"defaults are used; {file} does not exist")


def _device(backend: Backend) -> Iterator[Finding]:
    """Yield the device that runs the models. Raises: ServiceError, if it cannot be used."""
    yield Finding("device", OK, f"{backend.lookup.generation.device} (setting: {backend.settings.device})")


def _folders(backend: Backend) -> Iterator[Finding]:
    """Yield, for each folder that the program writes to, whether it is writable and how much space is left."""
    folders = backend.settings.folders
    output = os.path.join(backend.folder, backend.settings.output_dir)
    for name, path in (("data", folders.data), ("cache", folders.cache), ("state", folders.state), ("output", output)):
        yield _folder(f"{name} folder", path)
    for name, paths in (("models", backend.settings.models_dirs), ("wildcards", backend.settings.wildcards_dirs)):
        for path in paths:
            if not os.path.isdir(path):
                hint = f"create it, or change `{name}_dirs`"
                yield Finding(f"{name} folder", WARNING, f"{path} does not exist", hint)


def _folder(name: str, path: str) -> Finding:
    reason = why_unusable(path)
    if reason:
        hint = "make it writable, or choose another one: see `help environment`"
        return Finding(name, ERROR, f"{path}: {reason.lower()}", hint)
    free = shutil.disk_usage(path).free
    status: Status = ERROR if free < TOO_LITTLE_BYTES else WARNING if free < LITTLE_BYTES else OK
    return Finding(name, status, f"{path}, {readable_size(free)} free", "" if status == OK else FREE)


def _models(backend: Backend) -> Iterator[Finding]:
    """Yield each model that can be used or is damaged, and how many others there are."""
    found = backend.lookup.models.list()
    if not found:
        yield Finding("model", ERROR, "no models found", REINSTALL)
    for model in found:
        if model.is_usable:
            yield Finding("model", OK, f"{model.name} ({model.family}, {model.origin})")
    yield from _unusable([model for model in found if model.state == UNUSABLE])
    others = [model for model in found if model.state in (NEEDS, NOT_YET)]
    if others:
        yield Finding("model", OK, f"{len(others)} that cannot be used yet (see `models`)")


def _unusable(models: Sequence[ModelInfo]) -> Iterator[Finding]:
    """Yield why the only unusable file cannot be used, or the names of all unusable files."""
    if len(models) == 1:
        (model,) = models
        yield Finding("model", WARNING, f"{model.name}: {model.reason}", f"see `models info {model.path}`")
    elif models:
        names = ", ".join(model.name for model in models)
        message = f"{len(models)} model files cannot be used: {names}"
        yield Finding("model", WARNING, message, "`models` shows why")


def _defaults(workspace: Workspace) -> Iterator[Finding]:
    """Yield each default of the user that cannot be used, such as one that names a model that is gone."""
    for own in listed_defaults(workspace):
        if own.unused:
            save = "" if own.origin in (SET_IN_SESSION, SET_BY_OPTION) else " --save"
            hint = f"set another one, or `unset {own.typed}{save}`"
            yield Finding("default", WARNING, f"{own.typed} = {own.value}: {own.unused}", hint)


def _plugins(backend: Backend) -> Iterator[Finding]:
    """Yield each plug-in and recipe that cannot be loaded, and the numbers of the others."""
    for problem in backend.catalog.problems():
        yield Finding("plug-in", WARNING, f"not loaded: {problem}", "fix it, or remove it")
    recipes = [spec.is_recipe for spec in backend.catalog.plugins.specs.values()]
    if count := recipes.count(False):
        yield Finding("plug-in", OK, f"{counted(count, 'command')} of your own")
    if count := recipes.count(True):
        yield Finding("recipes", OK, f"{count} of your own")


CHECKS: Final[dict[str, Check]] = {
    "versions": _versions,
    "settings": _settings,
    "folders": _folders,
    "models": _models,
    "defaults": _defaults,
    "plug-ins": _plugins,
    "device": _device,
    "self test": self_test,
}
