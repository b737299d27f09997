"""Load the networks of a model: memory-mapped safetensors assigned to networks that were created without weights.

Nothing here opens a pickle, runs code from a model's folder or uses the network.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from core.devices import Device, memory_errors
from core.errors import ModelBroken
from core.stopping import IsCancelled, check, never
from core.text.encoder import TextModel

from .alignment import align
from .card import ModelCard
from .converted import ConvertedCopies, read_copy
from .copy_place import CopyPlace, has_channels_last
from .diffusers_classes import unet_class, vae_class
from .folder_files import read_header
from .layouts.choose import layout_of
from .layouts.take import Layout, Take, as_named
from .part import PartSource

PIECE_BYTES = 256 * 2**20
CHECK_BYTES = 8 * 2**20  # how much is read before loading can be cancelled again, which takes milliseconds

_LAYERS = [each for each in vars(nn).values() if isinstance(each, type)]
_INITIALIZED: set[Any] = {
    kind
    for layer in _LAYERS
    for kind in layer.__mro__
    if "reset_parameters" in vars(kind) and "Norm" not in kind.__name__  # the parameters of norms are few
}
_INIT_LOCK = threading.Lock()  # a thread holds this lock while the initializers of torch's layers are replaced


def load_unet(
    card: ModelCard, device: Device, *, copies: ConvertedCopies | None = None, cancelled: IsCancelled = never
) -> Any:
    """Load the UNet, a diffusers UNet2DConditionModel.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    return _load_diffusers(card.part("unet"), device, unet_class, copies, cancelled)


def load_vae(
    card: ModelCard, device: Device, *, copies: ConvertedCopies | None = None, cancelled: IsCancelled = never
) -> Any:
    """Load the VAE, a diffusers AutoencoderKL; one that overflows in fp16 is loaded in fp32.

    Raises: ModelBroken, PickleRefused, OutOfMemory.
    """
    device = replace(device, dtype_name=card.dtype_of("vae", device.dtype_name))
    return _load_diffusers(card.part("vae"), device, vae_class, copies, cancelled)


def _load_diffusers(
    source: PartSource,
    device: Device,
    class_of: Callable[[], Any],
    copies: ConvertedCopies | None,
    cancelled: IsCancelled,
) -> nn.Module:
    """Load a network of a class in diffusers. class_of: imports and returns the class."""

    def make() -> Any:
        return class_of().from_config(dict(source.config))

    return load_network(source, device, make=make, layout=layout_of(source), copies=copies, cancelled=cancelled)


def size_of(part: object) -> int:
    """Return how many bytes of memory a loaded part takes; weights that are mapped from a file take none."""
    # Torch cannot resize memory that is mapped from a file.
    weights = _weights_of(part)
    return sum([each.nbytes for each in weights if each.device.type != "cpu" or each.untyped_storage().resizable()])


def weight_bytes(part: object) -> int:
    """Return the size of the weights of a loaded part in bytes."""
    return sum([each.nbytes for each in _weights_of(part)])


def _weights_of(part: object) -> list[nn.Parameter]:
    module = part.encoder if isinstance(part, TextModel) else part
    return list(module.parameters()) if isinstance(module, nn.Module) else []


def load_network(
    source: PartSource,
    device: Device,
    *,
    make: Callable[[], nn.Module],
    layout: Layout = as_named,
    copies: ConvertedCopies | None = None,
    cancelled: IsCancelled = never,
) -> nn.Module:
    """Create a part's network and assign its weights.

    layout: maps the names of tensors, without the source's prefix, to those of the network. copies: converted copies
    of parts, from which a part is loaded faster. cancelled: returns True if the part is no longer wanted.

    Raises: ModelBroken, PickleRefused, OutOfMemory, Cancelled.
    """
    copy = copies.find(source, device) if copies is not None else None
    with memory_errors(device):
        module = _load_copy(copy, make, cancelled) if copy is not None else None
        if module is None:
            module = _load_weights(source, device, make, layout, cancelled)
            if copies is not None and copy is not None:
                copies.note(copy, module)
    return module.eval().requires_grad_(False)


def _load_weights(
    source: PartSource, device: Device, make: Callable[[], nn.Module], layout: Layout, cancelled: IsCancelled
) -> nn.Module:
    """Load a part from its own weight files."""
    state = read_weights(source, device, layout, cancelled)
    module = _make_empty(source.path, make)
    _assign(module, state, source.path)
    if has_channels_last(device):
        state.clear()  # so that each tensor is released once it has been reordered
        module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module


