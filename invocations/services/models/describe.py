"""Describe a model for applications: as a row of the list, by its default settings, or with all that is known."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from invocations.services.errors import ServiceError

from .base import BUILT_IN, READY, UNUSABLE, ModelDetails, ModelInfo, ModelSettings

if TYPE_CHECKING:
    from core.models.card import ModelCard
    from core.models.kinds.identity import Identity, ModelPart
    from invocations.errors import InvocationError

    from .fit import Fits
    from .library import LibraryModel

MAX_CARDS: Final = 16  # number of models whose settings are cached
STATED: Final = "you stated "  # how the reasons begin that name what the user states
UNREADABLE: Final = "unknown, because it cannot be read"


@lru_cache(MAX_CARDS)
def settings_of(card: ModelCard) -> ModelSettings:
    """Return the default settings of a model, and which inputs have no effect with it or are refused."""
    from core.models.limits import limits_of

    return ModelSettings(
        family=card.family,
        width=card.width,
        height=card.height,
        multiple=card.size_multiple,
        steps=card.steps,
        guidance=card.guidance,
        scheduler=card.scheduler,
        needs_mask=card.needs_mask,
        text_layers=card.text_layers,
        needs_image="image" in card.needs,
        part_bytes=card.part_bytes,
        borrowed=card.borrowed,
        name=card.name,
        ignores=limits_of(card),
        refuses=limits_of(card, refused=True),
        variant=card.variant,
        clip_skip=card.clip_skip,
        latents=(card.latent_channels, card.vae_scale_factor),
        path=os.path.abspath(card.path),
    )


def info_of(model: LibraryModel) -> ModelInfo:
    """Return one row of the list of models."""
    from core.models.kinds.titles import describe

    from .states import state_of

    found = model.found
    identity, (state, reason) = found.identity, state_of(found)
    return ModelInfo(
        name=model.name,
        family=identity.family,
        path=str(found.path),
        size_bytes=found.size_bytes,
        origin=_origin(model),
        kind=identity.kind,
        variant=identity.variant,
        title=UNREADABLE if found.problem and not found.container else describe(identity),
        state=state,
        reason=reason,
        families=identity.fits or (identity.family,) if identity.family else (),
    )


def infos_of(models: Sequence[LibraryModel], fits: Fits | None) -> list[ModelInfo]:
    """Return the rows of the list of models; `fits` compares what usable models need with the free memory."""
    infos = [info_of(each) for each in models]
    if fits is None:
        return infos
    ready = [place for place, info in enumerate(infos) if info.is_usable]
    words = fits.words((infos[place].size_bytes, models[place].found.identity.dtype) for place in ready)
    for place, word in zip(ready, words, strict=True):
        infos[place] = replace(infos[place], fits=word)
    return infos


def details_of(
    model: LibraryModel,
    defaults: ModelSettings | None = None,
    fingerprint: str = "",
    added: float | None = None,
    prediction: str = "",
    refused: InvocationError | None = None,
) -> ModelDetails:
    """Return everything that is known about a model.

    prediction: what its denoiser predicts, if it is usable. refused: why it cannot generate images
    """
    found, identity = model.found, model.found.identity
    info, advice = _judged(model, defaults, refused)
    return ModelDetails(
        info=info,
        container=found.container,
        layout=identity.layout,
        dtype=identity.dtype,
        quantization=identity.quant,
        why=identity.why,
        advice=advice,
        parts=tuple([(part.role, _part_family(part, identity), part.size_bytes) for part in identity.parts]),
        missing=identity.missing,
        facts=identity.facts,
        notes=_notes(model, prediction),
        problems=tuple([(str(path), f"it {reason}") for path, reason in found.notes.problems]),
        defaults=defaults,
        fingerprint=fingerprint,
        added=added,
    )


def _judged(
    model: LibraryModel, defaults: ModelSettings | None, refused: InvocationError | None
) -> tuple[ModelInfo, str]:
    """Return the row of a model with its state, and what to do with the model if it is not ready."""
    from core.models.refusal import refusal

    info, why = info_of(model), model.found.identity.why
    if defaults is not None and defaults.borrowed:
        info = replace(info, state=READY, reason="")
    if isinstance(refused, ServiceError) and (info.is_usable or (why and why[0].startswith(STATED))):
        reason = str(refused.fields.get("reason", refused.message))
        return replace(info, state=UNUSABLE, reason=reason), refused.hint
    return info, "" if info.is_usable else refusal(model.found).hint


def _part_family(part: ModelPart, identity: Identity) -> str:
    """Return the family of a part; a VAE whose tensors do not show its family has that of its model."""
    from core.models.kinds.vaes import SAME_VAE

    is_alike = part.role == "vae" and identity.kind == "model" and part.family in SAME_VAE
    return identity.family if is_alike and identity.family.partition("-")[0] in SAME_VAE else part.family


def _origin(model: LibraryModel) -> str:
    """Return the folder that contains a model; for a model in the Hugging Face cache, the cache folder."""
    from core.models.hub_cache import PREFIX

    if model.folder == BUILT_IN:
        return BUILT_IN
    folder, cached, _ = str(model.found.path).partition(f"{os.sep}{PREFIX}")
    return folder if cached else os.path.dirname(folder)


def _guessed(model: LibraryModel, prediction: str) -> str:
    """Return a note on a prediction type that follows from the weights alone, or "" if it is stated or not needed."""
    identity, path = model.found.identity, model.found.path
    if not prediction or identity.family != "sd2" or identity.variant or "prediction" in identity.facts:
        return ""
    if not os.path.isfile(path):
        return ""
    text = f"`model:` and, indented below it, `parameterization: {'eps' if prediction == 'v_prediction' else 'v'}`"
    return f"{prediction}, guessed from its weights; to correct this, create `{path.stem}.yaml` beside it with {text}"


def _notes(model: LibraryModel, prediction: str = "") -> dict[str, Any]:
    """Return the notes on a model from its file, from the files beside it, and from InvokeAI's database."""
    notes, installed = model.found.notes, model.installed
    words = notes.trigger_words or (installed.trigger_words if installed else ())
    found = {
        "title": notes.title,
        "trigger_words": list(words),
        "tags": list(notes.tags),
        "base_model": notes.base_model,
        "prediction": notes.prediction or _guessed(model, prediction),
        "weight": notes.weight,
        "vae": notes.vae,
        "source": notes.source,
        "license": notes.license,
        "sha256": notes.sha256,
        "preview": str(notes.preview) if notes.preview else "",
        "sidecars": [str(path) for path in notes.sidecars],
        "invokeai_defaults": dict(installed.defaults) if installed else {},
    }
    return {name: value for name, value in found.items() if value}
