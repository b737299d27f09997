"""Models in answers: what the terminal shows, without the places where files are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from invocations.graph.exact_integers import with_strings
from invocations.services.models.base import BUILT_IN
from workflows.model_list import info_data
from workflows.model_page import page_data

if TYPE_CHECKING:
    from invocations.services.models.base import ModelDetails, ModelInfo

_FILES: Final = ("preview", "sidecars", "source")  # notes that name files


class ListedModel(BaseModel):
    """A model, as the list shows it."""

    name: str
    kind: str = Field(description="model, lora, vae, ...")
    family: str
    variant: str
    title: str = Field(description="what it is")
    state: str = Field(description="ready, needs, not yet or unusable")
    reason: str = Field(description="why it is not ready")
    fits: str = Field(description="whether it fits into memory: yes, slower, no, or empty if that is not known")
    size_bytes: int
    origin: str = Field(description="`built in`, or the name of the folder that it is in")
    families: list[str]


class ModelList(BaseModel):
    """The models that lines can use."""

    models: list[ListedModel]
    notes: list[str]


class ModelDescription(ListedModel):
    """Everything that is known about a model without loading it."""

    model_config = ConfigDict(extra="allow")

    defaults: dict[str, Any] | None = Field(description="the settings that suit the model; None if it is not ready")
    own_defaults: dict[str, str] = Field(description="the user's defaults for the model")
    words: dict[str, str] = Field(description="the words that the model understands, by kind, if it declares them")


def listed_model(info: ModelInfo) -> dict[str, Any]:
    """Return a row of the list of models."""
    data = info_data(info)
    del data["path"]
    origin = info.origin if info.origin == BUILT_IN else file_name(info.origin)
    return {**data, "origin": origin, "families": list(info.families)}


def model_data(details: ModelDetails, own: Mapping[str, str], words: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that is known about a model. own: the user's defaults for it"""
    data = page_data(details, own)
    defaults = dict(data["defaults"]) if data["defaults"] else None
    if defaults is not None:
        del defaults["path"]
    notes = {name: _note(name, value) for name, value in data["notes"].items()}
    problems = [{"file": file_name(each["path"]), "reason": each["reason"]} for each in data["problems"]]
    found = {**data, **listed_model(details.info), "defaults": defaults, "notes": notes, "problems": problems}
    del found["path"]
    cleaned: dict[str, Any] = with_strings({**found, "words": dict(words)})
    return cleaned


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return os.path.basename(path.replace("\\", "/").rstrip("/")) or path


def _note(name: str, value: Any) -> Any:
    if name not in _FILES:
        return value
    return [file_name(str(each)) for each in value] if isinstance(value, (list, tuple)) else file_name(str(value))
