"""The single input that is known when the user sets a default for a model."""

from __future__ import annotations

from typing import Any

from invocations.frozen import frozen
from invocations.precheck.known import Known, Size, Unknown
from invocations.services.models.base import ModelSettings


@frozen
class OneDefault(Known):
    """An input with its default, and the model that the default is for."""

    name: str
    default: Any
    settings: ModelSettings

    def value(self, name: str) -> Any:
        if name != self.name:
            raise Unknown
        return self.default

    def is_set(self, name: str) -> bool:
        return name == self.name and self.default is not None

    def size(self, name: str) -> Size:
        raise Unknown

    def file(self, path: str) -> Size:
        raise Unknown

    def model(self, name: str = "model") -> ModelSettings:
        return self.settings
