"""Remove the folders of this machine from the texts in an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .private_paths import PrivatePaths


def clean_texts(texts: Iterable[str], without_paths: PrivatePaths) -> list[str]:
    """Return texts without the folders of this machine."""
    return [without_paths(text) for text in texts]


def clean_data(data: Any, without_paths: PrivatePaths) -> Any:
    """Return JSON data whose strings do not contain the folders of this machine."""
    if isinstance(data, str):
        return without_paths(data)
    if isinstance(data, (list, tuple)):
        return [clean_data(each, without_paths) for each in data]
    if isinstance(data, Mapping):
        return {key: clean_data(each, without_paths) for key, each in data.items()}
    return data
