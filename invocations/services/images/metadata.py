"""Write and read the metadata of saved images.

PNG text chunks: `invokeai:line` (the line as typed), `invokeai:graph` (the graph as JSON), `invokeai:versions` (JSON),
`invokeai:ancestors` (how loaded images were made, as JSON), and `parameters` (the text that other tools read; an image
that was not generated has the `parameters` of the nearest ancestor). JPEG and WebP carry only `parameters`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from invocations.context import Record
from invocations.foreign import ForeignData, json_data
from invocations.frozen import frozen
from invocations.services.translate_errors import translated

LINE = "invokeai:line"
GRAPH = "invokeai:graph"
VERSIONS = "invokeai:versions"
ANCESTORS = "invokeai:ancestors"
PARAMETERS = "parameters"


@frozen
class Metadata:
    """The metadata of a file, with empty values for what is missing. Untrusted: validate it before use."""

    line: str
    graph: Mapping[str, Any]
    versions: Mapping[str, str]
    parameters: str
    facts: Mapping[str, str]  # prompt, negative, seed, steps, ... as read from `parameters`
    texts: Mapping[str, str] = field(
        default_factory=dict, compare=False, repr=False
    )  # all text chunks by key, including chunks from other tools


def texts_of(record: Record) -> dict[str, str]:
    """Return the text chunks for an image; equal records produce equal chunks, because no times are included."""
    from core.imaging.parameters import parameters_text

    texts = {LINE: record.line, GRAPH: _json(record.graph), VERSIONS: _json(record.versions)}
    version = next(
        (f"{name} {number}" for name, number in record.versions.items() if name.startswith("invokeai")), None
    )
    texts[PARAMETERS] = parameters_text({"version": version, **record.facts}) or _inherited(record)
    texts[ANCESTORS] = json.dumps(list(record.ancestors), ensure_ascii=False, separators=(",", ":"))
    return {key: text for key, text in texts.items() if text not in ("", "{}", "[]")}


def _inherited(record: Record) -> str:
    """Return the `parameters` of the nearest ancestor that has any, or ""."""
    return next((str(each["parameters"]) for each in record.ancestors if each.get("parameters")), "")


def read_metadata(path: Path) -> Metadata:
    """Read the metadata of an image file. Raises: ServiceError."""
    from core.imaging.metadata import read_texts

    with translated():
        texts = read_texts(path)
    return metadata_of(texts)


def metadata_of(texts: Mapping[str, str]) -> Metadata:
    """Return the metadata in the text chunks of an image."""
    from core.imaging.parameters import read_parameters

    parameters = texts.get(PARAMETERS, "")
    return Metadata(
        line=texts.get(LINE, ""),
        graph=_mapping(texts.get(GRAPH, "")),
        versions={key: str(value) for key, value in _mapping(texts.get(VERSIONS, "")).items()},
        parameters=parameters,
        facts=read_parameters(parameters) if parameters else {},
        texts=texts,
    )


def hidden_texts(path: Path) -> dict[str, str]:
    """Return the metadata hidden in the alpha channel of an image file, by key; this decodes all its pixels.

    Raises: ServiceError.
    """
    from core.imaging.stealth import hidden_texts

    with translated():
        return hidden_texts(path)


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _mapping(text: str) -> dict[str, Any]:
    try:
        data = json_data(text or "{}")
    except ForeignData:
        return {}
    return data if isinstance(data, dict) else {}
