"""The values that links carry: plain data and small frozen references, never tensors or pixels.

A reference is named after its content: two references with the same `name` refer to the same bytes on any machine.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from invocations.frozen import frozen

Parts = tuple[tuple[str, str, str], ...]


@frozen
class Ref:
    """Base class of references, which name content that a service stores."""

    kind: ClassVar[str] = "ref"

    name: str

    def to_json(self) -> dict[str, Any]:
        """Return the reference as JSON data, tagged with its kind; fields that are None are left out."""
        data: dict[str, Any] = {"kind": self.kind}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                data[field.name] = to_json(value) if isinstance(value, tuple) else value
        return data


@frozen
class ImageRef(Ref):
    """A reference to an image in the image service; `path` is the file that `save` wrote or `load` read, if any."""

    kind: ClassVar[str] = "image"

    width: int = 0
    height: int = 0
    path: str | None = None


@frozen
class MaskRef(ImageRef):
    """A reference to a one-channel image in which white (255) marks the area that may change."""

    kind: ClassVar[str] = "mask"


@frozen
class LatentsRef(Ref):
    """A reference to latents (b, c, h/f, w/f) in the tensor service; width and height are in pixels.

    denoised_to: where in the noise schedule (0 to 1) denoising stopped, if it stopped before the end.
    """

    kind: ClassVar[str] = "latents"

    width: int = 0
    height: int = 0
    seed: int | None = None
    denoised_to: float | None = None


@frozen
class ConditioningRef(Ref):
    """A reference to an encoded prompt and negative prompt in the tensor service, with both prompts as strings.

    syntax: the syntax of their weights if it is not `invoke`.
    """

    kind: ClassVar[str] = "conditioning"

    prompt: str = ""
    negative: str = ""
    syntax: str | None = None


@frozen
class ModelRef(Ref):
    """A reference to a model on this machine; `name` is its fingerprint, `model` the name that users see.

    parts: the replaced parts, such as another VAE, each as (name of the part, fingerprint, path); the fingerprint in
    `name` covers them. None if no part is replaced.
    """

    kind: ClassVar[str] = "model"

    model: str = "default"
    path: str = ""
    parts: Parts | None = None


KINDS: dict[str, type[Ref]] = {cls.kind: cls for cls in (ImageRef, MaskRef, LatentsRef, ConditioningRef, ModelRef)}

_CONVERTED = (Ref, list, tuple, dict)


def to_json(value: Any) -> Any:
    """Convert a value that a link carries to JSON data."""
    if isinstance(value, Ref):
        return value.to_json()
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) if isinstance(item, _CONVERTED) else item for key, item in value.items()}
    return value


def mapping_from_json(data: dict[str, Any]) -> dict[str, Any]:
    """Convert the JSON data of named values, one of which may be called `kind`. Raises: TypeError."""
    if not isinstance(data, dict):
        raise TypeError(f"{data!r:.40} is not a JSON object")
    return {key: from_json(value) for key, value in data.items()}


def from_json(data: Any) -> Any:
    """Convert JSON data back to a value; the inverse of `to_json`. Raises: TypeError, if a reference is malformed."""
    if isinstance(data, list):
        return [from_json(item) for item in data]
    if isinstance(data, dict):
        kind = KINDS.get(data["kind"]) if isinstance(data.get("kind"), str) else None
        if kind is not None:
            given = {key: value for key, value in data.items() if key != "kind"}
            if isinstance(given.get("parts"), list):
                given["parts"] = _tuples(given["parts"])
            return _checked(kind(**given))
        return {key: from_json(item) if isinstance(item, (list, dict)) else item for key, item in data.items()}
    return data


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


_NONE = type(None)
_TYPES = {
    "str": (str,), "int": (int,), "str | None": (str, _NONE), "int | None": (int, _NONE), "float | None": (float, _NONE)
}  # fmt: skip


def _checked(ref: Ref) -> Ref:
    """Return a reference whose fields have the declared types. Raises: TypeError."""
    for field in fields(ref):
        value = getattr(ref, field.name)
        if field.name == "parts":
            is_valid = value is None or _are_parts(value)
        else:
            is_valid = type(value) in _TYPES[str(field.type)]
        if not is_valid:
            raise TypeError(f"`{field.name}` of a reference cannot be {value!r:.40}")
    return ref


def _are_parts(value: Any) -> bool:
    """Return True if a value has the form of `Parts`."""
    return isinstance(value, tuple) and all(
        isinstance(each, tuple) and len(each) == 3 and {*map(type, each)} == {str} for each in value
    )
