"""What a line gives: each result with its node, its value, and the text that standard output carries."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from invocations.values import ImageRef, ModelRef, Ref, to_json


@dataclass(frozen=True, slots=True)
class Result:
    """One result of a line; `text` is a line for each item, `pictures` what a terminal may show."""

    node: str
    type: str
    output: str
    value: Any
    text: tuple[str, ...]
    pictures: tuple[ImageRef, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the result as documents carry it."""
        data = {"node": self.node, "type": self.type, "output": self.output, "value": to_json(self.value)}
        if self.pictures:
            data["paths"] = list(self.text)
        return data


def make_result(node: str, type_: str, output: str, value: Any, path: Callable[[ImageRef], str]) -> Result:
    """Return a value as a result; `path` tells where a picture lies ("" for nowhere: it went to standard output)."""
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    pictures = tuple(item for item in items if isinstance(item, ImageRef))
    texts = tuple(path(item) if isinstance(item, ImageRef) else _text(item) for item in items)
    return Result(
        node,
        type_,
        output,
        value,
        tuple(text for text, item in zip(texts, items, strict=True) if _says(text, item)),
        pictures,
    )


def _says(text: str, item: Any) -> bool:
    return bool(text) or not isinstance(item, ImageRef)


def _text(item: Any) -> str:
    if isinstance(item, str):
        return item
    if item is None:
        return "none"
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, (int, float)):
        return repr(item)
    if isinstance(item, ModelRef):
        return item.model
    return json.dumps(item.to_json() if isinstance(item, Ref) else to_json(item), ensure_ascii=False)
