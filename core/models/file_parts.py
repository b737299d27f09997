"""The networks in one file: where each lies, how its tensors are named, and the settings that their shapes show.

Does not import torch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from core.errors import ModelBroken

from .derived.clip import ENCODERS
from .derived.config import derived_config
from .evidence import Evidence
from .family import tokenizer_of
from .kinds.identity import Identity, ModelPart
from .part import SHIPPED, PartSource
from .tensor_values import values_of

TITLES: Final = {"unet": "UNet", "vae": "VAE"}
PADDING: Final = {"clip-l": "<|endoftext|>"}  # OpenCLIP pads with the token 0
OPEN_CLIP_PADDING: Final = "!"
EDM_SCALING: Final = 0.5  # the factor of latents with a stated mean and deviation


def networks_in(
    evidence: Evidence, identity: Identity, family: str, *, prediction: str = "epsilon", only: Collection[str] = ()
) -> dict[str, PartSource]:
    """Return the networks in a file by the names that diffusers gives them, for a model of this family.

    A text encoder comes with its tokenizer. prediction: of the UNet. only: the parts to return (default: all).

    Raises: ModelBroken.
    """
    found = {}
    for name, part in _by_name(identity, family).items():
        if only and name not in only:
            continue
        layout = part.layout.replace("_", "-")
        bare = PartSource(name, evidence.path, layout=layout, prefix=part.prefix, size_bytes=part.size_bytes)
        found[name] = replace(bare, config=_config(bare, evidence, family, prediction))
        if part.role == "text-encoder":
            tokenizer = shipped_tokenizer(bare, family)
            found[tokenizer.name] = tokenizer
    return found


def shipped_tokenizer(encoder: PartSource, family: str) -> PartSource:
    """Return the tokenizer for a text encoder in a single file: the vocabulary that we ship."""
    pad = PADDING.get(ENCODERS[family, encoder.name], OPEN_CLIP_PADDING)
    return PartSource(tokenizer_of(encoder.name), encoder.path, {"pad_token": pad}, layout=SHIPPED)


def encoders_of(family: str) -> dict[str, str]:
    """Return the text encoders that a family needs, by the names of the parts: `text_encoder` is `clip-l`."""
    return {name: encoder for (of, name), encoder in ENCODERS.items() if of == family}


def _by_name(identity: Identity, family: str) -> dict[str, ModelPart]:
    """Return the parts of a file by the names that diffusers gives them; if there are several VAEs, the first one."""
    roles = {"denoiser": "unet", "vae": "vae"}
    found = {roles[part.role]: part for part in reversed(identity.parts) if part.role in roles}
    texts = sorted([part for part in identity.parts if part.role == "text-encoder"], key=lambda part: part.prefix)
    slots = encoders_of(family)
    exact = {name: part for name, encoder in slots.items() for part in texts if part.family == encoder}
    others = [part for part in texts if part not in exact.values() and _is_unusual(part)]
    return {**found, **dict(zip([name for name in slots if name not in exact], others, strict=False)), **exact}


def _is_unusual(part: ModelPart) -> bool:
    """Return True for a CLIP text encoder whose width does not show which one it is."""
    return part.family == "clip"


def _config(source: PartSource, evidence: Evidence, family: str, prediction: str) -> Mapping[str, Any]:
    try:
        config = derived_config(source, evidence.shapes, family, prediction=prediction)
        return {**config, **_latents_of(evidence)} if source.name == "vae" else config
    except (LookupError, ValueError, ArithmeticError) as error:
        title = TITLES.get(source.name, "text encoder")
        raise ModelBroken(evidence.path, f"its {title} cannot be built: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"`{error.args[0]}` is missing"
    return str(error) if type(error) is ValueError else "a tensor has an unusual shape"


def _latents_of(evidence: Evidence) -> dict[str, Any]:
    """Return what a file with the tensors of Playground 2.5 says about its latents.

    Source: diffusers loaders/single_file_utils.py (create_vae_diffusers_config_from_ldm).
    """
    mean, deviation = (values_of(evidence.path, evidence.contents, name) for name in ("edm_mean", "edm_std"))
    if not mean or len(mean) != len(deviation):
        return {}
    return {"latents_mean": list(mean), "latents_std": list(deviation), "scaling_factor": EDM_SCALING}
