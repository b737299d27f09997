"""Identify a model: apply the tables of rules to what a file or folder shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from core.models.contents import Contents
from core.models.evidence import Evidence

from .adapter_families import match_adapter
from .adapters import Adapter, adapter_of
from .conditions import Names
from .controls import CONTROLS, IMAGE_ADAPTERS
from .embeddings import match_embedding
from .encoders import ENCODERS
from .families import missing_parts
from .folders import RUNTIMES, class_in
from .hints import family_by_name, prediction_of, variant_by_name
from .identity import NO_CLASS, UNKNOWN, Identity, ModelPart
from .others import LOOKALIKES, OTHERS
from .pipelines import identify_folder
from .precision import dtype_of, quant_of
from .prefixes import AVERAGED, VAE, encoder_views, views
from .rule import Rule, RuleMatch, first_match
from .transformers import TRANSFORMERS
from .unets import UNETS
from .upscalers import UPSCALERS, scale_of
from .vaes import VAES

TABLES: Final[tuple[tuple[Rule, ...], ...]] = (
    CONTROLS,
    (*LOOKALIKES, *UNETS, *TRANSFORMERS),
    OTHERS,
    VAES,
    ENCODERS,
    UPSCALERS,
)
"""The tables in the order in which they are tried: small networks that copy a model's names come before models."""

PARTS: Final = (VAES, ENCODERS, UPSCALERS)
"""Tables of networks that also lie inside models: such a network is the file only if most tensors belong to it."""


def identify(evidence: Evidence) -> Identity:
    """Return what a model is. An unknown model is an answer of its own: its kind is `unknown`, and `why` says why."""
    if evidence.container in RUNTIMES:
        why = (f"it is in the format of {RUNTIMES[evidence.container]}, which only that runtime reads",)
        return Identity("other", evidence.container, layout=evidence.container, why=why)
    if evidence.container == "folder":
        found = identify_folder(evidence, _by_tensors)
        if found is not None:
            return found
    return _by_tensors(evidence)


def _by_tensors(evidence: Evidence) -> Identity:
    """Return what a model is by its tensors."""
    if not evidence.names:
        return Identity(UNKNOWN, why=(_why_empty(evidence),))
    match = first_match(IMAGE_ADAPTERS, [Names(evidence.shapes)])
    if match is not None:
        return _identity(evidence, match, match.facts())
    adapter = adapter_of(evidence.shapes)
    found = _adapter(evidence, adapter) if adapter is not None else _network(evidence)
    return found or _unknown(evidence)


def _adapter(evidence: Evidence, adapter: Adapter) -> Identity | None:
    match = match_adapter(Names(adapter.layers, labels=adapter.spelled), evidence.metadata)
    if match is None:
        return None
    facts = {"layers": len(adapter.layers), "algorithm": adapter.algorithm}
    if adapter.rank is not None:
        facts["rank"] = adapter.rank
    found = _identity(evidence, match, facts)
    return replace(
        found,
        variant=found.variant or ("" if adapter.algorithm == "lora" else adapter.algorithm),
        layout=adapter.dialect,
    )


def _network(evidence: Evidence) -> Identity | None:
    places = views(evidence.shapes)
    large = [names for names in places if 2 * len(names.shapes) >= len(evidence.shapes)]
    for table in TABLES:
        match = match_embedding(Names(evidence.shapes)) if table is VAES else None
        match = match or first_match(table, large if table in PARTS else places)
        if match is not None:
            return _identity(evidence, match, match.facts())
    return None


def _identity(evidence: Evidence, match: RuleMatch, facts: Mapping[str, Any]) -> Identity:
    """Return the identity that a match means, completed by parts, precision and hints from names."""
    own = [match.names.prefix + name for name in match.names.shapes] if match.rule.kind == "model" else evidence.names
    dtype = dtype_of(evidence.contents, [name for name in own if name in evidence.shapes])
    rule = match.rule
    found = Identity(
        rule.kind,
        rule.family,
        match.variant,
        rule.layout,
        dtype,
        quant_of(evidence.contents, evidence.container, dtype),
        rule.fits or ((rule.family,) if rule.family else ()),
        facts=facts,
        why=match.why,
    )
    return _hinted(evidence, _with_parts(evidence, found, match))


