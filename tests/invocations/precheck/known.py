"""Node inputs that are known before the node runs, as plain data for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.precheck.known import Known, Size, Unknown
from invocations.services.models.base import ModelSettings

MODEL = ModelSettings("sd1", 64, 96, 8, 20, 7.0, "ddim", text_layers=2, latents=(4, 8))
VAES = {"wide": (16, 8), "fine": (4, 4), "own": (4, 8)}  # the latents of VAEs: channels, pixels that one stands for
LINKED = object()  # stands for an input that comes from a link, so its value is not known yet


class Given(Known):
    """Inputs by name: values, sizes (tuples), lists of values or of sizes, the settings of models, or LINKED."""

    def __init__(self, inputs: Mapping[str, Any], model: ModelSettings | None = MODEL) -> None:
        self.inputs, self.settings = inputs, model

    def value(self, name: str) -> Any:
        if self.inputs.get(name) is LINKED or isinstance(self.inputs.get(name), tuple):
            raise Unknown
        return self.inputs.get(name)

    def is_set(self, name: str) -> bool:
        return self.inputs.get(name) is not None

    def size(self, name: str) -> Size:
        found = self.inputs.get(name)
        if not isinstance(found, tuple):
            raise Unknown
        width, height = found
        return width, height

    def count(self, name: str) -> int:
        found = self.inputs.get(name)
        if not isinstance(found, list):
            raise Unknown
        return len(found)

    def largest(self, name: str) -> Size:
        self.count(name)
        return max(width for width, _ in self.inputs[name]), max(height for _, height in self.inputs[name])

    def model(self, name: str = "model") -> ModelSettings:
        found = self.inputs.get(name, self.settings)
        if not isinstance(found, ModelSettings):
            raise Unknown
        return found

    def vae(self, name: str) -> Size:
        return VAES[name]

    def file(self, path: str) -> Size:
        return self.size(path)
