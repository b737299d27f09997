"""Describe a model folder from its small JSON files and the headers of its weights. Does not import torch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import ModelBroken, ModelMissing, ModelUnsupported, PickleRefused
from core.foreign import ForeignData, json_data, number, read_bytes, whole

from .earlier_default import SAME_RESULTS
from .family import CLASSES, EXTRA_CONDITIONS, PIPELINES, PREDICTION_TYPES, WEIGHT_STEMS, Family, family_of
from .weight_files import PICKLE_SUFFIXES, convert_command, find_weights, read_header

MAX_BLOCKS = 8  # maximum number of blocks in a VAE; with 8, one latent stands for 128 pixels along each side
SETTINGS_FILES = ("*.json", "*/*.json", "*/*.txt", "*/*.model")
VOCABULARIES = (
    "tokenizer.json",
    "vocab.json",
    "vocab.txt",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known about a model before it is loaded; sizes are in pixels, and `sizes` lists the best ones."""

    name: str
    path: Path
    family: str
    latent_channels: int
    vae_scale_factor: int
    unet_channels: int
    cross_attention_dim: int
    prediction_type: str
    width: int
    height: int
    steps: int
    guidance: float
    scheduler: str
    sizes: tuple[tuple[int, int], ...]
    size_bytes: int
    files: tuple[Path, ...]
    text_layers: int | None = None

    @property
    def needs_mask(self) -> bool:
        """Return True if the UNet is made for inpainting and therefore also takes a mask."""
        return self.unet_channels != self.latent_channels

    @property
    def size_multiple(self) -> int:
        """The number of pixels that width and height must be multiples of."""
        return max(8, self.vae_scale_factor)

    def part(self, name: str) -> Path:
        """Return the folder of a part."""
        return self.path / name


def probe(path: Path | str, *, name: str = "") -> ModelCard:
    """Return the card of a model folder in diffusers layout.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
    """
    folder = Path(path)
    _check_folder(folder)
    _check_pipeline(folder, _read_json(folder / "model_index.json"))
    unet, vae = (_read_config(folder, part) for part in ("unet", "vae"))
    text = _read_config(folder, "text_encoder")
    files = tuple([file for part, stem in WEIGHT_STEMS.items() for file in find_weights(folder / part, stem)])
    for file in files:
        read_header(file)
    _check_tokenizer(folder)
    try:
        _check_fit(folder, unet, vae, text)
        card = _card(folder, name or folder.resolve().name, unet, vae, files)
        return replace(card, text_layers=_text_layers(text))
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ModelBroken(folder, f"its settings are invalid ({error!r:.200})") from error


def fingerprint(card: ModelCard) -> str:
    """Return a hash of a model's settings and weights; weight files above 64 MiB are only sampled.

    Two models of the same architecture differ in nearly every weight, so the header and 256 blocks of 4 KiB of a large
    file are enough to distinguish them without reading gigabytes.
    """
    digest = hashlib.sha256()
    for path in files_of(card):
        digest.update(str(path.relative_to(card.path).as_posix()).encode() + b"\0")
        _digest_file(path, digest)
    return SAME_RESULTS.get(digest.hexdigest(), digest.hexdigest())


def files_of(card: ModelCard) -> list[Path]:
    """Return the files that determine what a model computes, sorted."""
    found = {file for pattern in SETTINGS_FILES for file in card.path.glob(pattern)}
    return sorted({*card.files, *found})


def sha256(path: Path) -> str:
    """Return the SHA-256 of a whole file, as model hubs show it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_scheduler_config(folder: Path) -> dict[str, Any]:
    """Return the scheduler settings in a model folder."""
    return _read_json(folder / "scheduler" / "scheduler_config.json")


def _check_folder(folder: Path) -> None:
    if folder.suffix in PICKLE_SUFFIXES and folder.is_file():
        raise PickleRefused(folder, convert_command(folder))
    if folder.is_file():
        raise ModelUnsupported(folder, "it is a single file, not a folder in diffusers layout")
    if not folder.is_dir():
        raise ModelMissing(str(folder), [folder.parent], [])
    if not (folder / "model_index.json").is_file():
        raise ModelBroken(folder, "it has no model_index.json, so it is not in diffusers layout")


def _check_pipeline(folder: Path, index: dict[str, Any]) -> None:
    kind = str(index.get("_class_name", "unknown"))
    if kind not in PIPELINES:
        raise ModelUnsupported(folder, kind)


def _read_config(folder: Path, part: str) -> dict[str, Any]:
    if not (folder / part).is_dir():
        raise ModelBroken(folder, f"its folder `{part}` is missing")
    config = _read_json(folder / part / "config.json")
    architectures = config.get("architectures")
    listed = architectures[0] if isinstance(architectures, list) and architectures else "unknown"
    named = str(config.get("_class_name") or listed)
    if named == "unknown" or named != CLASSES.get(part, named):
        raise ModelUnsupported(folder, f"its {part} is a {named}")
    return config


def _check_fit(folder: Path, unet: dict[str, Any], vae: dict[str, Any], text: dict[str, Any]) -> None:
    """Refuse parts that cannot work together, and UNets that are conditioned on more than a prompt."""
    for wanted in EXTRA_CONDITIONS:
        if unet.get(wanted) is not None:
            raise ModelUnsupported(folder, f"its UNet uses {wanted}")
    for what, mine, theirs in (
        ("text width", _text_width(text), unet["cross_attention_dim"]),
        ("number of latent channels", vae.get("latent_channels", 4), unet.get("out_channels", 4)),
    ):
        if isinstance(mine, int) and isinstance(theirs, int) and mine != theirs:
            raise ModelBroken(
                folder, f"its parts do not fit together: the {what} is {mine} in one and {theirs} in another"
            )


def _text_width(text: dict[str, Any]) -> object:
    """Return the width of a text encoder's hidden states, or None if its config uses an unusual name for it."""
    return text.get("hidden_size", text.get("d_model"))  # T5 calls the width d_model


