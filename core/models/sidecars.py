"""What lies beside a model file: notes of other programs, trigger words and a preview image.

The formats: AUTOMATIC1111 modules/ui_extra_networks_user_metadata.py (`.json`), modules/sd_models_config.py
(`.yaml`) and modules/ui_extra_networks.py (previews); Civitai Helper and ComfyUI-Lora-Manager (`.civitai.info`,
`.metadata.json`), which store the answer of Civitai; kohya-ss sd-scripts (`ss_*` metadata); modelspec
(`modelspec.*` metadata).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from core.foreign import MAX_TEXT_BYTES, ForeignData, json_data, number, read_bytes, read_text

PREVIEWS: Final = (".preview.png", ".preview.jpg", ".preview.jpeg", ".preview.webp", ".png", ".jpg", ".jpeg", ".webp")
MAX_WORDS: Final = 50  # maximum number of trigger words
MAX_CLIP_SKIP: Final = 12
MAX_CHARACTERS: Final = 500  # maximum length of a note

_PARAMETERIZATION = re.compile(r"^\s*parameterization\s*:\s*['\"]?(\w+)", re.MULTILINE)
_PREDICTIONS = {"v": "v_prediction", "eps": "epsilon"}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


Reader = Callable[[Path], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Notes:
    """What is noted about a model.

    trigger_words: words that bring out what was trained. tags: the most frequent tags of the training images.
    base_model: for which models it is made, in the words of the note. weight: the recommended weight of a LoRA.
    prediction: what the denoiser predicts. vae: the name of the recommended VAE. clip_skip: the recommended number of
    text encoder layers to skip at the end. sidecars: the files that were read.
    problems: files that could not be read, each with the reason as a predicate.
    """

    title: str = ""
    trigger_words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    base_model: str = ""
    source: str = ""
    license: str = ""
    sha256: str = ""
    weight: float | None = None
    prediction: str = ""
    vae: str = ""
    clip_skip: int = 0
    preview: Path | None = None
    sidecars: tuple[Path, ...] = ()
    problems: tuple[tuple[Path, str], ...] = ()


def notes_on(path: Path, metadata: Mapping[str, Any] | None = None) -> Notes:
    """Return what a file's own metadata and the files beside it say; what the user has noted wins over both."""
    notes = _from_metadata(metadata or {})
    if not path.name:  # the current folder, or the root of the file system
        return notes
    for suffix, read in _READERS:
        sidecar = path.with_name(path.stem + suffix)
        if os.path.isfile(sidecar) and sidecar != path:
            notes = _with(notes, sidecar, read)
    beside = [path.with_name(path.stem + suffix) for suffix in PREVIEWS]
    return replace(notes, preview=next((image for image in beside if os.path.isfile(image)), None))


def _with(notes: Notes, sidecar: Path, read: Reader) -> Notes:
    """Return the notes with those of a file; what it does not say stays as it is."""
    try:
        more = read(sidecar)
    except (ForeignData, OSError) as error:
        reason = str(error) if isinstance(error, ForeignData) else f"cannot be read: {error.strerror}"
        return replace(notes, problems=(*notes.problems, (sidecar, reason)))
    said = {name: value for name, value in more.items() if value not in ("", (), None)}
    return replace(notes, **said, sidecars=(*notes.sidecars, sidecar))


def _from_metadata(metadata: Mapping[str, Any]) -> Notes:
    return Notes(
        title=_text(metadata.get("modelspec.title") or metadata.get("ss_output_name")),
        trigger_words=_words(metadata.get("modelspec.trigger_phrase")),
        tags=_frequent(metadata.get("ss_tag_frequency")),
        base_model=_text(metadata.get("modelspec.architecture") or metadata.get("ss_base_model_version")),
        license=_text(metadata.get("modelspec.license")),
    )


def _read_json(path: Path) -> dict[str, Any]:
    data = json_data(read_bytes(path, limit=MAX_TEXT_BYTES))
    if not isinstance(data, dict):
        raise ForeignData("does not hold a JSON object")
    return data


def _civitai(path: Path) -> dict[str, Any]:
    """Read Civitai's answer about a version of a model."""
    return _version(_read_json(path))