def _load_copy(copy: CopyPlace, make: Callable[[], nn.Module], cancelled: IsCancelled) -> nn.Module | None:
    """Load a part from its converted copy, or return None if there is no usable copy."""
    state = read_copy(copy, cancelled)
    if state is None:
        return None
    module = _make_empty(copy.source.path, make)
    try:
        _assign(module, state, copy.path)
    except ModelBroken:  # another version of the program has written it
        copy.discard()
        return None
    return module


def read_weights(
    source: PartSource, device: Device, layout: Layout = as_named, cancelled: IsCancelled = never
) -> dict[str, Tensor]:
    """Map the weights of a part into memory; a tensor is copied only if its precision or device has to change.

    Raises: ModelBroken, PickleRefused, Cancelled.
    """
    state: dict[str, Tensor] = {}
    unchecked = CHECK_BYTES  # so that nothing is read if loading is cancelled before it begins
    target, dtype, prefix = device.torch_device(), device.torch_dtype(), source.prefix
    for path in source.files(device.dtype_name):
        sizes = {
            name.removeprefix(prefix): size for name, size in read_header(path).sizes.items() if name.startswith(prefix)
        }
        try:
            for piece in _pieces(layout([*sizes]), sizes):
                with safe_open(path, framework="pt") as weights:  # mapped again, so that converted weights are released
                    for name, take in piece.items():
                        unchecked += sizes.get(take.name, 0)
                        if unchecked >= CHECK_BYTES:
                            check(cancelled)
                            unchecked = 0
                        tensor = weights.get_tensor(prefix + take.name)
                        if take.count > 1 or take.flat or take.transposed:
                            tensor = take.of(tensor)
                        state[name] = tensor.to(target, dtype if tensor.is_floating_point() else tensor.dtype)
        except (SafetensorError, OSError, RuntimeError, ValueError) as error:
            raise ModelBroken(path, _last_line(error)) from error
    align(state)
    return state


def _pieces(takes: Mapping[str, Take], sizes: Mapping[str, int]) -> Iterator[dict[str, Take]]:
    """Divide the tensors of a file into pieces that are read one after another, in the order of the file."""
    piece: dict[str, Take] = {}
    size = 0
    for name, take in takes.items():
        piece[name] = take
        size += sizes.get(take.name, 0)
        if size >= PIECE_BYTES:
            yield piece
            piece, size = {}, 0
    yield piece


def _make_empty(path: Path, make: Callable[[], nn.Module]) -> nn.Module:
    """Create a network whose layers have parameters without memory; buffers are real, because no file has them."""
    try:
        with _skip_init():
            return make()
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError) as error:
        fault = (
            "its config.json does not describe a network"
            if os.path.isdir(path)
            else "its tensors do not form a network"
        )
        raise ModelBroken(path, f"{fault} ({error})") from error


@contextmanager
def _skip_init() -> Iterator[None]:
    """In this thread, the parameters of new layers, except norms, are not initialized but moved to the meta device.

    A layer calls `reset_parameters` when it has created its parameters, so that only one layer has memory at a time.
    """
    thread = threading.get_ident()
    with _INIT_LOCK:
        real = {kind: kind.reset_parameters for kind in _INITIALIZED}
        try:
            for kind, reset in real.items():

                def to_meta(module: nn.Module, reset: Callable[[nn.Module], None] = reset) -> None:
                    if threading.get_ident() != thread:
                        return reset(module)
                    for name, param in module._parameters.items():
                        if param is not None:
                            meta = param.detach().to("meta")
                            module._parameters[name] = nn.Parameter(meta, requires_grad=param.requires_grad)

                kind.reset_parameters = to_meta
            yield
        finally:
            for kind, reset in real.items():
                kind.reset_parameters = reset


def _assign(module: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    try:
        wrong = module.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        shapes = "the shapes in its config.json" if os.path.isdir(path) else "shapes that form a network"
        raise ModelBroken(path, f"its weights do not have {shapes} ({_last_line(error)})") from error
    for names, fault in ((wrong.missing_keys, "missing"), (wrong.unexpected_keys, "unexpected")):
        if names:
            raise ModelBroken(path, f"{fault} weights: {listed(names)}")
    empty = _without_memory(module)
    if empty:
        raise ModelBroken(path, f"missing values: {listed(empty)}")


def _without_memory(module: nn.Module) -> list[str]:
    """Return the names of tensors that are still on the meta device: attributes, or buffers that no file holds."""
    return [
        f"{path}.{name}".lstrip(".")
        for path, each in module.named_modules()
        for name, value in (
            *vars(each).items(),
            *each.named_parameters(recurse=False),
            *each.named_buffers(recurse=False),
        )
        if isinstance(value, Tensor) and value.is_meta
    ]


def listed(names: Sequence[str]) -> str:
    """Return the first name and the number of other names, for an error message."""
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _last_line(error: Exception) -> str:
    return str(error).strip().split("\n")[-1].strip()