def _with_parts(evidence: Evidence, found: Identity, match: RuleMatch) -> Identity:
    """Add the parts of a model, the prediction type that it states, or the scale of an upscaler.

    A VAE or a text encoder alone in a file is its own only part.
    """
    if found.kind == "upscaler":
        scale = scale_of(found.family, match.names)
        return replace(found, facts={**found.facts, "scale": scale}) if scale else found
    if found.kind in ("vae", "text-encoder"):
        return replace(found, parts=(_part(found.kind, match, evidence.contents),))
    if found.kind != "model":
        return found
    facts = {**found.facts, **prediction_of(evidence.shapes, evidence.metadata)}
    parts = _parts(evidence, match)
    present = {part.family for part in parts[1:]} | {part.role for part in parts[1:]}
    variant = "playground-2.5" if facts.pop("playground", False) else found.variant
    return replace(found, facts=facts, parts=parts, variant=variant, missing=missing_parts(found.family, present))


def _parts(evidence: Evidence, match: RuleMatch) -> tuple[ModelPart, ...]:
    """Return the networks in a file, the denoiser first."""
    found = [_part("denoiser", match, evidence.contents)]
    for names in views(evidence.shapes, VAE):
        vae = first_match(VAES, [names])
        found += [_part("vae", vae, evidence.contents)] if vae else []
    for names in encoder_views(evidence.shapes):
        text = first_match(ENCODERS, [names])
        found += [_part("text-encoder", text, evidence.contents)] if text else []
    return tuple(found)


def _part(role: str, match: RuleMatch, contents: Contents) -> ModelPart:
    rule, names = match.rule, match.names
    inside = [names.prefix + name for name in names.shapes if not name.startswith(_FOREIGN if not names.prefix else ())]
    return ModelPart(role, rule.family, names.prefix, sum(map(contents.size_of, inside)), rule.layout)


_FOREIGN = (*VAE, *AVERAGED, "cond_stage_model.", "conditioner.", "text_encoder")


def _hinted(evidence: Evidence, found: Identity) -> Identity:
    """Let the file's name choose among the families that fit, and name a variant that tensors do not show."""
    text = evidence.name or evidence.path.stem
    if len(found.fits) > 1:
        family = family_by_name(text, found.fits)
        if family is not None and family != found.family:
            found = replace(found, family=family, why=(*found.why, f"its name mentions {family}"))
    variant = variant_by_name(text, found.family) if found.kind == "model" else None
    if variant and found.variant in ("", "dev", "klein-4b", "klein-9b"):
        joined = f"{found.variant}-{variant}" if found.variant.startswith("klein") else variant
        found = replace(found, variant=joined, why=(*found.why, f"its name mentions {variant}"))
    return found


def _why_empty(evidence: Evidence) -> str:
    if evidence.container == "folder":
        named = class_in(evidence.config)
        if named:
            return f"its settings name the class {named}{NO_CLASS}"
        return "it has no model_index.json, no config.json and no single weight file"
    return "it holds no tensors"


def _unknown(evidence: Evidence) -> Identity:
    """Return the identity of a whole file that no rule knows, with examples of its names."""
    names: Sequence[str] = evidence.names
    shown = ", ".join([f"`{name:.60}`" for name in names[:3]])
    why = (
        f"no rule knows its {len(names)} tensors, such as {shown}"
        if len(names) > 1
        else f"no rule knows its tensor {shown}"
    )
    dtype = dtype_of(evidence.contents, names)
    return Identity(UNKNOWN, dtype=dtype, quant=quant_of(evidence.contents, evidence.container, dtype), why=(why,))
