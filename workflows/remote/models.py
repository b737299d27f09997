"""The models of a server, as if they were on this machine: found by name, with their settings, never by path."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, NoReturn

from invocations.language.did_you_mean import did_you_mean
from invocations.services.errors import ServiceError
from invocations.services.models.base import (
    Latents,
    ModelDetails,
    ModelInfo,
    ModelService,
    ModelSettings,
    ScannedFolder,
)
from invocations.values import ModelRef

from .connection import ServerConnection, escaped

MISSING = "model_missing"
LIST_S = 10.0  # how long the list of models is used before it is asked for again
VAE = "vae"  # the part of a model that `--vae` replaces


class RemoteModels(ModelService):
    """The models of a server; what it says about a model is remembered until the process ends.

    clock: returns seconds
    """

    def __init__(self, connection: ServerConnection, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._known: dict[str, Mapping[str, Any] | ServiceError] = {}
        self._listed: list[ModelInfo] = []
        self._listed_at = -math.inf

    def find(self, name_or_path: str) -> ModelRef:
        found = self._about(name_or_path)
        return ModelRef(_identity(found), str(found.get("name", name_or_path)))

    def find_vae(self, name_or_path: str) -> ModelRef:
        return self.find(name_or_path)

    def latents_of_vae(self, name_or_path: str) -> Latents:
        latents = self._settings(self._about(name_or_path)).latents
        if latents is None:
            raise ServiceError(f"the server does not know the latents of `{name_or_path}`", code="model_unsupported")
        return latents

    def with_vae(self, ref: ModelRef, vae: ModelRef) -> ModelRef:
        return ModelRef(f"{ref.name}+{vae.name}", ref.model, parts=((VAE, vae.name, vae.model),))

    def check(self, name_or_path: str) -> None:
        self._settings(self._about(name_or_path))

    def settings(self, ref: ModelRef) -> ModelSettings:
        return self.settings_of(ref.model)

    def settings_of(self, name: str) -> ModelSettings:
        """Return the default settings of the model with this name. Raises: ServiceError."""
        return self._settings(self._about(name))

    def default_of(self, ref: ModelRef, name: str) -> Any:
        """Return the value that a model states for an input, or None if it states none or is unusable."""
        try:
            return getattr(self.settings(ref), name, None)
        except ServiceError:
            return None

    def world(self, ref: ModelRef) -> Mapping[str, str]:
        found = self._about(ref.model).get("words")
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    def list(self) -> list[ModelInfo]:
        if self._clock() - self._listed_at > LIST_S:  # while a line is typed, it is asked for at each key
            self._listed = [_info(row) for row in self._connection.json("GET", "/models")["models"]]
            self._listed_at = self._clock()
        return [*self._listed]

    def details(self, name_or_path: str) -> ModelDetails:
        found = self._about(name_or_path)
        try:
            defaults = self._settings(found)
        except ServiceError:
            defaults = None

        def text(name: str) -> str:
            return str(found.get(name) or "")

        return ModelDetails(
            _info(found), text("container"), text("layout"), text("dtype"), text("quantization"),
            tuple(map(str, found.get("why") or ())), text("advice"), (), (), found.get("facts") or {},
            found.get("notes") or {}, (), defaults, text("fingerprint"),
        )  # fmt: skip

    def state(self, name_or_path: str, kind: str | None, family: str | None) -> None:
        _here_only("the kind or family of a model is stated")

    def scan(self, folder: str) -> ScannedFolder:
        _here_only("a folder is scanned for models")

    def search(self, folder: str, *, also: bool = True) -> None:
        _here_only("a folder of models is added")

    def kinds(self) -> Mapping[str, str]:
        return {}

    def families(self) -> Mapping[str, str]:
        return {}

    def _about(self, name: str) -> Mapping[str, Any]:
        """Return what the server says about a model. Raises: ServiceError."""
        if name not in self._known:
            try:
                found = self._connection.json("GET", f"/models/{escaped(name)}")
            except ServiceError as error:
                if error.code != MISSING:
                    raise
                found = self._missing(name)
            self._known[name] = found if isinstance(found, (dict, ServiceError)) else {}
        known = self._known[name]
        if isinstance(known, ServiceError):
            raise known
        return known

    def _missing(self, name: str) -> ServiceError:
        known = [each.name for each in self.list() if each.kind == "model"]
        hint = did_you_mean(name, known, "known models: " + ", ".join(f"`{each}`" for each in known))
        return ServiceError(f"there is no model `{name}`", hint or "", code=MISSING)

    def _settings(self, found: Mapping[str, Any]) -> ModelSettings:
        data = found.get("defaults")
        if not isinstance(data, dict):
            reason = str(found.get("reason") or found.get("state") or "unknown")
            raise ServiceError(f"the model `{found.get('name')}` cannot be used: {reason}", code="model_unsupported")
        known = {field.name for field in fields(ModelSettings)}
        given = {name: value for name, value in data.items() if name in known and name != "path"}
        if isinstance(given.get("latents"), list):
            given["latents"] = tuple(given["latents"])
        return ModelSettings(**given)


def _info(row: Mapping[str, Any]) -> ModelInfo:
    known = {field.name for field in fields(ModelInfo)}
    given = {name: value for name, value in row.items() if name in known}
    given["families"] = tuple(given.get("families") or ())
    return ModelInfo(**{"path": "", "size_bytes": 0, "origin": "server", "family": "", **given})


def _identity(found: Mapping[str, Any]) -> str:
    """Return what identifies a model here: a server knows the fingerprint of its content only after it has used it."""
    return f"server:{found.get('name')}:{found.get('size_bytes')}"


def _here_only(what: str) -> NoReturn:
    raise ServiceError(f"{what} on the machine with the models", "leave out `--on`", code="not_allowed")
