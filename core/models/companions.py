"""Choose the user's models that lend a single file the VAE or text encoders that it lacks. Does not import torch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.errors import CoreError

from .derived.clip import ENCODERS
from .evidence import file_evidence
from .family import tokenizer_of
from .file_parts import encoders_of, networks_in, shipped_tokenizer
from .folder_files import read_settings
from .part import PartSource
from .probe import probe
from .recognized import Owned, Recognized
from .scan import ModelCandidate, scan

VAES: Final = {
    "sd1": ("sd1", "sd2"),
    "sd2": ("sd2", "sd1"),
    "sdxl": ("sdxl", "sdxl-refiner"),
    "sdxl-refiner": ("sdxl", "sdxl-refiner"),
}
"""Families whose VAEs fit, by the family that borrows one, the best first: SD 1 and 2 have the same latents."""

TEXTS: Final = {"sd1": ("sd1",), "sd2": ("sd2",), "sdxl": ("sdxl",), "sdxl-refiner": ("sdxl-refiner", "sdxl")}
"""Families whose text encoders fit, by the family that borrows them; the refiner uses the base model's second one."""

PART_FOLDERS: Final = ("vae", "text_encoders", "text_encoder", "clip")
"""The folders, in lower case, in which AUTOMATIC1111, Forge and ComfyUI keep VAEs and text encoders."""

RECOMMENDED: Final = 0
"""The rank of a VAE that a note, or its own name, assigns to the file."""


@dataclass(frozen=True, slots=True)
class Borrower:
    """The model that lacks parts. unet: the settings of its UNet. vae: the name of the VAE that a note recommends."""

    path: Path
    family: str
    unet: Mapping[str, Any] = field(default_factory=dict)
    vae: str = ""


@dataclass(frozen=True, slots=True)
class Loan:
    """A part of another model, with its tokenizer if it is a text encoder. lender: the name of that model."""

    lender: str
    sources: Mapping[str, PartSource]


def borrow(parts: Sequence[str], borrower: Borrower, owned: Owned) -> dict[str, Loan]:
    """Choose a model that lends each part; parts that no model can lend are left out.

    The VAE that a note recommends comes first, then what lies near the file, then its own tree of folders, then the
    other folders in their order; among those, parts in files of their own come before those inside models, then the
    first name wins. So a folder that is added last changes no image.
    """
    lenders = [each for each in owned() if each.path != borrower.path] if parts else []
    found = {part: next(_loans(part, borrower, lenders), None) for part in parts}
    return {part: loan for part, loan in found.items() if loan is not None}


def lendable(family: str, owned: Iterable[Recognized]) -> frozenset[str]:
    """Return the parts that models can lend to a file of a family, by their names in `Identity.missing`."""
    borrower = Borrower(Path(), family)
    names = {"vae": "vae", **encoders_of(family)} if family in VAES else {}
    return frozenset(
        [name for part, name in names.items() if any(_rank(part, borrower, each) is not None for each in owned)]
    )


def beside(path: Path) -> list[ModelCandidate]:
    """Return the models near a file that may lend it parts: in its folder, and where its program keeps such parts.

    For a file in `models/checkpoints`, these are folders such as `models/vae`.
    """
    own, *above = _near(path)
    scans = [scan(own, max_depth=1), *[scan(folder) for folder in above]]
    return list({one.path: one for each in scans for one in each.candidates if one.path != path}.values())


def _part_folders(parent: Path) -> list[Path]:
    try:
        return sorted([each for each in parent.iterdir() if each.name.lower() in PART_FOLDERS and os.path.isdir(each)])
    except OSError:
        return []


def _loans(part: str, borrower: Borrower, lenders: Sequence[Recognized]) -> Iterator[Loan]:
    """Yield loans of a part, from the most suitable lender to the least; lenders that are broken are skipped."""
    ranked = [(rank, each) for each in lenders if (rank := _rank(part, borrower, each)) is not None]
    near = _near(borrower.path)
    for _, lender in sorted(ranked, key=lambda pair: _order(pair[0], pair[1], near)):
        try:
            sources = _sources(part, borrower, lender)
        except (CoreError, LookupError, OSError):
            continue
        if part in sources and _fits(sources[part].config, borrower):
            yield Loan(lender.name, sources)


def _order(rank: int, lender: Recognized, near: Sequence[Path]) -> tuple[bool, int, int, str, str]:
    """Return what lenders are sorted by. near: the folders near the file that borrows."""
    distance = 0 if any(lender.path.is_relative_to(folder) for folder in near) else 1 + lender.distance
    return rank != RECOMMENDED, distance, rank, lender.name, str(lender.path)


def _near(path: Path) -> tuple[Path, ...]:
    """Return the folders near a file: its own one, and those where its program keeps parts."""
    return (path.parent, *[folder for parent in path.parents[1:4] for folder in _part_folders(parent)])


def _rank(part: str, borrower: Borrower, lender: Recognized) -> int | None:
    """Return the rank of a model among the lenders of a part, 0 for the best one, or None if it cannot lend it."""
    identity = lender.identity
    if lender.problem or lender.container not in ("safetensors", "folder") or identity.quant:
        return None
    if part == "vae":
        return _vae_rank(borrower, lender)
    encoder = ENCODERS[borrower.family, part]
    if identity.kind == "text-encoder" and identity.family in (encoder, "clip"):
        return 1
    families = TEXTS[borrower.family]
    lends = identity.kind == "model" and identity.family in families and not {encoder, part} & {*identity.missing}
    return 2 + families.index(identity.family) if lends else None


def _vae_rank(borrower: Borrower, lender: Recognized) -> int | None:
    identity, families = lender.identity, VAES[borrower.family]
    whole = identity.kind == "vae" and not identity.variant
    lends = identity.kind == "model" and "vae" not in identity.missing
    if identity.family not in families or not (whole or lends):
        return None
    if whole and lender.name in (borrower.vae, f"{borrower.path.stem}.vae"):
        return RECOMMENDED
    return (1 if whole else 3) + families.index(identity.family)


def _sources(part: str, borrower: Borrower, lender: Recognized) -> dict[str, PartSource]:
    """Return a part of a model, with its tokenizer. Raises: CoreError, LookupError."""
    wanted = (part, tokenizer_of(part))
    if lender.container == "safetensors":
        evidence = file_evidence(lender.path)
        return networks_in(evidence, lender.identity, borrower.family, only=wanted)
    if lender.identity.kind == "model":
        return {name: source for name, source in probe(lender.path).parts.items() if name in wanted}
    config = read_settings(lender.path / "config.json")
    alone = PartSource(part, lender.path, config, size_bytes=lender.size_bytes)
    return {part: alone} if part == "vae" else {part: alone, wanted[1]: shipped_tokenizer(alone, borrower.family)}


def _fits(config: Mapping[str, Any], borrower: Borrower) -> bool:
    """Return True if the size of a part fits the UNet; that of one of two text encoders cannot be checked alone."""
    unet = borrower.unet
    if "latent_channels" in config:
        return bool(config["latent_channels"] == unet["out_channels"])
    if len(encoders_of(borrower.family)) > 1:
        return "hidden_size" in config
    return bool(config.get("hidden_size") == unet["cross_attention_dim"])
