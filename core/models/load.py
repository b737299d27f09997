"""Load the networks of a model: memory-mapped safetensors assigned to networks that were made without weights.

Nothing here opens a pickle, runs code from a model's folder or uses the network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.devices import Device, memory_errors
from core.errors import ModelBroken
from core.text.encoder import TextModel

from .diffusers_classes import unet_class, vae_class
from .family import WEIGHT_STEMS
from .probe import ModelCard
from .weight_files import find_weights, read_header


def load_unet(card: ModelCard, device: Device) -> Any:
    """Load the UNet, a diffusers UNet2DConditionModel.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    return load_network(card, "unet", device, make=lambda: unet_class().from_config(read_config(card, "unet")))


def load_vae(card: ModelCard, device: Device) -> Any:
    """Load the VAE, a diffusers AutoencoderKL.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    return load_network(
        card, "vae", device, make=lambda: vae_class().from_config(read_config(card, "vae")), rename=_vae_name
    )


def size_of(part: object) -> int:
    """Return the bytes of a loaded part's weights."""
    module = part.encoder if isinstance(part, TextModel) else part
    return sum(weight.nbytes for weight in module.parameters()) if isinstance(module, nn.Module) else 0


def load_network(
    card: ModelCard,
    part: str,
    device: Device,
    *,
    make: Callable[[], nn.Module],
    rename: Callable[[str], str | None] = lambda name: name,
) -> nn.Module:
    """Make the network of a part and give it the weights in its folder, renamed; None drops a weight.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    folder = card.part(part)
    files = find_weights(folder, WEIGHT_STEMS[part], variant=device.dtype_name)
    with memory_errors(device):
        state = read_weights(files, device, rename)
        module = _make_empty(folder, make)
        _assign(module, state, folder)
        if device.kind == "cpu" and device.dtype_name == "bf16":
            # Convolutions in bf16 are 1.5 times as fast in this layout on a CPU; in fp32 nothing is gained.
            module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module.eval().requires_grad_(False)


def read_weights(
    files: tuple[Path, ...], device: Device, rename: Callable[[str], str | None] = lambda name: name
) -> dict[str, Tensor]:
    """Map weights into memory; a tensor is copied only if its precision or device has to change.

    Raises: ModelBroken.
    """
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


def read_config(card: ModelCard, part: str) -> dict[str, Any]:
    """Return the `config.json` of a part; `probe` has checked that it is a JSON object."""
    config = json.loads((card.part(part) / "config.json").read_text("utf-8"))
    return cast(dict[str, Any], config)


def _make_empty(folder: Path, make: Callable[[], nn.Module]) -> nn.Module:
    try:
        with torch.device("meta"), _SkipInit():
            return make()
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError) as error:
        raise ModelBroken(folder, f"its config.json does not describe a network ({error})") from error


class _SkipInit(TorchFunctionMode):
    """Skips random initialization: it would be overwritten, and on the meta device it imports torch's compiler."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


def _assign(module: nn.Module, state: dict[str, Tensor], folder: Path) -> None:
    try:
        wrong = module.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        raise ModelBroken(
            folder, f"its weights have other shapes than its config.json says ({_last_line(error)})"
        ) from error
    for names, fault in ((wrong.missing_keys, "missing"), (wrong.unexpected_keys, "unexpected")):
        if names:
            raise ModelBroken(folder, f"{fault} weights: {listed(names)}")


def listed(names: Sequence[str]) -> str:
    """Return the first of some names and how many more there are."""
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _last_line(error: RuntimeError) -> str:
    return str(error).strip().split("\n")[-1].strip()


_OLD_ATTENTION = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}


def _vae_name(name: str) -> str:
    """Rename a weight of the VAE to what it is called since diffusers 0.13; many published models are older."""
    for old, new in _OLD_ATTENTION.items():
        name = name.replace(old, new)
    return name
