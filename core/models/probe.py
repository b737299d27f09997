"""Describe a model folder from its small JSON files and the headers of its weights. Does not import torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.errors import ModelBroken, ModelMissing, ModelUnsupported, PickleRefused

from .card import Found, ModelCard, make_card, text_width_of
from .family import CLASSES, ENCODERS, Family, families_of_pipeline, family_of, tokenizer_of
from .folder_files import INDEX, PICKLE_SUFFIXES, convert_command, find_weights, read_header, read_settings
from .kinds.hints import variant_by_name
from .part import WEIGHT_STEMS, PartSource

VOCABULARIES: Final = (
    "tokenizer.json",
    "vocab.json",
    "vocab.txt",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
)


def probe(path: Path | str, *, name: str = "") -> ModelCard:
    """Return the card of a model folder in diffusers layout.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
    """
    folder = Path(path)
    _check_folder(folder)
    index = read_settings(folder / INDEX)
    families = _families(folder, index)
    sources, files = _networks(folder, families[0])
    for tokenizer in [tokenizer_of(part) for part in families[0].encoders]:
        _check_tokenizer(folder / tokenizer)
        sources[tokenizer] = PartSource(tokenizer, folder / tokenizer)
    sources["scheduler"] = PartSource("scheduler", folder / "scheduler", _read_schedule(folder))
    name = name or folder.resolve().name
    family = _family(folder, sources["unet"].config, families)
    return make_card(
        Found(
            name=name,
            path=folder,
            family=family,
            variant=_variant(index, name, family),
            parts=sources,
            files=files,
            defaults=read_settings(folder / "defaults.json") if os.path.isfile(folder / "defaults.json") else {},
            zeros_for_empty=bool(index.get("force_zeros_for_empty_prompt", True)),  # diffusers' default
        )
    )


def _networks(folder: Path, family: Family) -> tuple[dict[str, PartSource], tuple[Path, ...]]:
    """Return where the networks of a folder lie, and their weight files, after checking the headers of these files."""
    configs = {part: _read_config(folder, part) for part in family.parts}
    files = {part: find_weights(folder / part, WEIGHT_STEMS[part]) for part in configs}
    every = tuple([file for some in files.values() for file in some])
    for file in every:
        read_header(file)
    sources = {
        part: PartSource(part, folder / part, config, size_bytes=_size_of(files[part]))
        for part, config in configs.items()
    }
    return sources, every


def read_part(folder: Path, name: str) -> PartSource:
    """Return where a network lies that has a folder of its own, after checking the headers of its weights.

    Raises: ModelBroken, PickleRefused, ModelUnsupported.
    """
    config = _read_config(folder, name, folder)
    files = find_weights(folder, WEIGHT_STEMS[name])
    for file in files:
        read_header(file)
    return PartSource(name, folder, config, size_bytes=_size_of(files))


def _check_folder(folder: Path) -> None:
    if folder.suffix in PICKLE_SUFFIXES and os.path.isfile(folder):
        raise PickleRefused(folder, convert_command(folder))
    if os.path.isfile(folder):
        raise ModelUnsupported(folder, "it is a single file, not a folder in diffusers layout")
    if not os.path.isdir(folder):
        raise ModelMissing(str(folder), [folder.parent], [])
    if not os.path.isfile(folder / INDEX):
        raise ModelBroken(folder, "it has no model_index.json, so it is not in diffusers layout")


def _families(folder: Path, index: dict[str, Any]) -> tuple[Family, ...]:
    """Return the families to which a folder may belong, by its class and its encoders. Raises: ModelUnsupported."""
    kind = str(index.get("_class_name", "unknown"))
    if index.get("is_cosxl_edit"):
        raise ModelUnsupported(folder, "it is CosXL Edit, whose image has another scale")
    found = families_of_pipeline(kind)
    if not found:
        raise ModelUnsupported(folder, f"its model_index.json names {kind}")
    listed = {part for part, source in index.items() if isinstance(source, list) and any(source)}
    return tuple([each for each in found if listed.intersection(ENCODERS) == {*each.encoders}]) or found


def _variant(index: dict[str, Any], name: str, family: Family) -> str:
    """Return the variant that the name of a model, or its name on the hub, mentions, or ""."""
    return variant_by_name(f"{name} {index.get('_name_or_path', '')}", family.name) or ""


def _family(folder: Path, unet: Mapping[str, Any], among: tuple[Family, ...]) -> Family:
    """Return the family of a folder by its UNet. Raises: ModelBroken, ModelUnsupported."""
    if "cross_attention_dim" not in unet:
        raise ModelBroken(folder, "its settings are invalid (its UNet has no cross_attention_dim)")
    return family_of(
        text_width_of(folder, unet), linear_projection=bool(unet.get("use_linear_projection", False)), among=among
    )


def _read_config(folder: Path, part: str, place: Path | None = None) -> dict[str, Any]:
    place = place or folder / part
    if not os.path.isdir(place):
        raise ModelBroken(folder, f"its folder `{part}` is missing")
    config = read_settings(place / "config.json")
    architectures = config.get("architectures")
    listed = architectures[0] if isinstance(architectures, list) and architectures else "unknown"
    named = str(config.get("_class_name") or listed)
    if named == "unknown" or named != CLASSES.get(part, named):
        raise ModelUnsupported(folder, f"{'it' if place == folder else f'its {part}'} is a {named}")
    return config


def _read_schedule(folder: Path) -> dict[str, Any]:
    return read_settings(folder / "scheduler" / "scheduler_config.json")


def _check_tokenizer(tokenizer: Path) -> None:
    found = [name for name in VOCABULARIES if os.path.isfile(tokenizer / name)]
    if not found or (found == ["vocab.json"] and not os.path.isfile(tokenizer / "merges.txt")):
        missing = f"its {tokenizer.name} is missing: tokenizer.json, or vocab.json and merges.txt"
        raise ModelBroken(tokenizer.parent, missing)


def _size_of(files: tuple[Path, ...]) -> int:
    """Return the size of a part's weight files in bytes."""
    return sum([file.stat().st_size for file in files])
