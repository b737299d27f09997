"""Load the parts of a model: weights are memory-mapped safetensors, networks are made without weights to begin with.

Nothing here opens a pickle, runs code from a model's folder or reaches the network.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.devices import Device, memory_errors
from core.errors import ModelBroken
from core.text.clip import ClipConfig, ClipText
from core.text.tokenizer import ClipTokenizer, load_tokenizer

from .diffusers_classes import unet_class, vae_class
from .family import WEIGHT_STEMS
from .probe import ModelCard
from .weight_files import find_weights, read_header


@dataclass(frozen=True, slots=True)
class TextModel:
    """What turns a prompt into hidden states."""

    tokenizer: ClipTokenizer
    encoder: ClipText


def load_text(card: ModelCard, device: Device) -> TextModel:
    """Load the tokenizer and the text encoder.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    config = ClipConfig.from_json(_config(card, "text_encoder"))
    encoder = _load(card, "text_encoder", device, make=lambda: ClipText(config), rename=_clip_name)
    tokenizer = load_tokenizer(card.part("tokenizer"), limit=config.max_position_embeddings)
    words = tokenizer.backend.get_vocab_size()
    if words > config.vocab_size:
        raise ModelBroken(card.path, f"its tokenizer has {words} words, its text encoder {config.vocab_size}")
    return TextModel(tokenizer, cast(ClipText, encoder))


def load_unet(card: ModelCard, device: Device) -> Any:
    """Load the UNet, a diffusers UNet2DConditionModel.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    return _load(card, "unet", device, make=lambda: unet_class().from_config(_config(card, "unet")))


def load_vae(card: ModelCard, device: Device) -> Any:
    """Load the variational autoencoder, a diffusers AutoencoderKL.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    return _load(card, "vae", device, make=lambda: vae_class().from_config(_config(card, "vae")), rename=_vae_name)


def size_of(part: object) -> int:
    """Return how many bytes the weights of a loaded part take."""
    module = part.encoder if isinstance(part, TextModel) else part
    return sum(weight.nbytes for weight in module.parameters()) if isinstance(module, nn.Module) else 0


def _load(
    card: ModelCard,
    part: str,
    device: Device,
    *,
    make: Callable[[], nn.Module],
    rename: Callable[[str], str | None] = lambda name: name,
) -> nn.Module:
    folder = card.part(part)
    files = find_weights(folder, WEIGHT_STEMS[part], variant=device.dtype_name)
    with memory_errors(device):
        state = _read(files, device, rename)
        module = _made(folder, make)
        _fill(module, state, folder)
        if device.kind == "cpu" and device.dtype_name == "bf16":
            # Convolutions in bf16 are half again as fast in this layout on a CPU; in fp32 it gains nothing.
            module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module.eval().requires_grad_(False)


def _read(files: tuple[Path, ...], device: Device, rename: Callable[[str], str | None]) -> dict[str, Tensor]:
    """Map the weights into memory; a tensor is copied only where its precision or device has to change."""
    target, dtype = device.torch_device(), device.torch_dtype()
    state = {}
    for path in files:
        read_header(path)
        try:
            with safe_open(path, framework="pt") as weights:
                for key in weights.keys():  # noqa: SIM118 - the handle is no mapping
                    name = rename(key)
                    if name is not None:
                        tensor = weights.get_tensor(key)
                        state[name] = tensor.to(target, dtype if tensor.is_floating_point() else tensor.dtype)
        except (SafetensorError, OSError) as error:
            raise ModelBroken(path, str(error)) from error
    return state


def _made(folder: Path, make: Callable[[], nn.Module]) -> nn.Module:
    try:
        with torch.device("meta"), _SkipInit():
            return make()
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError) as error:
        raise ModelBroken(folder, f"its config.json describes no such network ({error})") from error


class _SkipInit(TorchFunctionMode):
    """Leaves new weights unfilled: chance is wasted on them, and on the meta device it imports torch's compiler."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


def _fill(module: nn.Module, state: dict[str, Tensor], folder: Path) -> None:
    try:
        wrong = module.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        raise ModelBroken(
            folder, f"its weights have other shapes than its config.json says ({_first(error)})"
        ) from error
    for names, fault in ((wrong.missing_keys, "are missing"), (wrong.unexpected_keys, "belong to another network")):
        if names:
            raise ModelBroken(folder, f"{len(names)} of its weights {fault}, the first is {names[0]}")


def _first(error: RuntimeError) -> str:
    return str(error).strip().split("\n")[-1].strip()


def _config(card: ModelCard, part: str) -> dict[str, Any]:
    config = json.loads((card.part(part) / "config.json").read_text("utf-8"))
    return cast(dict[str, Any], config)


def _clip_name(name: str) -> str | None:
    """Name a weight of the text encoder as `ClipText` does; transformers 4 wrote a prefix and a constant besides."""
    name = name.removeprefix("text_model.")
    return None if name == "embeddings.position_ids" or name.startswith("text_projection.") else name


_OLD_ATTENTION = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}


def _vae_name(name: str) -> str:
    """Name a weight of the autoencoder as diffusers does since 0.13; many published models are older."""
    for old, new in _OLD_ATTENTION.items():
        name = name.replace(old, new)
    return name
