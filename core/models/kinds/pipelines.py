"""Identify model folders: pipelines, single networks and adapters, by their settings and the tensors beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.models.evidence import Evidence

from .families import family_of_class, missing_parts
from .folders import (
    class_in,
    denoiser_of,
    kind_of_class,
    number_in,
    pipeline_variant,
    sd_variant,
    unet_family,
    unet_variant,
)
from .hints import VARIANTS_BY_SCHEDULER, family_by_name, variant_by_name
from .identity import NO_CLASS, UNKNOWN, Identity, ModelPart
from .precision import dtype_of, quant_of

ByTensors = Callable[[Evidence], Identity]


def identify_folder(evidence: Evidence, by_tensors: ByTensors) -> Identity | None:
    """Return what a folder is by its settings, or None if only its tensors can show it."""
    if evidence.components:
        return _pipeline(evidence, by_tensors)
    name = class_in(evidence.config)
    known = kind_of_class(name) if name else None
    if known is None:
        return None
    return _component(evidence, name, known, by_tensors)


def _pipeline(evidence: Evidence, by_tensors: ByTensors) -> Identity:
    """Return what a pipeline is: by its class, by that of its denoiser, or by the denoiser's tensors."""
    name = str(evidence.config.get("_class_name", ""))
    denoiser = denoiser_of(evidence)
    tensors = by_tensors(denoiser) if denoiser is not None and denoiser.names else Identity(UNKNOWN)
    family, variant = _named_by(name, denoiser.config if denoiser is not None else {})
    family = family or (tensors.family if tensors.kind == "model" else "")
    if not family:
        named = f"names the class {name}{NO_CLASS}" if name else "names no class"
        return Identity(UNKNOWN, why=(f"its model_index.json {named}",))
    if tensors.family == family and tensors.variant.startswith(variant):
        variant = tensors.variant
    found = Identity("model", family, variant, "diffusers", fits=(family,), why=(f"its model_index.json names {name}",))
    return _completed(evidence, denoiser, found)


def _named_by(pipeline: str, config: Mapping[str, Any]) -> tuple[str, str]:
    """Return the family and the variant that the class of a pipeline and the config of its denoiser name."""
    variant = sd_variant(pipeline)
    if variant is not None and class_in(config) in ("UNet2DConditionModel", ""):
        return unet_family(config), unet_variant(config) or variant
    return family_of_class(pipeline) or family_of_class(class_in(config)) or "", pipeline_variant(pipeline)


def _completed(evidence: Evidence, denoiser: Evidence | None, found: Identity) -> Identity:
    """Add precision, parts, facts and the variant that the denoiser or the name shows."""
    parts = tuple(
        [
            ModelPart(_role(name), _named(part), f"{name}/", part.size_bytes)
            for name, part in evidence.components.items()
        ]
    )
    parts = tuple([part for part in parts if part.role])
    facts = _facts(evidence, denoiser)
    dtype = dtype_of(denoiser.contents, denoiser.names) if denoiser is not None else ""
    quant = quant_of(denoiser.contents, "folder", dtype, dict(denoiser.config)) if denoiser is not None else ""
    hinted = variant_by_name(evidence.name or evidence.path.name, found.family) or _scheduled(evidence)
    variant = hinted if hinted and found.variant in ("", "dev") else found.variant
    absent = [
        name for name, entry in evidence.config.items() if _is_part(name, entry) and name not in evidence.components
    ]
    return replace(found, variant=variant, dtype=dtype, quant=quant, parts=parts, facts=facts, missing=tuple(absent))


def _scheduled(evidence: Evidence) -> str:
    """Return the variant that the scheduler of a pipeline shows, or ""."""
    scheduler = evidence.components.get("scheduler")
    return VARIANTS_BY_SCHEDULER.get(class_in(scheduler.config), "") if scheduler is not None else ""


def _is_part(name: str, entry: object) -> bool:
    return bool(_role(name)) and isinstance(entry, list) and None not in entry


def _role(name: str) -> str:
    """Return the role of a subfolder of a pipeline, or "" if it holds no network that matters here."""
    roles = {"transformer": "denoiser", "unet": "denoiser", "prior": "denoiser", "decoder": "denoiser", "vae": "vae"}
    return roles.get(name, "text-encoder" if name.startswith("text_encoder") else "")


def _named(part: Evidence) -> str:
    known = kind_of_class(class_in(part.config))
    return known[1] if known else ""


def _facts(evidence: Evidence, denoiser: Evidence | None) -> dict[str, Any]:
    scheduler = evidence.components.get("scheduler")
    config = denoiser.config if denoiser is not None else {}
    found = {"channels": config.get("in_channels"), "text_width": config.get("cross_attention_dim")}
    if scheduler is not None:
        found["prediction"] = scheduler.config.get("prediction_type")
    return {name: value for name, value in found.items() if isinstance(value, (int, str))}


def _component(evidence: Evidence, name: str, known: tuple[str, str], by_tensors: ByTensors) -> Identity:
    """Return what a folder with one network is: the class names the kind; tensors or settings show the rest."""
    kind, family = known
    why = (f"its config.json names {name}",)
    tensors = by_tensors(evidence) if evidence.names else Identity(UNKNOWN)
    if tensors.kind == kind and (not family or tensors.family.startswith(family) or family == tensors.family):
        return replace(tensors, why=(*why, *tensors.why))
    dtype = dtype_of(evidence.contents, evidence.names)
    family = family or _family_in(evidence, kind)
    missing = missing_parts(family, set()) if kind == "model" else ()
    return Identity(
        kind,
        family,
        unet_variant(evidence.config) if kind == "model" and name.startswith("UNet2D") else "",
        "diffusers" if "_class_name" in evidence.config else "transformers",
        dtype,
        quant_of(evidence.contents, "folder", dtype, dict(evidence.config)),
        (family,) if family else (),
        missing=missing,
        why=why,
    )


_WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl"}


def _family_in(evidence: Evidence, kind: str) -> str:
    """Return the family that the config of a network shows, else the one that its name mentions, else ""."""
    config = evidence.config
    if kind == "model":
        return unet_family(config)
    if kind == "t2i-adapter":
        return "sdxl" if config.get("adapter_type") == "full_adapter_xl" else "sd1"
    if kind == "vae":
        channels = config.get("latent_channels", 4)
        fits = ("flux1", "sd3", "z-image") if channels == 16 else ("sd1", "sd2", "sdxl")
        return family_by_name(evidence.name or evidence.path.name, fits) or fits[0]
    return _WIDTHS.get(number_in(config, "cross_attention_dim") or 0, "")