def _text_layers(text: dict[str, Any]) -> int | None:
    """Return the number of a text encoder's layers, or None if its config uses an unusual name for it."""
    layers = text.get("num_hidden_layers", text.get("num_layers"))  # T5 uses the name num_layers
    return layers if isinstance(layers, int) else None


def _check_tokenizer(folder: Path) -> None:
    tokenizer = folder / "tokenizer"
    found = [name for name in VOCABULARIES if (tokenizer / name).is_file()]
    if not found or (found == ["vocab.json"] and not (tokenizer / "merges.txt").is_file()):
        raise ModelBroken(folder, "its tokenizer is missing: tokenizer.json, or vocab.json and merges.txt")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json_data(read_bytes(path))
    except FileNotFoundError as error:
        raise ModelBroken(path, "this file is missing") from error
    except (OSError, ForeignData) as error:
        raise ModelBroken(path, "this file cannot be read as JSON") from error
    if not isinstance(data, dict):
        raise ModelBroken(path, "this file does not hold a JSON object")
    return data


def _card(folder: Path, name: str, unet: dict[str, Any], vae: dict[str, Any], files: tuple[Path, ...]) -> ModelCard:
    width_of_text = unet["cross_attention_dim"]
    if not isinstance(width_of_text, int):
        raise ModelUnsupported(folder, "its UNet has a text width that differs from block to block")
    family = family_of(width_of_text, linear_projection=bool(unet.get("use_linear_projection", False)))
    factor = _factor(vae)
    side = _size(unet.get("sample_size") or 64, 2**14) * factor
    prediction = read_scheduler_config(folder).get("prediction_type", "epsilon")
    if prediction not in PREDICTION_TYPES:
        raise ModelUnsupported(folder, f"its UNet predicts {prediction}")
    defaults = _read_defaults(folder, family, side)
    return ModelCard(
        name=name,
        path=folder,
        family=family.name,
        latent_channels=_size(vae.get("latent_channels", 4)),
        vae_scale_factor=factor,
        unet_channels=_size(unet.get("in_channels", 4)),
        cross_attention_dim=width_of_text,
        prediction_type=prediction,
        width=_size(defaults["width"]),
        height=_size(defaults["height"]),
        steps=_size(defaults["steps"]),
        guidance=number(defaults["guidance"]),
        scheduler=str(defaults["scheduler"]),
        sizes=tuple((_size(width), _size(height)) for width, height in defaults["sizes"]),
        size_bytes=sum([file.stat().st_size for file in files]),
        files=files,
    )


def _factor(vae: dict[str, Any]) -> int:
    """Return how many pixels one latent stands for along each side."""
    blocks = len(vae["block_out_channels"])
    if blocks > MAX_BLOCKS:
        raise ValueError(f"the VAE has {blocks} blocks")
    return int(2 ** (blocks - 1))


def _size(value: object, most: int = 2**20) -> int:
    """Return a size or count from a model's settings, which must be an integer of 1 or more. Raises: ValueError."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not 1 <= whole(value) <= most:
        raise ValueError(f"{value} is not a size")
    return whole(value)


def _read_defaults(folder: Path, family: Family, side: int) -> dict[str, Any]:
    """Return the default settings of a model: the family's settings, overridden by its `defaults.json`."""
    own = _read_json(folder / "defaults.json") if (folder / "defaults.json").is_file() else {}
    usual = {"width": side, "height": side, "steps": family.steps, "guidance": family.guidance}
    defaults = {**usual, "scheduler": family.scheduler, **own}
    defaults.setdefault("sizes", [[defaults["width"], defaults["height"]]])
    return defaults


_SAMPLED_BYTES, _BLOCKS, _BLOCK_BYTES = 64 * 2**20, 256, 4096


def _digest_file(path: Path, digest: hashlib._Hash) -> None:
    size = path.stat().st_size
    digest.update(f"{size}\0".encode())
    with path.open("rb") as file:
        if size <= _SAMPLED_BYTES:
            digest.update(file.read())
            return
        length = int.from_bytes(file.read(8), "little")
        digest.update(file.read(length))
        for block in range(_BLOCKS):
            file.seek(8 + length + (size - 8 - length - _BLOCK_BYTES) * block // (_BLOCKS - 1))
            digest.update(file.read(_BLOCK_BYTES))
