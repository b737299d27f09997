"""Load the networks of a model: memory-mapped safetensors assigned to networks that were created without weights.

Nothing here opens a pickle, runs code from a model's folder or uses the network.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from core.devices import Device, memory_errors
from core.errors import ModelBroken
from core.foreign import json_data, read_bytes
from core.text.encoder import TextModel

from .diffusers_classes import unet_class, vae_class
from .family import WEIGHT_STEMS
from .probe import ModelCard
from .weight_files import find_weights, read_header

Rename = Callable[[list[str]], list[str | None]]

_LAYERS = [each for each in vars(nn).values() if isinstance(each, type)]
_INITIALIZED: set[Any] = {kind for layer in _LAYERS for kind in layer.__mro__ if "reset_parameters" in vars(kind)}
_INIT_LOCK = threading.Lock()  # a thread holds this lock while the initializers of torch's layers are replaced


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
        card, "vae", device, make=lambda: vae_class().from_config(read_config(card, "vae")), rename=_vae_names
    )


def size_of(part: object) -> int:
    """Return the size of a loaded part's weights in bytes."""
    module = part.encoder if isinstance(part, TextModel) else part
    return sum(map(attrgetter("nbytes"), module.parameters())) if isinstance(module, nn.Module) else 0


def load_network(
    card: ModelCard,
    part: str,
    device: Device,
    *,
    make: Callable[[], nn.Module],
    rename: Rename | None = None,
) -> nn.Module:
    """Create a part's network and assign the weights in its folder.

    rename: returns the names that weights have in the network, None for each weight to drop.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    folder = card.part(part)
    files = find_weights(folder, WEIGHT_STEMS[part], variant=device.dtype_name)
    with memory_errors(device):
        state = read_weights(files, device, rename)
        module = _make_empty(folder, make)
        _assign(module, state, folder)
        if device.kind == "cpu" and device.dtype_name == "bf16":
            # On a CPU, this layout makes convolutions in bf16 1.5 times as fast; in fp32 it makes no difference.
            module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module.eval().requires_grad_(False)


def read_weights(files: tuple[Path, ...], device: Device, rename: Rename | None = None) -> dict[str, Tensor]:
    """Map weights into memory; a tensor is copied only if its precision or device has to change.

    Raises: ModelBroken.
    """
    target, dtype = device.torch_device(), device.torch_dtype()
    state = {}
    for path in files:
        read_header(path)
        try:
            with safe_open(path, framework="pt") as weights:
                keys = list(weights.keys())
                for key, name in zip(keys, rename(keys) if rename is not None else keys, strict=True):
                    if name is not None:
                        tensor = weights.get_tensor(key)
                        state[name] = tensor.to(target, dtype if tensor.is_floating_point() else tensor.dtype)
        except (SafetensorError, OSError) as error:
            raise ModelBroken(path, str(error)) from error
    return state


def read_config(card: ModelCard, part: str) -> dict[str, Any]:
    """Return the `config.json` of a part; `probe` has checked that it is a JSON object."""
    config = json_data(read_bytes(card.part(part) / "config.json"))
    return cast(dict[str, Any], config)


def _make_empty(folder: Path, make: Callable[[], nn.Module]) -> nn.Module:
    try:
        with torch.device("meta"), _skip_init():
            return make()
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError) as error:
        raise ModelBroken(folder, f"its config.json does not describe a network ({error})") from error


@contextmanager
def _skip_init() -> Iterator[None]:
    """Skip random initialization in this thread, because on the meta device it is useless and imports a compiler."""
    thread = threading.get_ident()

    with _INIT_LOCK:
        real = {kind: kind.reset_parameters for kind in _INITIALIZED}
        try:
            for kind, reset in real.items():

                def skip(module: nn.Module, reset: Callable[[nn.Module], None] = reset) -> None:
                    if threading.get_ident() != thread:
                        reset(module)

                kind.reset_parameters = skip
            yield
        finally:
            for kind, reset in real.items():
                kind.reset_parameters = reset


def _assign(module: nn.Module, state: dict[str, Tensor], folder: Path) -> None:
    try:
        wrong = module.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        raise ModelBroken(
            folder, f"its weights do not have the shapes in its config.json ({_last_line(error)})"
        ) from error
    for names, fault in ((wrong.missing_keys, "missing"), (wrong.unexpected_keys, "unexpected")):
        if names:
            raise ModelBroken(folder, f"{fault} weights: {listed(names)}")


def listed(names: Sequence[str]) -> str:
    """Return the first name and the number of other names, for an error message."""
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _last_line(error: RuntimeError) -> str:
    return str(error).strip().split("\n")[-1].strip()


_OLD_ATTENTION = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}


def _vae_names(names: list[str]) -> list[str | None]:
    """Return the current names of VAE weights; many published models use the names from before diffusers 0.13."""
    for old, new in _OLD_ATTENTION.items():
        names = [name.replace(old, new) for name in names]
    return list(names)
