"""The setting `Civitai resources` in a `parameters` text: JSON that lists the models used for an image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .parameters import GenerationParameters, short
from .untrusted import json_object, mapping, sequence, string

CHECKPOINT = "checkpoint"
MAX_RESOURCES = 50


def take_resources(text: str, params: GenerationParameters) -> None:
    """Read the model, unless another setting names a model, and report all other resources."""
    if not text:
        return
    found = json_object(f'{{"resources": {text}}}')
    if found is None:
        params.note(f"`Civitai resources: {short(text)}` is not understood and is ignored")
        return
    for each in map(mapping, sequence(found["resources"])[:MAX_RESOURCES]):
        kind = string(each.get("type")) or "resource"
        name = string(each.get("modelName")) or string(each.get("air")) or _shown(each)
        if kind == CHECKPOINT and params.model is None:
            params.model = name[:200]
        elif kind != CHECKPOINT:
            weight = f":{each['weight']}" if "weight" in each else ""
            params.note(f"`{short(kind)}: {short(name + short(weight))}` from Civitai is not supported")


def _shown(resource: Mapping[str, Any]) -> str:
    version = resource.get("modelVersionId")
    return f"version {version}" if version is not None else json.dumps(resource, ensure_ascii=False)
