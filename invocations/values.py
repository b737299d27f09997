"""What travels along links: small frozen references, plain data, never a tensor or a pixel.

A reference names its content: two references with the same `name` stand for the same bytes, on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Ref:
    """A name for content that a service stores."""

    kind: ClassVar[str] = "ref"

    name: str

    def to_json(self) -> dict[str, Any]:
        """Return the reference as JSON data, tagged with its kind; fields that hold None are left out."""
        data: dict[str, Any] = {"kind": self.kind}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                data[field.name] = list(value) if isinstance(value, tuple) else value
        return data


@dataclass(frozen=True, slots=True)
class ImageRef(Ref):
    """An image in the image service; `path` is the file that `save` wrote or `load` read, if any."""

    kind: ClassVar[str] = "image"

    width: int = 0
    height: int = 0
    path: str | None = None


@dataclass(frozen=True, slots=True)
class MaskRef(ImageRef):
    """A one-channel image; white (255) marks what may change."""

    kind: ClassVar[str] = "mask"


@dataclass(frozen=True, slots=True)
class LatentsRef(Ref):
    """Latents (b, c, h/f, w/f) in the tensor service; width and height in pixels; `seed` is that of their noise."""

    kind: ClassVar[str] = "latents"

    width: int = 0
    height: int = 0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class ConditioningRef(Ref):
    """An encoded prompt and its negative in the tensor service, with the texts they were made from."""

    kind: ClassVar[str] = "conditioning"

    prompt: str = ""
    negative: str = ""


@dataclass(frozen=True, slots=True)
class ModelRef(Ref):
    """A model on this machine: `name` is its fingerprint, `model` the name that users know."""

    kind: ClassVar[str] = "model"

    model: str = "default"
    path: str = ""


KINDS: dict[str, type[Ref]] = {cls.kind: cls for cls in (ImageRef, MaskRef, LatentsRef, ConditioningRef, ModelRef)}


def to_json(value: Any) -> Any:
    """Turn a value that travels along a link into JSON data."""
    if isinstance(value, Ref):
        return value.to_json()
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return value


def from_json(data: Any) -> Any:
    """Turn JSON data back into the value; the inverse of `to_json` for everything that may travel."""
    if isinstance(data, list):
        return [from_json(item) for item in data]
    if isinstance(data, dict):
        kind = KINDS.get(data["kind"]) if isinstance(data.get("kind"), str) else None
        if kind is not None:
            return kind(**{key: value for key, value in data.items() if key != "kind"})
        return {key: from_json(item) for key, item in data.items()}
    return data
