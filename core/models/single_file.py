"""Describe a model in a single file from its header and the notes beside it. Does not import torch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import ModelUnsupported

from .card import Found, ModelCard, make_card
from .companions import Borrower, borrow
from .derived.schedule import schedule_config
from .evidence import Evidence, file_evidence
from .family import family_named
from .file_parts import encoders_of, networks_in
from .kinds.identity import Identity
from .kinds.titles import name_of_part
from .part import WEIGHT_STEMS, PartSource
from .recognize import recognize_evidence
from .recognized import Owned, Recognized
from .refusal import can_run, complete_model, lacks, refusal
from .scan import name_of
from .tensor_values import deviation_of, values_of

TIME_TENSORS: Final = ("time_embed.0.weight", "time_embedding.linear_1.weight")
"""How the name of a tensor ends that each UNet has exactly once, in both layouts."""

LAST_NORMS: Final = (
    "output_blocks.11.1.transformer_blocks.0.norm1.bias",
    "up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias",
)
V_DEVIATION: Final = 0.09
"""The standard deviation of the last norm is larger than this in UNets of Stable Diffusion 2 that predict `v`.

Source: ComfyUI comfy/supported_models.py (SD20.model_type).
"""


SIGMAS: Final = ("sigma_min", "sigma_max")
"""Limits of the noise level, which some files state in tensors such as `edm_vpred.sigma_max`."""

SETTINGS: Final = ("*.json", "*.txt", "*.model")
"""The files with settings in the folder of a borrowed part."""


def card_of_file(path: Path, *, name: str = "", kind: str = "", family: str = "", owned: Owned = tuple) -> ModelCard:
    """Return the card of a model in a single file; its header is read once.

    kind and family: what the user states, which overrules the guess. owned: returns the models that may lend a VAE or
    text encoders; it is called only if the file lacks some.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
    """
    evidence = file_evidence(path)
    found = recognize_evidence(evidence, name or name_of(path), kind=kind, family=family)
    if found.problem or can_run(found.identity, evidence.container) is not None:
        raise refusal(found, name=name)
    _check_one_unet(evidence)
    return _card(evidence, found, owned)


def _card(evidence: Evidence, found: Recognized, owned: Owned) -> ModelCard:
    identity, family = found.identity, found.identity.family
    prediction = _prediction(evidence, identity)
    networks = networks_in(evidence, identity, family, prediction=prediction)
    lacking = [part for part in ("vae", *encoders_of(family)) if part not in networks]
    unet = _sized(networks["unet"], family)
    loans = borrow(lacking, Borrower(found.path, family, unet.config, found.notes.vae), owned)
    _check_complete(found, [part for part in lacking if part not in loans])
    borrowed = {name: source for loan in loans.values() for name, source in loan.sources.items()}
    return make_card(
        Found(
            name=found.name,
            path=found.path,
            family=family_named(family),
            variant=identity.variant,
            parts={**networks, **borrowed, "unet": unet, "scheduler": _schedule(evidence, found, prediction)},
            files=(found.path, *_yaml(found), *_files(borrowed.values())),
            defaults={"clip_skip": found.notes.clip_skip},
            borrowed={part: loan.lender for part, loan in loans.items()},
        )
    )


def _check_one_unet(evidence: Evidence) -> None:
    """Refuse a file with several UNets, as nothing shows which one is meant. Raises: ModelUnsupported."""
    ends = [(name, end) for name in evidence.names for end in TIME_TENSORS if name.endswith(end)]
    prefixes = sorted({name.removesuffix(end) for name, end in ends})
    if len(prefixes) > 1:
        listed = " and ".join([f"`{prefix or evidence.path.name:.60}`" for prefix in prefixes[:2]])
        raise ModelUnsupported(evidence.path, f"it holds several UNets, such as {listed}", "give a file with one UNet")


def _prediction(evidence: Evidence, identity: Identity) -> str:
    """Return what the UNet predicts: what the file or a note beside it states, otherwise what its weights suggest."""
    stated = identity.facts.get("prediction")
    if stated or identity.family != "sd2" or identity.variant:
        return str(stated or "epsilon")
    name = next((name for name in evidence.names if name.endswith(LAST_NORMS)), "")
    deviation = deviation_of(evidence.path, evidence.contents, name) if name else None
    return "v_prediction" if deviation is not None and deviation > V_DEVIATION else "epsilon"


def _schedule(evidence: Evidence, found: Recognized, prediction: str) -> PartSource:
    identity = found.identity
    zero_snr = bool(identity.facts.get("zero_snr"))
    config = schedule_config(identity.family, prediction=prediction, variant=identity.variant, zero_snr=zero_snr)
    sigmas = {name: values_of(found.path, evidence.contents, f"edm_vpred.{name}") for name in SIGMAS}
    return PartSource("scheduler", found.path, config | {name: value[0] for name, value in sigmas.items() if value})


def _sized(unet: PartSource, family: str) -> PartSource:
    """Return a UNet without a default size, so that its variant decides; only Stable Diffusion 2 has several sizes."""
    return unet if family == "sd2" else replace(unet, config={**unet.config, "sample_size": None})


def _yaml(found: Recognized) -> list[Path]:
    """Return the config beside a file, which says what the UNet predicts."""
    return [path for path in found.notes.sidecars if path.suffix == ".yaml"]


def _files(borrowed: Iterable[PartSource]) -> list[Path]:
    """Return the files that make up borrowed parts, each once, in the order of the parts."""
    found: dict[Path, None] = {}
    for source in borrowed:
        weights = source.files() if source.name in WEIGHT_STEMS else ()
        settings = [file for pattern in SETTINGS for file in sorted(source.path.glob(pattern)) if os.path.isfile(file)]
        found |= dict.fromkeys((*weights, *settings))
    return list(found)


def _check_complete(found: Recognized, missing: Sequence[str]) -> None:
    """Refuse a file if neither it nor another model has a part that it needs. Raises: ModelUnsupported."""
    if not missing:
        return
    family = found.identity.family
    names = [name_of_part(encoders_of(family).get(part, part)) for part in missing]
    raise ModelUnsupported(found.path, lacks(names), complete_model(family))