def _lora_manager(path: Path) -> dict[str, Any]:
    """Read the notes of ComfyUI-Lora-Manager, which hold Civitai's answer and notes of their own."""
    data = _read_json(path)
    version = _version(_object(data.get("civitai")))
    own = {"title": _text(data.get("model_name")), "sha256": _digest(data.get("sha256"))}
    return {**version, **{name: value for name, value in own.items() if value}}


def _version(data: Mapping[str, Any]) -> dict[str, Any]:
    model, number_of_version = _object(data.get("model")), data.get("id")
    hashes = [_object(_object(file).get("hashes")).get("SHA256") for file in _list(data.get("files"))]
    return {
        "title": _text(model.get("name")),
        "trigger_words": _words(data.get("trainedWords")),
        "base_model": _text(data.get("baseModel")),
        "source": f"civitai:{number_of_version}"
        if isinstance(number_of_version, int) and number_of_version > 0
        else "",
        "sha256": next((digest for digest in map(_digest, hashes) if digest), ""),
    }


def _automatic(path: Path) -> dict[str, Any]:
    """Read what a user of AUTOMATIC1111 has noted."""
    data = _read_json(path)
    return {
        "trigger_words": _words(data.get("activation text")),
        "base_model": _text(data.get("sd version")).replace("Unknown", ""),
        "weight": _weight(data.get("preferred weight")),
        "vae": _text(data.get("vae")),
        "clip_skip": _clip_skip(data.get("clip skip")),
    }


def _config(path: Path) -> dict[str, Any]:
    """Read what the denoiser predicts from the config of a checkpoint; the rest follows from its tensors."""
    text = read_text(path, limit=MAX_TEXT_BYTES)
    if not re.search(r"^model\s*:", text, re.MULTILINE):
        return {}
    found = _PARAMETERIZATION.search(text)
    return {"prediction": _PREDICTIONS.get(found[1], "") if found else "epsilon"}


_READERS: Final[tuple[tuple[str, Reader], ...]] = (
    (".civitai.info", _civitai),
    (".metadata.json", _lora_manager),
    (".json", _automatic),
    (".yaml", _config),
)
"""Kinds of files beside a model, those that count more later."""

SIDECARS: Final = tuple([suffix for suffix, _ in _READERS])
"""The suffixes of the files beside a model that are read."""


def _text(value: object) -> str:
    """Return a note as one line without control characters, cut if it is long."""
    return " ".join(_UNPRINTABLE.sub(" ", value).split())[:MAX_CHARACTERS] if isinstance(value, str) else ""


def _words(value: object) -> tuple[str, ...]:
    """Return trigger words from a list, or from a string with commas; each once."""
    listed: Sequence[object] = value.split(",") if isinstance(value, str) else _list(value)
    parts = [word.strip() for item in listed for word in _text(item).split(",")]
    return tuple(dict.fromkeys([word for word in parts if word]))[:MAX_WORDS]


def _frequent(value: object) -> tuple[str, ...]:
    """Return the most frequent tags of `ss_tag_frequency`, JSON in a string: counts by tag by folder."""
    try:
        folders = json_data(value) if isinstance(value, str) and len(value) <= MAX_TEXT_BYTES else value
    except ForeignData:
        return ()
    totals: dict[str, int] = {}
    for tags in _object(folders).values():
        for tag, count in _object(tags).items():
            if isinstance(count, int) and not isinstance(count, bool):
                totals[_text(tag)] = totals.get(_text(tag), 0) + count
    return tuple(sorted(filter(None, totals), key=lambda tag: (-totals[tag], tag)))[:MAX_WORDS]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _digest(value: object) -> str:
    text = value.lower() if isinstance(value, str) else ""
    return text if re.fullmatch(r"[0-9a-f]{64}", text) else ""


def _clip_skip(value: object) -> int:
    """Return how many layers to skip; AUTOMATIC1111 counts from 1, where nothing is skipped."""
    return value - 1 if isinstance(value, int) and 1 <= value <= MAX_CLIP_SKIP else 0


def _weight(value: object) -> float | None:
    """Return a recommended weight; AUTOMATIC1111 stores 0 if none is set."""
    try:
        return number(float(value) if isinstance(value, str) else value) or None
    except ValueError:  # ForeignData is a ValueError, too
        return None
