"""Load the tokenizer and text encoder of a model: CLIP with our own code, others through transformers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, cast

from torch import Tensor, nn

from core.devices import Device, memory_errors
from core.errors import ModelBroken, ModelUnsupported
from core.stopping import IsCancelled, never
from core.text.clip import ACTIVATIONS, ClipConfig, ClipText
from core.text.clip_vocabulary import shipped_clip_tokenizer
from core.text.encoder import TextEncoder, TextModel
from core.text.load_tokenizer import load_tokenizer
from core.text.tokenizer import PromptTokenizer

from .card import ModelCard
from .converted import ConvertedCopies
from .family import tokenizer_of
from .layouts.choose import layout_of
from .layouts.take import Layout, Take
from .load import listed, load_network, read_weights
from .part import SHIPPED, PartSource

OWN_CLASSES = ("CLIPTextModel", "CLIPTextModelWithProjection")


def load_text(
    card: ModelCard,
    device: Device,
    *,
    part: str = "text_encoder",
    copies: ConvertedCopies | None = None,
    cancelled: IsCancelled = never,
) -> TextModel:
    """Load a text encoder and its tokenizer.

    Raises: ModelBroken, ModelUnsupported, PickleRefused, OutOfMemory, Cancelled.
    """
    if is_own_clip(card.part(part).config):
        return _load_clip(card, device, part, copies, cancelled)
    return _load_other(card, device, part, cancelled)


def is_own_clip(config: Mapping[str, Any]) -> bool:
    """Return True if `core/text/clip.py` computes what this `config.json` describes."""
    plain, projected = ([name] for name in OWN_CLASSES)
    named = config.get("architectures")
    is_known = named == plain or (named == projected and isinstance(config.get("eos_token_id", 0), int))
    return is_known and config.get("hidden_act", "quick_gelu") in ACTIVATIONS


def _load_clip(
    card: ModelCard, device: Device, part: str, copies: ConvertedCopies | None, cancelled: IsCancelled
) -> TextModel:
    source = card.part(part)
    shape, projected = ClipConfig.from_json(source.config), source.config["architectures"] == [OWN_CLASSES[1]]
    _check_width(card, shape.hidden_size)
    encoder = load_network(
        source,
        device,
        make=lambda: ClipText(shape, projected=projected),
        layout=layout_of(source) if projected else _without_projection(layout_of(source)),
        copies=copies,
        cancelled=cancelled,
    )
    tokenizer = _load_tokenizer(card.part(tokenizer_of(part)), shape.max_position_embeddings)
    _check_vocabulary(card, tokenizer.size, shape.vocab_size)
    return TextModel(tokenizer, cast(ClipText, encoder))


def _load_tokenizer(source: PartSource, max_positions: int) -> PromptTokenizer:
    """Load CLIP's tokenizer; a single file has none, so it uses the vocabulary that we ship."""
    if source.layout != SHIPPED:
        return load_tokenizer(source.path, max_positions=max_positions)
    return shipped_clip_tokenizer(source.config["pad_token"], limit=max_positions)


def _load_other(card: ModelCard, device: Device, part: str, cancelled: IsCancelled) -> TextModel:
    from core.text.transformers_encoder import TransformersEncoder, encoder_part

    model = _load_transformers(card, device, part, cancelled)
    _check_width(card, getattr(model.config, "hidden_size", None))
    positions = getattr(model.config, "max_position_embeddings", None)
    tokenizer = load_tokenizer(card.part(tokenizer_of(part)).path, max_positions=positions)
    _check_vocabulary(card, tokenizer.size, model.config.vocab_size)
    encoder = TransformersEncoder(
        encoder_part(model), tokenizer.pad, tokenizer.prefix + tokenizer.suffix, getattr(model, "text_projection", None)
    )
    return TextModel(tokenizer, cast(TextEncoder, encoder.eval().requires_grad_(False)))


def _load_transformers(card: ModelCard, device: Device, part: str, cancelled: IsCancelled) -> Any:
    """Load the transformers class that a config names; we read the weights, so nothing is fetched or unpickled.

    Raises: ModelBroken, ModelUnsupported, PickleRefused, OutOfMemory, Cancelled.
    """
    from core.text.transformers_classes import quiet_transformers

    source = card.part(part)
    kind = _class_of(card, source.config)
    with memory_errors(device), quiet_transformers():
        weights = read_weights(source, Device("cpu", 0, device.dtype_name), cancelled=cancelled)
        try:
            model, found = _from_weights(kind, source.path, weights, device)
        except ImportError as error:
            raise ModelUnsupported(card.path, f"its text encoder needs a missing package ({error})") from error
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, OSError) as error:
            fault = f"its config.json does not describe a {_class_name(source.config)} ({error})"
            raise ModelBroken(source.path, fault) from error
        _check_loaded(source.path, found)
        return cast(nn.Module, model).to(device.torch_device())


def _class_of(card: ModelCard, config: Mapping[str, Any]) -> Any:
    """Return the transformers class that a config names. Raises: ModelUnsupported."""
    from core.text.transformers_classes import text_encoder_class

    name = _class_name(config)
    kind = text_encoder_class(name)
    if kind is None:
        raise ModelUnsupported(card.path, f"its text encoder is a {name}, which transformers does not have")
    if "quantization_config" in config:
        raise ModelUnsupported(card.path, "its text encoder is quantized")
    return kind


def _class_name(config: Mapping[str, Any]) -> str:
    return str((config.get("architectures") or ["unknown"])[0])


def _from_weights(kind: Any, folder: Path, weights: Mapping[str, Tensor], device: Device) -> tuple[Any, dict[str, Any]]:
    """Return a transformers model with these weights, and which of them were missing or had other shapes."""
    from core.text.transformers_classes import LOCAL_ONLY

    found: tuple[Any, dict[str, Any]] = kind.from_pretrained(
        None,
        config=kind.config_class.from_pretrained(folder, **LOCAL_ONLY),
        state_dict=weights,
        dtype=device.torch_dtype(),
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # `_check_loaded` reports weights of the wrong shape
        **LOCAL_ONLY,
    )
    return found


def _check_loaded(folder: Any, found: dict[str, Any]) -> None:
    missing, mismatched = sorted(found["missing_keys"]), sorted(key for key, *_ in found["mismatched_keys"])
    if missing:
        raise ModelBroken(folder, f"missing weights: {listed(missing)}")
    if mismatched:
        raise ModelBroken(folder, f"its weights do not have the shapes in its config.json ({mismatched[0]})")


def _check_width(card: ModelCard, width: int | None) -> None:
    """Refuse hidden states that the UNet's cross-attention cannot take; those of several encoders are joined first."""
    if len(card.encoders) == 1 and width != card.cross_attention_dim:
        raise ModelBroken(card.path, f"its text width is {width}, but its UNet takes {card.cross_attention_dim}")


def _check_vocabulary(card: ModelCard, tokens: int, known: int) -> None:
    if tokens > known:
        raise ModelBroken(card.path, f"its tokenizer has {tokens} tokens, but its text encoder has {known}")


def _without_projection(layout: Layout) -> Layout:
    """Return a layout without the text projection, for an encoder that has none."""

    def names(given: Collection[str]) -> dict[str, Take]:
        return {name: take for name, take in layout(given).items() if not name.startswith("text_projection.")}

    return names
